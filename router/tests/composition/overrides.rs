//! `@override`: a field moves from one subgraph to another.

use hive_router_query_planner::graph::PlannerOverrideContext;
use insta::assert_snapshot;

use crate::support::{composed, definition, plan, plan_for};

const SOURCE: &str =
    r#"type Query { product: Product } type Product @key(fields: "id") { id: ID! price: Int }"#;

#[test]
fn an_overridden_field_is_no_longer_asked_of_its_old_subgraph() {
    let sdl = composed(&[
        ("a", SOURCE),
        (
            "b",
            r#"type Product @key(fields: "id") { id: ID! price: Int @override(from: "a") }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: A, key: "id")
      @join__type(graph: B, key: "id")
    {
      id: ID!
      price: Int @join__field(graph: B, override: "a")
    }
    "#);
    assert_snapshot!(plan(&sdl, "{ product { price } }"), @r#"
    QueryPlan {
      Sequence {
        Fetch(service: "a") {
          {
            product {
              __typename
              id
            }
          }
        },
        Flatten(path: "product") {
          Fetch(service: "b") {
            {
              ... on Product {
                __typename
                id
              }
            } =>
            {
              ... on Product {
                price
              }
            }
          },
        },
      },
    },
    "#);
}

#[test]
fn an_overridden_field_that_its_old_subgraph_still_uses_is_marked() {
    let sdl = composed(&[
        (
            "a",
            r#"type Query { product: Product }
            type Product @key(fields: "id") @key(fields: "sku") { id: ID! sku: String! }"#,
        ),
        (
            "b",
            r#"type Product @key(fields: "id") { id: ID! sku: String! @override(from: "a") }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: A, key: "id")
      @join__type(graph: A, key: "sku")
      @join__type(graph: B, key: "id")
    {
      id: ID!
      sku: String! @join__field(graph: A, usedOverridden: true) @join__field(graph: B, override: "a")
    }
    "#);
}

#[test]
fn with_a_label_both_subgraphs_keep_the_field_and_the_label_decides() {
    let sdl = composed(&[
        ("a", SOURCE),
        ("b", r#"type Product @key(fields: "id") { id: ID! price: Int @override(from: "a", label: "percent(12.5)") }"#),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: A, key: "id")
      @join__type(graph: B, key: "id")
    {
      id: ID!
      price: Int
        @join__field(graph: A, overrideLabel: "percent(12.5)")
        @join__field(graph: B, override: "a", overrideLabel: "percent(12.5)")
    }
    "#);
    let asks_b = |percentage| {
        plan_for(
            &sdl,
            "{ product { price } }",
            PlannerOverrideContext::from_percentage(percentage),
        )
        .contains(r#"Fetch(service: "b")"#)
    };
    assert!(asks_b(12.0));
    assert!(!asks_b(13.0));
}

#[test]
fn a_label_may_be_a_name() {
    let sdl = composed(&[
        ("a", SOURCE),
        ("b", r#"type Product @key(fields: "id") { id: ID! price: Int @override(from: "a", label: "new-prices") }"#),
    ])
    .sdl;
    let asks_b = |flag: &str| {
        plan_for(
            &sdl,
            "{ product { price } }",
            PlannerOverrideContext::from_flag(flag.to_owned()),
        )
        .contains(r#"Fetch(service: "b")"#)
    };
    assert!(asks_b("new-prices"));
    assert!(!asks_b("other"));
}

#[test]
fn an_override_from_nowhere_leaves_the_field_where_it_is() {
    let sdl = composed(&[
        ("a", "type Query { a: Int }"),
        (
            "b",
            r#"type Query { b: Int @override(from: "gone", label: "percent(1)") }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Query"), @r#"
    type Query
      @join__type(graph: A)
      @join__type(graph: B)
    {
      a: Int @join__field(graph: A)
      b: Int @join__field(graph: B, override: "gone")
    }
    "#);
    assert_snapshot!(plan(&sdl, "{ b }"), @r#"
    QueryPlan {
      Fetch(service: "b") {
        {
          b
        }
      },
    },
    "#);
}
