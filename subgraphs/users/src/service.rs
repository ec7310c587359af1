//! What can be done with accounts: a file for each use case.

mod assign_roles;
mod audit;
mod change_password;
mod check_password;
mod config;
mod create_user;
mod find_users;
mod housekeeping;
mod log_in;
mod log_out;
mod password_hasher;
mod refresh_session;
mod register_user;
mod revocation;
mod session;
mod set_password;
mod set_user_active;
#[cfg(test)]
mod tests;
mod throttle;
mod update_profile;

use std::sync::Arc;

use stockgraph_kit::{
    caller::{Caller, Scope},
    clock::Clock,
    database::Database,
    id::{IdSource, UserId},
    random::Random,
    token::{Issuer, Revocations},
};

pub use assign_roles::{AssignRoles, AssignRolesError};
pub use audit::EventFilter;
pub use change_password::{ChangePassword, ChangePasswordError};
pub use config::{
    AuditConfig, ConfigError, IdentityConfig, PasswordConfig, SessionConfig, ThrottleConfig,
};
pub use create_user::{CreateUser, CreateUserError, PasswordRule, TakenIdentifier};
pub use find_users::{UserFilter, list_key};
pub use log_in::{LogIn, LogInError};
pub use refresh_session::RefreshSessionError;
pub use register_user::RegisterUser;
pub use session::SignedIn;
pub use set_password::{SetPassword, SetPasswordError};
pub use set_user_active::{SetUserActive, SetUserActiveError};
pub use update_profile::{UpdateProfile, UpdateProfileError};

use audit::ToldRefusals;
use housekeeping::Housekeeping;
use password_hasher::PasswordHasher;
use throttle::Refusals;

/// The accounts of the shop and all that is done with them. Clones share everything.
#[derive(Clone)]
pub struct Users {
    database: Database,
    clock: Clock,
    random: Random,
    ids: IdSource,
    issuer: Issuer,
    revocations: Revocations,
    hasher: PasswordHasher,
    refusals: Refusals,
    told_refusals: ToldRefusals,
    housekeeping: Housekeeping,
    config: Arc<IdentityConfig>,
}

impl Users {
    /// Accounts in this database, whose access tokens `issuer` signs; `revocations` is told of those that are to be refused early.
    ///
    /// # Errors
    ///
    /// [`ConfigError`].
    pub fn new(
        database: Database,
        clock: Clock,
        random: Random,
        issuer: Issuer,
        revocations: Revocations,
        config: IdentityConfig,
    ) -> Result<Self, ConfigError> {
        config.check()?;
        Ok(Self {
            ids: IdSource::new(clock.clone(), random.clone()),
            hasher: PasswordHasher::new(&config.passwords, random.clone())?,
            database,
            clock,
            random,
            issuer,
            revocations,
            refusals: Refusals::default(),
            told_refusals: ToldRefusals::default(),
            housekeeping: Housekeeping::default(),
            config: Arc::new(config),
        })
    }

    /// Makes ids of new accounts.
    #[must_use]
    pub const fn ids(&self) -> &IdSource {
        &self.ids
    }
}

/// Whether `caller` may see the profile of this user: their own, or all with `users:read`.
#[must_use]
pub fn may_see(caller: &Caller, user: UserId) -> bool {
    caller.user_id() == Some(user) || caller.may(Scope::UsersRead)
}

/// Lets `?` turn what no caller can put right into the variant `Failed` of a use case's error.
macro_rules! failed {
    ($($error:ty),+) => {
        $(
            impl From<stockgraph_kit::error::ApiError> for $error {
                fn from(error: stockgraph_kit::error::ApiError) -> Self {
                    Self::Failed(error)
                }
            }

            impl From<sea_orm::DbErr> for $error {
                fn from(error: sea_orm::DbErr) -> Self {
                    Self::Failed(error.into())
                }
            }
        )+
    };
}

failed!(
    AssignRolesError,
    ChangePasswordError,
    CreateUserError,
    LogInError,
    RefreshSessionError,
    SetPasswordError,
    SetUserActiveError,
    UpdateProfileError
);
