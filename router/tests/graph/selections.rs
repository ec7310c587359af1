//! What clients select, they get: across subgraphs, in their order, and nothing else.

use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use stockgraph_router::transport::{Subgraph, SubgraphError, SubgraphRequest, SubgraphResponse};

use crate::doubles::{Scripted, ask, ask_with, router};
use crate::shop::shop;

#[tokio::test]
async fn one_query_crosses_three_subgraphs_and_comes_back() {
    let query =
        "{ product(id: 1) { name reviews { body author { name age reviewed { name } } } } }";
    let ada =
        json!({"name": "Ada", "age": 36, "reviewed": [{"name": "Feather"}, {"name": "Lamp"}]});
    let bob =
        json!({"name": "Bob", "age": null, "reviewed": [{"name": "Feather"}, {"name": "Lamp"}]});
    assert_eq!(
        ask(&shop(), query).await,
        json!({"data": {"product": {"name": "Lamp", "reviews": [
            {"body": "bright", "author": ada}, {"body": "dim", "author": bob}]}}})
    );
}

#[tokio::test]
async fn a_field_gets_what_it_requires_of_another_subgraph() {
    assert_eq!(
        ask(&shop(), "{ products { shipping } carriers }").await,
        json!({"data": {"products": [{"shipping": 190}, {"shipping": 4100}, {"shipping": 100}],
            "carriers": ["sea", "air"]}})
    );
}

#[tokio::test]
async fn interfaces_and_unions_are_told_apart_by_their_types() {
    let query = "{
        titled { __typename title ... on Book { pages } ... on Film { minutes } }
        found { ... on Book { title } ... on Product { name shipping } __typename }
    }";
    assert_eq!(
        ask(&shop(), query).await.to_string(),
        json!({"data": {
            "titled": [
                {"__typename": "Book", "title": "Iron", "pages": 90},
                {"__typename": "Film", "title": "Rust", "minutes": 120}],
            "found": [
                {"title": "Iron", "__typename": "Book"},
                {"name": "Anvil", "shipping": 4100, "__typename": "Product"}]}})
        .to_string()
    );
}

#[tokio::test]
async fn a_fragment_on_a_wider_interface_applies_whatever_the_object_is() {
    // Nobody needs to know the object's type, so nobody asks for it.
    let answer = json!({"data": {"narrow": {"id": 1}}});
    let schema = "type Query { narrow: Narrow }
        interface Wide { id: Int }
        interface Narrow implements Wide { id: Int }
        type A implements Wide & Narrow { id: Int }
        type B implements Wide & Narrow { id: Int }
        type C implements Wide { id: Int }";
    let router = router(vec![("only", schema, Scripted::always(answer.clone()))]);
    assert_eq!(
        ask(&router, "{ narrow { ... on Wide { id } } }").await,
        answer
    );
}

#[tokio::test]
async fn lists_of_lists_and_nulls_in_lists_stay_as_they_are() {
    assert_eq!(
        ask(&shop(), "{ product(id: 3) { grid tags } }").await,
        json!({"data": {"product": {"grid": [[1, 2], [], [3]], "tags": ["a", null]}}})
    );
}

#[tokio::test]
async fn fields_come_in_the_order_of_the_operation_with_fragments_in_their_places() {
    let query = "query { b: product(id: 2) { shipping ...N weight n2: name ... { kind } id __typename } a: __typename carriers }
        fragment N on Product { reviews { author { id name } } name }";
    assert_eq!(
        ask(&shop(), query).await.to_string(),
        json!({"data": {
            "b": {"shipping": 4100, "reviews": [{"author": {"id": "a", "name": "Ada"}}], "name": "Anvil",
                "weight": 40000, "n2": "Anvil", "kind": "HEAVY", "id": "2", "__typename": "Product"},
            "a": "Query", "carriers": ["sea", "air"]}})
        .to_string()
    );
}

#[tokio::test]
async fn the_same_field_may_stand_under_several_aliases_with_other_arguments() {
    let query = "{ x: product(id: 1) { name shipping } y: product(id: 2) { name shipping } z: product(id: 9) { name shipping } }";
    assert_eq!(
        ask(&shop(), query).await,
        json!({"data": {"x": {"name": "Lamp", "shipping": 190}, "y": {"name": "Anvil", "shipping": 4100}, "z": null}})
    );
}

#[tokio::test]
async fn skip_and_include_follow_their_variables() {
    let shop = shop();
    let query = "query ($deep: Boolean!, $not: Boolean = true) {
        product(id: 1) { name reviews @include(if: $deep) { author { age } } shipping @skip(if: $not) weight @skip(if: true) }
        ... @include(if: $deep) { carriers }
    }";
    assert_eq!(
        ask_with(&shop, query, json!({"deep": false})).await,
        json!({"data": {"product": {"name": "Lamp"}}})
    );
    assert_eq!(
        ask_with(&shop, query, json!({"deep": true, "not": false})).await,
        json!({"data": {
            "product": {"name": "Lamp", "reviews": [{"author": {"age": 36}}, {"author": {"age": null}}], "shipping": 190},
            "carriers": ["sea", "air"]}})
    );
}

#[tokio::test]
async fn mutations_run_one_after_the_other_in_the_order_of_the_operation() {
    let query =
        "mutation { one: add(number: 1) ten: add(number: 10) again: add(number: 1) __typename }";
    assert_eq!(
        ask(&shop(), query).await.to_string(),
        json!({"data": {"one": 1, "ten": 11, "again": 12, "__typename": "Mutation"}}).to_string()
    );
}

