//! Nulls where the schema does not allow them, and values that are not what it says.

use serde_json::{Value, json};
use stockgraph_router::Router;

use crate::doubles::{Scripted, ask, router};

const SCHEMA: &str = "
type Query { box: Box boxes: [Box] full: [Box!] strict: Box! }
type Box { id: Int need: String! inner: Box list: [Int!] lists: [[Int!]]! colour: Colour any: Any thing: Thing }
enum Colour { RED GREEN @inaccessible }
union Any = Box | Secret
interface Thing { id: Int }
type Secret implements Thing @inaccessible { id: Int }
type Open implements Thing { id: Int }
";

fn answering(data: Value) -> Router {
    router(vec![(
        "only",
        SCHEMA,
        Scripted::always(json!({"data": data})),
    )])
}

async fn error_paths(router: &Router, query: &str) -> (Value, Value) {
    let answer = ask(router, query).await;
    let errors = answer["errors"].as_array().cloned().unwrap_or_default();
    let paths = errors.iter().map(|error| error["path"].clone()).collect();
    (answer["data"].clone(), paths)
}

#[tokio::test]
async fn a_null_goes_up_to_the_nearest_nullable_field_and_is_reported_once() {
    let router = answering(json!({"box": {"id": 1, "inner": {"need": null}}}));
    assert_eq!(
        error_paths(&router, "{ box { id inner { need } } }").await,
        (
            json!({"box": {"id": 1, "inner": null}}),
            json!([["box", "inner", "need"]])
        )
    );
    let answer = ask(&router, "{ box { inner { need } } }").await;
    assert_eq!(answer["errors"][0]["extensions"]["code"], "UNEXPECTED_NULL");
}

#[tokio::test]
async fn a_null_at_the_root_takes_all_data() {
    let router = answering(json!({"strict": null, "box": {"id": 1}}));
    assert_eq!(
        error_paths(&router, "{ box { id } strict { id } }").await,
        (Value::Null, json!([["strict"]]))
    );
}

#[tokio::test]
async fn lists_lose_an_item_or_themselves_as_their_type_says() {
    let boxes = json!([{"id": 1, "need": "x"}, {"id": 2, "need": null}, null]);
    let router = answering(json!({"boxes": boxes, "full": boxes}));
    assert_eq!(
        error_paths(&router, "{ boxes { id need } }").await,
        (
            json!({"boxes": [{"id": 1, "need": "x"}, null, null]}),
            json!([["boxes", 1, "need"]])
        )
    );
    assert_eq!(
        error_paths(&router, "{ full { id need } }").await,
        (json!({"full": null}), json!([["full", 1, "need"]]))
    );
    let router = answering(json!({"box": {"list": [1, null], "lists": [[1], null, [2, null]]}}));
    assert_eq!(
        error_paths(&router, "{ box { list lists } }").await,
        (
            json!({"box": {"list": null, "lists": [[1], null, null]}}),
            json!([["box", "list", 1], ["box", "lists", 2, 1]])
        )
    );
}

#[tokio::test]
async fn a_null_that_a_subgraph_has_explained_is_not_explained_again() {
    let answer = json!({"data": {"box": {"id": 1, "inner": null}},
        "errors": [{"message": "no", "path": ["box", "inner", "need"], "extensions": {"code": "X"}}]});
    let router = router(vec![("only", SCHEMA, Scripted::always(answer))]);
    let answer = ask(&router, "{ box { id inner { need } } }").await;
    assert_eq!(answer["data"], json!({"box": {"id": 1, "inner": null}}));
    assert_eq!(answer["errors"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_clients_cannot_see_is_null_to_them() {
    let hidden = json!({"box": {
        "colour": "GREEN",
        "any": {"__typename": "Secret", "id": 1},
        "thing": {"__typename": "Secret", "id": 2}
    }});
    let router = answering(hidden);
    assert_eq!(
        error_paths(
            &router,
            "{ box { colour any { ... on Box { id } } thing { id } } }"
        )
        .await,
        (
            json!({"box": {"colour": null, "any": null, "thing": null}}),
            json!([["box", "colour"]])
        )
    );
    assert!(!router.public_sdl().contains("Secret") && !router.public_sdl().contains("GREEN"));
}

#[tokio::test]
async fn values_of_the_wrong_shape_are_reported_as_the_subgraphs_fault() {
    let router = answering(json!({"box": 7, "boxes": {"id": 1}}));
    let answer = ask(&router, "{ box { id } boxes { id } }").await;
    assert_eq!(answer["data"], json!({"box": null, "boxes": null}));
    for error in answer["errors"].as_array().unwrap() {
        assert_eq!(error["extensions"]["code"], "SUBGRAPH_BAD_ANSWER");
    }
}
