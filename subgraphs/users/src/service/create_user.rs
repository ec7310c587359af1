//! Opening an account, by whomever.

use std::iter;

use sea_orm::DatabaseTransaction;
use serde_json::json;
use stockgraph_kit::{
    error::{ApiError, Code, Fault},
    id::UserId,
    user_error::InvalidInput,
};

use super::{Users, assign_roles::names, password_hasher::Requirement};
use crate::{
    domain::{
        audit::EventKind,
        identifier::{Email, PhoneNumber, Region},
        origin::Origin,
        password::{self, Password},
        role::Roles,
        user::{DisplayName, User},
    },
    repo,
};

/// An account to open: for code alone, such as the demo shop and the command line; people register.
#[derive(Clone, Debug)]
pub struct CreateUser {
    /// Its id.
    pub id: UserId,
    /// As somebody typed it.
    pub email: String,
    /// As somebody typed it.
    pub phone_number: Option<String>,
    /// What others call them.
    pub display_name: Option<String>,
    /// In plain text; only its hash is kept.
    pub password: Password,
    /// At least one.
    pub roles: Roles,
    /// What the password must be.
    pub password_rule: PasswordRule,
}

/// What a new password must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordRule {
    /// Long enough and hard to guess.
    Full,
    /// Long enough: for accounts that everybody may know, such as those of the demo shop.
    LengthOnly,
}

/// An identifier that another account has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TakenIdentifier {
    /// The e-mail address.
    Email,
    /// The phone number.
    PhoneNumber,
}

impl TakenIdentifier {
    /// The name of its field in inputs.
    #[must_use]
    pub const fn field(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::PhoneNumber => "phoneNumber",
        }
    }
}

/// Why an account was not opened.
#[derive(Debug)]
pub enum CreateUserError {
    /// Values that break a rule.
    Invalid(Vec<InvalidInput>),
    /// Identifiers that another account has.
    Taken(Vec<TakenIdentifier>),
    /// Nothing that the caller can put right.
    Failed(ApiError),
}

/// An account that breaks no rule, on its way into the database.
pub(super) struct NewUser {
    user: User,
    email: Email,
    phone_number: Option<PhoneNumber>,
    password_hash: String,
}

impl Users {
    /// Opens an account.
    ///
    /// # Errors
    ///
    /// [`CreateUserError`].
    pub async fn create_user(
        &self,
        input: CreateUser,
        origin: &Origin,
    ) -> Result<User, CreateUserError> {
        let new = self.check_new_user(input).await?;
        let transaction = self.database.begin().await?;
        let Some(transaction) = self.insert_user(transaction, &new).await? else {
            return Err(self.taken_by_another(&new).await);
        };
        let event = self
            .event(EventKind::UserCreated, origin)
            .of(new.user.id)
            .with(json!({ "roles": names(&new.user.roles) }));
        self.commit(transaction, &[event]).await?;
        Ok(new.user)
    }

    /// Reads the input, tells all that is wrong with it at once, and hashes the password.
    pub(super) async fn check_new_user(
        &self,
        input: CreateUser,
    ) -> Result<NewUser, CreateUserError> {
        let profile = Profile::read(&input, self.config.phone_region);
        let known = known_of(&input);
        let requirement = match input.password_rule {
            PasswordRule::Full => Requirement::Strength(self.config.passwords.strength, known),
            PasswordRule::LengthOnly => Requirement::Length,
        };
        let (profile, mut invalid) = match profile {
            Ok(profile) => {
                // Hashing is dear: not for one who is turned away below anyway.
                self.check_free(&profile).await?;
                (Some(profile), Vec::new())
            }
            Err(invalid) => (None, invalid),
        };
        if input.roles.is_empty() {
            invalid.push(InvalidInput::new(
                ["roles"],
                "A user has at least one role.",
            ));
        }
        let password_hash = match self.hasher.hash(input.password, requirement).await? {
            Ok(hash) => Some(hash),
            Err(error) => {
                invalid.push(InvalidInput::new(["password"], error));
                None
            }
        };
        let (Some(profile), Some(password_hash), true) =
            (profile, password_hash, invalid.is_empty())
        else {
            return Err(CreateUserError::Invalid(invalid));
        };
        let now = self.clock.now();
        Ok(NewUser {
            user: User {
                id: input.id,
                email: profile.email.as_str().into(),
                phone_number: profile.phone_number.clone().map(Into::into),
                display_name: profile.display_name.map(Into::into),
                roles: input.roles,
                active: true,
                created_at: now,
                updated_at: now,
            },
            email: profile.email,
            phone_number: profile.phone_number,
            password_hash,
        })
    }

