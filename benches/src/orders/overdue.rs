//! Very many orders that wait for their payment, with their holds, written straight into both databases: as the checkout would have
//! left them, so that every rule holds. Placing them through the graph would take too long.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseConnection, TransactionTrait};
use stockgraph_kit::id::{Id, ProductId, UserId};
use uuid::Uuid;

use super::postgres::row;

/// From an order's due time to the end of its hold, as the server has it by default.
const GRACE: TimeDelta = TimeDelta::seconds(300);
/// What each costs, in 10⁻⁴ of its currency.
const PRICE: u64 = 150_000_000;

/// The orders.
pub struct Overdue {
    orders: DatabaseConnection,
    warehouses: DatabaseConnection,
    count: u32,
    /// Tells them from others.
    run: String,
    /// When the first was placed; one each microsecond after.
    begin: DateTime<Utc>,
    due: DateTime<Utc>,
    products: Vec<Uuid>,
    customers: Vec<Uuid>,
}

/// How far their expiry is.
pub struct Progress {
    /// None waits for its payment any more.
    pub all_expired: bool,
    /// Besides, nothing is owed to the warehouses, and none of their holds is left.
    pub all_back: bool,
}

impl Overdue {
    /// So many orders of one unit, of one of these products after the other, due at `due`. `begin` is now: later than all that these
    /// products' levels have been through.
    pub fn new(
        [orders, warehouses]: [DatabaseConnection; 2],
        count: u32,
        [begin, due]: [DateTime<Utc>; 2],
        products: &[ProductId],
        customers: &[UserId],
    ) -> Self {
        Self {
            orders,
            warehouses,
            count,
            run: format!("overdue-{}", begin.timestamp_micros()),
            begin,
            due,
            products: products.iter().map(|id| id.uuid()).collect(),
            customers: customers.iter().map(|id| id.uuid()).collect(),
        }
    }

    /// Writes them.
    ///
    /// # Errors
    ///
    /// A database fails.
    pub async fn write(&self) -> anyhow::Result<()> {
        all(&self.warehouses, &self.holds()).await?;
        all(&self.orders, &self.placed()).await?;
        self.settle().await
    }

    /// Makes them due at this instant instead.
    ///
    /// # Errors
    ///
    /// A database fails.
    pub async fn fall_due_at(&mut self, due: DateTime<Utc>) -> anyhow::Result<()> {
        let [before, held_before] = [instant(self.due), instant(self.due + GRACE)];
        let [now, held_now] = [instant(due), instant(due + GRACE)];
        let holds = format!(
            "UPDATE reservations SET expires_at = {held_now} WHERE status = 'HELD' AND expires_at = {held_before}"
        );
        all(&self.warehouses, &[holds]).await?;
        let orders = format!(
            "UPDATE orders SET payment_due_at = {now} WHERE status = 'PENDING_PAYMENT' AND payment_due_at = {before}"
        );
        all(&self.orders, &[orders]).await?;
        self.due = due;
        self.settle().await
    }

    /// So that nobody tidies up while it is measured.
    async fn settle(&self) -> anyhow::Result<()> {
        for database in [&self.warehouses, &self.orders] {
            database.execute_unprepared("VACUUM ANALYZE").await?;
        }
        Ok(())
    }

    /// How far it is. Asked for in the order of the indexes of what is open, so that the question costs next to nothing.
    ///
    /// # Errors
    ///
    /// A database fails.
    pub async fn progress(&self) -> anyhow::Result<Progress> {
        let orders = row(
            &self.orders,
            format!(
                "SELECT (SELECT id FROM orders WHERE status = 'PENDING_PAYMENT' AND payment_due_at <= {} \
                       ORDER BY payment_due_at LIMIT 1) IS NOT NULL AS pending, \
                   (SELECT id FROM stock_effects WHERE done_at IS NULL ORDER BY next_attempt_at LIMIT 1) IS NOT NULL AS owed",
                instant(self.due)
            ),
        );
        let orders = orders.await?;
        let holds = row(
            &self.warehouses,
            format!(
                "SELECT (SELECT id FROM reservations WHERE status = 'HELD' AND expires_at = {} \
                       ORDER BY expires_at, id LIMIT 1) IS NOT NULL AS held",
                instant(self.due + GRACE)
            ),
        );
        let holds = holds.await?;
        let all_expired = !orders.try_get::<bool>("", "pending")?;
        let nothing_owed = !orders.try_get::<bool>("", "owed")?;
        let nothing_held = !holds.try_get::<bool>("", "held")?;
        Ok(Progress {
            all_expired,
            all_back: all_expired && nothing_owed && nothing_held,
        })
    }

