//! Reading orders.

use async_graphql::{Context, ID, InputObject, Object};
use stockgraph_kit::{
    caller::Caller,
    error::ApiError,
    guard::guarded,
    id::{Id, OrderId, UserId},
    instant::Instant,
    paging::{PageArgs, TotalCount},
};

use super::{
    connection::{self, OrderConnection},
    loader::Loaders,
    order::{OrderObject, OrderStatus},
    user::UserObject,
};
use crate::{
    domain::number::OrderNumber,
    service::{Filter, Orders},
};

/// Which orders a list holds: those that pass every part that is given.
#[derive(Debug, Default, InputObject)]
pub struct OrderFilter {
    /// In one of these states.
    status: Option<Vec<OrderStatus>>,
    /// Of this customer.
    customer_id: Option<UserId>,
    /// Placed at this instant or later.
    placed_from: Option<Instant>,
    /// Placed before this instant.
    placed_to: Option<Instant>,
}

impl From<OrderFilter> for Filter {
    fn from(filter: OrderFilter) -> Self {
        Self {
            status: filter
                .status
                .map(|statuses| statuses.into_iter().map(Into::into).collect()),
            customer: filter.customer_id,
            placed_from: filter.placed_from.map(|instant| instant.0),
            placed_to: filter.placed_to.map(|instant| instant.0),
        }
    }
}

/// The root of the queries.
pub struct Query;

/// The root of the queries.
#[guarded]
#[Object]
impl Query {
    /// One order by id. Customers see their own only.
    async fn order(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which order.")] id: OrderId,
    ) -> Result<Option<OrderObject>, ApiError> {
        let order = Loaders::of(ctx).load(id).await?;
        Ok(order.and_then(|order| OrderObject::visible_to(Caller::of(ctx), order)))
    }

    /// One order by its number. Customers see their own only.
    async fn order_by_number(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number, e.g. `SO-2026-7K3M9QX`.")] number: String,
    ) -> Result<Option<OrderObject>, ApiError> {
        let order = Loaders::of(ctx).load(OrderNumber::typed(&number)).await?;
        Ok(order.and_then(|order| OrderObject::visible_to(Caller::of(ctx), order)))
    }

    /// All orders, newest first.
    #[requires("orders:read")]
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; 20 unless told, at most 100.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Which orders; all where it is not given.")] filter: Option<OrderFilter>,
    ) -> Result<OrderConnection, ApiError> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let orders: &Orders = ctx.data_unchecked();
        let filter = Filter::from(filter.unwrap_or_default());
        let page = orders.orders_page(&filter, &args.check()?).await?;
        let orders = orders.clone();
        let total = TotalCount::new(move || {
            let (orders, filter) = (orders.clone(), filter.clone());
            Box::pin(async move { Ok(orders.count_orders(&filter).await?) })
        });
        Ok(connection::of_page(page, total))
    }

    #[graphql(entity)]
    async fn find_order_by_id(
        &self,
        ctx: &Context<'_>,
        id: ID,
    ) -> Result<Option<OrderObject>, ApiError> {
        let Ok(id) = OrderId::parse(&id) else {
            return Ok(None);
        };
        self.order(ctx, id).await
    }

    #[graphql(entity)]
    async fn find_order_by_number(
        &self,
        ctx: &Context<'_>,
        number: String,
    ) -> Result<Option<OrderObject>, ApiError> {
        self.order_by_number(ctx, number).await
    }

    #[graphql(entity)]
    async fn find_user_by_id(&self, id: ID) -> Option<UserObject> {
        UserId::parse(&id).ok().map(UserObject::from)
    }
}
