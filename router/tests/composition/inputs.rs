//! Input objects: the fields that all subgraphs take.

use insta::assert_snapshot;

use crate::support::{composed, definition};

#[test]
fn an_input_has_the_fields_common_to_all() {
    let sdl = composed(&[
        (
            "a",
            "type Query { a(filter: Filter): Int } input Filter { text: String limit: Int }",
        ),
        (
            "b",
            "type Query { b(filter: Filter): Int } input Filter { text: String! offset: Int = 0 }",
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Filter"), @r#"
    input Filter
      @join__type(graph: A)
      @join__type(graph: B)
    {
      text: String! @join__field(graph: A, type: "String") @join__field(graph: B, type: "String!")
    }
    "#);
}

#[test]
fn one_of_is_kept() {
    let sdl = composed(&[(
        "a",
        "type Query { a(by: By!): Int } input By @oneOf { id: ID sku: String }",
    )])
    .sdl;
    assert_snapshot!(definition(&sdl, "By"), @r#"
    input By
      @join__type(graph: A)
      @oneOf
    {
      id: ID
      sku: String
    }
    "#);
}