    /// Makes sure that each has expired once, and has given its stock back once.
    ///
    /// # Errors
    ///
    /// One has not, or a database fails.
    pub async fn check(&self) -> anyhow::Result<()> {
        let told = row(
            &self.orders,
            format!(
                "SELECT COUNT(*) AS all_of_them, COUNT(*) FILTER (WHERE status = 'EXPIRED' \
                   AND (SELECT COUNT(*) FROM order_events WHERE order_id = orders.id AND kind = 'EXPIRED') = 1 \
                   AND (SELECT COUNT(*) FROM stock_effects WHERE order_id = orders.id AND kind = 'RELEASE' AND done_at IS NOT NULL) = 1 \
                   AND event_count = 2 AND effect_count = 1) AS right_ones \
                 FROM orders WHERE idempotency_key LIKE '{}-%'",
                self.run
            ),
        );
        let told = told.await?;
        let all: i64 = told.try_get("", "all_of_them")?;
        let right: i64 = told.try_get("", "right_ones")?;
        anyhow::ensure!(
            all == i64::from(self.count) && right == all,
            "{right} of {all} orders expired once; there were {}",
            self.count
        );
        Ok(())
    }

    /// How many units are reserved of the products.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn reserved(&self) -> anyhow::Result<u64> {
        let sum = format!(
            "SELECT CAST(COALESCE(SUM(reserved), 0) AS BIGINT) AS reserved FROM stock_levels WHERE product_id = ANY ({})",
            ids(&self.products)
        );
        let sum: i64 = row(&self.warehouses, sum).await?.try_get("", "reserved")?;
        Ok(sum.unsigned_abs())
    }

    /// Closes the connections.
    ///
    /// # Errors
    ///
    /// A database fails.
    pub async fn end(self) -> anyhow::Result<()> {
        self.orders.close().await?;
        self.warehouses.close().await?;
        Ok(())
    }

    /// A row for each order: its number `n`, its `product` and that one's place from 0, and its `customer`.
    fn each(&self) -> String {
        format!(
            "generate_series(0::bigint, {}) AS n \
             JOIN unnest({}) WITH ORDINALITY AS products (product, place) ON place = n % {} + 1 \
             JOIN unnest({}) WITH ORDINALITY AS customers (customer, turn) ON turn = n % {} + 1",
            self.count - 1,
            ids(&self.products),
            self.products.len(),
            ids(&self.customers),
            self.customers.len(),
        )
    }

    /// The hold's id. Real ones are hashes as well: neighbours in time are far apart in every index.
    fn hold(&self) -> String {
        format!(
            "overlay(overlay(md5('{}-hold-' || n) placing '5' from 13) placing '8' from 17)::uuid",
            self.run
        )
    }

    /// A UUID v7 of the order's instant, which ends with this in hexadecimal: 64 bits.
    fn id_with(&self, end: &str) -> String {
        let micros = self.micros();
        format!(
            "(lpad(to_hex({micros} / 1000), 12, '0') || '7' || lpad(to_hex({micros} % 1000), 3, '0') || {end})::uuid"
        )
    }

    fn micros(&self) -> String {
        format!("({} + n)", self.begin.timestamp_micros())
    }

    fn placed_at(&self) -> String {
        format!(
            "(timestamptz 'epoch' + {} * interval '1 microsecond')",
            self.micros()
        )
    }

    fn holds(&self) -> Vec<String> {
        let (each, hold, at) = (self.each(), self.hold(), self.placed_at());
        let (count, products) = (self.count, self.products.len());
        let until = instant(self.due + GRACE);
        let level = "JOIN stock_levels level ON level.product_id = product";
        // Its level's sequence in the last bits but 42, as the ledger has it, and which order it is of in the very last.
        let entry = self.id_with(&format!(
            "lpad(to_hex(2147483648 + (level.sequence + n / {products} + 1) * 1024), 8, '0') || lpad(to_hex(n), 8, '0')"
        ));
        vec![
            format!(
                "INSERT INTO reservations (id, status, digest, owner_id, expires_at, created_at, closed_at) \
                 SELECT {hold}, 'HELD', sha256(product::text::bytea), customer, {until}, {at}, NULL FROM {each}"
            ),
            format!(
                "INSERT INTO reservation_lines (reservation_id, product_id, position, quantity) \
                 SELECT {hold}, product, 0, 1 FROM {each}"
            ),
            format!(
                "INSERT INTO reservation_allocations (reservation_id, level_id, quantity, returned) \
                 SELECT {hold}, level.id, 1, 0 FROM {each} {level}"
            ),
            format!(
                "INSERT INTO stock_movements (id, level_id, sequence, product_id, warehouse_id, kind, on_hand_delta, \
                   reserved_delta, on_hand_after, reserved_after, reason, reference_id, actor_id, occurred_at) \
                 SELECT {entry}, level.id, level.sequence + n / {products} + 1, product, level.warehouse_id, 'RESERVATION', 0, 1, \
                   level.on_hand, level.reserved + n / {products} + 1, NULL, {hold}, NULL, {at} \
                 FROM {each} {level} ORDER BY n"
            ),
            format!(
                "UPDATE stock_levels SET reserved = reserved + more, sequence = sequence + more, updated_at = {} \
                 FROM (SELECT product, ({count} - place + {products}) / {products} AS more \
                   FROM unnest({}) WITH ORDINALITY AS products (product, place)) AS held \
                 WHERE product_id = product",
                instant(self.begin + TimeDelta::microseconds(count.into())),
                ids(&self.products),
            ),
        ]
    }

    fn placed(&self) -> Vec<String> {
        let (each, hold, at) = (self.each(), self.hold(), self.placed_at());
        let (run, due) = (&self.run, instant(self.due));
        let order = self.id_with("'8000' || lpad(to_hex(n), 12, '0')");
        let line = self.id_with("'8001' || lpad(to_hex(n), 12, '0')");
        let year = self.begin.format("%Y");
        // Seven of 29 signs, all over the place: the factor shares none with the 29 to the power of 7 that there are.
        let sign = |place: u32| {
            format!(
                "substr('23456789BCDFGHJKLMNPQRSTVWXYZ', ((n * 7368787 + 1234567891) % 17249876309 / {} % 29)::int + 1, 1)",
                29_u64.pow(place)
            )
        };
        let signs = (0..7).map(sign).collect::<Vec<_>>().join(" || ");
        vec![
            format!(
                "INSERT INTO orders (id, number, customer_id, status, idempotency_key, request_digest, reservation_id, currency, \
                   total, placed_at, payment_due_at, event_count, effect_count) \
                 SELECT {order}, 'SO-{year}-' || {signs}, customer, 'PENDING_PAYMENT', '{run}-' || n, sha256(product::text::bytea), \
                   {hold}, 'IDR', {PRICE}, {at}, {due}, 1, 0 FROM {each} ORDER BY n"
            ),
            format!(
                "INSERT INTO order_lines (id, order_id, position, product_id, sku, name, quantity, unit_price, returned_quantity) \
                 SELECT {line}, {order}, 0, product, 'LOAD', 'Load', 1, {PRICE}, 0 FROM {each} ORDER BY n"
            ),
            format!(
                "INSERT INTO order_events (order_id, sequence, kind, note, actor_id, occurred_at) \
                 SELECT {order}, 1, 'PLACED', NULL, customer, {at} FROM {each} ORDER BY n"
            ),
        ]
    }
}

/// Runs all of them, or none.
async fn all(database: &DatabaseConnection, statements: &[String]) -> anyhow::Result<()> {
    let tx = database.begin().await?;
    for statement in statements {
        tx.execute_unprepared(statement).await?;
    }
    tx.commit().await?;
    Ok(())
}

fn instant(instant: DateTime<Utc>) -> String {
    format!(
        "(timestamptz 'epoch' + {} * interval '1 microsecond')",
        instant.timestamp_micros()
    )
}

fn ids(ids: &[Uuid]) -> String {
    let ids: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    format!("'{{{}}}'::uuid[]", ids.join(","))
}
