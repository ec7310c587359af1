//! `@inaccessible` that leaves clients without a schema.

use stockgraph_router::composition::Code;

use super::error_in_a;
use crate::support::{assert_error, composed};

#[test]
fn a_hidden_query_root() {
    error_in_a(
        "type Query @inaccessible { a: Int }",
        Code::QueryRootTypeInaccessible,
        "Query",
        "The query root is hidden.",
    );
}

#[test]
fn a_reference_to_what_is_hidden() {
    error_in_a(
        "type Query { a: Item } type Item @inaccessible { id: ID! }",
        Code::ReferencedInaccessible,
        "Query.a",
        "The field's type `Item` is hidden.",
    );
    error_in_a(
        "type Query { a(by: In): Int } input In @inaccessible { id: ID! }",
        Code::ReferencedInaccessible,
        "Query.a(by:)",
        "The argument's type `In` is hidden.",
    );
}

#[test]
fn a_type_with_hidden_parts_only() {
    error_in_a(
        "type Query { a: Item } type Item { id: ID! @inaccessible }",
        Code::OnlyInaccessibleChildren,
        "Item",
        "All parts of the type are hidden, but not the type.",
    );
    error_in_a(
        "type Query { a: E } enum E { A @inaccessible }",
        Code::OnlyInaccessibleChildren,
        "E",
        "All parts of the type are hidden, but not the type.",
    );
    error_in_a(
        "type Query { a: U } union U = Item type Item @inaccessible { id: ID! }",
        Code::OnlyInaccessibleChildren,
        "U",
        "All parts of the type are hidden, but not the type.",
    );
}

#[test]
fn a_hidden_part_that_is_required() {
    error_in_a(
        "type Query { a(by: ID! @inaccessible): Int }",
        Code::RequiredInaccessible,
        "Query.a(by:)",
        "The argument is required and hidden.",
    );
    error_in_a(
        "type Query { a(by: In): Int } input In { id: ID! @inaccessible sku: String }",
        Code::RequiredInaccessible,
        "In.id",
        "The input field is required and hidden.",
    );
}

#[test]
fn a_hidden_implementation_of_a_visible_field() {
    error_in_a(
        "type Query { a: Node } interface Node { id: ID! x: Int } type Item implements Node { id: ID! x: Int @inaccessible }",
        Code::ImplementedByInaccessible,
        "Item.x",
        "The field is hidden, but `Node.x` is not.",
    );
}

#[test]
fn a_default_that_is_hidden() {
    error_in_a(
        "type Query { a(by: E = B): Int } enum E { A B @inaccessible }",
        Code::DefaultValueUsesInaccessible,
        "Query.a(by:)",
        "The default value `B` is hidden.",
    );
    error_in_a(
        "type Query { a(by: [In] = [{ x: 1 }]): Int } input In { x: Int @inaccessible y: Int }",
        Code::DefaultValueUsesInaccessible,
        "Query.a(by:)",
        "The default value uses `In.x`, which is hidden.",
    );
}

#[test]
fn all_subgraphs_of_the_type_are_named() {
    assert_error(
        &[
            (
                "a",
                r#"type Query { a: Item } type Item @key(fields: "id") { id: ID! of: Part } type Part { x: Int }"#,
            ),
            (
                "b",
                r#"type Item @key(fields: "id") { id: ID! part: Part @inaccessible } type Part @inaccessible { y: Int }"#,
            ),
        ],
        Code::ReferencedInaccessible,
        &["a", "b"],
        "Item.of",
        "The field's type `Part` is hidden.",
    );
}

#[test]
fn a_hidden_type_that_every_schema_has() {
    let message = "A type that every schema has is hidden.";
    error_in_a(
        "type Query { a: Int } scalar ID @inaccessible",
        Code::DisallowedInaccessible,
        "ID",
        message,
    );
    error_in_a(
        "type Query { a: Int } scalar federation__FieldSet @inaccessible",
        Code::DisallowedInaccessible,
        "federation__FieldSet",
        message,
    );
}

#[test]
fn a_hidden_argument_of_a_directive_in_schemas() {
    let sdl = |location: &str| {
        format!("directive @mine(x: Int @inaccessible) on {location} type Query {{ a: Int }}")
    };
    error_in_a(
        &sdl("FIELD | OBJECT"),
        Code::DisallowedInaccessible,
        "@mine(x:)",
        "The argument of a directive that stands in schemas is hidden.",
    );
    composed(&[("a", &sdl("FIELD"))]);
}
