//! Every error, with the subgraphs and the place that it names.

mod field_sets;
mod hidden;
mod merging;
mod overrides;
mod specifications;
mod subgraph;

use stockgraph_router::composition::{Code, SubgraphSdl, compose};

use crate::support::assert_error;

/// Expects one error of subgraph `a`.
#[track_caller]
fn error_in_a(a: &str, code: Code, at: &str, message: &str) {
    assert_error(&[("a", a)], code, &["a"], at, message);
}

/// Expects one error between the subgraphs `a` and `b`.
#[track_caller]
fn error_between(a: &str, b: &str, code: Code, at: &str, message: &str) {
    assert_error(&[("a", a), ("b", b)], code, &["a", "b"], at, message);
}

#[test]
fn all_errors_come_at_once_and_say_what_to_do() {
    let a = SubgraphSdl {
        name: "a",
        url: "",
        sdl: "type Query { q(x: Int!): Int r: Item } type Item { n: Int }",
    };
    let b = SubgraphSdl {
        name: "b",
        url: "",
        sdl: "type Query { q: String s: Item } type Item { n: Int } enum E { X } extend type Gone { e: E }",
    };
    let errors = compose(&[a, b]).expect_err("does not compose");
    insta::assert_snapshot!(errors, @r#"
    the subgraphs do not compose
      EXTENSION_WITH_NO_BASE at Gone in b: The type is extended, but no subgraph defines it. Define the type, without `extend`, in one subgraph.
      FIELD_TYPE_MISMATCH at Query.q in a, b: The field's types do not fit together: `Int` in `a`, `String` in `b`. Give the field types of which one covers the others.
      REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH at Query.q(x:) in a, b: The argument is required in `a` and missing in `b`. Add the argument everywhere, or make it optional.
    "#);
}
