//! What a process counts, as Prometheus reads it.

use std::sync::Arc;

use axum::{Router, body::Body};
use chrono::TimeDelta;
use http::{Request, StatusCode, header::CONTENT_TYPE};
use stockgraph_kit::{database::Engine, on_both_engines, rights::ServiceName, subgraph::Service};
use stockgraph_orders::OrdersSubgraph;
use stockgraph_router::{Router as Graph, RouterOptions};
use stockgraph_server::{
    config::SubgraphName,
    effects::EffectsLoop,
    graph,
    jobs::{Job, Scheduler},
    metrics, parts,
};
use tower::ServiceExt;

use crate::test_graph::{Shelf, TestGraph};

async fn read(routes: &Router) -> String {
    let request = Request::get(metrics::PATH).body(Body::empty()).unwrap();
    let response = routes.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        response.headers()[CONTENT_TYPE],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    let body = axum::body::to_bytes(response.into_body(), 1 << 20).await;
    String::from_utf8(body.unwrap().to_vec()).unwrap()
}

/// The value of a sample; its name and labels as they are written.
fn value(text: &str, sample: &str) -> Option<i64> {
    text.lines()
        .find_map(|line| line.strip_prefix(sample)?.strip_prefix(' '))
        .map(|value| value.parse().unwrap())
}

/// Orders of the graph's database whose warehouses are out of reach.
fn cut_off(test: &TestGraph) -> Service<OrdersSubgraph> {
    stockgraph_server::use_ring();
    let mut config = test.config.clone();
    config.subgraphs.warehouses = "http://127.0.0.1:1/graphql".into();
    let warehouses = graph::http(
        &config,
        &test.foundation,
        ServiceName::Checkout,
        SubgraphName::Warehouses,
    );
    let warehouses = warehouses.unwrap();
    let products = graph::local(SubgraphName::Products, &test.graph.products);
    let database = &test.databases.orders;
    parts::orders(&config, &test.foundation, database, products, warehouses)
}

on_both_engines! {
    async fn what_is_owed_shows_while_the_warehouses_are_out_of_reach_and_is_gone_when_they_are_back(engine: Engine) {
        let test = TestGraph::empty(engine).await;
        let Shelf { product, .. } = test.shelf(10).await;
        let order = test.place(&test.customer(), "k", &[(&product, 2)]).await["order"].take();
        let cut_off = cut_off(&test);
        let foundation = &test.foundation;
        let page = metrics::routes(foundation, Some(cut_off.clone()), None);
        let [open, stuck, age, done, failed] = [
            "stockgraph_stock_effects_open{kind=\"commit\"}",
            "stockgraph_stock_effects_stuck",
            "stockgraph_stock_effect_oldest_age_seconds",
            "stockgraph_stock_effects_retried_total{outcome=\"done\"}",
            "stockgraph_stock_effects_retried_total{outcome=\"failed\"}",
        ];
        let text = read(&page).await;
        assert_eq!(
            [open, stuck, age].map(|name| value(&text, name)),
            [Some(0); 3]
        );

        // The sale is paid and owed.
        let client = graph::local(SubgraphName::Orders, &cut_off);
        let headers = test.everything().headers().clone();
        let query =
            "mutation ($i: ConfirmPaymentInput!) { confirmPayment(input: $i) { order { status } } }";
        let input = serde_json::json!({ "i": { "orderId": order["id"], "paymentReference": "pi", "amount": order["total"] } });
        let paid = client.call(query, input, &headers).await.unwrap();
        assert_eq!(paid["confirmPayment"]["order"]["status"], "PAID");
        let mut effects = EffectsLoop::new(&cut_off, foundation);
        test.clock().advance(TimeDelta::seconds(100));
        assert_eq!(effects.round().await, None, "not yet stuck");
        let text = read(&page).await;
        let shown = [open, stuck, age, failed].map(|name| value(&text, name));
        assert_eq!(shown, [Some(1), Some(0), Some(100), Some(1)], "{text}");

        // After more than five minutes it is stuck, and that is said once a minute.
        test.clock().advance(TimeDelta::seconds(250));
        let said = effects.round().await.expect("it is said");
        assert_eq!(said.stuck, 1);
        assert_eq!(effects.round().await, None, "and not again at once");
        test.clock().advance(TimeDelta::minutes(1));
        assert!(effects.round().await.is_some());
        let text = read(&page).await;
        assert_eq!(
            [stuck, age].map(|name| value(&text, name)),
            [Some(1), Some(410)]
        );

        // The warehouses are back.
        test.clock().advance(TimeDelta::minutes(2));
        let mut effects = EffectsLoop::new(&test.graph.orders, foundation);
        assert_eq!(effects.round().await, None);
        let text = read(&page).await;
        let shown = [open, stuck, age, done].map(|name| value(&text, name));
        assert_eq!(shown, [Some(0), Some(0), Some(0), Some(1)], "{text}");
        assert_eq!(test.stock(&product).await, (8, 0, 8));
        test.assert_verified().await;
    }
}

