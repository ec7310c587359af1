//! Many receipts and adjustments at once.

use futures_util::StreamExt;
use serde_json::{Value, json};
use stockgraph_kit::{
    database::{Database, DatabaseOptions, Engine},
    id::{Id, IdSource, ProductId},
    on_both_engines,
    random::Random,
};
use stockgraph_warehouses::{
    domain::{
        import::{
            ImportLine, ImportTotals, LevelChange, MOST_IMPORTED, RefusedBecause, RefusedLine,
        },
        level::MOST_ON_HAND,
        warehouse::WarehouseId,
    },
    service::{ImportProgress, ImportStock, ImportStockError, StockImport, Warehouses},
};

use crate::graph::TestGraph;

struct Scene {
    graph: TestGraph,
    jakarta: WarehouseId,
    surabaya: WarehouseId,
}

impl Scene {
    async fn new(engine: Engine) -> Self {
        let graph = TestGraph::new(engine).await;
        let [jakarta, surabaya] = [
            graph.warehouse("JKT", 0).await,
            graph.warehouse("SUB", 1).await,
        ];
        Self {
            jakarta: WarehouseId::parse(&jakarta).unwrap(),
            surabaya: WarehouseId::parse(&surabaya).unwrap(),
            graph,
        }
    }

    fn products(&self, count: usize) -> Vec<ProductId> {
        (0..count).map(|_| self.graph.ids.next()).collect()
    }

    async fn import(&self, lines: Vec<ImportLine>) -> Result<StockImport, ImportStockError> {
        self.graph.stock().import_stock(import(lines), |_| ()).await
    }

    async fn on_hand(&self, product: ProductId) -> i64 {
        self.graph.numbers(&product.to_string()).await[0]
    }

    /// What the ledger has of this product, the oldest first: kind, units, units after it, reason and actor.
    async fn ledger(&self, product: ProductId) -> Vec<Value> {
        let entries =
            "movements(first: 50) { nodes { kind onHandDelta onHandAfter reason actor { id } } }";
        let stock = self.graph.stock_of(&product.to_string(), entries).await;
        let told = |entry: &Value| {
            let parts = ["kind", "onHandDelta", "onHandAfter", "reason", "actor"];
            Value::from_iter(parts.map(|part| entry[part].clone()))
        };
        let nodes = stock["movements"]["nodes"].as_array().unwrap();
        nodes.iter().rev().map(told).collect()
    }

    /// The same stock as another process has it: with connections of its own.
    async fn other_process(&self) -> Warehouses {
        let options = DatabaseOptions::new(&self.graph.database.url);
        let database = Database::connect(&options).await.unwrap();
        let ids = IdSource::new(self.graph.clock.clone(), Random::seeded(8));
        Warehouses::new(database, self.graph.clock.clone(), ids)
    }
}

fn import(lines: Vec<ImportLine>) -> ImportStock {
    ImportStock {
        lines,
        key: None,
        dry_run: false,
    }
}

fn receipt(number: u64, warehouse: WarehouseId, product: ProductId, quantity: i32) -> ImportLine {
    let change = LevelChange::receipt(quantity, Some("delivery")).unwrap();
    ImportLine {
        number,
        warehouse,
        product,
        change,
    }
}

fn adjustment(number: u64, warehouse: WarehouseId, product: ProductId, delta: i32) -> ImportLine {
    let change = LevelChange::adjustment(delta, Some("count")).unwrap();
    ImportLine {
        number,
        warehouse,
        product,
        change,
    }
}

fn refused(result: Result<StockImport, ImportStockError>) -> Vec<RefusedLine> {
    match result {
        Err(ImportStockError::Refused(lines)) => lines,
        other => panic!("not refused by line: {other:?}"),
    }
}

