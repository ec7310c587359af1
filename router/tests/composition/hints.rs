//! What is legal but odd.

use stockgraph_router::composition::Code;

use crate::support::{assert_hint, composed_as_is};

/// Composes `a` and `b` and expects one hint of the code, in both.
#[track_caller]
fn hint(a: &str, b: &str, code: Code, at: &str, message: &str) {
    assert_hint(&[("a", a), ("b", b)], code, &["a", "b"], at, message);
}

#[test]
fn descriptions_differ() {
    hint(
        r#"type Query { "One." q: Int @shareable }"#,
        r#"type Query { "Two." q: Int @shareable }"#,
        Code::InconsistentDescription,
        "Query.q",
        "The descriptions differ; the graph has the one that most subgraphs give.",
    );
}

#[test]
fn field_types_differ_and_fit() {
    hint(
        "type Query { q: Int @shareable }",
        "type Query { q: Int! @shareable }",
        Code::InconsistentButCompatibleFieldType,
        "Query.q",
        "The field's types differ: `Int` in `a`, `Int!` in `b`. The graph has `Int`.",
    );
}

#[test]
fn argument_types_differ_and_fit() {
    hint(
        "type Query { q(x: Int): Int @shareable }",
        "type Query { q(x: Int!): Int @shareable }",
        Code::InconsistentButCompatibleArgumentType,
        "Query.q(x:)",
        "The types differ: `Int` in `a`, `Int!` in `b`. The graph has `Int!`.",
    );
}

#[test]
fn an_argument_is_left_out() {
    hint(
        "type Query { q(x: Int): Int @shareable }",
        "type Query { q: Int @shareable }",
        Code::InconsistentArgumentPresence,
        "Query.q(x:)",
        "The argument is left out, since `b` lacks it.",
    );
}

#[test]
fn a_default_value_is_left_out() {
    hint(
        "type Query { q(x: Int = 1): Int @shareable }",
        "type Query { q(x: Int): Int @shareable }",
        Code::InconsistentDefaultValuePresence,
        "Query.q(x:)",
        "The default value `1` is left out, since not every subgraph has it.",
    );
}

#[test]
fn an_input_field_is_left_out() {
    hint(
        "type Query { a(x: In): Int } input In { a: Int b: Int }",
        "type Query { b(x: In): Int } input In { a: Int }",
        Code::InconsistentInputObjectField,
        "In.b",
        "The input field is left out, since `b` lacks it.",
    );
}

#[test]
fn an_enum_value_is_left_out() {
    hint(
        "type Query { a(x: E): Int } enum E { A B }",
        "type Query { b(x: E): Int } enum E { A }",
        Code::InconsistentEnumValueForInputEnum,
        "E.B",
        "The value is left out, since `b` lacks it and the enum is an input.",
    );
}

#[test]
fn an_enum_value_is_not_everywhere() {
    hint(
        "type Query { a: E } enum E { A B }",
        "type Query { b: E } enum E { A }",
        Code::InconsistentEnumValueForOutputEnum,
        "E.B",
        "`b` lacks the value.",
    );
}

#[test]
fn a_union_member_is_not_everywhere() {
    hint(
        "type Query { a: U } union U = A | B type A @shareable { a: Int } type B { b: Int }",
        "type Query { b: U } union U = A type A @shareable { a: Int }",
        Code::InconsistentUnionMember,
        "U",
        "The member `B` is not in `b`.",
    );
}

#[test]
fn an_enum_is_used_nowhere() {
    assert_hint(
        &[("a", "type Query { a: Int } enum E { A }")],
        Code::UnusedEnumType,
        &["a"],
        "E",
        "The enum is defined, but no field or argument uses it.",
    );
}

