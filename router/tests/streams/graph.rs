//! A graph of two subgraphs: `stock` tells events that a test sends, and `catalogue` knows the products' names.

use async_graphql::{
    Context, EmptyMutation, EmptySubscription, Error, ID, Object, SDLExportOptions, Schema,
    SimpleObject, Subscription,
};
use async_graphql_axum::{GraphQLRequest, GraphQLResponse, GraphQLSubscription};
use axum::routing::post;
use futures_util::{Stream, StreamExt, stream};
use serde_json::Value;
use std::sync::Arc;
use std::time::Duration;
use stockgraph_router::transport::{self, Http, HttpOptions, InProcess, Subgraph};
use stockgraph_router::{Responses, Router, RouterOptions, SubgraphDefinition};
use tokio::sync::broadcast;

/// The event that the subgraph reports as an error.
pub const FAILS: i32 = -1;
/// The event after which the subgraph completes its subscriptions.
pub const LAST: i32 = -2;

pub const QUERY: &str = "subscription($id: ID!) { stockChanged(id: $id) { onHand name } }";

/// Sends events to all who subscribe.
#[derive(Clone)]
pub struct Feed(broadcast::Sender<i32>);

impl Feed {
    pub fn new() -> Self {
        Feed(broadcast::channel(64).0)
    }

    /// Sends an event as soon as there are so many subscribers.
    pub async fn send_to(&self, subscribers: usize, on_hand: i32) {
        self.until(subscribers).await;
        self.0.send(on_hand).unwrap();
    }

    /// Waits until there are so many subscribers.
    pub async fn until(&self, subscribers: usize) {
        within(async {
            while self.0.receiver_count() != subscribers {
                tokio::task::yield_now().await;
            }
        })
        .await;
    }
}

mod stock {
    use super::*;

    #[derive(SimpleObject)]
    #[graphql(name = "Product")]
    pub struct Product {
        pub id: ID,
        pub on_hand: Option<i32>,
    }

    pub struct Query;

    #[Object]
    impl Query {
        async fn stock(&self) -> i32 {
            7
        }

        #[graphql(entity)]
        async fn product(&self, id: ID) -> Product {
            Product {
                id,
                on_hand: Some(7),
            }
        }
    }

    pub struct Events;

    #[Subscription(name = "Subscription")]
    impl Events {
        async fn stock_changed(
            &self,
            ctx: &Context<'_>,
            id: ID,
        ) -> Result<impl Stream<Item = Result<Product, Error>> + use<>, Error> {
            if *id == "hidden" {
                return Err(Error::new("it is hidden"));
            }
            let receiver = ctx.data_unchecked::<Feed>().0.subscribe();
            let events = stream::unfold(receiver, |mut receiver| async {
                let event = receiver.recv().await.ok()?;
                (event != LAST).then_some((event, receiver))
            });
            Ok(events.map(move |on_hand| match on_hand {
                FAILS => Err(Error::new("it was not counted")),
                on_hand => Ok(Product {
                    id: id.clone(),
                    on_hand: Some(on_hand),
                }),
            }))
        }

        async fn other(&self) -> impl Stream<Item = i32> + use<> {
            stream::iter([1])
        }
    }
}

mod catalogue {
    use super::*;

    #[derive(SimpleObject)]
    #[graphql(name = "Product")]
    pub struct Product {
        pub id: ID,
        pub name: Option<String>,
    }

    pub struct Query;

    #[Object]
    impl Query {
        async fn catalogue(&self) -> &'static str {
            "c"
        }

        #[graphql(entity)]
        async fn product(&self, id: ID) -> Result<Product, Error> {
            if *id == "unnamed" {
                return Err(Error::new("it has no name"));
            }
            let name = Some(format!("name of {}", *id));
            Ok(Product { id, name })
        }
    }
}

pub type StockSchema = Schema<stock::Query, EmptyMutation, stock::Events>;

pub fn stock(feed: &Feed) -> StockSchema {
    Schema::build(stock::Query, EmptyMutation, stock::Events)
        .enable_federation()
        .enable_subscription_in_federation()
        .data(feed.clone())
        .finish()
}

/// The graph with this way to `stock`.
pub fn graph_over(stock_transport: Arc<dyn Subgraph>) -> Arc<Router> {
    graph_with(stock_transport, RouterOptions::default())
}

pub fn graph_with(stock_transport: Arc<dyn Subgraph>, options: RouterOptions) -> Arc<Router> {
    let catalogue = Arc::new(InProcess::new(catalogue()));
    graph_of(stock_transport, catalogue, options)
}

pub fn catalogue() -> Schema<catalogue::Query, EmptyMutation, EmptySubscription> {
    Schema::build(catalogue::Query, EmptyMutation, EmptySubscription)
        .enable_federation()
        .finish()
}

/// The graph with these ways to its subgraphs.
pub fn graph_of(
    stock_transport: Arc<dyn Subgraph>,
    catalogue_transport: Arc<dyn Subgraph>,
    options: RouterOptions,
) -> Arc<Router> {
    let sdl = || SDLExportOptions::new().federation();
    let definition = |name: &str, sdl, transport| SubgraphDefinition {
        name: name.to_owned(),
        url: format!("http://{name}.test/graphql"),
        sdl,
        transport,
    };
    let definitions = vec![
        definition(
            "catalogue",
            catalogue().sdl_with_options(sdl()),
            catalogue_transport,
        ),
        definition(
            "stock",
            stock(&Feed::new()).sdl_with_options(sdl()),
            stock_transport,
        ),
    ];
    Arc::new(Router::compose(definitions, options).unwrap())
}

/// The graph in one process.
pub fn graph(feed: &Feed) -> Arc<Router> {
    graph_over(Arc::new(InProcess::new(stock(feed))))
}

/// `stock` behind a server that is not ours.
pub async fn foreign_server(feed: &Feed) -> Arc<dyn Subgraph> {
    let schema = stock(feed);
    let answered = schema.clone();
    let answer = move |request: GraphQLRequest| {
        let schema = answered.clone();
        async move { GraphQLResponse::from(schema.execute(request.into_inner()).await) }
    };
    let routes = post(answer).get_service(GraphQLSubscription::new(schema));
    let address = serve(axum::Router::new().route("/graphql", routes)).await;
    http(&address, transport::SubscriptionOptions::default())
}

/// Serves on a free port; its host and port.
pub async fn serve(routes: axum::Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, routes).await.unwrap() });
    address
}

/// The way to a subgraph at this host and port.
pub fn http(address: &str, options: transport::SubscriptionOptions) -> Arc<dyn Subgraph> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .ok();
    let client = transport::client(&HttpOptions::default()).unwrap();
    let http = Http::new(client, format!("http://{address}/graphql")).unwrap();
    Arc::new(http.with_subscriptions(options))
}

/// What a test waits for, but not for ever.
pub async fn within<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(20), future)
        .await
        .expect("it does not take so long")
}

/// The next response; `None` at the end.
pub async fn next(responses: &mut Responses) -> Option<Value> {
    within(responses.next())
        .await
        .map(|response| response.to_json())
}
