//! Descriptions, deprecations, tags, hidden parts and costs.

use insta::assert_snapshot;
use stockgraph_router::composition::api_schema;

use crate::support::{composed, definition};

#[test]
fn the_description_that_most_give_is_kept() {
    let sdl = composed(&[
        (
            "a",
            r#"type Query { a: Int } "First." type Item @shareable { id: ID! }"#,
        ),
        (
            "b",
            r#"type Query { b: Int } "Second." type Item @shareable { "Opaque." id: ID! }"#,
        ),
        (
            "c",
            r#"type Query { c: Int } "Second." type Item @shareable { id: ID! }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Item"), @r#"
    """Second."""
    type Item
      @join__type(graph: A)
      @join__type(graph: B)
      @join__type(graph: C)
    {
      """Opaque."""
      id: ID!
    }
    "#);
}

#[test]
fn descriptions_survive_whatever_they_hold() {
    let sdl = composed(&[(
        "a",
        r#"
        type Query {
          """
          Two lines,
            the second indented, with \""" inside.
          """
          a(
            "Ends in a \"quote\""
            b: Int
          ): Int
          " leading space"
          c: Int
          "back\\slash\\"
          d: Int
        }"#,
    )])
    .sdl;
    assert_snapshot!(definition(&sdl, "Query"), @r#"
    type Query
      @join__type(graph: A)
    {
      """
      Two lines,
        the second indented, with \""" inside.
      """
      a(
        """
        Ends in a "quote"
        """
        b: Int
      ): Int
      " leading space"
      c: Int
      """
      back\slash\
      """
      d: Int
    }
    "#);
    let again = composed(&[("a", api_schema(&sdl).expect("a supergraph").as_str())]).sdl;
    assert_eq!(sdl, again);
}

#[test]
fn deprecations_are_kept_with_their_reasons() {
    let sdl = composed(&[
        (
            "a",
            r#"type Query { old: Int @deprecated(reason: "Use `new`.") older(by: Int @deprecated): Int @deprecated state: State }
            enum State { ON OFF @deprecated(reason: "It is always on.") }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Query"), @r#"
    type Query
      @join__type(graph: A)
    {
      old: Int @deprecated(reason: "Use `new`.")
      older(by: Int @deprecated): Int @deprecated
      state: State
    }
    "#);
    assert_snapshot!(definition(&sdl, "State"), @r#"
    enum State
      @join__type(graph: A)
    {
      ON @join__enumValue(graph: A)
      OFF @join__enumValue(graph: A) @deprecated(reason: "It is always on.")
    }
    "#);
}

#[test]
fn tags_of_all_subgraphs_are_kept_once_each() {
    let sdl = composed(&[
        ("a", r#"type Query { a: Item } type Item @shareable @tag(name: "public") { id: ID! @tag(name: "b") @tag(name: "a") }"#),
        ("b", r#"type Query { b: Item } type Item @shareable { id: ID! @tag(name: "a") @tag(name: "c") }"#),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Item"), @r#"
    type Item
      @join__type(graph: A)
      @join__type(graph: B)
      @tag(name: "public")
    {
      id: ID! @tag(name: "a") @tag(name: "b") @tag(name: "c")
    }
    "#);
    assert!(sdl.contains(r#"@link(url: "https://specs.apollo.dev/tag/v0.3")"#));
}

const HIDING: &[(&str, &str)] = &[
    (
        "a",
        r#"type Query { item: Item hidden: Secret @inaccessible find(by: String, trace: Boolean @inaccessible): Hit }
        type Item implements Named & Traced @shareable { name: String trace: String }
        interface Named { name: String }
        interface Traced @inaccessible { trace: String }
        type Secret @inaccessible { a: Int }
        union Hit = Item | Secret
        enum State { ON OFF @inaccessible }
        input Filter { state: State note: String @inaccessible }"#,
    ),
    (
        "b",
        "type Query { b: Item } type Item @shareable { name: String trace: String @inaccessible }",
    ),
];

#[test]
fn what_one_subgraph_hides_is_hidden() {
    let sdl = composed(HIDING).sdl;
    assert_snapshot!(definition(&sdl, "Item"), @r#"
    type Item implements Named & Traced
      @join__type(graph: A)
      @join__type(graph: B)
      @join__implements(graph: A, interface: "Named")
      @join__implements(graph: A, interface: "Traced")
    {
      name: String
      trace: String @inaccessible
    }
    "#);
    assert!(
        sdl.contains(r#"@link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)"#)
    );
}

#[test]
fn clients_do_not_see_what_is_hidden() {
    let sdl = composed(HIDING).sdl;
    assert_snapshot!(api_schema(&sdl).expect("a supergraph"), @r#"
    input Filter {
      state: State
    }

    union Hit = Item

    type Item implements Named {
      name: String
    }

    interface Named {
      name: String
    }

    type Query {
      item: Item
      find(by: String): Hit
      b: Item
    }

    enum State {
      ON
    }
    "#);
}

#[test]
fn the_highest_cost_and_the_longest_list_count() {
    let sdl = composed(&[
        (
            "a",
            r#"type Query { items(first: Int, last: Int @cost(weight: 2)): [Int!] @shareable @cost(weight: 3)
              @listSize(assumedSize: 10, slicingArguments: ["first"], requireOneSlicingArgument: false) }"#,
        ),
        (
            "b",
            r#"type Query { items(first: Int, last: Int): [Int!] @shareable @cost(weight: 5)
              @listSize(assumedSize: 50, slicingArguments: ["last"]) }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Query"), @r#"
    type Query
      @join__type(graph: A)
      @join__type(graph: B)
    {
      items(first: Int, last: Int @cost(weight: 2)): [Int!]
        @cost(weight: 5)
        @listSize(assumedSize: 50, slicingArguments: ["first", "last"], requireOneSlicingArgument: false)
    }
    "#);
}
