//! The catalogue through its schema, on SQLite and on PostgreSQL.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot go on has failed, and says where"
)]

mod categories;
mod entities;
mod importing;
mod listing;
mod searching;
mod statements;
mod writing;

use async_graphql::{Request, Response, Variables};
use chrono::DateTime;
use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Caller, Scope},
    clock::Clock,
    database::Engine,
    id::{Id, IdSource, ProductId},
    loader::Batches,
    money::Money,
    random::Random,
    subgraph::Subgraph,
    testing::TestDatabase,
};
use stockgraph_migration::products::Migrator;
use stockgraph_products::{
    ProductsSubgraph,
    domain::{CategoryId, Change, NewCategory, NewProduct, ProductDetails, ProductStatus},
    service::Catalogue,
};
use uuid::Uuid;

/// A running catalogue on a fresh database.
pub struct Graph {
    subgraph: ProductsSubgraph,
    test: TestDatabase,
    clock: Clock,
}

impl Graph {
    async fn fresh(engine: Engine) -> Self {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let clock = Clock::manual(DateTime::from_timestamp(1_800_000_000, 0).unwrap());
        let ids = IdSource::new(clock.clone(), Random::seeded(1));
        let catalogue = Catalogue::new(test.database.clone(), clock.clone(), ids);
        let subgraph = ProductsSubgraph::new(catalogue);
        Self {
            subgraph,
            test,
            clock,
        }
    }

    fn catalogue(&self) -> &Catalogue {
        self.subgraph.catalogue()
    }

    /// Adds products on sale with these SKUs, names and prices; their ids count from 1.
    async fn stock(&self, products: &[(&str, &str, &str)]) {
        let numbered = (1..).zip(products);
        let products =
            numbered.map(|(number, (sku, name, price))| product(number, sku, name, price));
        self.catalogue()
            .import_products(products.collect())
            .await
            .unwrap();
    }

    /// Adds a category; its slug is its name.
    async fn category(&self, number: u128, slug: &str, parent: Option<u128>) {
        let category = NewCategory {
            id: category_id(number),
            parent: parent.map(category_id),
            name: slug.to_owned(),
            slug: slug.to_owned(),
        };
        self.catalogue().create_category(category).await.unwrap();
    }

    async fn execute(&self, caller: Caller, query: &str, variables: Value) -> Response {
        let request = Request::new(query)
            .variables(Variables::from_json(variables))
            .data(caller);
        let batches = Batches::default();
        let request = self.subgraph.with_loaders(request, &batches);
        batches.drive(self.subgraph.execute(request)).await
    }

    /// What a customer who has not signed in is answered.
    async fn customer(&self, query: &str) -> Value {
        data(self.execute(Caller::Anonymous, query, json!({})).await)
    }

    /// What those who keep the catalogue are answered.
    async fn staff(&self, query: &str) -> Value {
        data(self.execute(staff(), query, json!({})).await)
    }

    /// The payload of a mutation with one `input`.
    async fn mutate(&self, name: &str, input: Value, fields: &str) -> Value {
        let kind = format!("{}{}", name[..1].to_uppercase(), &name[1..]);
        let query = format!(
            "mutation($input: {kind}Input!) {{ {name}(input: $input) {{ {fields} errors {{ \
             __typename ... on UserError {{ message }} ... on InvalidInput {{ field }} }} }} }}"
        );
        let response = self
            .execute(staff(), &query, json!({ "input": input }))
            .await;
        data(response)[name].take()
    }

    /// The code of the one error that a customer gets.
    async fn refusal(&self, query: &str) -> String {
        code(&self.execute(Caller::Anonymous, query, json!({})).await)
    }
}

fn data(response: Response) -> Value {
    assert_eq!(response.errors, []);
    response.data.into_json().unwrap()
}

fn code(response: &Response) -> String {
    let [error] = response.errors.as_slice() else {
        panic!("one error: {:?}", response.errors);
    };
    let extensions = serde_json::to_value(&error.extensions).unwrap();
    extensions["code"].as_str().unwrap_or_default().to_owned()
}

fn staff() -> Caller {
    Caller::Service {
        name: "test".to_owned(),
        scopes: [Scope::CatalogueWrite].into(),
    }
}

fn product_id(number: u128) -> ProductId {
    ProductId::from_uuid(Uuid::from_u128(number))
}

fn category_id(number: u128) -> CategoryId {
    CategoryId::from_uuid(Uuid::from_u128(number))
}

/// A product on sale.
fn product(number: u128, sku: &str, name: &str, price: &str) -> NewProduct {
    NewProduct {
        id: product_id(number),
        sku: sku.to_owned(),
        name: name.to_owned(),
        price: Money::new(price.parse().unwrap(), "IDR".parse().unwrap()).unwrap(),
        details: ProductDetails {
            status: Some(ProductStatus::Active),
            ..ProductDetails::default()
        },
    }
}

fn described(mut product: NewProduct, description: &str) -> NewProduct {
    product.details.description = Change::Set(description.to_owned());
    product
}

/// The strings at this pointer of each element.
fn column<'v>(list: &'v Value, pointer: &str) -> Vec<&'v str> {
    let list = list.as_array().expect("a list");
    let text = |value: &'v Value| {
        value
            .pointer(pointer)
            .and_then(Value::as_str)
            .expect("a text")
    };
    list.iter().map(text).collect()
}

/// The SKUs of a list of products.
fn skus(list: &Value) -> Vec<&str> {
    column(list, "/sku")
}

/// The paths of the input fields that errors name.
fn fields(payload: &Value) -> Vec<String> {
    let errors = payload["errors"].as_array().expect("errors");
    let path = |error: &Value| {
        let field = error["field"].as_array().expect("an InvalidInput");
        let parts: Vec<&str> = field.iter().filter_map(Value::as_str).collect();
        parts.join(".")
    };
    errors.iter().map(path).collect()
}
