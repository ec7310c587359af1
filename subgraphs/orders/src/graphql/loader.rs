//! The data loaders of a request: one statement for all orders of a query, whatever their number.

use std::{collections::HashMap, sync::Arc};

use async_graphql::{
    Context,
    dataloader::{DataLoader, HashMapCache, Loader},
};
use stockgraph_kit::{
    error::ApiError,
    id::{OrderId, UserId},
    loader::Batches,
    money::Currency,
    paging::{Page, PageRequest},
};

use crate::{
    domain::{
        number::OrderNumber,
        order::{Order, OrderEvent, OrderLine, Shipment},
        payment::Payment,
    },
    service::{Orders, PlacedKey},
};

type Found<K, V> = Result<HashMap<K, V>, ApiError>;

/// The loaders of one request. Clones share what was loaded.
#[derive(Clone)]
pub struct Loaders(Arc<DataLoader<OrderLoader, HashMapCache>>);

impl Loaders {
    pub(crate) fn new(orders: Orders, batches: &Batches) -> Self {
        Self(Arc::new(batches.loader::<OrderId, _>(OrderLoader(orders))))
    }

    /// The loaders of the request that is being answered.
    pub(super) fn of<'ctx>(ctx: &Context<'ctx>) -> &'ctx Self {
        ctx.data_unchecked()
    }

    /// Loads one value.
    pub(super) async fn load<K>(
        &self,
        key: K,
    ) -> Result<Option<<OrderLoader as Loader<K>>::Value>, ApiError>
    where
        K: Send + Sync + std::hash::Hash + Eq + Clone + 'static,
        OrderLoader: Loader<K, Error = ApiError>,
    {
        self.0.load_one(key).await
    }

    /// Forgets what was loaded: the orders have changed.
    pub(super) fn forget(&self) {
        self.0.clear::<OrderId>();
        self.0.clear::<OrderNumber>();
        self.0.clear::<LinesOf>();
        self.0.clear::<PaymentsOf>();
        self.0.clear::<EventsOf>();
        self.0.clear::<ShipmentOf>();
        self.0.clear::<OrdersOf>();
        self.0.clear::<CountOf>();
    }
}

/// Loads from the orders database.
pub(super) struct OrderLoader(Orders);

/// The lines of an order whose amounts are in this currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct LinesOf(pub OrderId, pub Currency);

/// The payments for an order whose amounts are in this currency.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PaymentsOf(pub OrderId, pub Currency);

/// The timeline of an order.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct EventsOf(pub OrderId);

/// How an order is sent.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct ShipmentOf(pub OrderId);

/// A page of a user's orders.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct OrdersOf {
    pub user: UserId,
    pub page: PageKey,
}

/// How many orders a user has.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct CountOf(pub UserId);

/// A page that was asked for, as a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct PageKey {
    after: Option<PlacedKey>,
    before: Option<PlacedKey>,
    size: u32,
    from_end: bool,
}

impl From<PageRequest<PlacedKey>> for PageKey {
    fn from(page: PageRequest<PlacedKey>) -> Self {
        Self {
            after: page.after,
            before: page.before,
            size: page.size,
            from_end: page.from_end,
        }
    }
}

impl From<PageKey> for PageRequest<PlacedKey> {
    fn from(page: PageKey) -> Self {
        Self {
            after: page.after,
            before: page.before,
            size: page.size,
            from_end: page.from_end,
        }
    }
}

impl Loader<OrderId> for OrderLoader {
    type Value = Order;
    type Error = ApiError;

    async fn load(&self, ids: &[OrderId]) -> Found<OrderId, Order> {
        let orders = self.0.orders_by_id(ids).await?;
        Ok(orders.into_iter().map(|order| (order.id, order)).collect())
    }
}

impl Loader<OrderNumber> for OrderLoader {
    type Value = Order;
    type Error = ApiError;

    async fn load(&self, numbers: &[OrderNumber]) -> Found<OrderNumber, Order> {
        let orders = self.0.orders_by_number(numbers).await?;
        Ok(orders
            .into_iter()
            .map(|order| (order.number.clone(), order))
            .collect())
    }
}

impl Loader<LinesOf> for OrderLoader {
    type Value = Vec<OrderLine>;
    type Error = ApiError;

    async fn load(&self, keys: &[LinesOf]) -> Found<LinesOf, Vec<OrderLine>> {
        let orders: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let mut lines = self.0.lines(&orders).await?;
        Ok(keys
            .iter()
            .filter_map(|key| Some((*key, lines.remove(&key.0)?)))
            .collect())
    }
}

impl Loader<PaymentsOf> for OrderLoader {
    type Value = Vec<Payment>;
    type Error = ApiError;

    async fn load(&self, keys: &[PaymentsOf]) -> Found<PaymentsOf, Vec<Payment>> {
        let orders: Vec<_> = keys.iter().map(|key| (key.0, key.1)).collect();
        let mut payments = self.0.payments(&orders).await?;
        Ok(keys
            .iter()
            .filter_map(|key| Some((*key, payments.remove(&key.0)?)))
            .collect())
    }
}

impl Loader<EventsOf> for OrderLoader {
    type Value = Vec<OrderEvent>;
    type Error = ApiError;

    async fn load(&self, keys: &[EventsOf]) -> Found<EventsOf, Vec<OrderEvent>> {
        let orders: Vec<_> = keys.iter().map(|key| key.0).collect();
        let events = self.0.events(&orders).await?;
        Ok(events
            .into_iter()
            .map(|(order, events)| (EventsOf(order), events))
            .collect())
    }
}

impl Loader<ShipmentOf> for OrderLoader {
    type Value = Shipment;
    type Error = ApiError;

    async fn load(&self, keys: &[ShipmentOf]) -> Found<ShipmentOf, Shipment> {
        let orders: Vec<_> = keys.iter().map(|key| key.0).collect();
        let shipments = self.0.shipments(&orders).await?;
        Ok(shipments
            .into_iter()
            .map(|(order, shipment)| (ShipmentOf(order), shipment))
            .collect())
    }
}

impl Loader<OrdersOf> for OrderLoader {
    type Value = Page<Order>;
    type Error = ApiError;

    async fn load(&self, keys: &[OrdersOf]) -> Found<OrdersOf, Page<Order>> {
        // A query asks for the same page of all its users' orders, unless it asks for several under several names.
        let mut users_of_page: HashMap<PageKey, Vec<UserId>> = HashMap::new();
        for key in keys {
            users_of_page.entry(key.page).or_default().push(key.user);
        }
        let mut found = HashMap::with_capacity(keys.len());
        for (page, users) in users_of_page {
            let pages = self.0.orders_of_users(&users, &page.into()).await?;
            let keyed = |(user, orders)| (OrdersOf { user, page }, orders);
            found.extend(pages.into_iter().map(keyed));
        }
        Ok(found)
    }
}

impl Loader<CountOf> for OrderLoader {
    type Value = u64;
    type Error = ApiError;

    async fn load(&self, keys: &[CountOf]) -> Found<CountOf, u64> {
        let users: Vec<_> = keys.iter().map(|key| key.0).collect();
        let counts = self.0.order_counts(&users).await?;
        Ok(counts
            .into_iter()
            .map(|(user, count)| (CountOf(user), count))
            .collect())
    }
}