#[tokio::test]
async fn what_was_read_is_good_for_a_second() {
    let test = TestGraph::empty(Engine::Sqlite).await;
    let page = metrics::routes(&test.foundation, Some(test.graph.orders.clone()), None);
    test.take_statements();
    for _ in 0..3 {
        read(&page).await;
    }
    let asked = test.take_statements().len();
    test.clock().advance(TimeDelta::seconds(1));
    read(&page).await;
    assert_eq!(test.take_statements().len(), asked);
    assert!(asked > 0);
}

#[tokio::test]
async fn jobs_are_counted_by_name_and_outcome() {
    let test = TestGraph::empty(Engine::Sqlite).await;
    let Shelf { product, .. } = test.shelf(10).await;
    for key in ["a", "b", "c"] {
        test.place(&test.customer(), key, &[(&product, 1)]).await;
    }
    test.pass(TimeDelta::minutes(16)).await;
    let page = metrics::routes(&test.foundation, None, None);
    let text = read(&page).await;
    let of = |text: &str, name: &str, labels: &str| {
        value(text, &format!("stockgraph_job_{name}{{{labels}}}"))
    };
    let orders = "job=\"expire_orders\"";
    let ok = "job=\"expire_orders\",outcome=\"ok\"";
    let failed = "job=\"expire_orders\",outcome=\"failed\"";
    assert_eq!(of(&text, "runs_total", ok), Some(1), "{text}");
    assert_eq!(of(&text, "items_total", orders), Some(3));
    let success = test.clock().now().timestamp();
    let last = of(&text, "last_success_timestamp_seconds", orders);
    assert_eq!(last, Some(success));
    assert!(!text.contains("stock_effects_open"), "no orders here");

    // A graph whose orders are out of reach.
    stockgraph_server::use_ring();
    let supergraph = test.graph.router.supergraph_sdl();
    let client = stockgraph_router::transport::client(&Default::default()).unwrap();
    let transports = SubgraphName::ALL.map(|name| {
        let http =
            stockgraph_router::transport::Http::new(client.clone(), "http://127.0.0.1:1/graphql");
        let transport: Arc<dyn stockgraph_router::transport::Subgraph> = Arc::new(http.unwrap());
        (name.to_string(), transport)
    });
    let router = Graph::from_supergraph(supergraph, transports.into(), RouterOptions::default());
    let scheduler = Scheduler {
        router: Arc::new(router.unwrap()).into(),
        clock: test.clock().clone(),
        metrics: test.foundation.metrics.clone(),
    };
    test.clock().advance(TimeDelta::minutes(1));
    let job = &test.config.jobs["expire_orders"];
    let issuer = test.foundation.issuer.clone();
    let job = Job::new("expire_orders", job, issuer, test.clock().clone()).unwrap();
    scheduler.run(&job).await;
    let text = read(&page).await;
    assert_eq!(of(&text, "runs_total", ok), Some(1));
    assert_eq!(of(&text, "runs_total", failed), Some(1));
    assert_eq!(
        of(&text, "last_success_timestamp_seconds", orders),
        Some(success)
    );
}
