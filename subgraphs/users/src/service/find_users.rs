//! Finding users.

use chrono::{DateTime, Utc};
use stockgraph_kit::{
    error::ApiError,
    id::{Id, UserId},
    paging::{Page, PageRequest},
};
use uuid::Uuid;

use super::Users;
use crate::{
    domain::{
        identifier::{Identifier, PhoneNumber},
        role::Role,
        user::User,
    },
    repo,
};

/// The longest text that is searched for, in characters.
const LONGEST_SEARCH: usize = 100;

/// Which users to find: all that meet every given condition.
#[derive(Clone, Debug, Default)]
pub struct UserFilter {
    /// A part of the e-mail address, phone number or display name; or a whole phone number, however it is written.
    pub search: Option<String>,
    /// A role that they have.
    pub role: Option<Role>,
    /// Whether they may sign in.
    pub active: Option<bool>,
}

impl Users {
    /// The users with these ids, those that there are.
    ///
    /// # Errors
    ///
    /// Nothing that the caller can put right.
    pub async fn users_by_ids(&self, ids: &[UserId]) -> Result<Vec<User>, ApiError> {
        Ok(repo::user::by_ids(self.database.reader(), ids.iter().copied()).await?)
    }

    /// The user whose id, e-mail address or phone number this is, as somebody typed it; `None` too for what is none of these.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn find_account(&self, text: &str) -> Result<Option<User>, ApiError> {
        let reader = self.database.reader();
        let text = text.trim();
        let id = match UserId::parse(text) {
            Ok(id) => Some(id),
            Err(_) => match Identifier::parse(text, self.config.phone_region) {
                Ok(identifier) => repo::user::credentials_of(reader, &identifier)
                    .await?
                    .map(|known| known.id),
                Err(_) => None,
            },
        };
        match id {
            Some(id) => Ok(repo::user::by_id(reader, id).await?),
            None => Ok(None),
        }
    }

    /// One page of users, newest first.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for a search that is too long.
    pub async fn find_users(
        &self,
        filter: &UserFilter,
        page: &PageRequest<(DateTime<Utc>, Uuid)>,
    ) -> Result<Page<User>, ApiError> {
        let filter = self.read_filter(filter)?;
        Ok(repo::user::page(self.database.reader(), &filter, page).await?)
    }

    /// How many users there are.
    ///
    /// # Errors
    ///
    /// `BAD_USER_INPUT` for a search that is too long.
    pub async fn count_users(&self, filter: &UserFilter) -> Result<u64, ApiError> {
        let filter = self.read_filter(filter)?;
        Ok(repo::user::count(self.database.reader(), &filter).await?)
    }

    fn read_filter(&self, filter: &UserFilter) -> Result<repo::user::Filter, ApiError> {
        let text = filter.search.as_deref().unwrap_or_default().trim();
        if text.chars().count() > LONGEST_SEARCH {
            return Err(ApiError::bad_user_input(format!(
                "`search` has at most {LONGEST_SEARCH} characters."
            )));
        }
        let phone_number = PhoneNumber::parse(text, self.config.phone_region).ok();
        let part = (!text.is_empty()).then(|| text.to_lowercase());
        Ok(repo::user::Filter {
            search: part
                .into_iter()
                .chain(phone_number.map(Into::into))
                .collect(),
            role: filter.role,
            active: filter.active,
        })
    }
}

/// The key of a user in the list, for cursors.
#[must_use]
pub fn list_key(user: &User) -> (DateTime<Utc>, Uuid) {
    repo::user::key(user)
}
