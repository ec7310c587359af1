//! `@interfaceObject`: fields for every implementation, from a subgraph that knows none of them.

use insta::assert_snapshot;

use crate::support::{composed, definition, plan};

const MEDIA: &str = r#"
    type Query { media: [Media!]! }
    interface Media @key(fields: "id") { id: ID! title: String }
    type Book implements Media @key(fields: "id") { id: ID! title: String pages: Int }
    type Film implements Media @key(fields: "id") { id: ID! title: String minutes: Int }
"#;
const REVIEWS: &str = r#"
    type Media @interfaceObject @key(fields: "id") { id: ID! rating: Int }
"#;

#[test]
fn the_interface_gains_the_field_and_so_does_every_implementation() {
    let sdl = composed(&[("media", MEDIA), ("reviews", REVIEWS)]).sdl;
    assert_snapshot!(definition(&sdl, "Media"), @r#"
    interface Media
      @join__type(graph: MEDIA, key: "id")
      @join__type(graph: REVIEWS, key: "id", isInterfaceObject: true)
    {
      id: ID!
      title: String @join__field(graph: MEDIA)
      rating: Int @join__field(graph: REVIEWS)
    }
    "#);
    assert_snapshot!(definition(&sdl, "Book"), @r#"
    type Book implements Media
      @join__type(graph: MEDIA, key: "id")
      @join__implements(graph: MEDIA, interface: "Media")
    {
      id: ID!
      title: String
      pages: Int
      rating: Int @join__field
    }
    "#);
}

#[test]
fn the_field_is_fetched_by_way_of_the_interface() {
    let sdl = composed(&[("media", MEDIA), ("reviews", REVIEWS)]).sdl;
    assert_snapshot!(plan(&sdl, "{ media { title ... on Book { rating } } }"), @r#"
    QueryPlan {
      Sequence {
        Fetch(service: "media") {
          {
            media {
              title
              __typename
              ... on Book {
                __typename
                id
              }
            }
          }
        },
        Flatten(path: "media.@|[Book]") {
          Fetch(service: "reviews") {
            {
              ... on Book {
                __typename
                id
              }
            } =>
            {
              ... on Media {
                rating
              }
            }
          },
        },
      },
    },
    "#);
}
