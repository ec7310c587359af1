//! Others who hold what a request needs.

use std::time::Duration;

use sea_orm::{ConnectionTrait, TransactionTrait};
use stockgraph_kit::{
    clock::Clock,
    database::{Database, DatabaseOptions, Engine},
    error::{ApiError, Code},
    id::{IdSource, ReservationId},
    random::Random,
};
use stockgraph_warehouses::{
    domain::line::Line,
    service::{ReserveStockError, Warehouses},
};

use crate::at_once::Shop;

/// Without a bound on the wait, a process that hangs with a hot level in its hands would bring all others to a stop.
#[tokio::test]
async fn who_waits_too_long_for_a_level_is_told_so_and_holds_up_no_other() {
    let shop = Shop::new(Engine::Postgres, 1, 1, 10).await;
    let mut options = DatabaseOptions::new(&shop.graph.database.url);
    options.lock_timeout = Duration::from_millis(10);
    let database = Database::connect(&options).await.unwrap();
    let stock = Warehouses::new(
        database,
        shop.graph.clock.clone(),
        IdSource::new(Clock::system(), Random::system()),
    );
    let line = Line {
        product: shop.products[0],
        quantity: 1,
    };
    let id: ReservationId = shop.graph.ids.next();
    let hold = || shop.hold(id, vec![line]);

    let hanging = shop.graph.database.database.writer().begin().await.unwrap();
    let lock = "SELECT 1 FROM stock_levels FOR UPDATE";
    hanging.execute_unprepared(lock).await.unwrap();
    let told = stock.reserve_stock(hold()).await.unwrap_err();
    let ReserveStockError::Database(error) = told else {
        panic!("{told}");
    };
    assert_eq!(ApiError::from(error).code(), Code::Overloaded);
    hanging.rollback().await.unwrap();

    stock.reserve_stock(hold()).await.unwrap();
    shop.graph.verify().await;
}
