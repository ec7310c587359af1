//! What is wrong with the `fields` of a `@key`, `@requires` or `@provides`.

use stockgraph_router::composition::Code;

use super::error_in_a;

#[test]
fn fields_that_are_no_string() {
    for (directive, code, at) in [
        ("@key", Code::KeyInvalidFieldsType, "Item"),
        ("@requires", Code::RequiresInvalidFieldsType, "Item.a"),
        ("@provides", Code::ProvidesInvalidFieldsType, "Item.a"),
    ] {
        let (on_type, on_field) = if at == "Item" {
            (format!("{directive}(fields: 1)"), String::new())
        } else {
            (String::new(), format!("{directive}(fields: 1)"))
        };
        error_in_a(
            &format!("type Query {{ a: Item }} type Item {on_type} {{ a: Item {on_field} }}"),
            code,
            at,
            &format!("`{directive}` needs `fields` as a string."),
        );
    }
}

#[test]
fn a_key_that_names_what_is_not_there() {
    error_in_a(
        r#"type Query { a: Item } type Item @key(fields: "sku") { id: ID! }"#,
        Code::KeyInvalidFields,
        "Item",
        "`@key(fields: \"sku\")` is wrong: This subgraph has no field `Item.sku`.",
    );
}

#[test]
fn a_key_that_does_not_parse() {
    error_in_a(
        r#"type Query { a: Item } type Item @key(fields: "id {") { id: ID! }"#,
        Code::KeyInvalidFields,
        "Item",
        "`@key(fields: \"id {\")` is wrong: `id {` is not a field set.",
    );
}

#[test]
fn a_key_that_selects_nothing_of_an_object() {
    error_in_a(
        r#"type Query { a: Item } type Item @key(fields: "maker") { maker: Maker } type Maker { id: ID }"#,
        Code::KeyInvalidFields,
        "Item",
        "`@key(fields: \"maker\")` is wrong: `Item.maker` is of type `Maker` and needs a selection.",
    );
}

#[test]
fn a_key_that_selects_within_a_scalar() {
    error_in_a(
        r#"type Query { a: Item } type Item @key(fields: "id { x }") { id: ID! }"#,
        Code::KeyInvalidFields,
        "Item",
        "`@key(fields: \"id { x }\")` is wrong: `Item.id` is of type `ID!`, which has no fields.",
    );
}

#[test]
fn a_key_with_an_alias() {
    error_in_a(
        r#"type Query { a: Item } type Item @key(fields: "key: id") { id: ID! }"#,
        Code::KeyInvalidFields,
        "Item",
        "`@key(fields: \"key: id\")` is wrong: A field set has no aliases such as `key`.",
    );
}

#[test]
fn a_key_with_arguments() {
    error_in_a(
        r#"type Query { a: Item } type Item @key(fields: "id") { id(x: Int): ID! }"#,
        Code::KeyFieldsHasArgs,
        "Item",
        "The key has `Item.id`, which takes arguments.",
    );
}

#[test]
fn a_key_with_an_interface() {
    error_in_a(
        r#"type Query { a: Item } type Item @key(fields: "of { id }") { of: Node } interface Node { id: ID! } type N implements Node { id: ID! }"#,
        Code::KeyFieldsSelectInvalidType,
        "Item",
        "The key has `Item.of`, whose type `Node` is of kind interface.",
    );
}

#[test]
fn a_directive_within_a_field_set() {
    error_in_a(
        r#"type Query { a: Item } type Item @key(fields: "id @skip(if: true)") { id: ID! }"#,
        Code::KeyDirectiveInFieldsArg,
        "Item",
        "`@key(fields: \"id @skip(if: true)\")` has a directive on `id`.",
    );
    error_in_a(
        r#"type Query { a: Item } type Item @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x @skip(if: true)") }"#,
        Code::RequiresDirectiveInFieldsArg,
        "Item.y",
        "`@requires(fields: \"x @skip(if: true)\")` has a directive on `x`.",
    );
    error_in_a(
        r#"type Query { a: Item @provides(fields: "x @skip(if: true)") } type Item @key(fields: "id") { id: ID! x: Int @external }"#,
        Code::ProvidesDirectiveInFieldsArg,
        "Query.a",
        "`@provides(fields: \"x @skip(if: true)\")` has a directive on `x`.",
    );
}

#[test]
fn required_fields_that_are_not_there() {
    error_in_a(
        r#"type Query { a: Item } type Item @key(fields: "id") { id: ID! y: Int @requires(fields: "x") }"#,
        Code::RequiresInvalidFields,
        "Item.y",
        "`@requires(fields: \"x\")` is wrong: This subgraph has no field `Item.x`.",
    );
}

#[test]
fn required_fields_that_are_resolved_here() {
    error_in_a(
        r#"type Query { a: Item } type Item @key(fields: "id") { id: ID! x: Int y: Int @requires(fields: "x") }"#,
        Code::RequiresFieldsMissingExternal,
        "Item.y",
        "`@requires` names `Item.x`, which is not `@external`.",
    );
}

#[test]
fn provided_fields_that_are_not_there() {
    error_in_a(
        r#"type Query { a: Item @provides(fields: "x") } type Item { id: ID! }"#,
        Code::ProvidesInvalidFields,
        "Query.a",
        "`@provides(fields: \"x\")` is wrong: This subgraph has no field `Item.x`.",
    );
}

#[test]
fn provided_fields_that_are_resolved_here() {
    error_in_a(
        r#"type Query { a: Item @provides(fields: "x") } type Item { x: Int }"#,
        Code::ProvidesFieldsMissingExternal,
        "Query.a",
        "`@provides` names `Item.x`, which is not `@external`.",
    );
}

#[test]
fn provided_fields_with_arguments() {
    error_in_a(
        r#"type Query { a: Item @provides(fields: "x") } type Item @key(fields: "id") { id: ID! x(y: Int): Int @external }"#,
        Code::ProvidesFieldsHasArgs,
        "Query.a",
        "`@provides` has `Item.x`, which takes arguments.",
    );
}

#[test]
fn provided_fields_of_a_scalar() {
    error_in_a(
        r#"type Query { a: Int @provides(fields: "x") }"#,
        Code::ProvidesOnNonObjectField,
        "Query.a",
        "`@provides` stands on a field of type `Int`, which has no fields.",
    );
}
