//! The queries.

use async_graphql::{Context, ID, Object};
use chrono::{DateTime, Utc};
use stockgraph_kit::{
    caller::Caller,
    error::ApiError,
    guard::guarded,
    id::{Id, UserId},
    paging::{CountedConnection, PageArgs, TotalCount, counted},
};
use uuid::Uuid;

use super::{
    loader,
    user::{User, UserFilter},
};
use crate::service::{self, Users, list_key, may_see};

/// The root of the queries.
pub struct Query;

/// What can be read.
#[guarded]
#[Object]
impl Query {
    /// The signed-in user; null for an anonymous caller.
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<User>, ApiError> {
        let Some(id) = Caller::of(ctx).user_id() else {
            return Ok(None);
        };
        let user = loader::load(ctx, id).await?;
        // A token outlives the locking of its account by some minutes; it signs in nobody any more.
        Ok(user.filter(|user| user.active).map(User::from))
    }

    /// One user by id. Callers without `users:read` see only themselves.
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which user.")] id: UserId,
    ) -> Result<Option<User>, ApiError> {
        visible(ctx, id).await
    }

    /// All users, newest first.
    #[requires("users:read")]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many nodes from the start, at most 100; 20 without it.")]
        first: Option<i32>,
        #[graphql(desc = "Only what comes after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many nodes from the end, at most 100.")] last: Option<i32>,
        #[graphql(desc = "Only what comes before this cursor.")] before: Option<String>,
        #[graphql(desc = "Only users that meet these conditions.")] filter: Option<UserFilter>,
    ) -> Result<CountedConnection<(DateTime<Utc>, Uuid), User>, ApiError> {
        let request = PageArgs {
            first,
            after,
            last,
            before,
        }
        .check()?;
        let users = ctx.data_unchecked::<Users>().clone();
        let filter = service::UserFilter::from(filter.unwrap_or_default());
        let page = users.find_users(&filter, &request).await?;
        let total = TotalCount::new(move || {
            let (users, filter) = (users.clone(), filter.clone());
            Box::pin(async move { users.count_users(&filter).await })
        });
        Ok(counted(page, total, list_key))
    }

    #[graphql(entity)]
    async fn find_user_by_id(&self, ctx: &Context<'_>, id: ID) -> Result<Option<User>, ApiError> {
        match UserId::parse(&id) {
            Ok(id) => visible(ctx, id).await,
            Err(_) => Ok(None),
        }
    }
}

/// The user with this id, if the caller may see them: whether there is one that they may not see does not show.
async fn visible(ctx: &Context<'_>, id: UserId) -> Result<Option<User>, ApiError> {
    if may_see(Caller::of(ctx), id) {
        Ok(loader::load(ctx, id).await?.map(User::from))
    } else {
        Ok(None)
    }
}
