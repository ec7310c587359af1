//! Whether every query can be answered, and why not.

use stockgraph_router::composition::{Code, Diagnostic};

use crate::support::{assert_hint, composed, errors};

/// The fields that cannot be reached, with what is said of them.
fn unreachable(sources: &[(&str, &str)]) -> Vec<(String, String)> {
    let told = |it: Diagnostic| {
        assert_eq!(it.code, Code::SatisfiabilityError, "{it}");
        (it.coordinate.unwrap_or_default(), it.message)
    };
    errors(sources).into_iter().map(told).collect()
}

/// Asserts that one field cannot be reached.
#[track_caller]
fn assert_unreachable(sources: &[(&str, &str)], field: &str, message: &str) {
    let found = unreachable(sources);
    assert_eq!(found, [(field.to_owned(), message.to_owned())]);
}

#[test]
fn a_value_type_needs_a_key_to_be_completed_elsewhere() {
    assert_unreachable(
        &[
            (
                "a",
                "type Query { one: Money } type Money { amount: Int @shareable }",
            ),
            (
                "b",
                "type Query { two: Money } type Money { amount: Int @shareable symbol: String }",
            ),
        ],
        "Money.symbol",
        "The query `{ one { symbol } }` cannot be answered: it comes to `Money` in `a`, and `b` has it, but no resolvable `@key` of `Money` leads into `b`.",
    );
}

#[test]
fn a_field_is_reported_once_with_the_shortest_way_to_it() {
    let found = unreachable(&[
        (
            "a",
            r#"type Query { box: Box many: [Box] deep: Deep } type Deep { box: Box } type Box @key(fields: "id") { id: ID }"#,
        ),
        (
            "b",
            r#"type Box @key(fields: "id", resolvable: false) { id: ID size: Int weight: Weight } type Weight { value: Int }"#,
        ),
    ]);
    let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["Box.size", "Box.weight"]);
    assert!(
        found[0]
            .1
            .starts_with("The query `{ box { size } }` cannot")
    );
    assert!(
        found[1]
            .1
            .starts_with("The query `{ box { weight { ... } } }` cannot")
    );
}

#[test]
fn the_fields_of_a_key_must_be_had_first() {
    let a = r#"type Query { item: Item } type Item @key(fields: "upc") { upc: ID! }"#;
    let b = r#"type Item @key(fields: "id") { id: ID! price: Int }"#;
    let found = unreachable(&[("a", a), ("b", b)]);
    assert_eq!(found[0].0, "Item.id");
    assert_eq!(
        found[1].1,
        "The query `{ item { price } }` cannot be answered: it comes to `Item` in `a`, and `b` has it, but cannot be entered: the key \"id\" needs `id`, which cannot be had there."
    );
    // A third subgraph leads from one key to the other.
    let c = r#"type Item @key(fields: "upc") @key(fields: "id") { upc: ID! id: ID! }"#;
    composed(&[("a", a), ("b", b), ("c", c)]);
}

#[test]
fn fields_in_the_objects_of_a_key_must_be_had_as_well() {
    let a = r#"type Query { team: Team } type Team { lead: Person @shareable } type Person @key(fields: "id") { id: ID! }"#;
    let b = r#"type Team @key(fields: "lead { id name }") { lead: Person @shareable score: Int } type Person { id: ID! @shareable name: String @shareable }"#;
    let found = unreachable(&[("a", a), ("b", b)]);
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].0, "Team.score");
    assert!(
        found[0]
            .1
            .ends_with("the key \"lead { id name }\" needs `lead`, which cannot be had there.")
    );
    let c = r#"type Person @key(fields: "id") { id: ID! name: String @shareable }"#;
    composed(&[("a", a), ("b", b), ("c", c)]);
}

