//! Subgraphs without a federation link, whose words mean other things.

use insta::assert_snapshot;

use crate::support::{FEDERATION_2, composed_as_is, definition, plan};

fn federation_1(sources: &[(&'static str, &str)]) -> String {
    let sources: Vec<(&str, String)> = sources
        .iter()
        .map(|(name, sdl)| (*name, (*sdl).to_owned()))
        .collect();
    composed_as_is(&sources).sdl
}

#[test]
fn an_extension_repeats_its_key_as_external_and_knows_it_all_the_same() {
    let sdl = federation_1(&[
        (
            "products",
            r#"extend type Query { product: Product } type Product @key(fields: "id") { id: ID! name: String }"#,
        ),
        (
            "reviews",
            r#"extend type Product @key(fields: "id") { id: ID! @external rating: Int }"#,
        ),
    ]);
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: PRODUCTS, key: "id")
      @join__type(graph: REVIEWS, key: "id", extension: true)
    {
      id: ID!
      name: String @join__field(graph: PRODUCTS)
      rating: Int @join__field(graph: REVIEWS)
    }
    "#);
    assert_snapshot!(plan(&sdl, "{ product { rating } }"), @r#"
    QueryPlan {
      Sequence {
        Fetch(service: "products") {
          {
            product {
              __typename
              id
            }
          }
        },
        Flatten(path: "product") {
          Fetch(service: "reviews") {
            {
              ... on Product {
                __typename
                id
              }
            } =>
            {
              ... on Product {
                rating
              }
            }
          },
        },
      },
    },
    "#);
}

#[test]
fn the_extends_directive_is_an_extension() {
    let sdl = federation_1(&[
        (
            "products",
            r#"type Query { product: Product } type Product @key(fields: "id") { id: ID! name: String }"#,
        ),
        (
            "reviews",
            r#"type Product @extends @key(fields: "id") { id: ID! @external rating: Int }"#,
        ),
    ]);
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: PRODUCTS, key: "id")
      @join__type(graph: REVIEWS, key: "id", extension: true)
    {
      id: ID!
      name: String @join__field(graph: PRODUCTS)
      rating: Int @join__field(graph: REVIEWS)
    }
    "#);
}

#[test]
fn external_fields_without_use_are_forgotten() {
    let sdl = federation_1(&[
        (
            "products",
            r#"type Query { product: Product } type Product @key(fields: "id") { id: ID! name: String maker: Maker } type Maker { name: String }"#,
        ),
        (
            "reviews",
            r#"extend type Product @key(fields: "id") { id: ID! @external name: String @external rating: Int }
            extend type Maker { name: String @external }"#,
        ),
    ]);
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: PRODUCTS, key: "id")
      @join__type(graph: REVIEWS, key: "id", extension: true)
    {
      id: ID!
      name: String @join__field(graph: PRODUCTS)
      maker: Maker @join__field(graph: PRODUCTS)
      rating: Int @join__field(graph: REVIEWS)
    }
    "#);
    assert_snapshot!(definition(&sdl, "Maker"), @r#"
    type Maker
      @join__type(graph: PRODUCTS)
    {
      name: String
    }
    "#);
}

#[test]
fn value_types_are_shared_without_saying_so() {
    let sdl = federation_1(&[
        ("a", "type Query { one: Money } type Money { amount: Int! }"),
        ("b", "type Query { two: Money } type Money { amount: Int! }"),
    ]);
    assert_snapshot!(definition(&sdl, "Money"), @r#"
    type Money
      @join__type(graph: A)
      @join__type(graph: B)
    {
      amount: Int!
    }
    "#);
}

#[test]
fn an_interface_may_carry_external_and_a_key_which_mean_nothing() {
    let sdl = federation_1(&[
        (
            "a",
            r#"type Query { node: Node }
            interface Node @key(fields: "id") { id: ID! @external }
            type Item implements Node @key(fields: "id") { id: ID! }"#,
        ),
        ("b", "type Query { b: Int }"),
    ]);
    assert_snapshot!(definition(&sdl, "Node"), @r#"
    interface Node
      @join__type(graph: A)
    {
      id: ID!
    }
    "#);
}

#[test]
fn both_federations_compose_together() {
    let sdl = composed_as_is(&[
        ("new", format!(r#"{FEDERATION_2} type Query {{ product: Product }} type Product @key(fields: "id") {{ id: ID! name: String }}"#)),
        ("old", r#"extend type Product @key(fields: "id") { id: ID! @external rating: Int }"#.to_owned()),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: NEW, key: "id")
      @join__type(graph: OLD, key: "id", extension: true)
    {
      id: ID!
      name: String @join__field(graph: NEW)
      rating: Int @join__field(graph: OLD)
    }
    "#);
}

#[test]
fn a_federation_2_extension_may_mark_its_key_external_too() {
    let sdl = composed_as_is(&[
        ("a", format!(r#"{FEDERATION_2} type Query {{ product: Product }} type Product @key(fields: "id") {{ id: ID! name: String }}"#)),
        ("b", format!(r#"{FEDERATION_2} extend type Product @key(fields: "id") {{ id: ID! @external rating: Int }}"#)),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: A, key: "id")
      @join__type(graph: B, key: "id")
    {
      id: ID!
      name: String @join__field(graph: A)
      rating: Int @join__field(graph: B)
    }
    "#);
}