on_both_engines! {
    async fn lines_are_booked_in_their_order_and_each_is_on_the_ledger(engine: Engine) {
        let scene = Scene::new(engine).await;
        let (jakarta, surabaya) = (scene.jakarta, scene.surabaya);
        let [product, other] = scene.products(2)[..] else { unreachable!() };
        let totals = ImportTotals { lines: 5, received: 17, found: 1, lost: 9, levels: 3 };
        let imported = scene.import(vec![
            receipt(2, jakarta, product, 10),
            receipt(3, surabaya, product, 2),
            adjustment(4, jakarta, product, -9),
            adjustment(5, jakarta, product, 1),
            receipt(6, jakarta, other, 5),
        ]).await.unwrap();
        assert_eq!(imported, StockImport::Booked(totals));
        assert_eq!((scene.on_hand(product).await, scene.on_hand(other).await), (4, 5));
        let ledger = scene.ledger(product).await;
        let of_jakarta: Vec<_> = ledger.into_iter().filter(|entry| entry[1] != 2).collect();
        assert_eq!(of_jakarta, [
            json!(["RECEIPT", 10, 10, "delivery", null]),
            json!(["ADJUSTMENT", -9, 1, "count", null]),
            json!(["ADJUSTMENT", 1, 2, "count", null]),
        ]);
        scene.graph.verify().await;
    }

    async fn ten_thousand_lines_are_one_import(engine: Engine) {
        let scene = Scene::new(engine).await;
        let products = scene.products(3_000);
        // Whoever watches one of them hears of it.
        let query = format!("subscription {{ stockChanged(productIds: [\"{}\"]) {{ onHand }} }}", products[2_999]);
        let mut watched = scene.graph.watch(&query);
        let mut next = async || {
            let answer = serde_json::to_value(watched.next().await.unwrap()).unwrap();
            answer["data"]["stockChanged"]["onHand"].as_i64()
        };
        assert_eq!(next().await, Some(0));
        let lines: Vec<_> = (0..10_000_u64).map(|number| {
            let product = products[usize::try_from(number).unwrap() % 3_000];
            let warehouse = if number % 2 == 0 { scene.jakarta } else { scene.surabaya };
            receipt(number + 2, warehouse, product, 2)
        }).collect();
        let mut told: Vec<ImportProgress> = Vec::new();
        let imported = scene.graph.stock().import_stock(import(lines.clone()), |progress| told.push(progress)).await.unwrap();
        let totals = ImportTotals { lines: 10_000, received: 20_000, found: 0, lost: 0, levels: 3_000 };
        assert_eq!(imported, StockImport::Booked(totals));
        assert!(told.is_sorted_by_key(|progress| progress.done));
        assert!(told.last().is_some_and(|last| last.done == last.total), "{:?}", told.last());
        assert_eq!((scene.on_hand(products[0]).await, scene.on_hand(products[1_000]).await), (8, 6));
        assert_eq!(next().await, Some(6));
        scene.graph.verify().await;
    }

    async fn all_or_nothing_with_every_line_that_is_refused(engine: Engine) {
        let scene = Scene::new(engine).await;
        let [held, fresh, full] = scene.products(3)[..] else { unreachable!() };
        let jakarta = scene.jakarta;
        scene.graph.receive(&jakarta.to_string(), &held.to_string(), 10).await;
        scene.graph.reserve("018f0000-0000-7000-8000-000000000001", &held.to_string(), 4).await;
        scene.graph.receive(&jakarta.to_string(), &full.to_string(), 1).await;
        let sql = format!("UPDATE stock_levels SET on_hand = {} WHERE reserved = 0", MOST_ON_HAND - 1);
        sea_orm::ConnectionTrait::execute_unprepared(scene.graph.database.database.writer(), &sql).await.unwrap();
        let lines = vec![
            receipt(2, jakarta, fresh, 1),
            adjustment(3, jakarta, held, -7),
            adjustment(4, jakarta, held, -6),
            receipt(7, jakarta, full, 2),
            adjustment(8, jakarta, full, 2),
            adjustment(9, scene.surabaya, fresh, -1),
        ];
        let short = |requested, free| RefusedBecause::Short { requested, free };
        for dry_run in [true, false] {
            let import = ImportStock { dry_run, ..import(lines.clone()) };
            let lines = refused(scene.graph.stock().import_stock(import, |_| ()).await);
            assert_eq!(lines, [
                RefusedLine { number: 3, why: short(7, 6) },
                RefusedLine { number: 7, why: RefusedBecause::Full },
                RefusedLine { number: 8, why: RefusedBecause::Full },
                RefusedLine { number: 9, why: short(1, 0) },
            ]);
        }
        assert_eq!((scene.on_hand(held).await, scene.on_hand(fresh).await), (10, 0));
        assert!(scene.ledger(fresh).await.is_empty());
        // The key of what was refused is free.
        scene.import(vec![receipt(2, jakarta, fresh, 1)]).await.unwrap();
        assert_eq!(scene.on_hand(fresh).await, 1);
    }

    async fn the_same_lines_are_booked_once_unless_under_another_key(engine: Engine) {
        let scene = Scene::new(engine).await;
        let product = scene.products(1)[0];
        let lines = vec![receipt(2, scene.jakarta, product, 5)];
        let first = scene.graph.clock.now();
        let under = |key: &str, lines: &[ImportLine]| ImportStock { key: Some(key.into()), ..import(lines.to_vec()) };
        let stock = scene.graph.stock();
        assert!(matches!(scene.import(lines.clone()).await, Ok(StockImport::Booked(_))));
        scene.graph.clock.advance(chrono::TimeDelta::hours(1));
        for _ in 0..2 {
            let again = scene.import(lines.clone()).await.unwrap();
            assert_eq!(again, StockImport::BookedBefore(first));
        }
        let second = scene.graph.clock.now();
        assert!(matches!(stock.import_stock(under("monday", &lines), |_| ()).await, Ok(StockImport::Booked(_))));
        let again = stock.import_stock(under(" monday ", &lines), |_| ()).await.unwrap();
        assert_eq!(again, StockImport::BookedBefore(second));
        let other = [receipt(2, scene.jakarta, product, 6)];
        let taken = stock.import_stock(under("monday", &other), |_| ()).await;
        assert!(matches!(taken, Err(ImportStockError::KeyTaken(at)) if at == second), "{taken:?}");
        assert_eq!(scene.on_hand(product).await, 10);
        for key in [" ", &"k".repeat(201)] {
            let invalid = stock.import_stock(under(key, &lines), |_| ()).await;
            assert!(matches!(invalid, Err(ImportStockError::InvalidKey(_))), "{invalid:?}");
        }
        scene.graph.verify().await;
    }

    async fn a_dry_run_moves_nothing_and_keeps_no_key(engine: Engine) {
        let scene = Scene::new(engine).await;
        let product = scene.products(1)[0];
        let lines = vec![receipt(2, scene.jakarta, product, 5)];
        let totals = ImportTotals { lines: 1, received: 5, found: 0, lost: 0, levels: 1 };
        let dry = ImportStock { dry_run: true, ..import(lines.clone()) };
        for _ in 0..2 {
            let told = scene.graph.stock().import_stock(dry.clone(), |_| ()).await.unwrap();
            assert_eq!(told, StockImport::Booked(totals));
        }
        assert_eq!(scene.on_hand(product).await, 0);
        assert_eq!(scene.import(lines).await.unwrap(), StockImport::Booked(totals));
        let told = scene.graph.stock().import_stock(dry, |_| ()).await.unwrap();
        assert!(matches!(told, StockImport::BookedBefore(_)));
        assert_eq!(scene.on_hand(product).await, 5);
    }

    async fn an_import_has_lines_and_warehouses_that_exist(engine: Engine) {
        let scene = Scene::new(engine).await;
        let product = scene.products(1)[0];
        let none = scene.import(Vec::new()).await;
        assert!(matches!(none, Err(ImportStockError::LineCount(0))), "{none:?}");
        let line = receipt(2, scene.jakarta, product, 1);
        let many = scene.import(vec![line; MOST_IMPORTED + 1]).await;
        assert!(matches!(many, Err(ImportStockError::LineCount(100_001))), "{many:?}");
        let nowhere: WarehouseId = scene.graph.ids.next();
        let result = scene.import(vec![receipt(2, nowhere, product, 1)]).await;
        assert!(matches!(result, Err(ImportStockError::WarehouseNotFound(id)) if id == nowhere), "{result:?}");
    }

    async fn twins_of_two_processes_are_one_import(engine: Engine) {
        let scene = Scene::new(engine).await;
        let other = scene.other_process().await;
        for _ in 0..5 {
            let products = scene.products(700);
            let lines: Vec<_> = (2..).zip(&products).map(|(number, product)| receipt(number, scene.jakarta, *product, 3)).collect();
            let twins = (0..4).map(|number| {
                let stock = if number % 2 == 0 { scene.graph.stock().clone() } else { other.clone() };
                let import = import(lines.clone());
                tokio::spawn(async move { stock.import_stock(import, |_| ()).await })
            });
            let mut booked = 0;
            for twin in twins.collect::<Vec<_>>() {
                match twin.await.unwrap().unwrap() {
                    StockImport::Booked(_) => booked += 1,
                    StockImport::BookedBefore(_) => {}
                }
            }
            assert_eq!(booked, 1);
            assert_eq!((scene.on_hand(products[0]).await, scene.on_hand(products[699]).await), (3, 3));
        }
        scene.graph.verify().await;
    }

    async fn imports_and_buyers_of_the_same_products_do_not_stop_each_other(engine: Engine) {
        let scene = Scene::new(engine).await;
        let other = scene.other_process().await;
        let products = scene.products(600);
        let imports = (0..4).map(|number| {
            let mut lines: Vec<_> = products.iter().map(|product| receipt(2, scene.jakarta, *product, 1)).collect();
            lines.extend(products.iter().map(|product| receipt(2, scene.surabaya, *product, 1)));
            lines.rotate_left(number * 150);
            let stock = if number % 2 == 0 { scene.graph.stock().clone() } else { other.clone() };
            tokio::spawn(async move { stock.import_stock(import(lines), |_| ()).await })
        });
        let imports: Vec<_> = imports.collect();
        for (number, product) in products.iter().rev().step_by(30).enumerate() {
            let id = format!("018f0000-0000-7000-8000-{number:012}");
            scene.graph.reserve(&id, &product.to_string(), 1).await;
        }
        for import in imports {
            assert!(matches!(import.await.unwrap().unwrap(), StockImport::Booked(_)));
        }
        assert_eq!((scene.on_hand(products[0]).await, scene.on_hand(products[599]).await), (8, 8));
        scene.graph.verify().await;
    }
}
