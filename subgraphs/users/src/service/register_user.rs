//! Opening one's own account.

use stockgraph_kit::id::UserId;

use super::{CreateUser, CreateUserError, PasswordRule, SignedIn, Users};
use crate::domain::{
    audit::EventKind,
    origin::Origin,
    password::Password,
    role::{Role, Roles},
};

/// What somebody says who opens an account.
#[derive(Clone, Debug)]
pub struct RegisterUser {
    /// The new account's id.
    pub id: UserId,
    /// As they typed it.
    pub email: String,
    /// As they typed it.
    pub phone_number: Option<String>,
    /// What others call them.
    pub display_name: Option<String>,
    /// As they typed it.
    pub password: Password,
}

impl Users {
    /// Opens a customer's account and signs them in, or does neither.
    ///
    /// # Errors
    ///
    /// [`CreateUserError`].
    pub async fn register_user(
        &self,
        input: RegisterUser,
        origin: &Origin,
    ) -> Result<SignedIn, CreateUserError> {
        let new = self
            .check_new_user(CreateUser {
                id: input.id,
                email: input.email,
                phone_number: input.phone_number,
                display_name: input.display_name,
                password: input.password,
                roles: Roles::from([Role::Customer]),
                password_rule: PasswordRule::Full,
            })
            .await?;
        let transaction = self.database.begin().await?;
        let Some(transaction) = self.insert_user(transaction, &new).await? else {
            return Err(self.taken_by_another(&new).await);
        };
        let signed_in = self.open_session(&transaction, new.into_user()).await?;
        let user = signed_in.user.id;
        self.remember_network(&transaction, user, origin.network())
            .await?;
        let event = self.event(EventKind::Registered, origin);
        let event = event.by_owner(user).in_session(signed_in.session);
        self.commit(transaction, &[event]).await?;
        Ok(signed_in)
    }
}