#[test]
fn an_override_names_an_unknown_subgraph() {
    assert_hint(
        &[("a", r#"type Query { a: Int @override(from: "z") }"#)],
        Code::FromSubgraphDoesNotExist,
        &["a"],
        "Query.a",
        "`@override` takes the field from `z`, but there is no such subgraph.",
    );
}

#[test]
fn an_override_has_done_its_work() {
    assert_hint(
        &[
            ("a", r#"type Query { a: Int @override(from: "b") }"#),
            ("b", "type Query { b: Int }"),
        ],
        Code::OverrideDirectiveCanBeRemoved,
        &["a"],
        "Query.a",
        "`@override` takes the field from `b`, which does not have it.",
    );
}

#[test]
fn an_overridden_field_serves_nobody() {
    hint(
        r#"type Query { q: Int @override(from: "b") }"#,
        "type Query { q: Int }",
        Code::OverriddenFieldCanBeRemoved,
        "Query.q",
        "`b` is no longer asked for the field.",
    );
}

#[test]
fn a_type_is_an_entity_in_some_subgraphs_only() {
    assert_hint(
        &[
            (
                "a",
                r#"type Query { a: Item } type Item @key(fields: "id") { id: ID }"#,
            ),
            (
                "b",
                "type Query { b: Item } type Item { id: ID @shareable }",
            ),
        ],
        Code::InconsistentEntity,
        &["a", "b"],
        "Item",
        "The type has no `@key` in `b`.",
    );
}

#[test]
fn a_field_of_a_type_without_key_is_not_everywhere() {
    let a = "type Query { v: V @shareable i: I @shareable } type V { x: Int @shareable y: Int } interface I { x: Int y: Int }";
    let b = "type Query { v: V @shareable i: I @shareable } type V { x: Int @shareable } interface I { x: Int }";
    let sources = [("a", a), ("b", b)];
    let both = ["a", "b"];
    let message = "The field is not in `b`.";
    assert_hint(
        &sources,
        Code::InconsistentObjectValueTypeField,
        &both,
        "V.y",
        message,
    );
    assert_hint(
        &sources,
        Code::InconsistentInterfaceValueTypeField,
        &both,
        "I.y",
        message,
    );
}

#[test]
fn a_directive_that_stands_once_has_different_arguments() {
    let a = r#"type Query { x: [Int] @shareable @deprecated(reason: "old") y: [Int] @shareable @listSize(assumedSize: 3) z: Int @shareable @cost(weight: 2) }"#;
    let b = r#"type Query { x: [Int] @shareable @deprecated(reason: "bad") y: [Int] @shareable @listSize(assumedSize: 5) z: Int @shareable @cost(weight: 2) }"#;
    let sources = [("a", a), ("b", b)];
    let both = ["a", "b"];
    let message = "The arguments of `@deprecated` differ; those of the first are kept.";
    let code = Code::InconsistentNonRepeatableDirectiveArguments;
    assert_hint(&sources, code, &both, "Query.x", message);
    let message = "The arguments of `@listSize` differ; the largest are kept.";
    let code = Code::MergedNonRepeatableDirectiveArguments;
    assert_hint(&sources, code, &both, "Query.y", message);
}

#[test]
fn a_field_is_on_its_way_to_another_subgraph() {
    hint(
        "type Query { q: Int }",
        r#"type Query { q: Int @override(from: "a", label: "percent(5)") }"#,
        Code::OverrideMigrationInProgress,
        "Query.q",
        "The field is on its way from `a`: the label `percent(5)` decides who is asked.",
    );
}

#[test]
fn a_specification_is_newer_than_the_linked_federation() {
    let sdl = |version: &str| {
        format!(
            r#"extend schema @link(url: "https://specs.apollo.dev/federation/{version}") @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost"])
            type Query {{ q: Int @cost(weight: 3) }}"#
        )
    };
    let upgraded = |version: &str| {
        let composed = composed_as_is(&[("a", sdl(version))]);
        let mut hints = composed.hints.into_iter();
        hints.find(|it| it.code == Code::ImplicitlyUpgradedFederationVersion)
    };
    let hint = upgraded("v2.3").unwrap();
    assert_eq!(hint.subgraphs, ["a"]);
    assert_eq!(
        hint.message,
        "Version 2.3 of federation is linked, and taken for 2.9, which `https://specs.apollo.dev/cost` came with."
    );
    assert_eq!(upgraded("v2.9"), None);
    // Keys of interfaces came with version 2.3.
    let keyed = sdl("v2.0").replace("v2.0\"", "v2.0\", import: [\"@key\"]");
    composed_as_is(&[(
        "a",
        format!(
            r#"{keyed} interface Node @key(fields: "id") {{ id: ID! }} type Item implements Node @key(fields: "id") {{ id: ID! }}"#
        ),
    )]);
}

#[test]
fn an_override_takes_what_was_external() {
    hint(
        r#"type Query { item: Item @provides(fields: "size") } type Item @key(fields: "id") { id: ID! size: Int @external }"#,
        r#"type Item @key(fields: "id") { id: ID! size: Int @shareable @override(from: "a") }"#,
        Code::OverrideDirectiveCanBeRemoved,
        "Item.size",
        "`a` does not resolve the field: it is `@external` there.",
    );
}
