//! Aliases are the client's own: none is taken for a field that the router needs itself.

use serde_json::{Value, json};

use crate::doubles::{Scripted, ask, router};
use crate::shop::{shop, shop_with};

#[tokio::test]
async fn an_alias_named_like_a_key_does_not_become_the_key() {
    let answer = ask(
        &shop(),
        "{ product(id: 1) { id: name name: id reviews { body } shipping } }",
    )
    .await;
    assert_eq!(
        answer,
        json!({"data": {"product": {"id": "Lamp", "name": "1",
            "reviews": [{"body": "bright"}, {"body": "dim"}], "shipping": 190}}})
    );
}

#[tokio::test]
async fn a_key_is_not_replaced_by_a_field_of_the_same_type_either() {
    let accounts = Scripted::new(|asked| {
        let ids = if asked.query.contains("_client_id") {
            json!({"__typename": "User", "id": "mine", "_client_id": "yours"})
        } else {
            json!({"__typename": "User", "id": "yours"})
        };
        Ok(json!({"data": {"me": ids}}))
    });
    let orders = Scripted::always(json!({"data": {"_entities": [{"orders": 1}]}}));
    let router = router(vec![
        (
            "accounts",
            "type Query { me: User } type User @key(fields: \"id\") { id: ID! friend: ID! }",
            accounts,
        ),
        (
            "orders",
            "type User @key(fields: \"id\") { id: ID! orders: Int }",
            orders.clone(),
        ),
    ]);
    let answer = ask(&router, "{ me { id: friend orders } }").await;
    assert_eq!(answer["data"]["me"], json!({"id": "yours", "orders": 1}));
    assert_eq!(
        orders.asked()[0].variables["representations"][0]["id"],
        json!("mine")
    );
}

#[tokio::test]
async fn an_alias_may_be_named_typename() {
    let query = "{ product(id: 1) { __typename: name reviews { body } }
        titled { __typename: title ... on Book { pages } } }";
    assert_eq!(
        ask(&shop(), query).await,
        json!({"data": {"product": {"__typename": "Lamp",
            "reviews": [{"body": "bright"}, {"body": "dim"}]},
            "titled": [{"__typename": "Iron", "pages": 90}, {"__typename": "Rust"}]}})
    );
}

#[tokio::test]
async fn errors_are_told_under_the_clients_aliases() {
    let shop = shop_with("people", Scripted::down());
    let query = "{ products: product(id: 3) { name: rating } name: person(id: \"a\") { id } }";
    let answer = ask(&shop, query).await;
    assert_eq!(
        answer["data"],
        json!({"products": {"name": null}, "name": null})
    );
    let errors = answer["errors"].as_array().unwrap();
    let mut paths: Vec<&Value> = errors.iter().map(|error| &error["path"]).collect();
    paths.sort_by_key(ToString::to_string);
    assert_eq!(paths, [&json!(["name"]), &json!(["products", "name"])]);
}

#[tokio::test]
async fn introspection_takes_any_alias() {
    let query = "{ products: __type(name: \"Product\") { kind: name name: kind
        _x: fields { name: type { name: kind } } } }";
    let answer = ask(&shop(), query).await;
    assert_eq!(answer["data"]["products"]["kind"], "Product");
    assert_eq!(answer["data"]["products"]["name"], "OBJECT");
    assert_eq!(
        answer["data"]["products"]["_x"][0]["name"]["name"],
        "NON_NULL"
    );
}

#[tokio::test]
async fn an_operation_of_which_nothing_is_left_is_answered() {
    let query = "{ product(id: 1) @skip(if: true) { name } ... @include(if: false) { carriers } }";
    assert_eq!(ask(&shop(), query).await, json!({"data": {}}));
}
