//! `@composeDirective`: a subgraph's own directives in the supergraph.

use insta::assert_snapshot;
use stockgraph_router::composition::Code;

use crate::support::{assert_error, assert_hint, composed, definition};

const LINKED: &str = r#"
    extend schema @link(url: "https://example.com/cache/v1.2", import: ["@cache"]) @composeDirective(name: "@cache")
    directive @cache(seconds: Int = 60) on FIELD_DEFINITION | OBJECT
"#;

#[test]
fn the_directive_its_definition_and_its_link_are_kept() {
    let sdl = composed(&[
        (
            "a",
            &format!(
                "{LINKED} type Query {{ a: Int @cache(seconds: 5) b: Int @shareable @cache }}"
            ),
        ),
        (
            "b",
            &format!("{LINKED} type Query {{ b: Int @shareable @cache }}"),
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Query"), @r#"
    type Query
      @join__type(graph: A)
      @join__type(graph: B)
    {
      a: Int @join__field(graph: A) @cache(seconds: 5)
      b: Int @cache
    }
    "#);
    assert_snapshot!(definition(&sdl, "@cache"), @"directive @cache(seconds: Int = 60) on FIELD_DEFINITION | OBJECT");
    assert!(sdl.contains(r#"@link(url: "https://example.com/cache/v1.2", import: ["@cache"])"#));
}

#[test]
fn the_newest_minor_version_is_kept() {
    let newer = LINKED.replace("v1.2", "v1.10").replace("= 60", "= 90");
    let sdl = composed(&[
        ("a", &format!("{LINKED} type Query {{ a: Int }}")),
        ("b", &format!("{newer} type Query {{ b: Int }}")),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "@cache"), @"directive @cache(seconds: Int = 90) on FIELD_DEFINITION | OBJECT");
}

#[test]
fn a_repeatable_directive_stays_repeatable() {
    let repeatable = LINKED.replace(") on FIELD", ") repeatable\n  on | FIELD");
    let sdl = composed(&[(
        "a",
        &format!("{repeatable} type Query {{ a: Int @cache @cache }}"),
    )])
    .sdl;
    assert_snapshot!(definition(&sdl, "@cache"), @"directive @cache(seconds: Int = 60) repeatable on FIELD_DEFINITION | OBJECT");
}

#[test]
fn other_directives_of_a_subgraph_are_left_out() {
    let sdl = composed(&[(
        "a",
        "directive @mine on FIELD_DEFINITION type Query { a: Int @mine }",
    )])
    .sdl;
    assert!(!sdl.contains("@mine"));
}

#[test]
fn a_directive_without_a_specification_cannot_be_composed() {
    assert_error(
        &[(
            "a",
            r#"extend schema @composeDirective(name: "@mine") directive @mine on FIELD_DEFINITION type Query { a: Int }"#,
        )],
        Code::DirectiveCompositionError,
        &["a"],
        "schema",
        "`@mine` is not imported by any `@link`, so that it has no specification.",
    );
}

#[test]
fn a_directive_without_a_definition_cannot_be_composed() {
    assert_error(
        &[(
            "a",
            r#"extend schema @link(url: "https://example.com/x/v1.0", import: ["@x"]) @composeDirective(name: "@x") type Query { a: Int }"#,
        )],
        Code::DirectiveCompositionError,
        &["a"],
        "schema",
        "`@x` has no definition in the SDL.",
    );
}

#[test]
fn federations_own_directives_are_not_composed() {
    assert_error(
        &[(
            "a",
            r#"extend schema @composeDirective(name: "@key") type Query { a: Int }"#,
        )],
        Code::DirectiveCompositionError,
        &["a"],
        "schema",
        "`@key` is federation's: `@composeDirective` is for directives of your own.",
    );
}

#[test]
fn what_is_composed_anyway_need_not_be_named() {
    assert_hint(
        &[(
            "a",
            r#"extend schema @composeDirective(name: "@tag") type Query { a: Int @tag(name: "x") }"#,
        )],
        Code::DirectiveCompositionInfo,
        &["a"],
        "schema",
        "`@tag` is composed without being named.",
    );
}

#[test]
fn the_kept_definition_fits_what_each_subgraph_writes() {
    let older = LINKED.replace("FIELD_DEFINITION | OBJECT", "FIELD | INTERFACE");
    let older = older.replace(") on", ") repeatable on");
    let newer = LINKED.replace("v1.2", "v1.3");
    let sdl = composed(&[
        ("a", &format!("{older} type Query {{ a: Int }}")),
        ("b", &format!("{newer} type Query {{ b: Int }}")),
    ])
    .sdl;
    // Clients may not write it: that is for the newest to say.
    assert_snapshot!(definition(&sdl, "@cache"), @"directive @cache(seconds: Int = 60) repeatable on FIELD_DEFINITION | OBJECT | INTERFACE");
}

#[test]
fn definitions_that_differ_are_hinted_at() {
    let query = |name: &str, linked: &str| format!("{linked} type Query {{ {name}: Int @cache }}");
    let other = |code, definition: &str, message| {
        let other = LINKED.replace("on FIELD_DEFINITION | OBJECT", definition);
        assert_hint(
            &[("a", &query("a", LINKED)), ("b", &query("b", &other))],
            code,
            &["a", "b"],
            "@cache",
            message,
        );
    };
    other(
        Code::InconsistentTypeSystemDirectiveRepeatable,
        "repeatable on FIELD_DEFINITION | OBJECT",
        "The definitions differ in whether the directive may be repeated.",
    );
    other(
        Code::InconsistentTypeSystemDirectiveLocations,
        "on FIELD_DEFINITION | INTERFACE",
        "The definitions differ in their locations.",
    );
    let turned = LINKED.replace("FIELD_DEFINITION | OBJECT", "OBJECT | FIELD_DEFINITION");
    let same = composed(&[("a", &query("a", LINKED)), ("b", &query("b", &turned))]);
    assert_eq!(same.hints, []);
}

#[test]
fn two_major_versions_do_not_mix() {
    assert_error(
        &[
            ("a", &format!("{LINKED} type Query {{ a: Int }}")),
            (
                "b",
                &format!("{} type Query {{ b: Int }}", LINKED.replace("v1.2", "v2.0")),
            ),
        ],
        Code::DirectiveCompositionError,
        &["a", "b"],
        "@cache",
        "`@cache` is of two major versions.",
    );
}

#[test]
fn one_name_is_one_directive() {
    assert_error(
        &[
            ("a", &format!("{LINKED} type Query {{ a: Int }}")),
            (
                "b",
                &format!(
                    "{} type Query {{ b: Int }}",
                    LINKED.replace("example.com", "example.org")
                ),
            ),
        ],
        Code::DirectiveCompositionError,
        &["a", "b"],
        "@cache",
        "`@cache` is not the same directive in both subgraphs.",
    );
}

#[test]
fn a_directive_for_operations_is_the_clients_too_and_asks_only_for_what_nobody_fills_in() {
    let link = r#"extend schema @link(url: "https://example.com/access/v1.0", import: ["@access"]) @composeDirective(name: "@access") enum Scope { ALL NONE }"#;
    let sdl = composed(&[
        ("a", &format!("{link} directive @access(scope: Scope!) on FIELD | OBJECT type Query {{ a: Int }}")),
        ("b", &format!("{link} directive @access(scope: Scope! = ALL) on FIELD | OBJECT type Query {{ b: Int }}")),
    ])
    .sdl;
    let public = stockgraph_router::composition::api_schema(&sdl).unwrap();
    assert_snapshot!(definition(&public, "@access"), @"directive @access(scope: Scope! = ALL) on FIELD");
}

#[test]
fn directives_for_operations_that_all_subgraphs_define_are_kept() {
    let supergraph = composed(&[
        (
            "a",
            "directive @trace(level: Int = 1, own: Int) repeatable on FIELD | QUERY | OBJECT directive @apart on QUERY directive @only on FIELD type Query { a: Int }",
        ),
        (
            "b",
            "directive @trace(level: Int = 1) on FIELD directive @apart on FIELD type Query { b: Int }",
        ),
    ]);
    assert_snapshot!(definition(&supergraph.sdl, "@trace"), @"directive @trace(level: Int = 1) on FIELD");
    let mut hints: Vec<String> = supergraph
        .hints
        .iter()
        .map(|it| {
            format!(
                "{} {}",
                it.code,
                it.coordinate.as_deref().unwrap_or_default()
            )
        })
        .collect();
    hints.sort();
    assert_eq!(
        hints,
        [
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS @trace",
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE @only",
            "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE @trace",
            "NO_EXECUTABLE_DIRECTIVE_LOCATIONS_INTERSECTION @apart",
        ]
    );
    let public = stockgraph_router::composition::api_schema(&supergraph.sdl).unwrap();
    assert!(public.contains("directive @trace(level: Int = 1) on FIELD"));
}
