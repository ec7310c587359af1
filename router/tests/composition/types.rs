//! Objects, interfaces, unions and scalars that several subgraphs define.

use insta::assert_snapshot;

use crate::support::{composed, definition};

#[test]
fn fields_of_different_subgraphs_come_together_in_the_order_of_the_subgraphs() {
    let sdl = composed(&[
        (
            "b",
            r#"type Query { b: Item } type Item @key(fields: "id") { id: ID! size: Int }"#,
        ),
        (
            "a",
            r#"type Query { a: Item } type Item @key(fields: "id") { id: ID! name: String }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Item"), @r#"
    type Item
      @join__type(graph: A, key: "id")
      @join__type(graph: B, key: "id")
    {
      id: ID!
      name: String @join__field(graph: A)
      size: Int @join__field(graph: B)
    }
    "#);
}

#[test]
fn a_field_is_nullable_if_it_is_anywhere() {
    let sdl = composed(&[
        (
            "a",
            "type Query { a: Item } type Item @shareable { names: [String!]! }",
        ),
        (
            "b",
            "type Query { b: Item } type Item @shareable { names: [String] }",
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Item"), @r#"
    type Item
      @join__type(graph: A)
      @join__type(graph: B)
    {
      names: [String] @join__field(graph: A, type: "[String!]!") @join__field(graph: B, type: "[String]")
    }
    "#);
}

#[test]
fn a_field_of_an_object_here_and_of_its_interface_there_is_of_the_interface() {
    let shared = "interface Node { id: ID! } type Item implements Node @shareable { id: ID! }";
    let sdl = composed(&[
        (
            "a",
            &format!("type Query {{ node: Item @shareable }} {shared}"),
        ),
        (
            "b",
            &format!("type Query {{ node: Node @shareable }} {shared}"),
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Query"), @r#"
    type Query
      @join__type(graph: A)
      @join__type(graph: B)
    {
      node: Node @join__field(graph: A, type: "Item") @join__field(graph: B, type: "Node")
    }
    "#);
}

#[test]
fn an_interface_has_the_fields_of_all_and_each_subgraph_its_implementations() {
    let sdl = composed(&[
        (
            "a",
            r#"type Query { node: Node } interface Node { id: ID! }
            type Item implements Node @key(fields: "id") { id: ID! name: String }"#,
        ),
        (
            "b",
            r#"type Query { thing: Named } interface Named { name: String } interface Node implements Named { id: ID! name: String }
            type Item implements Node & Named @key(fields: "id") { id: ID! name: String @override(from: "a") }
            type Other implements Node & Named { id: ID! name: String }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Node"), @r#"
    interface Node implements Named
      @join__type(graph: A)
      @join__type(graph: B)
      @join__implements(graph: B, interface: "Named")
    {
      id: ID!
      name: String @join__field(graph: B)
    }
    "#);
    assert_snapshot!(definition(&sdl, "Item"), @r#"
    type Item implements Node & Named
      @join__type(graph: A, key: "id")
      @join__type(graph: B, key: "id")
      @join__implements(graph: A, interface: "Node")
      @join__implements(graph: B, interface: "Node")
      @join__implements(graph: B, interface: "Named")
    {
      id: ID!
      name: String @join__field(graph: B, override: "a")
    }
    "#);
}

#[test]
fn a_union_has_the_members_of_all() {
    let sdl = composed(&[
        ("a", "type Query { a: Hit } union Hit = One | Two type One { a: Int } type Two @shareable { b: Int }"),
        ("b", "type Query { b: Hit } union Hit = Two | Three type Two @shareable { b: Int } type Three { c: Int }"),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Hit"), @r#"
    union Hit
      @join__type(graph: A)
      @join__type(graph: B)
      @join__unionMember(graph: A, member: "One")
      @join__unionMember(graph: A, member: "Two")
      @join__unionMember(graph: B, member: "Two")
      @join__unionMember(graph: B, member: "Three")
      = One | Two | Three
    "#);
}

#[test]
fn a_scalar_keeps_its_specification() {
    let sdl = composed(&[
        ("a", r#"type Query { a: Instant } scalar Instant @specifiedBy(url: "https://www.rfc-editor.org/rfc/rfc3339")"#),
        ("b", "type Query { b: Instant } scalar Instant"),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Instant"), @r#"
    scalar Instant
      @join__type(graph: A)
      @join__type(graph: B)
      @specifiedBy(url: "https://www.rfc-editor.org/rfc/rfc3339")
    "#);
}

#[test]
fn the_roots_may_have_other_names_in_a_subgraph() {
    let sdl = composed(&[
        ("a", "schema { query: Root mutation: Writes } type Root { a: Int self: Root } type Writes { write: Int }"),
        ("b", "type Query { b: Int } type Subscription { changed: Int }"),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Query"), @r#"
    type Query
      @join__type(graph: A)
      @join__type(graph: B)
    {
      a: Int @join__field(graph: A)
      self: Query @join__field(graph: A)
      b: Int @join__field(graph: B)
    }
    "#);
    assert!(
        sdl.contains("{\n  query: Query\n  mutation: Mutation\n  subscription: Subscription\n}")
    );
}

#[test]
fn the_machinery_of_a_subgraph_is_left_out() {
    let sdl = composed(&[(
        "a",
        "type Query { a: Int _service: _Service! _entities(representations: [_Any!]!): [_Entity]! }
        scalar _Any scalar federation__FieldSet union _Entity = Item type _Service { sdl: String } type Item { a: Int }
        directive @key(fields: federation__FieldSet!) repeatable on OBJECT",
    )])
    .sdl;
    for machinery in [
        "_Any",
        "_Entity",
        "_Service",
        "_entities",
        "_service",
        "federation__",
        "@key",
    ] {
        assert!(!sdl.contains(machinery), "{machinery} in:\n{sdl}");
    }
}

#[test]
fn two_names_that_look_alike_get_two_graphs() {
    let sdl = composed(&[
        ("a-b", "type Query { one: Int }"),
        ("a_b", "type Query { two: Int }"),
        ("1st", "type Query { three: Int }"),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "join__Graph"), @r#"
    enum join__Graph {
      _1ST @join__graph(name: "1st", url: "http://subgraph.test")
      A_B @join__graph(name: "a-b", url: "http://subgraph.test")
      A_B_1 @join__graph(name: "a_b", url: "http://subgraph.test")
    }
    "#);
}
