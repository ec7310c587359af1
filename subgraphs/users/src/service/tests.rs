//! What signing in costs, counted where no caller can see it.

use std::sync::atomic::Ordering;

use chrono::{DateTime, TimeDelta};
use stockgraph_kit::{
    clock::Clock,
    database::Engine,
    on_both_engines,
    random::Random,
    testing::TestDatabase,
    token::{Issuer, Realm, Revocations, SigningKey},
};
use stockgraph_migration::users::Migrator;

use super::{
    CreateUser, IdentityConfig, LogIn, LogInError, PasswordConfig, PasswordRule, SetUserActive,
    Users,
};
use crate::domain::{
    origin::Origin,
    password::Password,
    role::{Role, Roles},
};

const PASSWORD: &str = "tujuh gajah di atas awan";
const WRONG: &str = "tujuh gajah di bawah awan";

fn by_test() -> Origin {
    Origin::service("test")
}

struct Accounts {
    database: TestDatabase,
    clock: Clock,
    users: Users,
}

impl Accounts {
    /// Those of `ayu`, of `citra`, and of `budi`, who is locked.
    async fn new(engine: Engine) -> Self {
        let database = TestDatabase::fresh::<Migrator>(engine).await;
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let random = Random::seeded(1);
        let key = SigningKey::from_pem(&SigningKey::generate_pem(&random).unwrap()).unwrap();
        let issuer = Issuer::new(key, Realm::default(), clock.clone(), random.clone());
        let config = IdentityConfig {
            passwords: PasswordConfig {
                memory_kib: 8,
                iterations: 1,
                ..PasswordConfig::default()
            },
            ..IdentityConfig::default()
        };
        let connections = database.database.clone();
        let revocations = Revocations::default();
        let users = Users::new(
            connections,
            clock.clone(),
            random,
            issuer,
            revocations,
            config,
        );
        let accounts = Self {
            database,
            clock,
            users: users.unwrap(),
        };
        accounts.open("ayu@example.com", "+6281234567890").await;
        accounts.open("budi@example.com", "+6281234567891").await;
        accounts.open("citra@example.com", "+6281234567892").await;
        accounts
    }

    async fn open(&self, email: &str, phone: &str) {
        let id = self.users.ids().next();
        let account = CreateUser {
            id,
            email: email.into(),
            phone_number: Some(phone.into()),
            display_name: None,
            password: Password::new(PASSWORD.into()),
            roles: Roles::from([Role::Customer]),
            password_rule: PasswordRule::Full,
        };
        let opened = self.users.create_user(account, &by_test()).await;
        opened.unwrap();
        if email.starts_with("budi") {
            let locked = SetUserActive {
                user: id,
                active: false,
            };
            let locked = self.users.set_user_active(locked, &by_test()).await;
            locked.unwrap();
        }
    }

    /// How many passwords a log-in compares with a hash, the statements it takes, and why it fails.
    async fn cost(&self, identifier: &str, password: &str) -> (usize, Vec<String>, LogInError) {
        let compared = || self.users.hasher.compared.load(Ordering::Relaxed);
        let before = compared();
        drop(self.database.take_statements());
        let input = LogIn {
            identifier: identifier.into(),
            password: Password::new(password.into()),
        };
        let Err(error) = self.users.log_in(input, &by_test()).await else {
            panic!("{identifier} is signed in");
        };
        let mut statements = self.database.take_statements();
        // What is too old is cleared away now and then, whoever signs in.
        statements.retain(|statement| !statement.starts_with("DELETE"));
        (compared() - before, statements, error)
    }
}

on_both_engines! {
    async fn an_unknown_identifier_costs_what_a_wrong_password_costs(engine: Engine) {
        let accounts = Accounts::new(engine).await;
        let (compared, wrong, _) = accounts.cost("ayu@example.com", WRONG).await;
        assert_eq!(compared, 1);
        for (identifier, password) in [
            ("nobody@example.com", PASSWORD),
            ("somebody@example.com", WRONG),
            ("budi@example.com", WRONG),
        ] {
            let (compared, statements, error) = accounts.cost(identifier, password).await;
            assert_eq!((compared, &statements), (1, &wrong), "{identifier}");
            assert!(matches!(error, LogInError::InvalidCredentials), "{error:?}");
        }
        let (_, by_phone, _) = accounts.cost("+6281234567892", WRONG).await;
        let (compared, statements, _) = accounts.cost("+6281200000000", WRONG).await;
        assert_eq!((compared, statements), (1, by_phone));
        // Whoever says what is no identifier at all, or knows a locked account's password, learns nothing they did not know.
        for (identifier, password) in [("nonsense", WRONG), ("", WRONG), ("budi@example.com", PASSWORD)] {
            let (compared, _, error) = accounts.cost(identifier, password).await;
            assert_eq!(compared, 1, "{identifier}");
            assert!(matches!(error, LogInError::InvalidCredentials), "{error:?}");
        }
    }

    async fn a_password_that_nobody_can_have_is_compared_for_nobody(engine: Engine) {
        let accounts = Accounts::new(engine).await;
        let long = "x".repeat(129);
        for password in ["short", &long] {
            let (compared, known, _) = accounts.cost("ayu@example.com", password).await;
            assert_eq!(compared, 0);
            let (compared, unknown, _) = accounts.cost("nobody@example.com", password).await;
            assert_eq!((compared, unknown), (0, known));
        }
    }

    async fn whoever_must_wait_costs_nothing_known_or_not(engine: Engine) {
        let accounts = Accounts::new(engine).await;
        for identifier in ["ayu@example.com", "budi@example.com", "nobody@example.com"] {
            for _ in 0..10 {
                accounts.cost(identifier, WRONG).await;
            }
            // That somebody must wait is written down once a minute.
            accounts.cost(identifier, WRONG).await;
        }
        let (_, known, _) = accounts.cost("ayu@example.com", PASSWORD).await;
        for identifier in ["ayu@example.com", "budi@example.com", "nobody@example.com"] {
            let (compared, statements, error) = accounts.cost(identifier, PASSWORD).await;
            assert_eq!((compared, &statements), (0, &known), "{identifier}");
            let LogInError::TooManyAttempts(throttled) = error else {
                panic!("{identifier}: {error:?}");
            };
            assert_eq!(throttled.retry_after_seconds(), 60);
        }
        accounts.clock.advance(TimeDelta::minutes(1));
        assert_eq!(accounts.cost("nobody@example.com", WRONG).await.0, 1);
    }
}
