//! A running warehouses subgraph on a fresh database, with a clock to move and callers with any rights.

use async_graphql::{Request, Response, Variables};
use chrono::{DateTime, TimeDelta};
use futures_util::stream::BoxStream;
use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Caller, Scope},
    clock::Clock,
    database::Engine,
    id::{IdSource, ProductId, UserId},
    loader::Batches,
    random::Random,
    subgraph::Subgraph,
    testing::TestDatabase,
};
use stockgraph_migration::warehouses::Migrator;
use stockgraph_warehouses::{WarehousesSubgraph, service::Warehouses};

pub struct TestGraph {
    pub database: TestDatabase,
    pub clock: Clock,
    pub ids: IdSource,
    pub subgraph: WarehousesSubgraph,
}

/// Somebody with every right, and an id.
pub fn keeper(id: UserId) -> Caller {
    let scopes = Scope::ALL.into_iter().collect();
    Caller::User { id, scopes }
}

/// A part of the system with these rights.
pub fn part(scopes: &[Scope]) -> Caller {
    Caller::Service {
        name: "test".into(),
        scopes: scopes.iter().copied().collect(),
    }
}

impl TestGraph {
    pub async fn new(engine: Engine) -> Self {
        let database = TestDatabase::fresh::<Migrator>(engine).await;
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let ids = IdSource::new(clock.clone(), Random::seeded(7));
        let warehouses = Warehouses::new(database.database.clone(), clock.clone(), ids.clone());
        Self {
            subgraph: WarehousesSubgraph::new(warehouses),
            database,
            clock,
            ids,
        }
    }

    pub fn stock(&self) -> &Warehouses {
        self.subgraph.warehouses()
    }

    pub fn product(&self) -> String {
        self.ids.next::<ProductId>().to_string()
    }

    /// So many seconds from now, as an instant on the wire.
    pub fn after(&self, seconds: i64) -> String {
        (self.clock.now() + TimeDelta::seconds(seconds)).to_rfc3339()
    }

    /// The whole answer to a request of this caller.
    pub async fn answer_to(&self, caller: Caller, query: &str, variables: Value) -> Value {
        let batches = Batches::default();
        let request = Request::new(query)
            .variables(Variables::from_json(variables))
            .data(caller);
        let request = self.subgraph.with_loaders(request, &batches);
        let answer = batches.drive(self.subgraph.execute(request)).await;
        serde_json::to_value(answer).unwrap()
    }

    /// The data of an answer to somebody with every right, without top-level errors.
    pub async fn data(&self, query: &str, variables: Value) -> Value {
        let caller = part(&Scope::ALL);
        let mut answer = self.answer_to(caller, query, variables).await;
        assert_eq!(answer["errors"], Value::Null, "{query}: {answer}");
        answer["data"].take()
    }

    /// The code of the first top-level error of an answer to somebody with every right.
    pub async fn code(&self, query: &str, variables: Value) -> String {
        let answer = self.answer_to(part(&Scope::ALL), query, variables).await;
        answer["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_else(|| panic!("no code in {answer}"))
            .to_owned()
    }

    /// What comes of a subscription.
    pub fn watch(&self, query: &str) -> BoxStream<'static, Response> {
        let batches = Batches::default();
        let request = self.subgraph.with_loaders(Request::new(query), &batches);
        self.subgraph.execute_stream(request)
    }

    /// The payload of a mutation with one `input`; every payload's errors are asked for.
    pub async fn mutate(&self, mutation: &str, selection: &str, input: Value) -> Value {
        let query = mutation_text(mutation, selection);
        let mut data = self.data(&query, json!({ "input": input })).await;
        data[mutation].take()
    }

    /// The id of a new warehouse.
    pub async fn warehouse(&self, code: &str, priority: i32) -> String {
        let input = json!({ "code": code, "name": code, "priority": priority });
        let payload = self
            .mutate("createWarehouse", "warehouse { id }", input)
            .await;
        text(&payload["warehouse"]["id"])
    }

