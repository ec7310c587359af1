//! Subgraphs that answer, but not what their schemas say.

use serde_json::{Value, json};

use crate::doubles::{Scripted, ask, router};
use crate::shop::shop_with;

fn codes(answer: &Value) -> Vec<String> {
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let code = |error: &Value| format!("{} {}", error["path"], error["extensions"]["code"]);
    errors.iter().map(code).collect()
}

#[tokio::test]
async fn data_that_is_no_object_costs_only_the_subgraphs_own_fields() {
    for data in [json!("text"), json!([]), json!(7), json!(null)] {
        let shop = shop_with("people", Scripted::always(json!({"data": data})));
        let query = "{ product(id: 1) { name } person(id: \"a\") { name } }";
        let answer = ask(&shop, query).await;
        assert_eq!(
            answer["data"],
            json!({"product": {"name": "Lamp"}, "person": null}),
            "{data}"
        );
        assert_eq!(codes(&answer), [r#"["person"] "SUBGRAPH_BAD_ANSWER""#]);
    }
}

#[tokio::test]
async fn entities_that_are_not_as_many_as_asked_for_belong_to_nobody() {
    let one = json!({"rating": 1});
    for entities in [
        json!([one]),
        json!([one, one, one, one]),
        json!("text"),
        json!(null),
        json!([]),
    ] {
        let double = Scripted::always(json!({"data": {"_entities": entities}}));
        let shop = shop_with("reviews", double);
        let answer = ask(&shop, "{ products { name rating } }").await;
        assert_eq!(
            answer["data"]["products"][0],
            json!({"name": "Lamp", "rating": null}),
            "{entities}"
        );
        let places =
            [0, 1, 2].map(|n| format!(r#"["products",{n},"rating"] "SUBGRAPH_BAD_ANSWER""#));
        assert_eq!(codes(&answer), places, "{entities}");
    }
}

#[tokio::test]
async fn an_entity_that_is_no_object_leaves_what_others_gave() {
    let entities = json!({"_entities": [{"rating": 1}, "text", [3]]});
    let shop = shop_with("reviews", Scripted::always(json!({"data": entities})));
    let answer = ask(&shop, "{ products { name rating } }").await;
    assert_eq!(
        answer["data"]["products"],
        json!([{"name": "Lamp", "rating": 1}, {"name": "Anvil", "rating": null},
            {"name": "Feather", "rating": null}])
    );
    assert_eq!(codes(&answer).len(), 2, "{answer}");
}

#[tokio::test]
async fn an_entity_that_is_not_known_is_null_without_an_error() {
    let entities = json!({"_entities": [{"rating": 1}, null, null]});
    let shop = shop_with("reviews", Scripted::always(json!({"data": entities})));
    let answer = ask(&shop, "{ products { rating } }").await;
    assert_eq!(
        answer,
        json!({"data": {"products": [{"rating": 1}, {"rating": null}, {"rating": null}]}})
    );
}

#[tokio::test]
async fn values_that_are_not_of_the_built_in_scalars_are_not_passed_on() {
    let schema =
        "type Query { int: Int big: Int text: String flag: Boolean float: Float id: ID any: Any }
        scalar Any";
    let data = json!({"int": "7", "big": 3_000_000_000_u32, "text": {"secret": 1}, "flag": 0,
        "float": "1.5", "id": [1], "any": {"a": [1]}});
    let router = router(vec![(
        "only",
        schema,
        Scripted::always(json!({"data": data})),
    )]);
    let answer = ask(&router, "{ int big text flag float id any }").await;
    assert_eq!(
        answer["data"],
        json!({"int": null, "big": null, "text": null, "flag": null, "float": null, "id": null,
            "any": {"a": [1]}})
    );
    assert_eq!(codes(&answer).len(), 6);
    let data = json!({"int": -7, "text": "", "flag": false, "float": 2, "id": 5});
    let router = self::router(vec![(
        "only",
        schema,
        Scripted::always(json!({"data": data})),
    )]);
    let answer = ask(&router, "{ int text flag float id }").await;
    assert_eq!(answer, json!({"data": data}));
}
