//! A running users subgraph on a fresh database, with a clock to move and callers of any role.

use std::sync::atomic::{AtomicU64, Ordering};

use async_graphql::{Request, Variables};
use chrono::{DateTime, TimeDelta};
use http::{HeaderMap, header::AUTHORIZATION};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{ClientAddress, Scope, Scopes},
    clock::Clock,
    database::Engine,
    id::UserId,
    paging::PageArgs,
    random::Random,
    subgraph::Service,
    testing::TestDatabase,
    token::{Authenticator, Issuer, Realm, SigningKey},
};
use stockgraph_migration::users::Migrator;
use stockgraph_users::{
    UsersSubgraph,
    domain::{
        origin::Origin,
        password::Password,
        role::{Role, Roles},
    },
    service::{
        CreateUser, IdentityConfig, PasswordConfig, PasswordRule, ThrottleConfig, UserFilter, Users,
    },
};

pub const PASSWORD: &str = "tujuh gajah di atas awan";

/// The fields of a user that tests look at.
pub const USER: &str = "id email phoneNumber displayName roles active createdAt updatedAt";

/// The fields of a session that tests look at.
pub const SESSION: &str =
    "accessToken accessTokenExpiresAt refreshToken refreshTokenExpiresAt user { id }";

pub struct TestGraph {
    pub database: TestDatabase,
    pub clock: Clock,
    pub users: Users,
    issuer: Issuer,
    service: Service<UsersSubgraph>,
    number: AtomicU64,
}

/// Somebody with an account and a token.
pub struct Member {
    pub id: UserId,
    pub email: String,
    pub token: String,
}

pub fn config() -> IdentityConfig {
    IdentityConfig {
        passwords: PasswordConfig {
            memory_kib: 8,
            iterations: 1,
            ..PasswordConfig::default()
        },
        log_in_throttle: ThrottleConfig {
            attempts: 5,
            interval_seconds: 60,
        },
        ..IdentityConfig::default()
    }
}

impl TestGraph {
    pub async fn new(engine: Engine) -> Self {
        let database = TestDatabase::fresh::<Migrator>(engine).await;
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        Self::on(database, clock, config())
    }

    /// Another process on the same database and clock, with these settings.
    pub fn replica(self, config: IdentityConfig) -> Self {
        Self::on(self.database, self.clock, config)
    }

    fn on(database: TestDatabase, clock: Clock, config: IdentityConfig) -> Self {
        let random = Random::system();
        let pem = SigningKey::generate_pem(&Random::seeded(1)).unwrap();
        let key = SigningKey::from_pem(&pem).unwrap();
        let authenticator = Authenticator::new(key.clone(), &Realm::default(), clock.clone());
        let issuer = Issuer::new(key, Realm::default(), clock.clone(), random.clone());
        let connections = database.database.clone();
        let revocations = authenticator.revocations().clone();
        let users = Users::new(
            connections,
            clock.clone(),
            random,
            issuer.clone(),
            revocations,
            config,
        );
        let users = users.unwrap();
        Self {
            service: Service::new(UsersSubgraph::new(users.clone()), authenticator),
            database,
            clock,
            users,
            issuer,
            number: AtomicU64::new(0),
        }
    }

    /// The token of a part of the system that may do everything.
    pub fn service_token(&self) -> String {
        let scopes = Scopes::from(Scope::ALL);
        let token = self.issuer.service("test", &scopes, TimeDelta::days(1));
        token.unwrap().text
    }

    /// The whole answer to a request of whoever has this token.
    pub async fn answer(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        self.answer_from(None, token, query, variables).await
    }

    /// The same, from this address.
    pub async fn answer_from(
        &self,
        address: Option<&str>,
        token: Option<&str>,
        query: &str,
        variables: Value,
    ) -> Value {
        let mut headers = HeaderMap::new();
        if let Some(address) = address {
            headers.insert(ClientAddress::HEADER, address.parse().unwrap());
        }
        if let Some(token) = token {
            headers.insert(AUTHORIZATION, format!("Bearer {token}").parse().unwrap());
        }
        let request = Request::new(query).variables(Variables::from_json(variables));
        serde_json::to_value(self.service.execute(&headers, request).await).unwrap()
    }

    /// The data of an answer that must have no top-level errors.
    pub async fn data(&self, token: Option<&str>, query: &str, variables: Value) -> Value {
        let mut answer = self.answer(token, query, variables).await;
        assert_eq!(answer["errors"], Value::Null, "{query}");
        answer["data"].take()
    }

    /// The code of the only top-level error of an answer.
    pub async fn code(&self, token: Option<&str>, query: &str, variables: Value) -> String {
        let answer = self.answer(token, query, variables).await;
        let errors = answer["errors"].as_array().expect("a top-level error");
        assert_eq!(errors.len(), 1, "{answer}");
        errors[0]["extensions"]["code"]
            .as_str()
            .expect("a code")
            .to_owned()
    }

    /// The payload of a mutation with one `input`, e.g. `mutate(None, "logIn", SESSION…, input)`.
    pub async fn mutate(
        &self,
        token: Option<&str>,
        mutation: &str,
        selection: &str,
        input: Value,
    ) -> Value {
        let capital = mutation[..1].to_uppercase() + &mutation[1..];
        let query = format!(
            "mutation Test($input: {capital}Input!) {{ {mutation}(input: $input) {{ {selection} }} }}"
        );
        let mut data = self.data(token, &query, json!({ "input": input })).await;
        data[mutation].take()
    }

