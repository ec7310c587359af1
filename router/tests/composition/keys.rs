//! `@key`: how a subgraph finds an entity of another.

use insta::assert_snapshot;

use crate::support::{composed, definition, plan};

#[test]
fn every_key_of_every_subgraph_is_kept() {
    let sdl = composed(&[
        ("a", r#"type Query { product: Product } type Product @key(fields: "id") @key(fields: "sku") { id: ID! sku: String! }"#),
        ("b", r#"type Product @key(fields: "sku") { sku: String! weight: Int }"#),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: A, key: "id")
      @join__type(graph: A, key: "sku")
      @join__type(graph: B, key: "sku")
    {
      id: ID! @join__field(graph: A)
      sku: String!
      weight: Int @join__field(graph: B)
    }
    "#);
}

#[test]
fn a_compound_and_nested_key_is_kept_on_one_line() {
    let sdl = composed(&[
        (
            "a",
            r#"type Query { product: Product }
            type Product @key(fields: """
                sku
                maker { id }
            """) { sku: String! maker: Maker! }
            type Maker { id: ID! @shareable }"#,
        ),
        (
            "b",
            r#"type Product @key(fields: "sku maker { id }") { sku: String! maker: Maker! weight: Int }
            type Maker { id: ID! @shareable }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: A, key: "sku maker { id }")
      @join__type(graph: B, key: "sku maker { id }")
    {
      sku: String!
      maker: Maker!
      weight: Int @join__field(graph: B)
    }
    "#);
    assert_snapshot!(plan(&sdl, "{ product { weight } }"), @r#"
    QueryPlan {
      Sequence {
        Fetch(service: "a") {
          {
            product {
              __typename
              sku
              maker {
                id
              }
            }
          }
        },
        Flatten(path: "product") {
          Fetch(service: "b") {
            {
              ... on Product {
                __typename
                sku
                maker {
                  id
                }
              }
            } =>
            {
              ... on Product {
                weight
              }
            }
          },
        },
      },
    },
    "#);
}

#[test]
fn a_reference_that_cannot_be_resolved_says_so() {
    let sdl = composed(&[
        ("orders", r#"type Query { order: Order } type Order { product: Product } type Product @key(fields: "id", resolvable: false) { id: ID! }"#),
        ("products", r#"type Product @key(fields: "id") { id: ID! name: String }"#),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: ORDERS, key: "id", resolvable: false)
      @join__type(graph: PRODUCTS, key: "id")
    {
      id: ID!
      name: String @join__field(graph: PRODUCTS)
    }
    "#);
    assert_snapshot!(plan(&sdl, "{ order { product { name } } }"), @r#"
    QueryPlan {
      Sequence {
        Fetch(service: "orders") {
          {
            order {
              product {
                __typename
                id
              }
            }
          }
        },
        Flatten(path: "order.product") {
          Fetch(service: "products") {
            {
              ... on Product {
                __typename
                id
              }
            } =>
            {
              ... on Product {
                name
              }
            }
          },
        },
      },
    },
    "#);
}

#[test]
fn a_field_in_a_key_need_not_be_shareable() {
    let sdl = composed(&[
        ("a", r#"type Query { item: Item } type Item @key(fields: "place { code }") { place: Place! } type Place { code: ID! }"#),
        ("b", r#"type Item @key(fields: "place { code }") { place: Place! size: Int } type Place { code: ID! }"#),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Place"), @r#"
    type Place
      @join__type(graph: A)
      @join__type(graph: B)
    {
      code: ID!
    }
    "#);
}
