//! Many callers at the same moment.

use std::sync::Arc;

use chrono::TimeDelta;
use stockgraph_kit::{
    database::{Database, Engine},
    id::{ProductId, ReservationId},
    testing,
};
use stockgraph_warehouses::{
    domain::{line::Line, reservation::ReservationStatus, warehouse::WarehouseId},
    service::{
        CreateWarehouse, ReceiveStock, ReserveStock, ReserveStockError, TransferStock, Warehouses,
    },
};

use crate::graph::TestGraph;

/// A shop with some products in some warehouses, so many units each.
pub struct Shop {
    pub graph: TestGraph,
    stock: Warehouses,
    /// The same stock as another process has it: with connections of its own. SQLite has one process.
    replica: Warehouses,
    pub warehouses: Vec<WarehouseId>,
    pub products: Vec<ProductId>,
}

impl Shop {
    pub async fn new(engine: Engine, warehouses: usize, products: usize, units: i32) -> Arc<Self> {
        let graph = TestGraph::new(engine).await;
        let stock = graph.stock().clone();
        let replica = match engine {
            Engine::Sqlite => stock.clone(),
            Engine::Postgres => {
                let options = testing::options(&graph.database.url);
                let database = Database::connect(&options).await.unwrap();
                Warehouses::new(database, graph.clock.clone(), graph.ids.clone())
            }
        };
        let mut shop = Self {
            warehouses: Vec::new(),
            products: (0..products).map(|_| graph.ids.next()).collect(),
            stock,
            replica,
            graph,
        };
        for number in 0..warehouses {
            let id: WarehouseId = shop.graph.ids.next();
            let code = format!("W{number}");
            let input = CreateWarehouse {
                id,
                name: code.clone(),
                code,
                location: None,
                priority: 0,
            };
            shop.stock.create_warehouse(input).await.unwrap();
            shop.warehouses.push(id);
            shop.stock
                .receive_stock(shop.receipt(id, units))
                .await
                .unwrap();
        }
        Arc::new(shop)
    }

    /// What caller number so-and-so talks to.
    pub fn process(&self, caller: usize) -> &Warehouses {
        if caller.is_multiple_of(2) {
            &self.stock
        } else {
            &self.replica
        }
    }

    /// Takes its database away, for a test that opens many shops.
    pub async fn remove(&self) {
        self.graph.database.remove().await;
    }

    fn receipt(&self, warehouse: WarehouseId, units: i32) -> ReceiveStock {
        let lines = self.products.iter().map(|product| Line {
            product: *product,
            quantity: units,
        });
        ReceiveStock {
            warehouse,
            lines: lines.collect(),
            reason: None,
            key: None,
            actor: None,
        }
    }

    /// A hold for ten minutes.
    pub fn hold(&self, id: ReservationId, lines: Vec<Line>) -> ReserveStock {
        ReserveStock {
            id,
            lines,
            expires_at: self.graph.clock.now() + TimeDelta::minutes(10),
            owner: None,
            actor: None,
        }
    }
}

/// Both engines, each with a runtime of several threads.
macro_rules! at_once {
    ($(async fn $name:ident($engine:ident: Engine) $body:block)+) => {
        $(
            mod $name {
                use super::*;

                async fn behaviour($engine: Engine) $body

                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn sqlite() {
                    behaviour(Engine::Sqlite).await;
                }

                #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
                async fn postgres() {
                    behaviour(Engine::Postgres).await;
                }
            }
        )+
    };
}