#[tokio::test]
async fn mutations_of_several_subgraphs_keep_the_order_of_the_operation() {
    let log: Arc<Mutex<Vec<String>>> = Arc::default();
    let subgraph = |name: &'static str| {
        let log = Arc::clone(&log);
        Scripted::new(move |asked| {
            log.lock().unwrap().push(format!("{name} {}", asked.query));
            Ok(json!({"data": {"a": 1, "b": 2, "c": 3}}))
        })
    };
    let first = "type Query { x: Int } type Mutation { first: Int }";
    let second = "type Query { y: Int } type Mutation { second: Int }";
    let router = router(vec![
        ("one", first, subgraph("one")),
        ("two", second, subgraph("two")),
    ]);
    let answer = ask(&router, "mutation { a: first b: second c: first }").await;
    assert_eq!(
        answer.to_string(),
        json!({"data": {"a": 1, "b": 2, "c": 3}}).to_string()
    );
    assert_eq!(
        *log.lock().unwrap(),
        [
            "one mutation{a: first}",
            "two mutation{b: second}",
            "one mutation{c: first}"
        ]
    );
}

#[tokio::test]
async fn an_entity_at_many_places_is_fetched_once() {
    let products = json!({"data": {"list": [
        {"__typename": "P", "id": 1}, {"__typename": "P", "id": 2},
        {"__typename": "P", "id": 1}, null, {"__typename": "P", "id": 1}]}});
    let names = Scripted::new(|asked| {
        let representations = asked.variables["representations"]
            .as_array()
            .unwrap()
            .iter();
        let name = |it: &Value| json!({"name": format!("n{}", it["id"])});
        Ok(json!({"data": {"_entities": representations.map(name).collect::<Vec<_>>()}}))
    });
    let router = router(vec![
        (
            "one",
            "type Query { list: [P] } type P @key(fields: \"id\") { id: Int }",
            Scripted::always(products),
        ),
        (
            "two",
            "type P @key(fields: \"id\") { id: Int name: String }",
            names.clone(),
        ),
    ]);
    let n = |name: &str| json!({ "name": name });
    assert_eq!(
        ask(&router, "{ list { name } }").await,
        json!({"data": {"list": [n("n1"), n("n2"), n("n1"), null, n("n1")]}})
    );
    assert_eq!(
        names.asked()[0].variables["representations"],
        json!([{"id": 1, "__typename": "P"}, {"id": 2, "__typename": "P"}])
    );
}

#[tokio::test]
async fn fetches_that_need_nothing_of_each_other_run_at_the_same_time() {
    // Each answers only once both were asked.
    let barrier = Arc::new(tokio::sync::Barrier::new(2));
    struct Waiting(Arc<tokio::sync::Barrier>, &'static str);
    impl Subgraph for Waiting {
        fn execute<'a>(
            &'a self,
            _: SubgraphRequest<'a>,
        ) -> BoxFuture<'a, Result<SubgraphResponse, SubgraphError>> {
            Box::pin(async move {
                self.0.wait().await;
                Ok(SubgraphResponse {
                    data: json!({ self.1: 1 }),
                    ..SubgraphResponse::default()
                })
            })
        }
    }
    let router = router(vec![
        (
            "one",
            "type Query { x: Int }",
            Arc::new(Waiting(Arc::clone(&barrier), "x")),
        ),
        (
            "two",
            "type Query { y: Int }",
            Arc::new(Waiting(barrier, "y")),
        ),
    ]);
    assert_eq!(
        ask(&router, "{ x y }").await,
        json!({"data": {"x": 1, "y": 1}})
    );
}

#[tokio::test]
async fn one_operation_of_several_is_chosen_by_its_name() {
    use stockgraph_router::GraphQLRequest;
    let shop = shop();
    let run = async |name: Option<&str>| {
        let mut request =
            GraphQLRequest::new("query A { carriers } query B { product(id: 1) { name } }");
        request.operation_name = name.map(str::to_owned);
        shop.execute(request, &http::HeaderMap::new())
            .await
            .to_json()
    };
    assert_eq!(
        run(Some("A")).await,
        json!({"data": {"carriers": ["sea", "air"]}})
    );
    assert_eq!(
        run(Some("B")).await,
        json!({"data": {"product": {"name": "Lamp"}}})
    );
    for name in [None, Some("C")] {
        let answer = run(name).await;
        assert_eq!(
            answer["errors"][0]["extensions"]["code"],
            "OPERATION_RESOLUTION_FAILURE"
        );
        assert_eq!(answer.get("data"), None);
    }
}

#[tokio::test]
async fn fields_of_the_specifications_own_names_are_there_where_it_has_them_and_nowhere_else() {
    let double = Scripted::always(json!({"data": {"a": {"b": 1}}}));
    let router = router(vec![(
        "only",
        "type Query { a: A } type A { b: Int }",
        double,
    )]);
    for query in [
        "{ __x }",
        "{ a { __x } }",
        "{ a { __schema { queryType { name } } } }",
        "{ a { ...F } } fragment F on A { __type(name: \"A\") { name } }",
        "{ a { ... on A { __ } } }",
    ] {
        let answer = ask(&router, query).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        assert_eq!(code, "GRAPHQL_VALIDATION_FAILED", "{query}: {answer}");
    }
    let query = "{ ...F a { __typename b } } fragment F on Query { __schema { queryType { name } } __typename }";
    let answer = ask(&router, query).await;
    assert_eq!(answer.get("errors"), None, "{answer}");
}
