//! `@authenticated`, `@requiresScopes` and `@policy`: every subgraph's demand holds.

use insta::assert_snapshot;
use stockgraph_router::composition::Code;

use crate::support::{assert_error, composed, definition};

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

#[test]
fn who_sees_a_field_may_see_what_it_requires() {
    let owner = |on_type: &str, on_field: &str| {
        format!(
            r#"type Query {{ item: Item }} type Item @key(fields: "id") {{ id: ID! maker: Maker }}
            type Maker @key(fields: "id") {on_type} {{ id: ID! name: String {on_field} }}"#
        )
    };
    let requiring = |on_type: &str, on_field: &str| {
        format!(
            r#"type Item @key(fields: "id") {on_type} {{ id: ID! maker: Maker @external label: String {on_field} @requires(fields: "maker {{ name }}") }}
            type Maker @key(fields: "id") {{ id: ID! name: String @external }}"#
        )
    };
    let fails = |owner: &str, requiring: &str, unseen: &str| {
        assert_error(
            &[("a", owner), ("b", requiring)],
            Code::MissingTransitiveAuthRequirements,
            &["b"],
            "Item.label",
            &format!(
                "The field requires `{unseen}`, which not everybody may see who may see the field."
            ),
        );
    };
    let passes = |owner: &str, requiring: &str| {
        composed(&[("a", owner), ("b", requiring)]);
    };
    let signed_in = owner("", "@authenticated");
    fails(&signed_in, &requiring("", ""), "Maker.name");
    passes(&signed_in, &requiring("", "@authenticated"));
    passes(&signed_in, &requiring("@authenticated", ""));
    let of_type = owner(r#"@policy(policies: [["p"]])"#, "");
    fails(&of_type, &requiring("", "@authenticated"), "Item.maker");
    passes(
        &of_type,
        &requiring("", r#"@policy(policies: [["p", "q"]])"#),
    );
    let scoped = owner("", r#"@requiresScopes(scopes: [["read"], ["admin"]])"#);
    fails(
        &scoped,
        &requiring("", r#"@requiresScopes(scopes: [["read"], ["list"]])"#),
        "Maker.name",
    );
    passes(
        &scoped,
        &requiring("", r#"@requiresScopes(scopes: [["admin"]])"#),
    );
    passes(
        &scoped,
        &requiring(
            r#"@requiresScopes(scopes: [["list"], ["admin"]])"#,
            r#"@requiresScopes(scopes: [["read"]])"#,
        ),
    );
}

#[test]
fn who_sees_a_field_may_see_it_required_of_every_object() {
    let sdl = |demand: &str| {
        format!(
            r#"type Query {{ item: Item }} type Item @key(fields: "id") {{ id: ID! maker: Maker }} interface Maker {{ land: String }}
            type Person implements Maker @key(fields: "id") {{ id: ID! land: String {demand} }}
            type Firm implements Maker @key(fields: "id") {{ id: ID! land: String }}"#
        )
    };
    let requiring = |demand: &str| {
        format!(
            r#"type Item @key(fields: "id") {{ id: ID! maker: Maker @external label: String {demand} @requires(fields: "maker {{ land }}") }}
            interface Maker {{ land: String }} type Person implements Maker @key(fields: "id") {{ id: ID! land: String @external }}"#
        )
    };
    assert_error(
        &[("a", &sdl("@authenticated")), ("b", &requiring(""))],
        Code::MissingTransitiveAuthRequirements,
        &["b"],
        "Item.label",
        "The field requires `Person.land`, which not everybody may see who may see the field.",
    );
    composed(&[
        ("a", &sdl("@authenticated")),
        ("b", &requiring("@authenticated")),
    ]);
    composed(&[("a", &sdl("")), ("b", &requiring(""))]);
}
