//! What is wrong with one subgraph by itself.

use stockgraph_router::composition::Code;

use super::error_in_a;
use crate::support::{assert_error, assert_only, composed, errors_as_is};

#[test]
fn sdl_that_does_not_parse() {
    let found = errors_as_is(&[("a", "type Query {".to_owned())]);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].code, found[0].subgraphs.as_slice()),
        (Code::InvalidGraphql, ["a".to_owned()].as_slice())
    );
    assert!(
        found[0].message.starts_with("The SDL does not parse:"),
        "{}",
        found[0].message
    );
}

#[test]
fn an_unknown_type() {
    error_in_a(
        "type Query { a: Item }",
        Code::InvalidGraphql,
        "Query.a",
        "The type `Item` is not defined.",
    );
}

#[test]
fn an_input_that_is_answered() {
    error_in_a(
        "type Query { a: In } input In { a: Int }",
        Code::InvalidGraphql,
        "Query.a",
        "`In` is of kind input object, which cannot be answered.",
    );
}

#[test]
fn an_object_that_is_given() {
    error_in_a(
        "type Query { a(item: Item): Int } type Item { a: Int }",
        Code::InvalidGraphql,
        "Query.a(item:)",
        "`Item` is of kind object, which cannot be given.",
    );
}

#[test]
fn a_type_defined_twice() {
    error_in_a(
        "type Query { a: Int } type Query { b: Int }",
        Code::InvalidGraphql,
        "Query",
        "The type is defined twice.",
    );
}

#[test]
fn a_field_defined_twice() {
    error_in_a(
        "type Query { a: Int a: Int }",
        Code::InvalidGraphql,
        "Query.a",
        "The field is defined twice.",
    );
}

#[test]
fn a_type_extended_as_another_kind() {
    error_in_a(
        "type Query { a: Int } scalar Item extend enum Item { A }",
        Code::InvalidGraphql,
        "Item",
        "The type is defined as scalar and extended as enum.",
    );
}

#[test]
fn an_interface_that_is_none() {
    error_in_a(
        "type Query { a: Int } type Item implements Query { a: Int }",
        Code::InvalidGraphql,
        "Item",
        "`Query` is no interface of this subgraph.",
    );
}

#[test]
fn a_member_that_is_no_object() {
    error_in_a(
        "type Query { a: Hit } union Hit = E enum E { A }",
        Code::InvalidGraphql,
        "Hit",
        "`E` is no object type of this subgraph.",
    );
}

#[test]
fn a_directive_that_is_not_imported() {
    let sdl = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"]) type Query { a: Int @shareable }"#;
    assert_only(
        &errors_as_is(&[("a", sdl.to_owned())]),
        Code::InvalidGraphql,
        &["a"],
        "Query.a",
        "`@shareable` is used, but the `@link` to federation does not import it.",
    );
}

#[test]
fn a_cost_below_zero() {
    error_in_a(
        "type Query { a: Int @cost(weight: -1) }",
        Code::InvalidGraphql,
        "Query.a",
        "`@cost` needs `weight` as an integer that is not negative.",
    );
}

#[test]
fn a_name_used_twice() {
    assert_error(
        &[
            ("a", "type Query { a: Int }"),
            ("a", "type Query { b: Int }"),
        ],
        Code::InvalidSubgraphName,
        &["a"],
        "",
        "Two subgraphs are named `a`.",
    );
}

#[test]
fn no_name_at_all() {
    assert_error(
        &[("", "type Query { a: Int }")],
        Code::InvalidSubgraphName,
        &[],
        "",
        "A subgraph has no name.",
    );
}

#[test]
fn a_link_that_imports_the_unknown() {
    error_in_a(
        r#"extend schema @link(url: "https://specs.apollo.dev/tag/v0.3", import: ["@colour"]) type Query { a: Int }"#,
        Code::InvalidLinkDirectiveUsage,
        "schema",
        "Cannot import unknown element `@colour` of `https://specs.apollo.dev/tag`.",
    );
}

#[test]
fn a_link_without_a_url() {
    error_in_a(
        "extend schema @link(as: \"x\") type Query { a: Int }",
        Code::InvalidLinkDirectiveUsage,
        "schema",
        "`@link` needs a `url`.",
    );
}

#[test]
fn a_federation_of_the_future() {
    let sdl = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v3.0") type Query { a: Int }"#;
    assert_only(
        &errors_as_is(&[("a", sdl.to_owned())]),
        Code::UnknownFederationLinkVersion,
        &["a"],
        "schema",
        "Version 3.0 of federation is unknown.",
    );
}

#[test]
fn a_feature_that_would_be_misunderstood() {
    let sdl = r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.8", import: ["@context"]) type Query { a: Int }"#;
    assert_only(
        &errors_as_is(&[("a", sdl.to_owned())]),
        Code::UnsupportedLinkedFeature,
        &["a"],
        "schema",
        "`@context` is not supported.",
    );
}

#[test]
fn connectors() {
    error_in_a(
        r#"extend schema @link(url: "https://specs.apollo.dev/connect/v0.1", import: ["@source"]) type Query { a: Int }"#,
        Code::UnsupportedLinkedFeature,
        "schema",
        "Connectors are not supported: there is no subgraph to ask.",
    );
}

