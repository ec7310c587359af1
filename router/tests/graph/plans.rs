//! What is fetched from whom, for a person to read.

use std::sync::Arc;
use stockgraph_router::GraphQLRequest;

use crate::shop::shop;

async fn plan(query: &str) -> String {
    let operation = shop().prepare(&GraphQLRequest::new(query)).await;
    match operation {
        Ok(operation) => operation.plan_text().unwrap_or_default(),
        Err(errors) => panic!("{errors:?}"),
    }
}

#[tokio::test]
async fn a_query_across_subgraphs() {
    insta::assert_snapshot!(
        plan("{ product(id: 1) { name reviews { body author { name age } } shipping } carriers }")
            .await
    );
}

#[tokio::test]
async fn a_provided_field_needs_no_fetch_of_its_own() {
    insta::assert_snapshot!(plan("{ latestReview { author { name } } }").await);
}

#[tokio::test]
async fn mutations_of_one_subgraph_are_sent_together() {
    insta::assert_snapshot!(plan("mutation { a: add(number: 1) b: add(number: 2) }").await);
}

#[tokio::test]
async fn what_the_router_knows_itself_needs_no_plan() {
    assert_eq!(
        plan("{ __typename __schema { queryType { name } } }").await,
        ""
    );
}

#[tokio::test]
async fn an_operation_is_planned_once_and_operations_of_one_document_apart() {
    let shop = shop();
    let prepare = async |name: &str| {
        let request = GraphQLRequest::new("query A { carriers } query B { products { name } }");
        shop.prepare(&request.operation_name(name)).await.unwrap()
    };
    let first = prepare("A").await;
    assert!(Arc::ptr_eq(&first, &prepare("A").await));
    let other = prepare("B").await;
    assert_ne!(first.plan_text(), other.plan_text());
}
