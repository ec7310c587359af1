//! Operations made to hurt are refused quickly, before they are validated or planned.

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use stockgraph_router::RouterOptions;

use crate::doubles::{Scripted, ask, ask_with, compose, router};

const SCHEMA: &str = "type Query { node: Node a: Int list(of: [Int] text: String input: In): Int } input In { in: In n: Int } type Node { node: Node nodes: [Node] a: Int b: Int }";

async fn refusal(query: &str) -> String {
    refusal_with(query, json!({})).await
}

async fn refusal_with(query: &str, variables: Value) -> String {
    let router = router(vec![("only", SCHEMA, Scripted::down())]);
    let start = Instant::now();
    let answer = ask_with(&router, query, variables).await;
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
    for depth in [31, 60, 4_000, 10_000] {
        let query = format!("{}a{}", "{ node ".repeat(depth), "}".repeat(depth));
        assert_eq!(
            refusal(&query.replacen("{ node a", "{ a", 1)).await,
            "DEPTH_LIMIT_EXCEEDED",
            "{depth}"
        );
    }
    let list = format!("{{ a(x: {}{}) }}", "[".repeat(30_000), "]".repeat(30_000));
    assert_eq!(refusal(&list).await, "INPUT_DEPTH_LIMIT_EXCEEDED");
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
    assert_eq!(refusal(&query).await, "ALIASES_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn a_wide_operation_is_refused_by_what_it_has_too_much_of() {
    let repeated = |n: usize, part: &str| format!("{{ node {{ {} }} }}", part.repeat(n));
    let aliases: String = (0..1_000).map(|i| format!("a{i}:a ")).collect();
    let fragments: String = (0..501)
        .map(|i| format!("fragment F{i} on Node {{ a }} "))
        .collect();
    let spreads = format!(
        "{{ node {{ ...A }} }} fragment A on Node {{ {} }} fragment B on Node {{ {} }}",
        "...B ".repeat(100),
        "a b ".repeat(50)
    );
    let variables: String = (0..201).map(|i| format!("$v{i}: Int ")).collect();
    let items = "1,".repeat(1_001);
    let text = "x".repeat(65_537);
    let deep = format!("{}1{}", "{in:".repeat(21), "}".repeat(21));
    for (query, code) in [
        (repeated(20_000, "a "), "TOKENS"),
        (repeated(1, &"a ,".repeat(50_000)), "DOCUMENT_BYTES"),
        (format!("{{ node {{ {aliases} }} }}"), "ALIASES"),
        (format!("{{ {} }}", "a ".repeat(201)), "ROOT_FIELDS"),
        (
            repeated(1, &format!("a {}", "@skip(if:false) ".repeat(501))),
            "DIRECTIVES",
        ),
        (format!("{{ a {} }}", "@x ".repeat(4_900)), "DIRECTIVES"),
        (spreads, "FIELDS"),
        (format!("{{ a }} {fragments}"), "FRAGMENTS"),
        (repeated(4_000, "a "), "COMPARISONS"),
        (
            repeated(60, &format!("node {{ {} }} ", "a ".repeat(60))),
            "COMPARISONS",
        ),
        (format!("query ({variables}) {{ a }}"), "VARIABLES"),
        (format!("{{ list(of: [{items}]) }}"), "LIST_ITEMS"),
        (format!("{{ list(text: \"{text}\") }}"), "STRING_BYTES"),
        (format!("{{ list(input: {deep}) }}"), "INPUT_DEPTH"),
    ] {
        assert_eq!(
            refusal(&query).await,
            format!("{code}_LIMIT_EXCEEDED"),
            "{query:.80}"
        );
    }
}

#[tokio::test]
async fn large_variables_are_refused_by_what_they_have_too_much_of() {
    let query =
        "query ($of: [Int], $text: String, $in: In) { list(of: $of, text: $text, input: $in) }";
    let deep = (0..21).fold(json!(1), |inner, _| json!({"in": inner}));
    let lists: Vec<Vec<u32>> = vec![vec![1; 1_000]; 11];
    let many: serde_json::Map<String, Value> =
        (0..201).map(|i| (format!("v{i}"), json!(1))).collect();
    for (variables, code) in [
        (json!({"of": vec![1; 1_001]}), "LIST_ITEMS"),
        (json!({"text": "x".repeat(65_537)}), "STRING_BYTES"),
        (json!({"in": deep}), "INPUT_DEPTH"),
        (json!({"undeclared": lists}), "INPUT_VALUES"),
        (Value::Object(many), "VARIABLES"),
    ] {
        let refusal = refusal_with(query, variables).await;
        assert_eq!(refusal, format!("{code}_LIMIT_EXCEEDED"));
    }
}

#[tokio::test]
async fn a_refusal_tells_the_limit_and_what_was_found() {
    let router = router(vec![("only", SCHEMA, Scripted::down())]);
    let answer = ask(&router, &format!("{{ {} }}", "a ".repeat(201))).await;
    assert_eq!(
        answer["errors"][0]["extensions"],
        json!({"code": "ROOT_FIELDS_LIMIT_EXCEEDED", "limit": "root_fields", "maximum": 200, "actual": 201})
    );
}

#[tokio::test]
async fn what_the_limits_allow_is_answered_quickly() {
    let mut node: serde_json::Map<String, Value> =
        (0..450).map(|i| (format!("a{i}"), json!(1))).collect();
    node.insert("a".to_owned(), json!(1));
    let double = Scripted::always(json!({"data": {"a": 1, "node": node}}));
    let router = router(vec![("only", SCHEMA, double)]);
    let start = Instant::now();
    let wide: String = (0..450).map(|i| format!("a{i}:a ")).collect();
    for query in [
        format!("{{ node {{ {} }} }}", "a ".repeat(300)),
        format!(
            "{{ {} }}",
            format!("node {{ {} }}", "a ".repeat(15)).repeat(15)
        ),
        format!("{{ node {{ a {wide} }} }}"),
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
    assert_eq!(refusal(query).await, "INTROSPECTION_LIMIT_EXCEEDED");
}

#[tokio::test]
async fn interfaces_inside_interfaces_do_not_multiply() {
    let mut schema = String::from(
        "type Query { node: Node } interface Node { id: ID node: Node any: Any } union Any = T0",
    );
    for i in 1..12 {
        schema += &format!(" | T{i}");
    }
    for i in 0..12 {
        schema +=
            &format!(" type T{i} implements Node {{ id: ID node: Node any: Any own{i}: Int }}");
    }
    let router = router(vec![("only", &schema, Scripted::down())]);
    let start = Instant::now();
    let plain = format!("{}id{}", "{ node ".repeat(25), "}".repeat(25));
    let own = format!(
        "{}{{ id ... on T1 {{ own1 }} ... on T2 {{ own2 }} }}{}",
        "{ node ".repeat(12),
        "}".repeat(12)
    );
    let all = format!(
        "{}{{ ... on Node {{ id }} }}{}",
        "{ ... on Node { any ".repeat(12),
        "} }".repeat(12)
    );
    let all = format!("{{ node {all} }}");
    let each = format!(
        "{}{{ id }}{}",
        "{ node { ... on T1 { own1 } ... on T2 { own2 } any { ... on Node ".repeat(6),
        "} } }".repeat(6)
    );
    for query in [plain.replacen("{ node id", "{ id", 1), own, all, each] {
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

/// The objects' fields are never null while the interface's may be, so each object has to be asked for by itself.
#[tokio::test]
async fn objects_inside_objects_that_do_multiply_are_refused() {
    let mut schema = String::from("type Query { node: Node } interface Node { node: Node }");
    for i in 0..12 {
        schema += &format!(" type T{i} implements Node {{ node: Node! }}");
    }
    let options = RouterOptions {
        planning_timeout: Duration::from_secs(600),
        ..RouterOptions::default()
    };
    let router = compose(vec![("only", &schema, Scripted::down())], options).unwrap();
    let query = |depth| {
        format!(
            "{}{{ __typename }}{}",
            "{ node ".repeat(depth),
            "}".repeat(depth)
        )
    };
    let few = ask(&router, &query(3)).await;
    assert_eq!(
        few["errors"][0]["extensions"]["code"],
        "SUBGRAPH_UNAVAILABLE"
    );
    let many = ask(&router, &query(12)).await;
    let error = &many["errors"][0];
    assert_eq!(error["extensions"]["code"], "OPERATION_TOO_LARGE");
    assert_eq!(
        error["message"],
        "the operation is too large: it takes more than 20000 fields of subgraphs"
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
    let aliases: String = (0..490).map(|i| format!(" a{i}: description")).collect();
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