    async fn check_free(&self, profile: &Profile) -> Result<(), CreateUserError> {
        let (email, phone_number) = (&profile.email, profile.phone_number.as_ref());
        let taken = self.taken(email, phone_number, None).await?;
        if taken.is_empty() {
            Ok(())
        } else {
            Err(CreateUserError::Taken(taken))
        }
    }

    /// Saves the account in this transaction and gives the transaction back; `None`, and the transaction undone, when an identifier
    /// was taken in the meantime.
    pub(super) async fn insert_user(
        &self,
        transaction: DatabaseTransaction,
        new: &NewUser,
    ) -> Result<Option<DatabaseTransaction>, CreateUserError> {
        let inserted = repo::user::insert(&transaction, &new.user, new.password_hash.clone()).await;
        match inserted {
            Ok(()) => Ok(Some(transaction)),
            Err(error) if Fault::of(&error) == Fault::UniqueViolation => {
                transaction.rollback().await?;
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Which identifiers of an account that could not be saved another one has.
    pub(super) async fn taken_by_another(&self, new: &NewUser) -> CreateUserError {
        match self
            .taken(&new.email, new.phone_number.as_ref(), None)
            .await
        {
            Ok(taken) if taken.is_empty() => given_up().into(),
            Ok(taken) => CreateUserError::Taken(taken),
            Err(error) => error.into(),
        }
    }

    /// Which of these identifiers an account other than `but` has.
    pub(super) async fn taken(
        &self,
        email: &Email,
        phone_number: Option<&PhoneNumber>,
        but: Option<UserId>,
    ) -> Result<Vec<TakenIdentifier>, ApiError> {
        let reader = self.database.reader();
        let (email, phone_number) = repo::user::taken(reader, email, phone_number, but).await?;
        let taken = [
            (email, TakenIdentifier::Email),
            (phone_number, TakenIdentifier::PhoneNumber),
        ];
        Ok(taken
            .into_iter()
            .filter_map(|(taken, which)| taken.then_some(which))
            .collect())
    }
}

impl NewUser {
    pub(super) fn into_user(self) -> User {
        self.user
    }
}

/// Whoever had the identifier when it was to be saved has given it up since: the same call may succeed now.
pub(super) fn given_up() -> ApiError {
    ApiError::new(Code::Overloaded, "Too much is going on at once; try again.")
}

/// What an attacker may know of this user, so that it makes no good password.
pub(super) fn known_of_user(user: &User) -> Vec<String> {
    let optional = [user.phone_number.as_deref(), user.display_name.as_deref()];
    password::known(iter::once(user.email.as_str()).chain(optional.into_iter().flatten()))
}

fn known_of(input: &CreateUser) -> Vec<String> {
    let optional = [input.phone_number.as_deref(), input.display_name.as_deref()];
    password::known(iter::once(input.email.as_str()).chain(optional.into_iter().flatten()))
}

struct Profile {
    email: Email,
    phone_number: Option<PhoneNumber>,
    display_name: Option<DisplayName>,
}

impl Profile {
    fn read(input: &CreateUser, region: Region) -> Result<Self, Vec<InvalidInput>> {
        let email = Email::parse(&input.email).map_err(|error| InvalidInput::new(["email"], error));
        let phone_number = input
            .phone_number
            .as_deref()
            .map(|text| PhoneNumber::parse(text, region))
            .transpose()
            .map_err(|error| InvalidInput::new(["phoneNumber"], error));
        let display_name = input
            .display_name
            .as_deref()
            .map(DisplayName::parse)
            .transpose()
            .map_err(|error| InvalidInput::new(["displayName"], error));
        match (email, phone_number, display_name) {
            (Ok(email), Ok(phone_number), Ok(display_name)) => Ok(Self {
                display_name,
                email,
                phone_number,
            }),
            (email, phone_number, display_name) => {
                Err([email.err(), phone_number.err(), display_name.err()]
                    .into_iter()
                    .flatten()
                    .collect())
            }
        }
    }
}
