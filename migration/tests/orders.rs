//! The orders schema goes up, down and up again, and keeps its rules, on both engines.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails where it panics, in its helpers too"
)]

use sea_orm_migration::{MigratorTrait, sea_orm::ConnectionTrait};
use stockgraph_kit::{
    database::{Database, Engine},
    on_both_engines,
    testing::TestDatabase,
};
use stockgraph_migration::orders::Migrator;

const TABLES: [&str; 8] = [
    "orders",
    "order_lines",
    "shipments",
    "order_events",
    "payments",
    "returns",
    "return_lines",
    "stock_effects",
];

/// Rows for testing, with literals of either engine.
struct Rows<'a>(&'a Database);

impl Rows<'_> {
    fn uuid(&self, number: u8) -> String {
        match self.0.engine() {
            Engine::Sqlite => format!("x'{number:032x}'"),
            Engine::Postgres => format!("'{number:032x}'::uuid"),
        }
    }

    fn digest(&self) -> String {
        match self.0.engine() {
            Engine::Sqlite => format!("x'{:064x}'", 1),
            Engine::Postgres => format!("'\\x{:064x}'::bytea", 1),
        }
    }

    async fn run(&self, sql: &str) -> bool {
        self.0.writer().execute_unprepared(sql).await.is_ok()
    }

    async fn order(&self, id: u8, number: &str, key: &str, status: &str) -> bool {
        let (id, customer, digest) = (self.uuid(id), self.uuid(1), self.digest());
        self.run(&format!(
            "INSERT INTO orders (id, number, customer_id, status, idempotency_key, request_digest, reservation_id, currency, total, \
             placed_at, payment_due_at, event_count, effect_count) VALUES ({id}, '{number}', {customer}, '{status}', '{key}', {digest}, \
             {id}, 'IDR', 1, '2026-11-23T09:00:00+00:00', '2026-11-23T09:15:00+00:00', 0, 0)"
        ))
        .await
    }

    async fn payment(&self, id: u8, reference: &str, settles: bool, refund_due: i64) -> bool {
        let (id, order) = (self.uuid(id), self.uuid(1));
        self.run(&format!(
            "INSERT INTO payments (id, order_id, reference, amount, settles, refund_due, refunded, recorded_at) \
             VALUES ({id}, {order}, '{reference}', 100, {settles}, {refund_due}, 40, '2026-11-23T09:00:00+00:00')"
        ))
        .await
    }

    async fn line(&self, id: u8, quantity: i32, returned: i32) -> bool {
        let (id, order) = (self.uuid(id), self.uuid(1));
        self.run(&format!(
            "INSERT INTO order_lines (id, order_id, position, product_id, sku, name, quantity, unit_price, returned_quantity) \
             VALUES ({id}, {order}, 0, {id}, 'SKU', 'Name', {quantity}, 1, {returned})"
        ))
        .await
    }

    async fn effect(&self, kind: &str, payload: &str, sequence: i32) -> bool {
        let (id, order) = (self.uuid(u8::try_from(sequence).unwrap()), self.uuid(1));
        self.run(&format!(
            "INSERT INTO stock_effects (id, order_id, sequence, kind, payload, created_at, next_attempt_at, attempts) \
             VALUES ({id}, {order}, {sequence}, '{kind}', {payload}, '2026-11-23T09:00:00+00:00', '2026-11-23T09:00:00+00:00', 0)"
        ))
        .await
    }
}

on_both_engines! {
    async fn it_goes_up_down_and_up_again(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let rows = Rows(&test.database);
        Migrator::down(test.database.writer(), None).await.unwrap();
        for table in TABLES {
            assert!(!rows.run(&format!("SELECT 1 FROM {table}")).await, "{table}");
        }
        Migrator::up(test.database.writer(), None).await.unwrap();
        for table in TABLES {
            assert!(rows.run(&format!("SELECT 1 FROM {table}")).await, "{table}");
        }
    }

    async fn numbers_and_keys_are_unique_and_states_known(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let rows = Rows(&test.database);
        assert!(rows.order(1, "SO-1", "key", "PAID").await);
        assert!(!rows.order(2, "SO-1", "other", "PAID").await);
        assert!(!rows.order(2, "SO-2", "key", "PAID").await);
        assert!(!rows.order(2, "SO-2", "other", "LOST").await);
        assert!(rows.order(2, "SO-2", "other", "EXPIRED").await);
    }

    async fn no_more_comes_or_goes_back_than_there_was(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let rows = Rows(&test.database);
        assert!(!rows.line(1, 1, 0).await, "a line without an order");
        assert!(rows.order(1, "SO-1", "key", "PAID").await);
        assert!(!rows.line(1, 1, 2).await);
        assert!(!rows.line(1, 0, 0).await);
        assert!(rows.line(1, 2, 2).await);
        assert!(!rows.payment(1, "one", false, 61).await);
        assert!(rows.payment(1, "one", false, 60).await);
        assert!(!rows.payment(2, "one", false, 0).await, "a reference twice");
    }

    async fn an_order_is_paid_once(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let rows = Rows(&test.database);
        assert!(rows.order(1, "SO-1", "key", "PAID").await);
        assert!(rows.payment(1, "one", true, 0).await);
        assert!(!rows.payment(2, "two", true, 0).await);
        assert!(rows.payment(2, "two", false, 0).await);
        assert!(rows.payment(3, "three", false, 0).await);
    }

    async fn effects_are_numbered_and_only_a_restocking_has_a_payload(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let rows = Rows(&test.database);
        assert!(rows.order(1, "SO-1", "key", "PAID").await);
        assert!(rows.effect("COMMIT", "NULL", 1).await);
        assert!(!rows.effect("RELEASE", "NULL", 1).await);
        assert!(!rows.effect("RELEASE", "'{}'", 2).await);
        assert!(!rows.effect("RESTOCK", "NULL", 2).await);
        assert!(!rows.effect("HOLD", "NULL", 2).await);
        assert!(rows.effect("RESTOCK", "'{}'", 2).await);
        assert!(!rows.run("UPDATE stock_effects SET outcome = 'DONE'").await, "an outcome of what is not done");
    }
}
