//! The data loader of users.

use std::collections::HashMap;

use async_graphql::{
    Context,
    dataloader::{DataLoader, HashMapCache, Loader},
};
use stockgraph_kit::{error::ApiError, id::UserId};

use crate::{domain::user::User, service::Users};

/// Loads users by id, with their roles, in one statement.
pub(crate) struct UserLoader(pub(crate) Users);

impl Loader<UserId> for UserLoader {
    type Value = User;
    type Error = ApiError;

    async fn load(&self, ids: &[UserId]) -> Result<HashMap<UserId, User>, ApiError> {
        let users = self.0.users_by_ids(ids).await?;
        Ok(users.into_iter().map(|user| (user.id, user)).collect())
    }
}

/// The user with this id.
pub(super) async fn load(ctx: &Context<'_>, id: UserId) -> Result<Option<User>, ApiError> {
    ctx.data_unchecked::<DataLoader<UserLoader, HashMapCache>>()
        .load_one(id)
        .await
}
