//! A small foreign shop of four async-graphql subgraphs, for tests that need real resolvers.

use async_graphql::{
    ComplexObject, EmptyMutation, EmptySubscription, Enum, ID, Interface, Object, SDLExportOptions,
    Schema, SimpleObject, Union,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use stockgraph_router::transport::{InProcess, Subgraph};
use stockgraph_router::{Router, RouterOptions, SubgraphDefinition};

// --- catalogue: products, media, a counter to change ------------------------------------------------

#[derive(SimpleObject, Clone)]
struct Product {
    id: ID,
    name: String,
    /// Grams.
    weight: i32,
    kind: Kind,
    tags: Vec<Option<String>>,
    grid: Vec<Vec<i32>>,
}

#[derive(Enum, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Light,
    Heavy,
}

#[derive(SimpleObject)]
struct Book {
    title: String,
    pages: i32,
}

#[derive(SimpleObject)]
struct Film {
    title: String,
    minutes: i32,
}

#[derive(Interface)]
#[graphql(field(name = "title", ty = "&String"))]
enum Titled {
    Book(Book),
    Film(Film),
}

#[derive(Union)]
enum Found {
    Book(Book),
    Product(Box<Product>),
}

fn product(id: &str) -> Option<Product> {
    let (name, weight) = match id {
        "1" => ("Lamp", 900),
        "2" => ("Anvil", 40_000),
        "3" => ("Feather", 1),
        _ => return None,
    };
    Some(Product {
        id: id.into(),
        name: name.to_owned(),
        weight,
        kind: if weight > 10_000 {
            Kind::Heavy
        } else {
            Kind::Light
        },
        tags: vec![Some("a".to_owned()), None],
        grid: vec![vec![1, 2], vec![], vec![3]],
    })
}

struct CatalogueQuery;

#[Object(name = "Query")]
impl CatalogueQuery {
    async fn products(&self) -> Vec<Product> {
        ["1", "2", "3"].into_iter().filter_map(product).collect()
    }

    async fn product(&self, id: ID) -> Option<Product> {
        product(&id)
    }

    async fn titled(&self) -> Vec<Titled> {
        vec![
            Titled::Book(Book {
                title: "Iron".to_owned(),
                pages: 90,
            }),
            Titled::Film(Film {
                title: "Rust".to_owned(),
                minutes: 120,
            }),
        ]
    }

    async fn found(&self) -> Vec<Found> {
        let book = Book {
            title: "Iron".to_owned(),
            pages: 90,
        };
        let product = product("2")
            .into_iter()
            .map(|it| Found::Product(Box::new(it)));
        std::iter::once(Found::Book(book)).chain(product).collect()
    }

    #[graphql(entity)]
    async fn find_product(&self, id: ID) -> Option<Product> {
        product(&id)
    }
}

struct CatalogueMutation {
    counter: AtomicI32,
}

#[Object(name = "Mutation")]
impl CatalogueMutation {
    /// Adds and gives the sum.
    async fn add(&self, number: i32) -> i32 {
        self.counter.fetch_add(number, Ordering::SeqCst) + number
    }
}

// --- shipping: needs the weight that the catalogue knows ---------------------------------------------

mod shipping {
    use super::{ComplexObject, ID, Object, SimpleObject};

    #[derive(SimpleObject)]
    #[graphql(complex)]
    pub struct Product {
        pub id: ID,
        #[graphql(external)]
        pub weight: i32,
    }

    #[ComplexObject]
    impl Product {
        /// What shipping costs, in cents.
        #[graphql(requires = "weight")]
        async fn shipping(&self) -> i32 {
            100 + self.weight / 10
        }
    }

    pub struct Query;

    #[Object]
    impl Query {
        async fn carriers(&self) -> Vec<&str> {
            vec!["sea", "air"]
        }

        #[graphql(entity)]
        async fn find_product(
            &self,
            #[graphql(key)] id: ID,
            weight: Option<i32>,
        ) -> Option<Product> {
            Some(Product {
                id,
                weight: weight?,
            })
        }
    }
}

// --- reviews: products and people come together --------------------------------------------------------

mod reviews {
    use super::{ComplexObject, ID, Object, SimpleObject};
    use async_graphql::{ErrorExtensions, FieldResult};

    #[derive(SimpleObject)]
    #[graphql(complex)]
    pub struct Product {
        pub id: ID,
    }

    #[derive(SimpleObject)]
    pub struct Review {
        pub body: String,
        #[graphql(provides = "name")]
        pub author: Person,
        pub product: Product,
    }

    #[derive(SimpleObject)]
    #[graphql(complex)]
    pub struct Person {
        pub id: ID,
        #[graphql(external)]
        pub name: String,
    }

    #[ComplexObject]
    impl Person {
        async fn reviewed(&self) -> Vec<Product> {
            vec![Product { id: "3".into() }, Product { id: "1".into() }]
        }
    }

