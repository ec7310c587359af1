//! `@authenticated`, `@requiresScopes` and `@policy`: every subgraph's demand holds.

use insta::assert_snapshot;

use crate::support::{composed, definition};

fn query(a: &str, b: &str) -> String {
    let (a, b) = (
        format!("type Query {{ q: Int @shareable {a} }}"),
        format!("type Query {{ q: Int @shareable {b} }}"),
    );
    definition(&composed(&[("a", &a), ("b", &b)]).sdl, "Query")
}

#[test]
fn one_subgraphs_demand_is_enough() {
    assert_snapshot!(query("@authenticated", r#"@requiresScopes(scopes: [["read", "list"], ["admin"]])"#), @r#"
    type Query
      @join__type(graph: A)
      @join__type(graph: B)
    {
      q: Int @authenticated @requiresScopes(scopes: [["read", "list"], ["admin"]])
    }
    "#);
}

#[test]
fn the_same_demand_twice_is_one() {
    let demand = r#"@requiresScopes(scopes: [["read"], ["admin"]])"#;
    assert_snapshot!(query(demand, demand), @r#"
    type Query
      @join__type(graph: A)
      @join__type(graph: B)
    {
      q: Int @requiresScopes(scopes: [["read"], ["admin"]])
    }
    "#);
}

#[test]
fn different_demands_must_both_be_met() {
    assert_snapshot!(
        query(r#"@requiresScopes(scopes: [["a"], ["b"]])"#, r#"@requiresScopes(scopes: [["c"], ["a", "d"]])"#),
        @r#"
    type Query
      @join__type(graph: A)
      @join__type(graph: B)
    {
      q: Int @requiresScopes(scopes: [["a", "c"], ["a", "d"], ["b", "c"]])
    }
    "#
    );
}

#[test]
fn policies_are_merged_like_scopes() {
    assert_snapshot!(query(r#"@policy(policies: [["a"]])"#, r#"@policy(policies: [["b"]])"#), @r#"
    type Query
      @join__type(graph: A)
      @join__type(graph: B)
    {
      q: Int @policy(policies: [["a", "b"]])
    }
    "#);
}

#[test]
fn the_specifications_are_linked_for_security() {
    let sdl = composed(&[(
        "a",
        r#"type Query { q: Int @authenticated r: Int @requiresScopes(scopes: [["x"]]) s: Int @policy(policies: [["y"]]) }"#,
    )])
    .sdl;
    assert_snapshot!(sdl.split("\n\n").next().unwrap_or_default(), @r#"
    schema
      @link(url: "https://specs.apollo.dev/link/v1.0")
      @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)
      @link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)
      @link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)
      @link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)
    {
      query: Query
    }
    "#);
}