    pub async fn receive(&self, warehouse: &str, product: &str, quantity: i32) {
        let lines = json!([{ "productId": product, "quantity": quantity }]);
        let input = json!({ "warehouseId": warehouse, "lines": lines });
        let payload = self
            .mutate("receiveStock", "stockLevels { id }", input)
            .await;
        assert_eq!(payload["errors"], json!([]));
    }

    /// Asks for a hold of one product for an hour.
    pub async fn reserve(&self, id: &str, product: &str, quantity: i32) -> Value {
        let input = json!({
            "id": id,
            "lines": [{ "productId": product, "quantity": quantity }],
            "expiresAt": self.after(3_600),
        });
        self.mutate("reserveStock", RESERVATION, input).await
    }

    /// On hand, reserved and available of a product.
    pub async fn numbers(&self, product: &str) -> [i64; 3] {
        let stock = self.stock_of(product, "onHand reserved available").await;
        ["onHand", "reserved", "available"].map(|field| stock[field].as_i64().unwrap())
    }

    /// The `ProductStock` of a product.
    pub async fn stock_of(&self, product: &str, selection: &str) -> Value {
        let query = format!(
            "query Test($of: [_Any!]!) {{ _entities(representations: $of) {{ ... on Product {{ stock {{ {selection} }} }} }} }}"
        );
        let of = json!({ "of": [{ "__typename": "Product", "id": product }] });
        let mut data = self.data(&query, of).await;
        data["_entities"][0]["stock"].take()
    }

    /// Makes sure that every rule of the stock holds.
    pub async fn verify(&self) {
        let report = self.stock().verify(|_| ()).await.unwrap();
        assert!(report.is_clean(), "{report:#?}");
    }
}

/// The fields of a reservation that tests look at.
pub const RESERVATION: &str = "reservation { id status closedAt \
     lines { product { id } quantity allocations { quantity warehouse { code } } } }";

pub fn mutation_text(mutation: &str, selection: &str) -> String {
    let capital = mutation[..1].to_uppercase() + &mutation[1..];
    let members: String = members_of(mutation)
        .iter()
        .map(|member| format!(" ... on {member} {{ message {} }}", fields_of(member)))
        .collect();
    let errors = if members.is_empty() {
        String::new()
    } else {
        format!("errors {{ __typename{members} }}")
    };
    format!(
        "mutation Test($input: {capital}Input!) {{ {mutation}(input: $input) {{ {selection} {errors} }} }}"
    )
}

fn fields_of(member: &str) -> &'static str {
    match member {
        "InvalidInput" => "field",
        "NotFound" => "id",
        "WrongState" => "state",
        "InsufficientStock" => "requested available product { id }",
        "WarehouseCodeTaken" => "code",
        _ => "",
    }
}

/// The members of a payload's errors; a fragment on another type is not valid there.
fn members_of(mutation: &str) -> &'static [&'static str] {
    match mutation {
        "expireReservations" => &[],
        "releaseReservations" => &["InvalidInput"],
        "createWarehouse" => &["InvalidInput", "WarehouseCodeTaken"],
        "activateWarehouse" | "deactivateWarehouse" => &["NotFound"],
        "adjustStock" | "transferStock" => &["InvalidInput", "NotFound", "InsufficientStock"],
        "reserveStock" => &["InvalidInput", "InsufficientStock", "WrongState"],
        "receiveTransfer" | "cancelTransfer" | "commitReservation" | "releaseReservation" => {
            &["NotFound", "WrongState"]
        }
        "restock" => &["InvalidInput", "NotFound", "WrongState"],
        _ => &["InvalidInput", "NotFound"],
    }
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text but {value}"))
        .to_owned()
}

/// The types of a payload's errors, with the path of those that have one.
pub fn errors(payload: &Value) -> Vec<String> {
    let told = |error: &Value| {
        let kind = text(&error["__typename"]);
        match error["field"].as_array() {
            Some(path) => format!(
                "{kind} {}",
                path.iter().map(text).collect::<Vec<_>>().join(".")
            ),
            None => kind,
        }
    };
    payload["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(told)
        .collect()
}
