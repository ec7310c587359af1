//! What is wrong with an `@override`.

use stockgraph_router::composition::Code;

use super::{error_between, error_in_a};

const ITEM: &str = r#"type Query { item: Item } type Item @key(fields: "id") { id: ID! x: Int }"#;

#[test]
fn a_field_that_overrides_itself() {
    error_in_a(
        r#"type Query { a: Int @override(from: "a") }"#,
        Code::OverrideFromSelfError,
        "Query.a",
        "The field overrides itself.",
    );
}

#[test]
fn a_label_that_is_none() {
    for label in [
        "percent(101)",
        "percent(1.123456789)",
        "percent(-1)",
        "percent(x)",
        "1st",
        "",
        "a b",
    ] {
        error_in_a(
            &format!(r#"type Query {{ a: Int @override(from: "b", label: "{label}") }}"#),
            Code::OverrideLabelInvalid,
            "Query.a",
            &format!("`{label}` is not a label."),
        );
    }
}

#[test]
fn an_override_on_an_interface() {
    error_in_a(
        r#"type Query { a: Node } interface Node { id: ID! @override(from: "b") } type N implements Node { id: ID! }"#,
        Code::OverrideOnInterface,
        "Node.id",
        "`@override` stands on a field of an interface.",
    );
}

#[test]
fn an_override_of_an_override() {
    let found = crate::support::errors(&[
        ("a", r#"type Query { q: Int @override(from: "b") }"#),
        ("b", r#"type Query { q: Int @override(from: "a") }"#),
    ]);
    assert_eq!(found[0].code, Code::OverrideSourceHasOverride);
    assert_eq!(found[0].subgraphs, ["a", "b"]);
    assert_eq!(found[0].coordinate.as_deref(), Some("Query.q"));
    assert_eq!(
        found[0].message,
        "The field is overridden here and has an `@override` in `b` too."
    );
}

#[test]
fn an_override_of_an_external_field() {
    let found = crate::support::errors(&[
        ("a", ITEM),
        (
            "b",
            r#"type Item @key(fields: "id") { id: ID! x: Int @external @override(from: "a") y: Int @requires(fields: "x") }"#,
        ),
    ]);
    crate::support::assert_only(
        &found,
        Code::OverrideCollisionWithAnotherDirective,
        &["b"],
        "Item.x",
        "`@override` and `@external` stand on the same field.",
    );
}

#[test]
fn an_override_of_a_field_with_requirements() {
    error_between(
        r#"type Query { item: Item } type Item @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }"#,
        r#"type Item @key(fields: "id") { id: ID! x: Int y: Int @override(from: "a") }"#,
        Code::OverrideCollisionWithAnotherDirective,
        "Item.y",
        "`@override` cannot take over a field that has `@requires` in `a`.",
    );
}

#[test]
fn an_override_of_a_field_that_provides() {
    error_between(
        r#"type Query { item: Item @provides(fields: "x") } type Item @key(fields: "id") { id: ID! x: Int @external }"#,
        r#"type Query { item: Item @override(from: "a") } type Item @key(fields: "id") { id: ID! x: Int @shareable }"#,
        Code::OverrideCollisionWithAnotherDirective,
        "Query.item",
        "`@override` cannot take over a field that has `@provides` in `a`.",
    );
}
