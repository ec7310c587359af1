//! What keeps subgraphs, each right by itself, from being merged.

use stockgraph_router::composition::Code;

use super::{error_between, error_in_a};
use crate::support::{assert_error, composed};

#[test]
fn one_name_for_two_kinds() {
    error_between(
        "type Query { a: Item } type Item { id: ID! }",
        "type Query { b: Item } scalar Item",
        Code::TypeKindMismatch,
        "Item",
        "The type is of different kinds: object in `a`, scalar in `b`.",
    );
}

#[test]
fn an_extension_of_nothing() {
    error_in_a(
        r#"type Query { a: Item } extend type Item @key(fields: "id") { id: ID! }"#,
        Code::ExtensionWithNoBase,
        "Item",
        "The type is extended, but no subgraph defines it.",
    );
}

#[test]
fn a_field_provided_elsewhere_without_leave() {
    let providing = r#"type Query { item: Item @provides(fields: "owner { name }") }
        type Item @key(fields: "id") { id: ID! owner: Owner @external } interface Owner { name: String }
        type Person implements Owner @key(fields: "id") { id: ID! name: String @external }"#;
    let owning = |shareable: &str| {
        format!(
            r#"type Item @key(fields: "id") {{ id: ID! owner: Owner @shareable }} interface Owner {{ name: String }}
            type Person implements Owner @key(fields: "id") {{ id: ID! name: String {shareable} }}"#
        )
    };
    assert_error(
        &[("a", providing), ("b", &owning(""))],
        Code::InvalidFieldSharing,
        &["a", "b"],
        "Person.name",
        "Several subgraphs resolve the field, and it is not `@shareable` in `b`.",
    );
    composed(&[("a", providing), ("b", &owning("@shareable"))]);
}

#[test]
fn a_field_shared_without_leave() {
    assert_error(
        &[
            ("a", "type Query { q: Int }"),
            ("b", "type Query { q: Int @shareable }"),
            ("c", "type Query { c: Int }"),
            ("d", "type Query { q: Int }"),
        ],
        Code::InvalidFieldSharing,
        &["a", "b", "d"],
        "Query.q",
        "Several subgraphs resolve the field, and it is not `@shareable` in `a`, `d`.",
    );
}

#[test]
fn a_labelled_override_does_not_excuse_a_third_subgraph() {
    assert_error(
        &[
            ("a", "type Query { q: Int }"),
            (
                "b",
                r#"type Query { q: Int @override(from: "a", label: "percent(1)") }"#,
            ),
            ("c", "type Query { q: Int @shareable }"),
        ],
        Code::InvalidFieldSharing,
        &["b", "c"],
        "Query.q",
        "Several subgraphs resolve the field, and it is not `@shareable` in `b`.",
    );
}

#[test]
fn field_types_that_do_not_fit() {
    error_between(
        "type Query { q: [Int] @shareable }",
        "type Query { q: [String!] @shareable }",
        Code::FieldTypeMismatch,
        "Query.q",
        "The field's types do not fit together: `[Int]` in `a`, `[String!]` in `b`.",
    );
}

#[test]
fn argument_types_that_do_not_fit() {
    error_between(
        "type Query { q(x: Int): Int @shareable }",
        "type Query { q(x: [Int]): Int @shareable }",
        Code::FieldArgumentTypeMismatch,
        "Query.q(x:)",
        "The types do not fit together: `Int` in `a`, `[Int]` in `b`.",
    );
}

#[test]
fn argument_defaults_that_differ() {
    error_between(
        "type Query { q(x: Int = 1): Int @shareable }",
        "type Query { q(x: Int = 2): Int @shareable }",
        Code::FieldArgumentDefaultMismatch,
        "Query.q(x:)",
        "The default values differ: `1` in `a`, `2` in `b`.",
    );
}

#[test]
fn a_required_argument_that_is_missing() {
    error_between(
        "type Query { q(x: Int!): Int @shareable }",
        "type Query { q: Int @shareable }",
        Code::RequiredArgumentMissingInSomeSubgraph,
        "Query.q(x:)",
        "The argument is required in `a` and missing in `b`.",
    );
}

#[test]
fn input_field_types_that_do_not_fit() {
    error_between(
        "type Query { a(x: In): Int } input In { a: Int x: Int }",
        "type Query { b(x: In): Int } input In { a: String x: Int }",
        Code::FieldTypeMismatch,
        "In.a",
        "The types do not fit together: `Int` in `a`, `String` in `b`.",
    );
}

#[test]
fn input_field_defaults_that_differ() {
    error_between(
        "type Query { a(x: In): Int } input In { a: Int = 1 }",
        "type Query { b(x: In): Int } input In { a: Int = 2 }",
        Code::InputFieldDefaultMismatch,
        "In.a",
        "The default values differ: `1` in `a`, `2` in `b`.",
    );
}

