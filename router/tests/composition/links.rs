//! `@link`: names as the subgraph chose them.

use insta::assert_snapshot;

use crate::support::{composed_as_is, definition};

fn product(link: &str, product: &str) -> String {
    let sdl = composed_as_is(&[
        (
            "a",
            format!("{link} type Query {{ product: Product }} {product}"),
        ),
        ("b", "type Query { b: Int }".to_owned()),
    ])
    .sdl;
    definition(&sdl, "Product")
}

#[test]
fn a_directive_may_be_imported_under_another_name() {
    assert_snapshot!(
        product(
            r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.0", import: [{ name: "@key", as: "@primaryKey" }])"#,
            r#"type Product @primaryKey(fields: "id") { id: ID! }"#
        ),
        @r#"
    type Product
      @join__type(graph: A, key: "id")
    {
      id: ID!
    }
    "#
    );
}

#[test]
fn what_is_not_imported_goes_by_its_namespace() {
    assert_snapshot!(
        product(
            r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.3")"#,
            r#"type Product @federation__key(fields: "id") { id: ID! @federation__tag(name: "x") }"#
        ),
        @r#"
    type Product
      @join__type(graph: A, key: "id")
    {
      id: ID! @tag(name: "x")
    }
    "#
    );
}

#[test]
fn the_namespace_may_be_renamed() {
    assert_snapshot!(
        product(
            r#"extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", as: "fed")"#,
            r#"scalar fed__FieldSet type Product @fed__key(fields: "id") { id: ID! }"#
        ),
        @r#"
    type Product
      @join__type(graph: A, key: "id")
    {
      id: ID!
    }
    "#
    );
}

#[test]
fn a_specification_may_be_linked_by_itself() {
    assert_snapshot!(
        product(
            r#"extend schema
                @link(url: "https://specs.apollo.dev/federation/v2.0", import: ["@key"])
                @link(url: "https://specs.apollo.dev/tag/v0.3", as: "label")
                @link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost"])"#,
            r#"type Product @key(fields: "id") @label(name: "x") { id: ID! @cost(weight: 1) all: [Int] @cost__listSize(assumedSize: 3) }"#
        ),
        @r#"
    type Product
      @join__type(graph: A, key: "id")
      @tag(name: "x")
    {
      id: ID! @cost(weight: 1)
      all: [Int] @listSize(assumedSize: 3)
    }
    "#
    );
}

#[test]
fn the_sdl_that_async_graphql_exports_composes() {
    assert_snapshot!(
        product(
            r#"
directive @include(if: Boolean!) on FIELD | FRAGMENT_SPREAD | INLINE_FRAGMENT
extend schema @link(
	url: "https://specs.apollo.dev/federation/v2.5",
	import: ["@key", "@tag", "@shareable", "@inaccessible", "@override", "@external", "@provides", "@requires", "@composeDirective", "@interfaceObject", "@requiresScopes"]
)"#,
            r#"type Product @key(fields: "id") {
	"""
	Opaque.
	"""
	id: ID!
	secret: String @requiresScopes(scopes: [["catalogue:write"]])
}"#
        ),
        @r#"
    type Product
      @join__type(graph: A, key: "id")
    {
      """Opaque."""
      id: ID!
      secret: String @requiresScopes(scopes: [["catalogue:write"]])
    }
    "#
    );
}