#[test]
fn what_a_field_requires_must_be_had_where_it_is_asked_for() {
    let a = r#"type Query { item: Item } type Item @key(fields: "id") { id: ID! }"#;
    let b = r#"type Item @key(fields: "id") { id: ID! price: Int @external tax: Int @requires(fields: "price") }"#;
    let c = r#"type Query { other: Item } type Item @key(fields: "id", resolvable: false) { id: ID! price: Int }"#;
    let found = unreachable(&[("a", a), ("b", b), ("c", c)]);
    let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["Item.price", "Item.tax"]);
    assert_eq!(
        found[1].1,
        "The query `{ item { tax } }` cannot be answered: it comes to `Item` in `a`, and `b` requires \"price\" for it, of which `price` cannot be had there."
    );
}

#[test]
fn requirements_in_a_circle_are_never_met() {
    let found = unreachable(&[
        (
            "a",
            r#"type Query { item: Item } type Item @key(fields: "id") { id: ID! x: Int @requires(fields: "y") y: Int @external }"#,
        ),
        (
            "b",
            r#"type Item @key(fields: "id") { id: ID! x: Int @external y: Int @requires(fields: "x") }"#,
        ),
    ]);
    let fields: Vec<&str> = found.iter().map(|(field, _)| field.as_str()).collect();
    assert_eq!(fields, ["Item.x", "Item.y"]);
}

#[test]
fn who_requires_something_is_told_it_by_a_key() {
    assert_unreachable(
        &[
            (
                "a",
                r#"type Query { box: Box @shareable } type Box { id: ID @shareable size: Int @external area: Int @requires(fields: "size") }"#,
            ),
            (
                "b",
                r#"type Query { box: Box @shareable } type Box { id: ID @shareable size: Int }"#,
            ),
        ],
        "Box.area",
        "The query `{ box { area } }` cannot be answered: it comes to `Box` in `a`, `b`, and `a` requires other fields for it, but has no resolvable `@key` of `Box` to be told them by.",
    );
}

#[test]
fn what_is_provided_on_one_way_is_not_had_on_another() {
    assert_unreachable(
        &[
            (
                "a",
                r#"type Query { with: Box @provides(fields: "name") without: Box } type Box { id: ID @shareable name: String @external }"#,
            ),
            (
                "b",
                r#"type Query { own: Box } type Box { id: ID @shareable name: String @shareable }"#,
            ),
        ],
        "Box.name",
        "The query `{ without { name } }` cannot be answered: it comes to `Box` in `a`, and `a` has it only as `@external`; `b` has it, but no resolvable `@key` of `Box` leads into `b`.",
    );
}

#[test]
fn what_was_taken_over_is_asked_of_its_new_owner() {
    assert_unreachable(
        &[
            (
                "a",
                "type Query { box: Box } type Box { id: ID @shareable name: String }",
            ),
            (
                "b",
                r#"type Query { own: Box } type Box { id: ID @shareable name: String @override(from: "a") }"#,
            ),
        ],
        "Box.name",
        "The query `{ box { name } }` cannot be answered: it comes to `Box` in `a`, and `a` has lost it to an `@override`; `b` has it, but no resolvable `@key` of `Box` leads into `b`.",
    );
}

#[test]
fn each_object_behind_an_interface_or_union_is_looked_at() {
    assert_unreachable(
        &[
            (
                "a",
                r#"type Query { things: [Thing] any: Any } interface Thing { id: ID! } union Any = Lamp | Desk
                type Lamp implements Thing @key(fields: "id") { id: ID! } type Desk implements Thing @key(fields: "id") { id: ID! }"#,
            ),
            (
                "b",
                r#"type Lamp @key(fields: "id") { id: ID! watts: Int } type Desk @key(fields: "id", resolvable: false) { id: ID! legs: Int }"#,
            ),
        ],
        "Desk.legs",
        "The query `{ things { ... on Desk { legs } } }` cannot be answered: it comes to `Desk` in `a`, and `b` has it, but no resolvable `@key` of `Desk` leads into `b`.",
    );
}

