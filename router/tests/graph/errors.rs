//! Failures: what they cost, where they are reported, and what they do not tell.

use serde_json::{Value, json};

use crate::doubles::{Scripted, ask, ask_with, router};
use crate::shop::{shop, shop_with};

/// Paths and codes of the errors, for comparing without regard to order.
fn places(answer: &Value) -> Vec<String> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let place = |error: &Value| {
        let path = error
            .get("path")
            .map_or("-".to_owned(), ToString::to_string);
        let extension = |name: &str| error["extensions"][name].as_str().unwrap_or("-").to_owned();
        format!("{path} {} {}", extension("code"), extension("service"))
    };
    let mut places: Vec<String> = errors.iter().map(place).collect();
    places.sort();
    places
}

#[tokio::test]
async fn a_subgraph_that_is_down_costs_only_its_own_fields() {
    let shop = shop_with("people", Scripted::down());
    let query = "{ product(id: 1) { name reviews { body author { name age } } } person(id: \"a\") { name } }";
    let answer = ask(&shop, query).await;
    assert_eq!(
        answer["data"],
        json!({"product": {"name": "Lamp", "reviews": [
            {"body": "bright", "author": {"name": "Ada", "age": null}},
            {"body": "dim", "author": {"name": "Bob", "age": null}}]},
            "person": null})
    );
    assert_eq!(
        places(&answer),
        [
            r#"["person"] SUBGRAPH_UNAVAILABLE people"#,
            r#"["product","reviews",0,"author","age"] SUBGRAPH_UNAVAILABLE people"#,
            r#"["product","reviews",1,"author","age"] SUBGRAPH_UNAVAILABLE people"#,
        ]
    );
    assert_eq!(
        answer["errors"][0]["message"],
        "the subgraph `people` cannot be reached"
    );
    assert!(
        !answer.to_string().contains("connection refused"),
        "causes stay inside"
    );
}

#[tokio::test]
async fn a_field_that_requires_what_is_down_says_whom_it_waits_for() {
    let shop = shop_with("catalogue", Scripted::down());
    let answer = ask(
        &shop,
        "{ latestReview { body product { shipping } } carriers }",
    )
    .await;
    // `shipping` is non-null, so the null goes up to the product, which is so as well.
    assert_eq!(
        answer["data"],
        json!({"latestReview": null, "carriers": ["sea", "air"]})
    );
    assert!(
        places(&answer).contains(
            &r#"["latestReview","product","shipping"] SUBGRAPH_UNAVAILABLE catalogue"#.to_owned()
        ),
        "{answer}"
    );
}

#[tokio::test]
async fn an_entitys_error_is_reported_at_every_place_of_the_entity() {
    let query = "{ products { name rating } product(id: 3) { rating } }";
    let answer = ask(&shop(), query).await;
    assert_eq!(
        answer["data"],
        json!({"products": [{"name": "Lamp", "rating": 5}, {"name": "Anvil", "rating": 5},
            {"name": "Feather", "rating": null}], "product": {"rating": null}})
    );
    assert_eq!(
        places(&answer),
        [
            r#"["product","rating"] TOO_LIGHT reviews"#,
            r#"["products",2,"rating"] TOO_LIGHT reviews"#,
        ]
    );
    assert_eq!(answer["errors"][0]["message"], "too light to rate");
    assert_eq!(
        answer["errors"][0].get("locations"),
        None,
        "they are the subgraph's, not ours"
    );
}

#[tokio::test]
async fn an_error_without_place_and_code_is_put_at_the_fields_it_cost() {
    let double = Scripted::always(json!({"data": null, "errors": [{"message": "closed"}]}));
    let router = router(vec![("only", "type Query { a: Int b: Int }", double)]);
    let answer = ask(&router, "{ x: a b }").await;
    assert_eq!(answer["data"], json!({"x": null, "b": null}));
    assert_eq!(
        places(&answer),
        [
            r#"["b"] DOWNSTREAM_SERVICE_ERROR only"#,
            r#"["x"] DOWNSTREAM_SERVICE_ERROR only"#
        ]
    );
}

#[tokio::test]
async fn errors_about_a_whole_batch_of_entities_are_put_at_each() {
    let double = Scripted::always(json!({"data": null,
        "errors": [{"message": "overloaded", "path": ["_entities"], "extensions": {"code": "BUSY"}}]}));
    let shop = shop_with("reviews", double);
    let answer = ask(&shop, "{ products { name rating } }").await;
    assert_eq!(
        answer["data"]["products"][2],
        json!({"name": "Feather", "rating": null})
    );
    assert_eq!(
        places(&answer),
        [
            r#"["products",0,"rating"] BUSY reviews"#,
            r#"["products",1,"rating"] BUSY reviews"#,
            r#"["products",2,"rating"] BUSY reviews"#,
        ]
    );
}

#[tokio::test]
async fn fields_that_were_not_asked_for_lose_nothing() {
    let shop = shop_with("people", Scripted::down());
    let query =
        "query ($old: Boolean!) { latestReview { author { name age @include(if: $old) } } }";
    let answer = ask_with(&shop, query, json!({"old": false})).await;
    assert_eq!(
        answer,
        json!({"data": {"latestReview": {"author": {"name": "Bob"}}}})
    );
}

#[tokio::test]
async fn syntax_and_schema_errors_have_codes_and_places_and_no_data() {
    let shop = shop();
    let answer = ask(&shop, "{ product(id: 1 { name } }").await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"],
        "GRAPHQL_PARSE_FAILED"
    );
    assert_eq!(
        answer["errors"][0]["locations"],
        json!([{"line": 1, "column": 17}])
    );
    assert_eq!(answer.get("data"), None);

    let answer = ask(
        &shop,
        "{ product(id: 1) { nam } ...F } fragment G on Query { carriers }",
    )
    .await;
    let errors = answer["errors"].as_array().unwrap();
    assert!(errors.len() >= 3, "{answer}");
    assert!(
        errors
            .iter()
            .all(|it| it["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED")
    );
    assert_eq!(errors[0]["locations"], json!([{"line": 1, "column": 20}]));

    for (query, code) in [
        ("subscription { a }", "GRAPHQL_VALIDATION_FAILED"),
        ("", "GRAPHQL_PARSE_FAILED"),
        (
            "fragment F on Query { carriers }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        (
            "{ _entities(representations: []) { __typename } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("{ _service { sdl } }", "GRAPHQL_VALIDATION_FAILED"),
    ] {
        let answer = ask(&shop, query).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"], code,
            "{query}: {answer}"
        );
        assert_eq!(answer.get("data"), None, "{query}");
    }
}

#[tokio::test]
async fn a_mutation_where_there_are_none_is_an_error_and_not_a_crash() {
    let router = router(vec![("only", "type Query { a: Int }", Scripted::down())]);
    let answer = ask(&router, "mutation { a }").await;
    assert_eq!(
        answer["errors"][0]["extensions"]["code"],
        "GRAPHQL_VALIDATION_FAILED"
    );
}
