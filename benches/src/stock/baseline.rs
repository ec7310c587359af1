//! The least SQL that a safe reservation can do, one transaction each: lock a level, change it, and write a reservation, an allocation
//! and an entry of the ledger. Its tables have no more than a primary key.

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement, Value};
use stockgraph_kit::{
    database::{Database, Engine},
    random::Random,
};

use super::{shop::OwnDatabase, this_process};
use crate::{
    load::{self, Load, LoadOptions},
    pgbench::Pgbench,
};

const TABLES: &str = "
    CREATE TABLE level (id INTEGER PRIMARY KEY, on_hand INTEGER NOT NULL, reserved INTEGER NOT NULL,
        CHECK (reserved >= 0 AND reserved <= on_hand));
    CREATE TABLE reservation (id UUID PRIMARY KEY, status TEXT NOT NULL, expires_at TIMESTAMP NOT NULL);
    CREATE TABLE allocation (reservation_id UUID, level_id INTEGER, quantity INTEGER NOT NULL,
        PRIMARY KEY (reservation_id, level_id));
    CREATE TABLE entry (id UUID PRIMARY KEY, level_id INTEGER NOT NULL, reserved_delta INTEGER NOT NULL,
        occurred_at TIMESTAMP NOT NULL);
    WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < PRODUCTS)
        INSERT INTO level SELECT number, 1000000000, 0 FROM numbers;";

/// As pgbench sends it: a statement at a time, each prepared once.
const SCRIPT: &str = "\\set product random(1, :products)
BEGIN;
SELECT on_hand, reserved FROM level WHERE id = :product FOR UPDATE;
UPDATE level SET reserved = reserved + 1 WHERE id = :product;
INSERT INTO reservation VALUES (gen_random_uuid(), 'HELD', now() + interval '15 minutes');
INSERT INTO allocation VALUES (gen_random_uuid(), :product, 1);
INSERT INTO entry VALUES (gen_random_uuid(), :product, 1, now());
COMMIT;
";

/// A database with the baseline's tables.
pub struct Baseline {
    database: Database,
    own: OwnDatabase,
    pgbench: Pgbench,
}

impl Baseline {
    /// Tables with so many levels.
    ///
    /// # Errors
    ///
    /// The database cannot be made.
    pub async fn new(database: &str, products: u32, pgbench: &str) -> anyhow::Result<Self> {
        let own = OwnDatabase::new(database).await?;
        let database = own.connect().await?;
        let tables = TABLES.replace("PRODUCTS", &products.to_string());
        database.writer().execute_unprepared(&tables).await?;
        if database.engine() == Engine::Postgres {
            let update_in_place = "ALTER TABLE level SET (fillfactor = 70)";
            database
                .writer()
                .execute_unprepared(update_in_place)
                .await?;
        }
        Ok(Self {
            database,
            own,
            pgbench: Pgbench::new(pgbench)?,
        })
    }

    /// What it is, for a report.
    pub const fn description(&self) -> &'static str {
        match self.database.engine() {
            Engine::Sqlite => {
                "one transaction each, synchronous=FULL, on the one connection that writes"
            }
            Engine::Postgres => "pgbench, one transaction each, prepared statements",
        }
    }

    /// Reservations per second of one of the first `products` levels.
    ///
    /// # Errors
    ///
    /// pgbench is not to be had, or the database fails.
    pub async fn run(&self, products: u32, load: &LoadOptions) -> anyhow::Result<f64> {
        match self.database.engine() {
            Engine::Sqlite => self.on_sqlite(products, load).await,
            Engine::Postgres => {
                let products = format!("products={products}");
                let clients = load.connections_or(64);
                self.pgbench
                    .rate(&self.own.url, SCRIPT, &[&products], clients, load)
                    .await
            }
        }
    }

    async fn on_sqlite(&self, products: u32, load: &LoadOptions) -> anyhow::Result<f64> {
        let one_each = OneEach {
            database: self.database.clone(),
            random: Random::system(),
            products,
        };
        let callers = load.connections_or(64);
        let measured = load::run(
            one_each,
            "the baseline".into(),
            callers,
            load,
            &this_process(),
        )
        .await?;
        measured.without_errors()?;
        Ok(measured.per_second())
    }

    /// Removes it.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn end(self) -> anyhow::Result<()> {
        self.database.close().await?;
        self.own.end().await
    }
}

/// One transaction for each reservation.
struct OneEach {
    database: Database,
    random: Random,
    products: u32,
}

impl Load for OneEach {
    async fn send(&self, _: usize, number: u64) -> anyhow::Result<()> {
        let product = number.wrapping_mul(7_919) % u64::from(self.products) + 1;
        let product = i32::try_from(product)?;
        let id = || Value::from(self.random.bytes::<16>().to_vec());
        let instant = "2026-01-01T00:00:00Z";
        let tx = self.database.begin().await?;
        let level = execute(
            &tx,
            "SELECT on_hand, reserved FROM level WHERE id = ?",
            [product.into()],
        );
        level.await?;
        let more = "UPDATE level SET reserved = reserved + 1 WHERE id = ?";
        execute(&tx, more, [product.into()]).await?;
        let held = "INSERT INTO reservation VALUES (?, 'HELD', ?)";
        execute(&tx, held, [id(), instant.into()]).await?;
        let part = "INSERT INTO allocation VALUES (?, ?, 1)";
        execute(&tx, part, [id(), product.into()]).await?;
        let entry = "INSERT INTO entry VALUES (?, ?, 1, ?)";
        execute(&tx, entry, [id(), product.into(), instant.into()]).await?;
        tx.commit().await?;
        Ok(())
    }
}

async fn execute<const N: usize>(
    tx: &DatabaseTransaction,
    sql: &str,
    values: [Value; N],
) -> Result<(), DbErr> {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    tx.execute_raw(statement).await?;
    Ok(())
}
