//! Users, as far as orders know them: by their orders.

use async_graphql::{Context, Object};
use stockgraph_kit::{
    caller::{Caller, Scope},
    error::ApiError,
    id::UserId,
    paging::{PageArgs, TotalCount},
};

use super::{
    connection::{self, OrderConnection},
    loader::{CountOf, Loaders, OrdersOf},
};

/// Somebody with an account.
#[derive(Clone, Copy, Debug)]
pub struct UserObject(UserId);

impl From<UserId> for UserObject {
    fn from(id: UserId) -> Self {
        Self(id)
    }
}

/// Somebody with an account.
#[Object(name = "User")]
impl UserObject {
    /// Which user.
    pub(super) async fn id(&self) -> UserId {
        self.0
    }

    /// The user's orders, newest first. Only the user and staff may see them: null for all others.
    async fn orders(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many from the start of the list; 20 unless told, at most 100.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many from the end of the list; at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
    ) -> Result<Option<OrderConnection>, ApiError> {
        let caller = Caller::of(ctx);
        if caller.user_id() != Some(self.0) && !caller.may(Scope::OrdersRead) {
            return Ok(None);
        }
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let loaders = Loaders::of(ctx);
        let key = OrdersOf {
            user: self.0,
            page: args.check()?.into(),
        };
        let Some(page) = loaders.load(key).await? else {
            return Ok(None);
        };
        let (user, loaders) = (self.0, loaders.clone());
        let total = TotalCount::new(move || {
            let loaders = loaders.clone();
            Box::pin(async move { Ok(loaders.load(CountOf(user)).await?.unwrap_or_default()) })
        });
        Ok(Some(connection::of_page(page, total)))
    }
}