#[test]
fn a_type_with_the_name_of_a_root() {
    for (root, code) in [
        ("Query", Code::RootQueryUsed),
        ("Mutation", Code::RootMutationUsed),
        ("Subscription", Code::RootSubscriptionUsed),
    ] {
        error_in_a(
            &format!(
                "schema {{ query: Q mutation: M subscription: S }} type Q {{ a: Int }} type M {{ a: Int }} type S {{ a: Int }} type {root} {{ a: Int }}"
            ),
            code,
            root,
            &format!("The type `{root}` is not the root that its name is reserved for."),
        );
    }
}

const NODE: &str =
    r#"type Query { a: Node } type Item implements Node @key(fields: "id") { id: ID! x: Item }"#;

#[test]
fn directives_that_do_not_belong_on_an_interface() {
    for (directive, code, message) in [
        (
            "@requires(fields: \"id\")",
            Code::RequiresUnsupportedOnInterface,
            "`@requires` stands on a field of an interface.",
        ),
        (
            "@provides(fields: \"id\")",
            Code::ProvidesUnsupportedOnInterface,
            "`@provides` stands on a field of an interface.",
        ),
        (
            "@external",
            Code::ExternalOnInterface,
            "A field of an interface is `@external`.",
        ),
        (
            "@shareable",
            Code::InvalidShareableUsage,
            "A field of an interface is `@shareable`.",
        ),
    ] {
        let sdl = format!("{NODE} interface Node {{ id: ID! x: Item {directive} }}");
        let found = crate::support::errors(&[("a", &sdl)]);
        let found: Vec<_> = found
            .into_iter()
            .filter(|found| found.code == code)
            .collect();
        assert_only(&found, code, &["a"], "Node.x", message);
    }
}

#[test]
fn a_shared_subscription() {
    error_in_a(
        "type Query { a: Int } type Subscription { a: Int @shareable }",
        Code::InvalidFieldSharing,
        "Subscription.a",
        "A subscription is `@shareable`.",
    );
}

#[test]
fn an_external_field_that_nothing_uses() {
    error_in_a(
        r#"type Query { a: Item } type Item @key(fields: "id") { id: ID! x: Int @external }"#,
        Code::ExternalUnused,
        "Item.x",
        "The field is `@external`, but no `@key`, `@requires`, `@provides` or interface uses it.",
    );
}

#[test]
fn a_federation_1_type_without_a_field_of_its_own() {
    let sdl = "type Query { a: Item } extend type Item { x: Int @external }";
    assert_only(
        &errors_as_is(&[("a", sdl.to_owned())]),
        Code::TypeWithOnlyUnusedExternal,
        &["a"],
        "Item",
        "The type has `@external` fields only, none is used, and yet a field is of this type.",
    );
}

#[test]
fn an_interface_object_without_a_key() {
    error_in_a(
        "type Query { a: Node } type Node @interfaceObject { id: ID! }",
        Code::InterfaceObjectUsageError,
        "Node",
        "The interface object has no `@key`.",
    );
}

#[test]
fn an_interface_object_that_is_an_interface() {
    error_in_a(
        r#"type Query { a: Node } interface Node @interfaceObject @key(fields: "id") { id: ID! } type N implements Node @key(fields: "id") { id: ID! }"#,
        Code::InterfaceObjectUsageError,
        "Node",
        "`@interfaceObject` stands on a type of kind interface.",
    );
}

#[test]
fn an_interface_object_without_an_interface() {
    error_in_a(
        r#"type Query { a: Node } type Node @interfaceObject @key(fields: "id") { id: ID! }"#,
        Code::InterfaceObjectUsageError,
        "Node",
        "No subgraph defines the interface that the `@interfaceObject` stands for.",
    );
}

#[test]
fn an_implementation_without_its_interfaces_key() {
    error_in_a(
        r#"type Query { a: Node } interface Node @key(fields: "id") { id: ID! } type N implements Node { id: ID! }"#,
        Code::InterfaceKeyNotOnImplementation,
        "N",
        "The interface `Node` has the key \"id\", and this type does not.",
    );
}

#[test]
fn an_external_field_that_provides() {
    error_in_a(
        r#"type Query { item: Item } type Item @key(fields: "id owner { id }") { id: ID! owner: Owner @external @provides(fields: "name") }
        type Owner @key(fields: "id") { id: ID! name: String @external }"#,
        Code::ExternalCollisionWithAnotherDirective,
        "Item.owner",
        "The field has both `@external` and `@provides`.",
    );
}

#[test]
fn a_demand_on_an_interface() {
    let message = "Who may see it is demanded of an interface.";
    let sdl = |ty: &str, field: &str| {
        format!(
            "type Query {{ node: Node }} interface Node {ty} {{ id: ID! {field} }} type Item implements Node {{ id: ID! @authenticated }}"
        )
    };
    let code = Code::AuthRequirementsAppliedOnInterface;
    error_in_a(&sdl("@authenticated", ""), code, "Node", message);
    error_in_a(
        &sdl("", r#"@requiresScopes(scopes: [["read"]])"#),
        code,
        "Node.id",
        message,
    );
    composed(&[("a", &sdl("", ""))]);
    assert_error(
        &[
            (
                "a",
                r#"type Node @key(fields: "id") @interfaceObject @policy(policies: [["x"]]) { id: ID! seen: Int @authenticated }"#,
            ),
            (
                "b",
                r#"type Query { node: Node } interface Node @key(fields: "id") { id: ID! } type Item implements Node @key(fields: "id") { id: ID! }"#,
            ),
        ],
        code,
        &["a"],
        "Node",
        message,
    );
}