    #[ComplexObject]
    impl Product {
        async fn reviews(&self) -> Vec<Review> {
            let review = |body: &str, author: &str, name: &str| Review {
                body: body.to_owned(),
                author: Person {
                    id: author.into(),
                    name: name.to_owned(),
                },
                product: Product {
                    id: self.id.clone(),
                },
            };
            match self.id.as_str() {
                "1" => vec![review("bright", "a", "Ada"), review("dim", "b", "Bob")],
                "2" => vec![review("solid", "a", "Ada")],
                _ => vec![],
            }
        }

        /// Fails for the feather.
        async fn rating(&self) -> FieldResult<Option<i32>> {
            match self.id.as_str() {
                "3" => Err(async_graphql::Error::new("too light to rate")
                    .extend_with(|_, it| it.set("code", "TOO_LIGHT"))),
                _ => Ok(Some(5)),
            }
        }
    }

    pub struct Query;

    #[Object]
    impl Query {
        async fn latest_review(&self) -> Option<Review> {
            Some(Review {
                body: "heavy".to_owned(),
                author: Person {
                    id: "b".into(),
                    name: "Bob".to_owned(),
                },
                product: Product { id: "2".into() },
            })
        }

        #[graphql(entity)]
        async fn find_product(&self, id: ID) -> Option<Product> {
            Some(Product { id })
        }

        #[graphql(entity)]
        async fn find_person(&self, id: ID) -> Option<Person> {
            Some(Person {
                id,
                name: String::new(),
            })
        }
    }
}

// --- people --------------------------------------------------------------------------------------------

mod people {
    use super::{ID, Object, SimpleObject};

    #[derive(SimpleObject)]
    pub struct Person {
        pub id: ID,
        // Reviews provide it.
        #[graphql(shareable)]
        pub name: String,
        pub age: Option<i32>,
    }

    pub fn person(id: &str) -> Option<Person> {
        let (name, age) = match id {
            "a" => ("Ada", Some(36)),
            "b" => ("Bob", None),
            _ => return None,
        };
        Some(Person {
            id: id.into(),
            name: name.to_owned(),
            age,
        })
    }

    pub struct Query;

    #[Object]
    impl Query {
        async fn person(&self, id: ID) -> Option<Person> {
            person(&id)
        }

        #[graphql(entity)]
        async fn find_person(&self, id: ID) -> Option<Person> {
            person(&id)
        }
    }
}

/// One of the shop's subgraphs: its name, its schema and how it is called.
pub type Part = (&'static str, String, Arc<dyn Subgraph>);

/// The shop's subgraphs.
pub fn parts() -> Vec<Part> {
    let catalogue = Schema::build(
        CatalogueQuery,
        CatalogueMutation {
            counter: AtomicI32::new(0),
        },
        EmptySubscription,
    );
    let catalogue = catalogue
        .enable_federation()
        .register_output_type::<Titled>()
        .finish();
    let shipping = Schema::build(shipping::Query, EmptyMutation, EmptySubscription);
    let shipping = shipping.enable_federation().finish();
    let reviews = Schema::build(reviews::Query, EmptyMutation, EmptySubscription);
    let reviews = reviews.enable_federation().finish();
    let people = Schema::build(people::Query, EmptyMutation, EmptySubscription);
    let people = people.enable_federation().finish();
    let options = || SDLExportOptions::new().federation();
    vec![
        (
            "catalogue",
            catalogue.sdl_with_options(options()),
            Arc::new(InProcess::new(catalogue)),
        ),
        (
            "people",
            people.sdl_with_options(options()),
            Arc::new(InProcess::new(people)),
        ),
        (
            "reviews",
            reviews.sdl_with_options(options()),
            Arc::new(InProcess::new(reviews)),
        ),
        (
            "shipping",
            shipping.sdl_with_options(options()),
            Arc::new(InProcess::new(shipping)),
        ),
    ]
}

/// A router over `parts`.
pub fn compose(parts: Vec<Part>) -> Router {
    compose_with(parts, RouterOptions::default())
}

fn compose_with(parts: Vec<Part>, options: RouterOptions) -> Router {
    let subgraphs = parts
        .into_iter()
        .map(|(name, sdl, transport)| SubgraphDefinition {
            name: name.to_owned(),
            url: format!("http://{name}.test/graphql"),
            sdl,
            transport,
        });
    match Router::compose(subgraphs.collect(), options) {
        Ok(router) => router,
        Err(error) => panic!("{error}"),
    }
}

/// The whole shop, with these options.
pub fn shop_with_options(options: RouterOptions) -> Router {
    compose_with(parts(), options)
}

/// The whole shop.
pub fn shop() -> Router {
    compose(parts())
}

/// The shop with one subgraph replaced.
pub fn shop_with(name: &str, transport: Arc<dyn Subgraph>) -> Router {
    let mut parts = parts();
    let part = parts.iter_mut().find(|part| part.0 == name).unwrap();
    part.2 = transport;
    compose(parts)
}
