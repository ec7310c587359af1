//! Arguments: only what every subgraph takes, as strictly as the strictest.

use insta::assert_snapshot;

use crate::support::{composed, definition};

#[test]
fn an_argument_is_required_if_it_is_anywhere() {
    let sdl = composed(&[
        (
            "a",
            "type Query { find(text: String, limit: Int): Int @shareable }",
        ),
        (
            "b",
            "type Query { find(text: String!, limit: Int): Int @shareable }",
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Query"), @r#"
    type Query
      @join__type(graph: A)
      @join__type(graph: B)
    {
      find(text: String!, limit: Int): Int
    }
    "#);
}

#[test]
fn an_optional_argument_that_one_subgraph_lacks_is_left_out() {
    let sdl = composed(&[
        (
            "a",
            "type Query { find(text: String, fuzzy: Boolean! = false): Int @shareable }",
        ),
        ("b", "type Query { find(text: String): Int @shareable }"),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Query"), @r#"
    type Query
      @join__type(graph: A)
      @join__type(graph: B)
    {
      find(text: String): Int
    }
    "#);
}

#[test]
fn a_default_stays_where_all_have_it() {
    let sdl = composed(&[
        ("a", r#"type Query { find(limit: Int = 10, sort: [Sort!] = [{ by: NAME, note: "a\"b" }]): Int @shareable } enum By { NAME } input Sort { by: By = NAME note: String }"#),
        ("b", r#"type Query { find(limit: Int, sort: [Sort!] = [{ note: "a\"b", by: NAME }]): Int @shareable } enum By { NAME } input Sort { by: By = NAME note: String }"#),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Query"), @r#"
    type Query
      @join__type(graph: A)
      @join__type(graph: B)
    {
      find(limit: Int, sort: [Sort!] = [{by: NAME, note: "a\"b"}]): Int
    }
    "#);
    assert_snapshot!(definition(&sdl, "Sort"), @r#"
    input Sort
      @join__type(graph: A)
      @join__type(graph: B)
    {
      by: By = NAME
      note: String
    }
    "#);
}