#[test]
fn a_required_input_field_that_is_missing() {
    error_between(
        "type Query { a(x: In): Int } input In { a: Int! x: Int }",
        "type Query { b(x: In): Int } input In { x: Int }",
        Code::RequiredInputFieldMissingInSomeSubgraph,
        "In.a",
        "The input field is required in `a` and missing in `b`.",
    );
}

#[test]
fn an_input_with_nothing_in_common() {
    error_between(
        "type Query { a(x: In): Int } input In { a: Int }",
        "type Query { b(x: In): Int } input In { b: Int }",
        Code::EmptyMergedInputType,
        "In",
        "The input type has no field that all its subgraphs have.",
    );
}

#[test]
fn an_enum_with_nothing_in_common() {
    error_between(
        "type Query { a(x: E): Int } enum E { A }",
        "type Query { b(x: E): Int } enum E { B }",
        Code::EmptyMergedEnumType,
        "E",
        "The enum has no value that all its subgraphs have.",
    );
}

#[test]
fn an_enum_both_given_and_answered_that_differs() {
    error_between(
        "type Query { a(x: E): E } enum E { A B }",
        "type Query { b(x: E): Int } enum E { A }",
        Code::EnumValueMismatch,
        "E.B",
        "The enum is both given and answered, and `b` lacks the value.",
    );
}

#[test]
fn a_field_that_nobody_resolves() {
    error_in_a(
        r#"type Query { a: Item } type Item @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }"#,
        Code::ExternalMissingOnBase,
        "Item.x",
        "The field is `@external` in every subgraph that has it, so that none resolves it.",
    );
}

/// `b` requires what `a` resolves.
#[track_caller]
fn external(field: &str, copy: &str, code: Code, at: &str, message: &str) {
    let a =
        format!(r#"type Query {{ a: Item }} type Item @key(fields: "id") {{ id: ID! {field} }}"#);
    let b = format!(
        r#"type Item @key(fields: "id") {{ id: ID! {copy} @external y: Int @requires(fields: "x") }}"#
    );
    assert_error(&[("a", &a), ("b", &b)], code, &["b"], at, message);
}

#[test]
fn an_external_field_of_another_type() {
    external(
        "x: Int",
        "x: String",
        Code::ExternalTypeMismatch,
        "Item.x",
        "The `@external` field is `String` here and `Int` in the graph.",
    );
}

#[test]
fn an_external_field_that_promises_more() {
    external(
        "x: [Int]",
        "x: Int",
        Code::ExternalTypeMismatch,
        "Item.x",
        "The `@external` field is `Int` here and `[Int]` in the graph.",
    );
}

#[test]
fn an_external_field_without_its_argument() {
    external(
        "x(z: Int): Int",
        "x: Int",
        Code::ExternalArgumentMissing,
        "Item.x(z:)",
        "The `@external` field lacks the argument.",
    );
}

#[test]
fn an_external_field_with_another_argument_type() {
    external(
        "x(z: Int): Int",
        "x(z: String): Int",
        Code::ExternalArgumentTypeMismatch,
        "Item.x(z:)",
        "The argument is `String` here and `Int` in the graph.",
    );
}

#[test]
fn an_external_field_with_another_default() {
    external(
        "x(z: Int = 1): Int",
        "x(z: Int = 2): Int",
        Code::ExternalArgumentDefaultMismatch,
        "Item.x(z:)",
        "The argument's default value is not the graph's.",
    );
}

#[test]
fn an_interface_field_that_an_implementation_lacks() {
    error_between(
        "type Query { a: Node } interface Node { id: ID! } type Item implements Node @shareable { id: ID! }",
        "type Query { b: Node } interface Node { id: ID! size: Int } type Other implements Node { id: ID! size: Int }",
        Code::InterfaceFieldNoImplem,
        "Item.size",
        "`Node` has the field, and `Item`, which implements it, has it nowhere.",
    );
}

#[test]
fn an_implementation_of_another_type() {
    error_in_a(
        "type Query { a: Node } interface Node { id: ID! } type Item implements Node { id: ID }",
        Code::InterfaceFieldImplemTypeMismatch,
        "Item.id",
        "The field is `ID`, but `ID!` in `Node`.",
    );
}

#[test]
fn a_keyed_interface_that_does_not_know_an_implementation() {
    error_between(
        r#"type Query { a: Node } interface Node @key(fields: "id") { id: ID! } type Item implements Node @key(fields: "id") { id: ID! }"#,
        "type Query { b: Node } interface Node { id: ID! } type Other implements Node { id: ID! }",
        Code::InterfaceKeyMissingImplementationType,
        "Node",
        "The interface has a key here, but its implementation `Other` is missing.",
    );
}

#[test]
fn a_graph_without_queries() {
    assert_error(
        &[("a", r#"type Item @key(fields: "id") { id: ID! }"#)],
        Code::NoQueries,
        &[],
        "Query",
        "No subgraph has a query.",
    );
}
