//! Changing one's own profile.

use serde_json::json;
use stockgraph_kit::{
    error::{ApiError, Fault},
    id::UserId,
    user_error::InvalidInput,
};

use super::{TakenIdentifier, Users, change_password::no_account, create_user::given_up};
use crate::{
    domain::{
        audit::EventKind,
        identifier::{Email, PhoneNumber},
        origin::Origin,
        user::{DisplayName, User},
    },
    repo,
};

/// What to change; `None` leaves as it is.
#[derive(Clone, Debug)]
pub struct UpdateProfile {
    /// Whose profile.
    pub user: UserId,
    /// As they typed it.
    pub email: Option<String>,
    /// As they typed it; `Some(None)` removes it.
    pub phone_number: Option<Option<String>>,
    /// As they typed it; `Some(None)` removes it.
    pub display_name: Option<Option<String>>,
}

/// Why a profile was not changed.
#[derive(Debug)]
pub enum UpdateProfileError {
    /// Values that break a rule.
    Invalid(Vec<InvalidInput>),
    /// Identifiers that another account has.
    Taken(Vec<TakenIdentifier>),
    /// Nothing that the caller can put right.
    Failed(ApiError),
}

/// Values that break no rule.
struct Changes {
    email: Option<Email>,
    phone_number: Option<Option<PhoneNumber>>,
    display_name: Option<Option<DisplayName>>,
}

impl Users {
    /// Changes what is given.
    ///
    /// # Errors
    ///
    /// [`UpdateProfileError`].
    pub async fn update_profile(
        &self,
        input: UpdateProfile,
        origin: &Origin,
    ) -> Result<User, UpdateProfileError> {
        let changes = self
            .read_changes(&input)
            .map_err(UpdateProfileError::Invalid)?;
        let transaction = self.database.begin().await?;
        let locked = repo::user::lock(&transaction, input.user).await?;
        let (old, _) = locked
            .filter(|(user, _)| user.active)
            .ok_or_else(no_account)?;
        let new = changes.apply(&old);
        if new == old {
            return Ok(old);
        }
        let new = User {
            updated_at: self.clock.now(),
            ..new
        };
        match repo::user::update_profile(&transaction, &new).await {
            Ok(()) => {
                let event = self
                    .event(EventKind::ProfileChanged, origin)
                    .of(new.id)
                    .with(json!({ "fields": changed(&old, &new) }));
                self.commit(transaction, &[event]).await?;
                Ok(new)
            }
            Err(error) if Fault::of(&error) == Fault::UniqueViolation => {
                transaction.rollback().await?;
                Err(self.profile_taken(&old, &changes).await)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn read_changes(&self, input: &UpdateProfile) -> Result<Changes, Vec<InvalidInput>> {
        let region = self.config.phone_region;
        let email = input.email.as_deref().map(Email::parse).transpose();
        let phone_number = read(input.phone_number.as_ref(), |text| {
            PhoneNumber::parse(text, region)
        });
        let display_name = read(input.display_name.as_ref(), DisplayName::parse);
        match (email, phone_number, display_name) {
            (Ok(email), Ok(phone_number), Ok(display_name)) => Ok(Changes {
                email,
                phone_number,
                display_name,
            }),
            (email, phone_number, display_name) => {
                let email = email.err().map(|error| InvalidInput::new(["email"], error));
                let phone_number = phone_number
                    .err()
                    .map(|error| InvalidInput::new(["phoneNumber"], error));
                let display_name = display_name
                    .err()
                    .map(|error| InvalidInput::new(["displayName"], error));
                Err([email, phone_number, display_name]
                    .into_iter()
                    .flatten()
                    .collect())
            }
        }
    }

    async fn profile_taken(&self, old: &User, changes: &Changes) -> UpdateProfileError {
        let email = match &changes.email {
            Some(email) => Ok(email.clone()),
            None => Email::parse(&old.email),
        };
        let phone_number = changes.phone_number.as_ref().and_then(Option::as_ref);
        let taken = match email {
            Ok(email) => self.taken(&email, phone_number, Some(old.id)).await,
            Err(error) => Err(ApiError::internal(&error)),
        };
        match taken {
            Ok(taken) if taken.is_empty() => given_up().into(),
            Ok(taken) => UpdateProfileError::Taken(taken),
            Err(error) => error.into(),
        }
    }
}

/// The names of the fields that differ: what is in them is nobody's business but their owner's.
fn changed(old: &User, new: &User) -> Vec<&'static str> {
    [
        ("email", old.email != new.email),
        ("phone_number", old.phone_number != new.phone_number),
        ("display_name", old.display_name != new.display_name),
    ]
    .into_iter()
    .filter_map(|(field, differs)| differs.then_some(field))
    .collect()
}

/// Reads a value that may be left as it is, removed, or replaced.
fn read<T, E>(
    change: Option<&Option<String>>,
    parse: impl Fn(&str) -> Result<T, E>,
) -> Result<Option<Option<T>>, E> {
    change
        .map(|text| text.as_deref().map(parse).transpose())
        .transpose()
}

impl Changes {
    fn apply(&self, user: &User) -> User {
        let mut user = user.clone();
        if let Some(email) = &self.email {
            user.email = email.as_str().to_owned();
        }
        if let Some(phone_number) = &self.phone_number {
            user.phone_number = phone_number.clone().map(Into::into);
        }
        if let Some(display_name) = &self.display_name {
            user.display_name = display_name.clone().map(Into::into);
        }
        user
    }
}