#[test]
fn an_interface_object_needs_somebody_who_tells_its_type() {
    let b = r#"type Query { node: Node } type Node @interfaceObject @key(fields: "id") { id: ID! name: String }"#;
    let found = unreachable(&[
        (
            "a",
            r#"interface Node @key(fields: "id", resolvable: false) { id: ID! } type User implements Node @key(fields: "id") { id: ID! age: Int }"#,
        ),
        ("b", b),
    ]);
    assert_eq!(found[0].0, "Node");
    assert_eq!(
        found[0].1,
        "The query `{ node { ... on User { __typename } } }` cannot be answered: `Node` is an interface object here, and no subgraph that defines the interface has a `@key` of it that can be given."
    );
    assert_eq!(found[1].0, "User.age");
    assert!(
        found[1]
            .1
            .ends_with("`a` has it, but nobody tells that the interface object is of this type.")
    );
    composed(&[
        (
            "a",
            r#"interface Node @key(fields: "id") { id: ID! } type User implements Node @key(fields: "id") { id: ID! age: Int }"#,
        ),
        ("b", b),
    ]);
}

#[test]
fn mutations_are_looked_at_like_queries() {
    assert_unreachable(
        &[
            (
                "a",
                "type Query { a: Int } type Mutation { make: Made } type Made { id: ID @shareable }",
            ),
            (
                "b",
                "type Query { made: Made } type Made { id: ID @shareable at: Int }",
            ),
        ],
        "Made.at",
        "The query `mutation { make { at } }` cannot be answered: it comes to `Made` in `a`, and `b` has it, but no resolvable `@key` of `Made` leads into `b`.",
    );
}

#[test]
fn what_clients_cannot_see_need_not_be_reached() {
    composed(&[
        (
            "a",
            "type Query { one: Money } type Money { amount: Int @shareable }",
        ),
        (
            "b",
            "type Query { two: Money @inaccessible } type Money { amount: Int @shareable symbol: String @inaccessible }",
        ),
    ]);
}

#[test]
fn a_root_is_reached_from_everywhere() {
    composed(&[
        ("a", "type Query { me: Me } type Me { root: Query }"),
        ("b", "type Query { time: Int }"),
    ]);
}

#[test]
fn shared_fields_answer_with_objects_of_a_common_type() {
    let a = "type Query { any: Any @shareable } union Any = One type One { id: ID @shareable }";
    let b = "type Query { any: Any @shareable } union Any = Two type Two { id: ID }";
    let found = errors(&[("a", a), ("b", b)]);
    assert_eq!(found[0].code, Code::ShareableHasMismatchedRuntimeTypes);
    assert_eq!(found[0].coordinate.as_deref(), Some("Query.any"));
    assert_eq!(
        found[0].message,
        "The shared field answers with objects of no common type: `One` in `a`, and `Two` in `b`."
    );
    assert_hint(
        &[
            ("a", a),
            (
                "b",
                "type Query { any: Any @shareable } union Any = One | Two type One { id: ID @shareable } type Two { id: ID }",
            ),
        ],
        Code::InconsistentRuntimeTypesForShareableReturn,
        &["a", "b"],
        "Query.any",
        "The shared field may answer with different objects: `One` in `a`, and `One`, `Two` in `b`.",
    );
}

#[test]
fn many_requirements_of_requirements_are_looked_at_once_each() {
    let mut sources = vec![(
        "s00".to_owned(),
        r#"type Query { item: Item } type Item @key(fields: "id") { id: ID! a0: Int b0: Int }"#
            .to_owned(),
    )];
    for level in 1..24 {
        let before = level - 1;
        sources.push((
            format!("s{level:02}"),
            format!(
                r#"type Item @key(fields: "id") {{ id: ID! a{before}: Int @external b{before}: Int @external
                a{level}: Int @requires(fields: "a{before} b{before}") b{level}: Int @requires(fields: "b{before} a{before}") }}"#
            ),
        ));
    }
    let sources: Vec<(&str, &str)> = sources
        .iter()
        .map(|(name, sdl)| (name.as_str(), sdl.as_str()))
        .collect();
    composed(&sources);
}
