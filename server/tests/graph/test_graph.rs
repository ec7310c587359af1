//! A running graph on fresh databases, callers of any role, and a clock to move.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta};
use http::{HeaderMap, HeaderValue, header::AUTHORIZATION};
use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Scope, Scopes},
    clock::Clock,
    database::{Database, DatabaseOptions, Engine},
    id::{IdSource, UserId},
    random::Random,
    testing::fresh_url,
    token::{Realm, SigningKey},
};
use stockgraph_router::GraphQLRequest;
use stockgraph_server::{
    config::{Config, SubgraphName},
    databases::{self, Databases},
    demo,
    foundation::Foundation,
    graph::Graph,
    jobs::{Job, Scheduler},
};
use tempfile::TempDir;

/// The whole graph in this process.
pub struct TestGraph {
    pub graph: Graph,
    pub foundation: Foundation,
    pub databases: Databases,
    pub config: Config,
    statements: Arc<Mutex<Vec<String>>>,
    _folders: Vec<TempDir>,
}

/// Who calls.
#[derive(Clone)]
pub struct As(HeaderMap);

impl As {
    pub fn anonymous() -> Self {
        Self(HeaderMap::new())
    }

    pub fn token(token: &str) -> Self {
        let value = HeaderValue::try_from(format!("Bearer {token}")).unwrap();
        Self(HeaderMap::from_iter([(AUTHORIZATION, value)]))
    }

    pub fn headers(&self) -> &HeaderMap {
        &self.0
    }
}

impl TestGraph {
    /// A graph with empty databases.
    pub async fn empty(engine: Engine) -> Self {
        Self::configured(engine, Config::default()).await
    }

    /// A graph with empty databases and these settings, but for where its databases are.
    pub async fn configured(engine: Engine, mut config: Config) -> Self {
        let statements = Arc::new(Mutex::new(Vec::new()));
        let mut folders = Vec::new();
        let mut opened = BTreeMap::new();
        for subgraph in SubgraphName::ALL {
            let (url, folder) = fresh_url(engine).await;
            folders.extend(folder);
            opened.insert(
                subgraph.as_str(),
                open(&url, subgraph, &statements, &mut config).await,
            );
        }
        let mut take = |name| opened.remove(name).unwrap();
        let databases = Databases {
            users: take("users"),
            products: take("products"),
            warehouses: take("warehouses"),
            orders: take("orders"),
        };
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let random = Random::seeded(42);
        let key = SigningKey::from_pem(&SigningKey::generate_pem(&random).unwrap()).unwrap();
        let foundation = Foundation::new(key, &Realm::default(), clock, random);
        let graph = Graph::assemble(&config, &foundation, &databases).unwrap();
        Self {
            graph,
            foundation,
            databases,
            config,
            statements,
            _folders: folders,
        }
    }

    /// A graph with the demo shop in it.
    pub async fn demo(engine: Engine) -> Self {
        let test = Self::empty(engine).await;
        demo::seed(&test.config, &test.foundation, &test.databases)
            .await
            .unwrap();
        test.take_statements();
        test
    }

    pub fn clock(&self) -> &Clock {
        &self.foundation.clock
    }

    /// A customer who has nothing yet.
    pub fn customer(&self) -> As {
        let ids = IdSource::new(
            self.foundation.clock.clone(),
            self.foundation.random.clone(),
        );
        self.user(ids.next(), &Scopes::new())
    }

    pub fn user(&self, id: UserId, scopes: &Scopes) -> As {
        let token = self
            .foundation
            .issuer
            .user(id, self.foundation.ids.next(), scopes, TimeDelta::days(365))
            .unwrap();
        As::token(&token.text)
    }

    /// A service that may do everything.
    pub fn everything(&self) -> As {
        let scopes = Scopes::from(Scope::ALL);
        let token = self
            .foundation
            .issuer
            .service("test", &scopes, TimeDelta::days(365))
            .unwrap();
        As::token(&token.text)
    }

    /// Signs in by the graph.
    pub async fn log_in(&self, identifier: &str, password: &str) -> As {
        let query = "mutation ($i: LogInInput!) { logIn(input: $i) { session { accessToken } errors { ... on UserError { message } } } }";
        let data = self
            .data(
                &As::anonymous(),
                query,
                json!({ "i": { "identifier": identifier, "password": password } }),
            )
            .await;
        As::token(
            data["logIn"]["session"]["accessToken"]
                .as_str()
                .expect("signed in"),
        )
    }

    /// The whole answer.
    pub async fn answer(&self, caller: &As, query: &str, variables: Value) -> Value {
        let request = GraphQLRequest::new(query).variables(variables);
        self.graph
            .router
            .execute(request, caller.headers())
            .await
            .to_json()
    }

    /// The answer's data; there must be no top-level error.
    pub async fn data(&self, caller: &As, query: &str, variables: Value) -> Value {
        let mut answer = self.answer(caller, query, variables).await;
        assert!(answer.get("errors").is_none(), "{query}\n{answer:#}");
        answer["data"].take()
    }

    /// The payload of a mutation with one input; its errors must be none.
    pub async fn done(&self, caller: &As, mutation: &str, selection: &str, input: Value) -> Value {
        let payload = self.payload(caller, mutation, selection, input).await;
        assert_eq!(payload["errors"], json!([]), "{mutation}");
        payload
    }

