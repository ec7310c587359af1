//! The least SQL that a safe checkout can do in two databases: the hold of the stock's baseline in the one, an order with a line
//! and an event in the other.

use sea_orm::ConnectionTrait;

use crate::{
    load::LoadOptions,
    pgbench::Pgbench,
    stock::{baseline::Baseline as Holds, shop::OwnDatabase},
};

const TABLES: &str = "
    CREATE TABLE placed (id UUID PRIMARY KEY, customer INTEGER NOT NULL, idempotency_key TEXT NOT NULL, status TEXT NOT NULL,
        total BIGINT NOT NULL, placed_at TIMESTAMPTZ NOT NULL, payment_due_at TIMESTAMPTZ NOT NULL,
        UNIQUE (customer, idempotency_key));
    CREATE TABLE line (order_id UUID, position INTEGER, product INTEGER NOT NULL, quantity INTEGER NOT NULL,
        unit_price BIGINT NOT NULL, PRIMARY KEY (order_id, position));
    CREATE TABLE event (order_id UUID, sequence INTEGER, kind TEXT NOT NULL, occurred_at TIMESTAMPTZ NOT NULL,
        PRIMARY KEY (order_id, sequence));";

const SCRIPT: &str = "\\set customer random(1, 16)
\\set product random(1, :products)
BEGIN;
INSERT INTO placed VALUES (gen_random_uuid(), :customer, gen_random_uuid()::text, 'PENDING_PAYMENT', 150000000, now(), now() + interval '15 minutes');
INSERT INTO line VALUES (gen_random_uuid(), 0, :product, 1, 150000000);
INSERT INTO event VALUES (gen_random_uuid(), 1, 'PLACED', now());
COMMIT;
";

/// Two databases with the baseline's tables.
pub struct Baseline {
    holds: Holds,
    orders: OwnDatabase,
    pgbench: Pgbench,
}

/// What the two databases bear, in transactions per second.
#[derive(Clone, Copy)]
pub struct Rates {
    /// Holds, when nothing else goes on.
    pub hold: f64,
    /// Orders, when nothing else goes on.
    pub order: f64,
    /// The slower of both, when both go on, with half of the clients each.
    pub side_by_side: f64,
}

impl Rates {
    /// Checkouts per second: each needs a hold and then an order, and takes as long as both.
    pub fn one_after_the_other(&self) -> f64 {
        1.0 / (1.0 / self.hold + 1.0 / self.order)
    }
}

impl Baseline {
    /// Databases of its own on the server of this URL, with so many products.
    ///
    /// # Errors
    ///
    /// They cannot be made.
    pub async fn new(database: &str, products: u32, pgbench: &str) -> anyhow::Result<Self> {
        let holds = Holds::new(database, products, pgbench).await?;
        let orders = OwnDatabase::new(database).await?;
        let connection = orders.connect().await?;
        connection.writer().execute_unprepared(TABLES).await?;
        connection.close().await?;
        Ok(Self {
            holds,
            orders,
            pgbench: Pgbench::new(pgbench)?,
        })
    }

    /// The rates for the first so many products.
    ///
    /// # Errors
    ///
    /// pgbench is not to be had, or a database fails.
    pub async fn run(&self, products: u32, load: &LoadOptions) -> anyhow::Result<Rates> {
        let hold = self.holds.run(products, load).await?;
        let order = self.orders(products, load).await?;
        let half = LoadOptions {
            connections: Some(u16::try_from((load.connections_or(64) / 2).max(1))?),
            ..*load
        };
        let (hold_beside, order_beside) = tokio::try_join!(
            self.holds.run(products, &half),
            self.orders(products, &half)
        )?;
        Ok(Rates {
            hold,
            order,
            side_by_side: hold_beside.min(order_beside),
        })
    }

    async fn orders(&self, products: u32, load: &LoadOptions) -> anyhow::Result<f64> {
        let products = format!("products={products}");
        let clients = load.connections_or(64);
        self.pgbench
            .rate(&self.orders.url, SCRIPT, &[&products], clients, load)
            .await
    }

    /// Removes both.
    ///
    /// # Errors
    ///
    /// The server does not answer.
    pub async fn end(self) -> anyhow::Result<()> {
        self.holds.end().await?;
        self.orders.end().await
    }
}

#[cfg(test)]
mod tests {
    use super::Rates;

    #[test]
    fn a_checkout_takes_as_long_as_its_hold_and_its_order() {
        let rates = Rates {
            hold: 3_000.0,
            order: 6_000.0,
            side_by_side: 0.0,
        };
        assert!((rates.one_after_the_other() - 2_000.0).abs() < 1e-6);
    }
}
