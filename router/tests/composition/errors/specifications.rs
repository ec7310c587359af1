//! What is wrong with links, and with what they bring.

use stockgraph_router::composition::{Code, Diagnostic};

use super::error_in_a;
use crate::support::{assert_only, composed, composed_as_is, errors_as_is};

fn linked(version: &str, import: &str, rest: &str) -> Vec<(&'static str, String)> {
    let sdl = format!(
        r#"extend schema @link(url: "https://specs.apollo.dev/federation/{version}", import: [{import}]) {rest}"#
    );
    vec![("a", sdl)]
}

#[test]
fn an_unknown_version_of_federation() {
    for version in ["v3.0", "v2.99"] {
        let found = errors_as_is(&linked(version, "", "type Query { a: Int }"));
        assert_eq!(
            found[0].code,
            Code::UnknownFederationLinkVersion,
            "{found:?}"
        );
    }
}

#[test]
fn an_import_from_a_later_version() {
    let query = r#"type Query { a: Node } interface Node { id: ID }"#;
    let found = errors_as_is(&linked("v2.2", r#""@key", "@interfaceObject""#, query));
    assert_only(
        &found,
        Code::InvalidLinkDirectiveUsage,
        &["a"],
        "schema",
        "`@interfaceObject` came with version 2.3 of federation, and 2.2 is linked.",
    );
    composed_as_is(&linked(
        "v2.3",
        r#""@key", "@interfaceObject""#,
        "type Query { a: Int }",
    ));
}

#[test]
fn an_unknown_version_of_link() {
    let sdl =
        r#"extend schema @link(url: "https://specs.apollo.dev/link/v2.0") type Query { a: Int }"#;
    let found = errors_as_is(&[("a", sdl.to_owned())]);
    let message = "Version 2.0 of link is unknown.";
    assert_only(&found, Code::UnknownLinkVersion, &["a"], "schema", message);
}

#[test]
fn a_namespace_that_would_end_too_early() {
    let sdl = r#"extend schema @link(url: "https://example.com/x/v1.0", as: "my__x") type Query { a: Int }"#;
    let found = errors_as_is(&[("a", sdl.to_owned())]);
    let message = "`my__x` cannot stand before names.";
    assert_only(
        &found,
        Code::InvalidLinkIdentifier,
        &["a"],
        "schema",
        message,
    );
    let sdl = r#"extend schema @link(url: "https://example.com/x.y/v1.0") type Query { a: Int }"#;
    composed_as_is(&[("a", sdl.to_owned())]);
}

#[test]
fn one_directive_under_two_names() {
    let sdl = |import: &str, field: &str| {
        format!(
            r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: [{import}]) type Query {{ {field}: Int }}"#
        )
    };
    let found = errors_as_is(&[
        ("a", sdl(r#""@tag""#, "a")),
        ("b", sdl(r#"{ name: "@tag", as: "@label" }"#, "b")),
        ("c", sdl("", "c")),
    ]);
    assert_only(
        &found,
        Code::LinkImportNameMismatch,
        &["a", "b"],
        "@tag",
        "The directive is called `@label` in `b`, and `@tag` in `a`.",
    );
}

#[test]
fn a_type_of_a_specification_that_is_something_else() {
    error_in_a(
        "type Query { a: Int } enum federation__FieldSet { A }",
        Code::TypeDefinitionInvalid,
        "federation__FieldSet",
        "The type is of a specification, as a scalar and not as enum.",
    );
}

#[test]
fn a_specification_of_ones_own_may_have_types_of_any_kind() {
    let link = r#"extend schema @link(url: "https://example.com/access/v1.0")"#;
    composed(&[(
        "a",
        &format!("{link} enum access__Level {{ A }} type Query {{ a: Int }}"),
    )]);
}

#[test]
fn a_directive_of_a_specification_that_is_something_else() {
    error_in_a(
        "directive @key(field: String, resolvable: Boolean) repeatable on OBJECT type Query { a: Int }",
        Code::DirectiveDefinitionInvalid,
        "@key",
        "The definition lacks the argument `fields`.",
    );
    let old = "directive @key(fields: _FieldSet!) repeatable on OBJECT | INTERFACE scalar _FieldSet directive @external on FIELD_DEFINITION";
    composed(&[("a", &format!("{old} type Query {{ a: Int }}"))]);
}

#[test]
fn a_key_on_an_interface_of_early_federation_2() {
    let sdl = r#"type Query { a: Node } interface Node @key(fields: "id") { id: ID }"#;
    let found: Vec<Diagnostic> = errors_as_is(&linked("v2.2", r#""@key""#, sdl));
    assert_only(
        &found,
        Code::KeyUnsupportedOnInterface,
        &["a"],
        "Node",
        "`@key` stands on an interface, which came with version 2.3 of federation.",
    );
}

#[test]
fn a_merged_directive_on_an_external_field() {
    let a = r#"type Query { a: Item } type Item @key(fields: "id") { id: ID price: Int @external @tag(name: "x") tax: Int @requires(fields: "price") }"#;
    let b = r#"type Item @key(fields: "id") { id: ID price: Int }"#;
    crate::support::assert_error(
        &[("a", a), ("b", b)],
        Code::MergedDirectiveApplicationOnExternal,
        &["a"],
        "Item.price",
        "`@tag` stands beside `@external`.",
    );
}

#[test]
fn costs_that_cannot_be_told() {
    error_in_a(
        "type Query { a: I } interface I { a: Int @cost(weight: 3) } type O implements I { a: Int }",
        Code::CostAppliedToInterfaceField,
        "I.a",
        "`@cost` stands on a field of an interface.",
    );
    error_in_a(
        "type Query { a: Int @listSize(assumedSize: 3) }",
        Code::ListSizeAppliedToNonList,
        "Query.a",
        "`@listSize` stands on a field of type `Int`.",
    );
    error_in_a(
        "type Query { a: [Int] @listSize(assumedSize: -3) }",
        Code::ListSizeInvalidAssumedSize,
        "Query.a",
        "The assumed size `-3` is no number that may be a size.",
    );
}

#[test]
fn slicing_arguments_and_sized_fields_that_are_not_there() {
    let list = |arguments: &str| {
        format!(
            "type Query {{ a(first: Int, after: String, in: In): [Int] @listSize({arguments}) b: Page @listSize(sizedFields: [\"items\"]) }} type Page {{ items: [Int!]! total: Int }} input In {{ last: Int! }}"
        )
    };
    error_in_a(
        &list(r#"slicingArguments: ["count"]"#),
        Code::ListSizeInvalidSlicingArgument,
        "Query.a",
        "The slicing argument `count` is no argument of the field.",
    );
    error_in_a(
        &list(r#"slicingArguments: ["after"]"#),
        Code::ListSizeInvalidSlicingArgument,
        "Query.a",
        "The slicing argument `after` is of type `String`, not `Int`.",
    );
    composed(&[("a", &list(r#"slicingArguments: ["first", "in.last"]"#))]);
    let sized = |field: &str| {
        format!(
            "type Query {{ b: Page @listSize(sizedFields: [\"{field}\"]) }} type Page {{ items: [Int!]! total: Int }}"
        )
    };
    error_in_a(
        &sized("total"),
        Code::ListSizeInvalidSizedField,
        "Query.b",
        "The sized field `total` is of type `Int`, which is no list.",
    );
    error_in_a(
        &sized("none"),
        Code::ListSizeInvalidSizedField,
        "Query.b",
        "The sized field `none` is no field of `Page`.",
    );
}
