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

/// A subgraph as async-graphql makes it.
mod exported {
    use async_graphql::{
        EmptyMutation, EmptySubscription, ID, Object, SDLExportOptions, Schema, SimpleObject,
    };

    struct Query;

    #[Object]
    impl Query {
        /// The product of the day.
        async fn product(
            &self,
            #[graphql(desc = "Of which day.", default = 0)] day: i32,
        ) -> Product {
            Product {
                id: day.into(),
                cost: None,
            }
        }

        #[graphql(entity)]
        async fn find_product_by_id(&self, id: ID) -> Product {
            Product { id, cost: None }
        }
    }

    /// What is sold.
    #[derive(SimpleObject)]
    struct Product {
        id: ID,
        #[graphql(requires_scopes = "catalogue:write", deprecation = "Use `price`.")]
        cost: Option<i32>,
    }

    pub fn sdl() -> String {
        Schema::build(Query, EmptyMutation, EmptySubscription)
            .enable_federation()
            .finish()
            .sdl_with_options(SDLExportOptions::new().federation())
    }
}

#[test]
fn the_sdl_that_async_graphql_exports_composes() {
    let sdl = composed_as_is(&[
        ("a", exported::sdl()),
        (
            "b",
            r#"extend type Product @key(fields: "id") { id: ID! @external price: Int }"#.to_owned(),
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Query"), @r#"
    type Query
      @join__type(graph: A)
      @join__type(graph: B)
    {
      """The product of the day."""
      product(
        """Of which day."""
        day: Int! = 0
      ): Product! @join__field(graph: A)
    }
    "#);
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    """What is sold."""
    type Product
      @join__type(graph: A, key: "id")
      @join__type(graph: B, key: "id", extension: true)
    {
      id: ID!
      cost: Int @join__field(graph: A) @deprecated(reason: "Use `price`.") @requiresScopes(scopes: [["catalogue:write"]])
      price: Int @join__field(graph: B)
    }
    "#);
}
