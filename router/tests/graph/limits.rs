//! Operations made to hurt are refused quickly, before they are validated or planned.

use serde_json::json;
use std::time::{Duration, Instant};

use crate::doubles::{Scripted, ask, router};

const SCHEMA: &str =
    "type Query { node: Node a: Int } type Node { node: Node nodes: [Node] a: Int b: Int }";

async fn refusal(query: &str) -> String {
    let router = router(vec![("only", SCHEMA, Scripted::down())]);
    let start = Instant::now();
    let answer = ask(&router, query).await;
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "took {:?}",
        start.elapsed()
    );
    assert_eq!(answer.get("data"), None, "{answer}");
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn a_deep_operation_is_refused() {
    for depth in [31, 60, 10_000, 200_000] {
        let query = format!("{}a{}", "{ node ".repeat(depth), "}".repeat(depth));
        assert_eq!(
            refusal(&query.replacen("{ node a", "{ a", 1)).await,
            "OPERATION_TOO_LARGE",
            "{depth}"
        );
    }
    let list = format!("{{ a(x: {}{}) }}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(refusal(&list).await, "OPERATION_TOO_LARGE");
}

#[tokio::test]
async fn a_fragment_bomb_is_refused() {
    let mut query = String::from("{ node { ...F0 } }");
    for i in 0..25 {
        let next = i + 1;
        query += &format!(
            " fragment F{i} on Node {{ x: node {{ ...F{next} }} y: node {{ ...F{next} }} }}"
        );
    }
    query += " fragment F25 on Node { a }";
    assert_eq!(refusal(&query).await, "OPERATION_TOO_LARGE");
}

#[tokio::test]
async fn a_wide_operation_is_refused() {
    let many = format!("{{ {} }}", "a ".repeat(20_000));
    assert_eq!(refusal(&many).await, "OPERATION_TOO_LARGE");
    let aliases: String = (0..5_001).map(|i| format!("a{i}:a ")).collect();
    assert_eq!(
        refusal(&format!("{{ {aliases} }}")).await,
        "OPERATION_TOO_LARGE"
    );
}

#[tokio::test]
async fn the_same_fields_again_and_again_are_refused() {
    let flat = format!("{{ {} }}", "a ".repeat(4_000));
    assert_eq!(refusal(&flat).await, "OPERATION_TOO_LARGE");
    let nested = format!(
        "{{ {} }}",
        format!("node {{ {} }}", "a ".repeat(60)).repeat(60)
    );
    assert_eq!(refusal(&nested).await, "OPERATION_TOO_LARGE");
}

#[tokio::test]
async fn what_the_limits_allow_is_answered_quickly() {
    let double = Scripted::always(json!({"data": {"a": 1, "node": {"a": 1}}}));
    let router = router(vec![("only", SCHEMA, double)]);
    let start = Instant::now();
    let wide: String = (0..2_000).map(|i| format!("a{i}:a ")).collect();
    for query in [
        format!("{{ {} }}", "a ".repeat(300)),
        format!(
            "{{ {} }}",
            format!("node {{ {} }}", "a ".repeat(15)).repeat(15)
        ),
        format!("{{ a {wide} }}"),
    ] {
        let answer = ask(&router, &query).await;
        assert_eq!(answer.get("errors"), None);
    }
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "took {:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn circles_of_fragments_are_refused() {
    let query = "{ node { ...A } } fragment A on Node { node { ...B } } fragment B on Node { node { ...A } }";
    assert_eq!(refusal(query).await, "GRAPHQL_VALIDATION_FAILED");
}

#[tokio::test]
async fn introspection_that_goes_in_circles_is_refused() {
    let query =
        "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }";
    assert_eq!(refusal(query).await, "OPERATION_TOO_LARGE");
}

#[tokio::test]
async fn interfaces_inside_interfaces_do_not_multiply() {
    let mut schema = String::from("type Query { node: Node } interface Node { id: ID node: Node }");
    for i in 0..12 {
        schema += &format!(" type T{i} implements Node {{ id: ID node: Node own{i}: Int }}");
    }
    let router = router(vec![("only", &schema, Scripted::down())]);
    let start = Instant::now();
    let plain = format!("{}id{}", "{ node ".repeat(25), "}".repeat(25));
    let own = format!(
        "{}{{ id ... on T1 {{ own1 }} ... on T2 {{ own2 }} }}{}",
        "{ node ".repeat(12),
        "}".repeat(12)
    );
    for query in [plain.replacen("{ node id", "{ id", 1), own] {
        let answer = ask(&router, &query).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"],
            "SUBGRAPH_UNAVAILABLE"
        );
    }
    assert!(
        start.elapsed() < Duration::from_secs(20),
        "took {:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn introspection_that_says_the_same_thing_many_times_is_refused() {
    let mut schema = String::from("type Query { a: Int }");
    for i in 0..60 {
        let fields: String = (0..20).map(|f| format!(" f{f}: T{i}")).collect();
        schema += &format!(" type T{i} {{ {fields} }}");
    }
    let router = router(vec![("only", &schema, Scripted::down())]);
    let aliases: String = (0..1_000).map(|i| format!(" a{i}: description")).collect();
    let query =
        format!("{{ __schema {{ types {{ fields {{ type {{ fields {{ {aliases} }} }} }} }} }} }}");
    let start = Instant::now();
    let answer = ask(&router, &query).await;
    assert_eq!(answer["data"], json!(null));
    let code = &answer["errors"][0]["extensions"]["code"];
    assert_eq!(code, "OPERATION_TOO_LARGE");
    assert!(
        start.elapsed() < Duration::from_secs(5),
        "took {:?}",
        start.elapsed()
    );
}