    /// Somebody with these roles.
    pub async fn member(&self, role: Role) -> Member {
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let email = format!("member{number}@example.com");
        let id = self.users.ids().next();
        let input = CreateUser {
            id,
            email: email.clone(),
            phone_number: None,
            display_name: None,
            password: Password::new(PASSWORD.into()),
            roles: Roles::from([role]),
            password_rule: PasswordRule::Full,
        };
        let origin = Origin::service("test");
        self.users.create_user(input, &origin).await.unwrap();
        let session = self.log_in(&email, PASSWORD).await["session"].take();
        let token = session["accessToken"].as_str().unwrap().to_owned();
        Member { id, email, token }
    }

    pub async fn register(&self, input: Value) -> Value {
        let selection = format!(
            "user {{ {USER} }} session {{ {SESSION} }} errors {{ __typename ... on UserError {{ message }} ... on InvalidInput {{ field }} ... on IdentifierTaken {{ field }} }}"
        );
        self.mutate(None, "registerUser", &selection, input).await
    }

    pub async fn log_in(&self, identifier: &str, password: &str) -> Value {
        let selection = format!(
            "session {{ {SESSION} }} errors {{ __typename ... on UserError {{ message }} ... on TooManyAttempts {{ retryAfterSeconds }} }}"
        );
        let input = json!({ "identifier": identifier, "password": password });
        self.mutate(None, "logIn", &selection, input).await
    }

    /// Signs in from this address; the payload of `logIn`.
    pub async fn log_in_from(&self, address: &str, identifier: &str, password: &str) -> Value {
        let query = "mutation ($input: LogInInput!) { logIn(input: $input) { session { accessToken refreshToken } \
                     errors { __typename ... on UserError { message } ... on TooManyAttempts { retryAfterSeconds } } } }";
        let input = json!({ "input": { "identifier": identifier, "password": password } });
        let mut answer = self.answer_from(Some(address), None, query, input).await;
        assert_eq!(answer["errors"], Value::Null);
        answer["data"]["logIn"].take()
    }

    pub async fn refresh(&self, token: &str) -> Value {
        let selection = format!(
            "session {{ {SESSION} }} errors {{ __typename ... on UserError {{ message }} }}"
        );
        let input = json!({ "refreshToken": token });
        self.mutate(None, "refreshSession", &selection, input).await
    }

    pub async fn me(&self, token: Option<&str>) -> Value {
        let query = format!("{{ me {{ {USER} }} }}");
        self.data(token, &query, json!({})).await["me"].take()
    }

    /// Whether this is the refresh token of a session that goes on; it is used up by asking.
    pub async fn goes_on(&self, refresh_token: &str) -> bool {
        self.refresh(refresh_token).await["session"].is_object()
    }

    /// How many rows the tables of sessions have.
    pub async fn rows(&self) -> [(&'static str, i64); 3] {
        let mut rows = [
            ("sessions", 0),
            ("refresh_tokens", 0),
            ("login_throttles", 0),
        ];
        for (table, number) in &mut rows {
            let sql = format!("SELECT COUNT(*) AS number FROM {table}");
            let connection = self.database.database.writer();
            let row = connection.query_one_raw(Statement::from_string(
                connection.get_database_backend(),
                sql,
            ));
            *number = row.await.unwrap().unwrap().try_get("", "number").unwrap();
        }
        rows
    }

    /// How many accounts there are.
    pub async fn accounts(&self) -> u64 {
        let all = UserFilter::default();
        self.users.count_users(&all).await.unwrap()
    }

    /// All that stands in a table, as text.
    pub async fn dump(&self, table: &str) -> String {
        let connection = self.database.database.writer();
        let backend = connection.get_database_backend();
        let sql = format!("SELECT * FROM {table}");
        let rows = connection
            .query_all_raw(Statement::from_string(backend, sql))
            .await
            .unwrap();
        rows.iter().map(|row| format!("{row:?}")).collect()
    }

    /// The ids of all administrators who may sign in.
    pub async fn admins(&self) -> Vec<String> {
        let filter = UserFilter {
            role: Some(Role::Admin),
            active: Some(true),
            ..UserFilter::default()
        };
        let page = PageArgs::default().check().unwrap();
        let admins = self.users.find_users(&filter, &page).await.unwrap();
        admins
            .items
            .iter()
            .map(|user| user.id.to_string())
            .collect()
    }

    pub fn wait(&self, by: TimeDelta) {
        self.clock.advance(by);
    }
}

impl Member {
    pub fn token(&self) -> Option<&str> {
        Some(&self.token)
    }
}

/// The text at this key.
pub fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key]
        .as_str()
        .unwrap_or_else(|| panic!("no text at {key} of {value}"))
}

/// The types of a payload's errors.
pub fn errors(payload: &Value) -> Vec<&str> {
    payload["errors"]
        .as_array()
        .expect("errors")
        .iter()
        .map(|error| text(error, "__typename"))
        .collect()
}

/// The fields that a payload's errors are about.
pub fn fields(payload: &Value) -> Vec<String> {
    let errors = payload["errors"].as_array().expect("errors");
    errors
        .iter()
        .map(|error| error["field"].to_string())
        .collect()
}
