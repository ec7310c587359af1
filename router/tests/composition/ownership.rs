//! `@shareable`, `@external`, `@requires`, `@provides`: who answers for a field.

use insta::assert_snapshot;

use crate::support::{composed, definition, plan};

#[test]
fn a_field_that_every_subgraph_resolves_alike_needs_no_join() {
    let sdl = composed(&[
        (
            "a",
            "type Query { one: Money } type Money @shareable { amount: Int! }",
        ),
        (
            "b",
            "type Query { two: Money } type Money { amount: Int! @shareable }",
        ),
    ])
    .sdl;
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
fn shareable_on_a_type_holds_for_the_fields_of_its_block_alone() {
    let sdl = composed(&[
        ("a", "type Query { one: Money @shareable } type Money @shareable { amount: Int! } extend type Money { symbol: String }"),
        ("b", "type Query { one: Money @shareable } type Money @shareable { amount: Int! }"),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Money"), @r#"
    type Money
      @join__type(graph: A)
      @join__type(graph: B)
    {
      amount: Int!
      symbol: String @join__field(graph: A)
    }
    "#);
}

#[test]
fn a_required_field_is_fetched_before_the_field_that_requires_it() {
    let sdl = composed(&[
        ("products", r#"type Query { product: Product } type Product @key(fields: "id") { id: ID! weight: Int }"#),
        (
            "shipping",
            r#"type Product @key(fields: "id") { id: ID! weight: Int @external fee: Int @requires(fields: "weight") }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: PRODUCTS, key: "id")
      @join__type(graph: SHIPPING, key: "id")
    {
      id: ID!
      weight: Int @join__field(graph: PRODUCTS) @join__field(graph: SHIPPING, external: true)
      fee: Int @join__field(graph: SHIPPING, requires: "weight")
    }
    "#);
    assert_snapshot!(plan(&sdl, "{ product { fee } }"), @r#"
    QueryPlan {
      Sequence {
        Fetch(service: "products") {
          {
            product {
              __typename
              id
              weight
            }
          }
        },
        Flatten(path: "product") {
          Fetch(service: "shipping") {
            {
              ... on Product {
                __typename
                weight
                id
              }
            } =>
            {
              ... on Product {
                fee
              }
            }
          },
        },
      },
    },
    "#);
}

#[test]
fn a_required_field_may_be_given_arguments() {
    let sdl = composed(&[
        ("products", r#"type Query { product: Product } type Product @key(fields: "id") { id: ID! price(currency: String): Int }"#),
        (
            "shipping",
            r#"type Product @key(fields: "id") {
                id: ID!
                price(currency: String): Int @external
                fee: Int @requires(fields: "price(currency: \"IDR\")")
            }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: PRODUCTS, key: "id")
      @join__type(graph: SHIPPING, key: "id")
    {
      id: ID!
      price(currency: String): Int @join__field(graph: PRODUCTS) @join__field(graph: SHIPPING, external: true)
      fee: Int @join__field(graph: SHIPPING, requires: "price(currency: \"IDR\")")
    }
    "#);
}

#[test]
fn a_provided_field_saves_a_fetch_on_its_path_only() {
    let sdl = composed(&[
        ("products", r#"type Query { product: Product } type Product @key(fields: "id") { id: ID! name: String @shareable }"#),
        (
            "reviews",
            r#"type Query { best: Review @shareable worst: Review }
            type Review { product: Product @provides(fields: "name") subject: Product }
            type Product @key(fields: "id") { id: ID! name: String @external }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Review"), @r#"
    type Review
      @join__type(graph: REVIEWS)
    {
      product: Product @join__field(graph: REVIEWS, provides: "name")
      subject: Product
    }
    "#);
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: PRODUCTS, key: "id")
      @join__type(graph: REVIEWS, key: "id")
    {
      id: ID!
      name: String @join__field(graph: PRODUCTS) @join__field(graph: REVIEWS, external: true)
    }
    "#);
    assert_snapshot!(plan(&sdl, "{ best { product { name } subject { name } } }"), @r#"
    QueryPlan {
      Sequence {
        Fetch(service: "reviews") {
          {
            best {
              product {
                name
              }
              subject {
                __typename
                id
              }
            }
          }
        },
        Flatten(path: "best.subject") {
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
fn what_is_below_an_external_field_is_external() {
    let sdl = composed(&[
        (
            "a",
            r#"type Query { product: Product }
            type Product @key(fields: "id") { id: ID! size: Size }
            type Size @shareable { width: Int }"#,
        ),
        (
            "b",
            r#"type Product @key(fields: "id") { id: ID! size: Size @external fee: Int @requires(fields: "size { width }") }
            type Size @shareable { width: Int }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: A, key: "id")
      @join__type(graph: B, key: "id")
    {
      id: ID!
      size: Size @join__field(graph: A) @join__field(graph: B, external: true)
      fee: Int @join__field(graph: B, requires: "size { width }")
    }
    "#);
}

#[test]
fn an_implementation_may_be_external_where_the_interface_is_provided() {
    let sdl = composed(&[
        (
            "a",
            r#"type Query { shown: Animal @provides(fields: "name") @shareable }
            interface Animal { id: ID! name: String }
            type Dog implements Animal @key(fields: "id") { id: ID! name: String @external }"#,
        ),
        (
            "b",
            r#"type Query { animals: [Animal!]! }
            interface Animal { id: ID! name: String }
            type Dog implements Animal @key(fields: "id") { id: ID! name: String @shareable }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Dog"), @r#"
    type Dog implements Animal
      @join__type(graph: A, key: "id")
      @join__type(graph: B, key: "id")
      @join__implements(graph: A, interface: "Animal")
      @join__implements(graph: B, interface: "Animal")
    {
      id: ID!
      name: String @join__field(graph: A, external: true) @join__field(graph: B)
    }
    "#);
}

#[test]
fn a_definition_may_leave_its_key_to_others() {
    let sdl = composed(&[
        (
            "a",
            r#"type Query { shown: Product @provides(fields: "id") }
            type Product @key(fields: "id") { id: ID! @external }"#,
        ),
        (
            "b",
            r#"type Product @key(fields: "id") { id: ID! name: String }"#,
        ),
    ])
    .sdl;
    assert_snapshot!(definition(&sdl, "Product"), @r#"
    type Product
      @join__type(graph: A, key: "id")
      @join__type(graph: B, key: "id")
    {
      id: ID! @join__field(graph: A, external: true) @join__field(graph: B)
      name: String @join__field(graph: B)
    }
    "#);
}
