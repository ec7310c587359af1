//! The shop's four subgraphs, as their contract has them.

use insta::assert_snapshot;
use stockgraph_router::composition::{SubgraphSdl, api_schema, compose};

use crate::support::{definition, plan};

const SHOP: [SubgraphSdl<'static>; 4] = [
    SubgraphSdl {
        name: "users",
        url: "http://users.test/graphql",
        sdl: include_str!("fixtures/users.graphql"),
    },
    SubgraphSdl {
        name: "products",
        url: "http://products.test/graphql",
        sdl: include_str!("fixtures/products.graphql"),
    },
    SubgraphSdl {
        name: "warehouses",
        url: "http://warehouses.test/graphql",
        sdl: include_str!("fixtures/warehouses.graphql"),
    },
    SubgraphSdl {
        name: "orders",
        url: "http://orders.test/graphql",
        sdl: include_str!("fixtures/orders.graphql"),
    },
];

fn shop() -> String {
    compose(&SHOP)
        .unwrap_or_else(|errors| panic!("{errors}"))
        .sdl
}

#[test]
fn the_supergraph_is_the_same_in_whatever_order_the_subgraphs_come() {
    let mut backwards = SHOP;
    backwards.reverse();
    assert_eq!(shop(), compose(&backwards).expect("composes").sdl);
}

#[test]
fn the_supergraph_tells_who_has_what() {
    let sdl = shop();
    assert_snapshot!("product", definition(&sdl, "Product"));
    assert_snapshot!("user", definition(&sdl, "User"));
    assert_snapshot!("query", definition(&sdl, "Query"));
    assert_snapshot!("not_found", definition(&sdl, "NotFound"));
    assert_snapshot!("user_error", definition(&sdl, "UserError"));
}

#[test]
fn clients_see_no_machinery() {
    let api = api_schema(&shop()).expect("a supergraph");
    for machinery in ["join__", "@link", "link__", "requiresScopes"] {
        assert!(!api.contains(machinery), "{machinery} in:\n{api}");
    }
    assert_snapshot!("api_product", definition(&api, "Product"));
    assert_snapshot!("api_query", definition(&api, "Query"));
}

#[test]
fn a_products_stock_is_fetched_from_its_warehouses() {
    assert_snapshot!(plan(
        &shop(),
        "{ products { nodes { name stock { available byWarehouse { warehouse { name } available } } } } }"
    ));
}

#[test]
fn an_order_brings_together_all_four_subgraphs() {
    assert_snapshot!(plan(
        &shop(),
        r#"{ order(id: "1") {
          number
          customer { email orders { totalCount } }
          lines { quantity product { name stock { available } } }
          reservation { status }
        } }"#
    ));
}

#[test]
fn an_expected_failure_brings_its_product_along() {
    assert_snapshot!(plan(
        &shop(),
        r#"mutation { placeOrder(input: { lines: [], idempotencyKey: "k" }) {
          order { id }
          errors { __typename ... on UserError { message } ... on InsufficientStock { product { name } available } }
        } }"#
    ));
}