at_once! {
    async fn fifty_buyers_of_ten_units_make_ten_reservations(engine: Engine) {
        let shop = Shop::new(engine, 2, 1, 5).await;
        let buyers = (0..50).map(|number| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                let line = Line { product: shop.products[0], quantity: 1 };
                shop.process(number).reserve_stock(shop.hold(shop.graph.ids.next(), vec![line])).await
            })
        });
        let mut held = 0;
        for buyer in buyers.collect::<Vec<_>>() {
            match buyer.await.unwrap() {
                Ok(_) => held += 1,
                Err(ReserveStockError::Short(short)) => assert_eq!(short[0].available, 0),
                Err(error) => panic!("{error}"),
            }
        }
        assert_eq!(held, 10);
        shop.graph.verify().await;
    }

    async fn twins_with_one_id_are_one_reservation(engine: Engine) {
        let shop = Shop::new(engine, 1, 2, 10).await;
        for round in 0..10 {
            let id: ReservationId = shop.graph.ids.next();
            let twins = (0..6).map(|number| {
                let shop = Arc::clone(&shop);
                // In odd rounds half of them ask for another product under the same id.
                let product = if round % 2 == 1 { number / 3 } else { 0 };
                tokio::spawn(async move {
                    let line = Line { product: shop.products[product], quantity: 1 };
                    shop.process(number).reserve_stock(shop.hold(id, vec![line])).await
                })
            });
            let mut held = Vec::new();
            for twin in twins.collect::<Vec<_>>() {
                match twin.await.unwrap() {
                    Ok(reservation) => held.push(reservation),
                    Err(ReserveStockError::OtherLines(known)) => assert_eq!(known.id, id),
                    Err(error) => panic!("{error}"),
                }
            }
            assert_eq!(held.len(), if round % 2 == 1 { 3 } else { 6 });
            assert!(held.iter().all(|reservation| *reservation == held[0]));
            shop.stock.release_reservation(id, None).await.unwrap();
        }
        shop.graph.verify().await;
    }

    async fn the_first_receipts_of_a_product_make_one_level(engine: Engine) {
        let shop = Shop::new(engine, 1, 1, 1).await;
        let fresh: Vec<ProductId> = (0..5).map(|_| shop.graph.ids.next()).collect();
        let receipts = (0..12_usize).map(|number| {
            let shop = Arc::clone(&shop);
            let mut products = fresh.clone();
            products.rotate_left(number % 5);
            tokio::spawn(async move {
                let lines = products.iter().map(|product| Line { product: *product, quantity: 1 }).collect();
                let receipt = ReceiveStock {
                    lines,
                    key: Some(format!("delivery {}", number / 2)),
                    ..shop.receipt(shop.warehouses[0], 1)
                };
                shop.process(number / 3).receive_stock(receipt).await
            })
        });
        let mut refused = 0;
        for receipt in receipts.collect::<Vec<_>>() {
            if receipt.await.unwrap().is_err() {
                refused += 1;
            }
        }
        assert_eq!(refused, 0);
        let stock = shop.stock.stock_of(&fresh).await.unwrap();
        assert!(stock.values().all(|stock| stock.on_hand() == 6), "each key is booked once: {stock:?}");
        shop.graph.verify().await;
    }

    async fn opposite_transfers_at_once_all_arrive(engine: Engine) {
        let shop = Shop::new(engine, 2, 10, 20).await;
        let transfers = (0..20).map(|number| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                let mut lines: Vec<_> = shop.products.iter().map(|product| Line { product: *product, quantity: 1 }).collect();
                lines.rotate_left(number % 10);
                let [source, destination] = if number % 2 == 0 { [0, 1] } else { [1, 0] };
                shop.process(number / 2).transfer_stock(TransferStock {
                    id: shop.graph.ids.next(),
                    source: shop.warehouses[source],
                    destination: shop.warehouses[destination],
                    lines,
                    in_transit: false,
                    key: None,
                    actor: None,
                }).await
            })
        });
        for transfer in transfers.collect::<Vec<_>>() {
            transfer.await.unwrap().unwrap();
        }
        let stock = shop.stock.stock_of(&shop.products).await.unwrap();
        assert!(stock.values().all(|stock| stock.places(false).all(|place| place.level.on_hand == 20)));
        shop.graph.verify().await;
    }

    async fn several_schedulers_expire_each_reservation_once(engine: Engine) {
        let shop = Shop::new(engine, 1, 3, 100).await;
        for number in 0..60_usize {
            let line = Line { product: shop.products[number % 3], quantity: 1 };
            shop.stock.reserve_stock(shop.hold(shop.graph.ids.next(), vec![line])).await.unwrap();
        }
        shop.graph.clock.advance(TimeDelta::minutes(10));
        let schedulers = (0..4).map(|number| {
            let shop = Arc::clone(&shop);
            tokio::spawn(async move {
                let mut expired = Vec::new();
                loop {
                    let batch = shop.process(number).expire_reservations(7, None).await.unwrap();
                    expired.extend(batch.reservations);
                    if !batch.has_more {
                        return expired;
                    }
                }
            })
        });
        let mut expired = Vec::new();
        for scheduler in schedulers.collect::<Vec<_>>() {
            expired.extend(scheduler.await.unwrap());
        }
        assert_eq!(expired.len(), 60);
        assert!(expired.iter().all(|reservation| reservation.status == ReservationStatus::Expired));
        let ids: std::collections::HashSet<_> = expired.iter().map(|reservation| reservation.id).collect();
        assert_eq!(ids.len(), 60);
        shop.graph.verify().await;
    }
}
