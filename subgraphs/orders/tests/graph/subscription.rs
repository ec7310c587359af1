//! `orderChanged`.

use async_graphql::{Request, Response, Variables};
use futures_util::{Stream, StreamExt};
use serde_json::{Value, json};
use stockgraph_kit::{caller::Caller, loader::Batches, on_both_engines, subgraph::Subgraph};

use crate::shop::{Shop, customer, staff};

const QUERY: &str = "subscription($id: ID!) { orderChanged(id: $id) { status timeline { kind } } }";

impl Shop {
    fn watch(
        &self,
        caller: &Caller,
        id: &Value,
        batches: &Batches,
    ) -> impl Stream<Item = Response> + use<> {
        let request = Request::new(QUERY)
            .variables(Variables::from_json(json!({ "id": id })))
            .data(caller.clone());
        let request = self.subgraph.with_loaders(request, batches);
        self.subgraph.execute_stream(request)
    }
}

on_both_engines! {
    async fn an_order_is_shown_now_and_after_every_change(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        let other = shop.pending("other").await;
        let batches = Batches::default();
        let mut changes = Box::pin(shop.watch(&customer(1), &order["id"], &batches));
        let mut next = async || {
            let response = batches.drive(changes.next()).await.unwrap();
            assert!(response.errors.is_empty(), "{:?}", response.errors);
            let shown = response.data.into_json().unwrap()["orderChanged"].clone();
            (shown["status"].as_str().unwrap().to_owned(), shown["timeline"].as_array().unwrap().len())
        };
        assert_eq!(next().await, ("PENDING_PAYMENT".into(), 1));
        shop.cancel(&customer(1), &other).await;
        shop.pay(&order, "p", 15_200_000).await;
        assert_eq!(next().await, ("PAID".into(), 2));
        shop.mutate(&staff(), "shipOrder", json!({ "id": order["id"] })).await;
        assert_eq!(next().await, ("SHIPPED".into(), 3));
    }

    async fn nobody_watches_an_order_that_they_may_not_see(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        for caller in [customer(2), Caller::Anonymous] {
            let batches = Batches::default();
            let mut changes = Box::pin(shop.watch(&caller, &order["id"], &batches));
            let first = batches.drive(changes.next()).await.unwrap();
            assert_eq!(first.errors[0].message, "There is no such order.");
            assert!(batches.drive(changes.next()).await.is_none());
        }
        let batches = Batches::default();
        let mut changes = Box::pin(shop.watch(&staff(), &order["id"], &batches));
        assert!(batches.drive(changes.next()).await.unwrap().errors.is_empty());
    }
}