    /// The payload of a mutation with one input.
    pub async fn payload(
        &self,
        caller: &As,
        mutation: &str,
        selection: &str,
        input: Value,
    ) -> Value {
        let mut type_name = mutation.to_owned();
        type_name[..1].make_ascii_uppercase();
        let query = format!(
            "mutation ($input: {type_name}Input!) {{ {mutation}(input: $input) {{ {selection} errors {{ __typename ... on UserError {{ message }} }} }} }}"
        );
        self.data(caller, &query, json!({ "input": input })).await[mutation].take()
    }

    /// Moves the clock and runs the scheduled jobs once.
    pub async fn pass(&self, time: TimeDelta) {
        self.clock().advance(time);
        let scheduler = Scheduler {
            router: Arc::clone(&self.graph.router).into(),
            clock: self.clock().clone(),
            metrics: self.foundation.metrics.clone(),
        };
        for (name, job) in &self.config.jobs {
            let issuer = self.foundation.issuer.clone();
            let job = Job::new(name, job, issuer, self.clock().clone()).unwrap();
            scheduler.run(&job).await;
        }
    }

    /// The statements since the last call.
    pub fn take_statements(&self) -> Vec<String> {
        std::mem::take(
            &mut *self
                .statements
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        )
    }

    /// Nothing is wrong with the stock, nor between orders and reservations.
    pub async fn assert_verified(&self) {
        let report = stockgraph_server::verify::verify(&self.graph, |_| ())
            .await
            .unwrap();
        assert!(report.is_clean(), "{report}");
    }
}

async fn open(
    url: &str,
    subgraph: SubgraphName,
    statements: &Arc<Mutex<Vec<String>>>,
    config: &mut Config,
) -> Database {
    let own = match subgraph {
        SubgraphName::Users => &mut config.database.users_url,
        SubgraphName::Products => &mut config.database.products_url,
        SubgraphName::Warehouses => &mut config.database.warehouses_url,
        SubgraphName::Orders => &mut config.database.orders_url,
    };
    *own = Some(url.to_owned());
    let seen = Arc::clone(statements);
    let mut options: DatabaseOptions = config.database.options(subgraph, &config.data_dir);
    options.observer = Some(Arc::new(move |sql: &str| {
        seen.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(sql.to_owned());
    }));
    databases::open(&options, subgraph).await.unwrap()
}

/// A warehouse, a product, and so many units of it there.
pub struct Shelf {
    pub warehouse: String,
    pub product: String,
}

impl TestGraph {
    pub async fn warehouse(&self, code: &str, priority: i32) -> String {
        let input =
            json!({ "code": code, "name": format!("Warehouse {code}"), "priority": priority });
        self.done(
            &self.everything(),
            "createWarehouse",
            "warehouse { id }",
            input,
        )
        .await["warehouse"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub async fn product(&self, sku: &str, amount: &str) -> String {
        let input = json!({
            "sku": sku, "name": format!("Product {sku}"), "status": "ACTIVE",
            "price": { "amount": amount, "currency": "IDR" },
        });
        self.done(&self.everything(), "createProduct", "product { id }", input)
            .await["product"]["id"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    pub async fn receive(&self, warehouse: &str, product: &str, quantity: i32) {
        let input = json!({
            "warehouseId": warehouse,
            "lines": [{ "productId": product, "quantity": quantity }],
        });
        self.done(
            &self.everything(),
            "receiveStock",
            "stockLevels { onHand }",
            input,
        )
        .await;
    }

    pub async fn shelf(&self, quantity: i32) -> Shelf {
        let shelf = Shelf {
            warehouse: self.warehouse("W1", 0).await,
            product: self.product("SKU-1", "1000").await,
        };
        self.receive(&shelf.warehouse, &shelf.product, quantity)
            .await;
        shelf
    }

    /// On hand, reserved and available of a product, over all active warehouses.
    pub async fn stock(&self, product: &str) -> (i64, i64, i64) {
        let query = "query ($id: ID!) { product(id: $id) { stock { onHand reserved available } } }";
        let data = self
            .data(&As::anonymous(), query, json!({ "id": product }))
            .await;
        let stock = &data["product"]["stock"];
        let number = |name: &str| stock[name].as_i64().unwrap();
        (number("onHand"), number("reserved"), number("available"))
    }

    /// Places an order; answers its payload.
    pub async fn place(&self, customer: &As, key: &str, lines: &[(&str, i32)]) -> Value {
        let lines: Vec<Value> = lines
            .iter()
            .map(|(product, quantity)| json!({ "productId": product, "quantity": quantity }))
            .collect();
        let input = json!({ "lines": lines, "idempotencyKey": key });
        self.payload(
            customer,
            "placeOrder",
            "order { id number status total { amount currency } }",
            input,
        )
        .await
    }

    pub async fn pay(&self, order: &Value, reference: &str) -> Value {
        let input = json!({
            "orderId": order["id"],
            "paymentReference": reference,
            "amount": order["total"],
        });
        self.payload(
            &self.everything(),
            "confirmPayment",
            "order { status } payment { status }",
            input,
        )
        .await
    }
}
