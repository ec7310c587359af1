//! Enums, by where they are used.

use insta::assert_snapshot;

use crate::support::{composed, definition};

#[test]
fn an_enum_that_is_only_answered_has_the_values_of_all() {
    let sdl = composed(&[
        ("a", "type Query { a: Status } enum Status { OPEN CLOSED }"),
        ("b", "type Query { b: Status } enum Status { OPEN LOST }"),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Status"), @r#"
    enum Status
      @join__type(graph: A)
      @join__type(graph: B)
    {
      OPEN @join__enumValue(graph: A) @join__enumValue(graph: B)
      CLOSED @join__enumValue(graph: A)
      LOST @join__enumValue(graph: B)
    }
    "#);
}

#[test]
fn an_enum_that_is_only_given_has_the_values_common_to_all() {
    let sdl = composed(&[
        ("a", "type Query { a(status: Status): Int } enum Status { OPEN CLOSED }"),
        ("b", "type Query { b(filter: Filter): Int } input Filter { status: Status } enum Status { OPEN LOST }"),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Status"), @r#"
    enum Status
      @join__type(graph: A)
      @join__type(graph: B)
    {
      OPEN @join__enumValue(graph: A) @join__enumValue(graph: B)
    }
    "#);
}

#[test]
fn an_enum_both_given_and_answered_may_differ_in_hidden_values() {
    let sdl = composed(&[
        (
            "a",
            "type Query { a(status: Status): Status } enum Status { OPEN LOST @inaccessible }",
        ),
        ("b", "type Query { b: Status } enum Status { OPEN }"),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Status"), @r#"
    enum Status
      @join__type(graph: A)
      @join__type(graph: B)
    {
      OPEN @join__enumValue(graph: A) @join__enumValue(graph: B)
      LOST @join__enumValue(graph: A) @inaccessible
    }
    "#);
}
