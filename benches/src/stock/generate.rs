//! Fills a stock with many levels and a long ledger, as if it had been open for a month: so many entries for each level, spread over the
//! whole time as they are in a real ledger. Every rule of the stock holds in what it makes.

use std::ops::Range;

use chrono::TimeDelta;
use sea_orm::ConnectionTrait;
use stockgraph_kit::{
    database::Engine,
    id::{Id, ProductId},
};
use stockgraph_warehouses::{domain::warehouse::WarehouseId, service::CreateWarehouse};
use uuid::Uuid;

use super::shop::Shop;

/// In how many warehouses each product is.
pub const WAREHOUSES: u32 = 4;
/// A receipt, a hold that is sold, and a hold that is released.
pub const ENTRIES_OF_A_PERIOD: u32 = 5;
/// How many levels are written by one statement.
const CHUNK: u32 = 20_000;

/// What is received in a period, held and sold of it, and held and released.
const RECEIVED: u32 = 10_000;
const SOLD: u32 = 2;
const RELEASED: u32 = 1;

/// How much there is to be.
#[derive(Clone, Copy)]
pub struct Size {
    /// How many levels: a product in a warehouse each.
    pub levels: u32,
    /// How many periods of [`ENTRIES_OF_A_PERIOD`] entries each level has lived through.
    pub periods: u32,
}

/// The kinds of ids; the rest of an id is a number.
#[derive(Clone, Copy)]
enum Kind {
    Product = 0x0190_0000,
    Level = 0x0190_0001,
    Reservation = 0x0190_0002,
    Warehouse = 0x0190_0003,
}

impl Kind {
    fn id<I: Id>(self, number: u32) -> I {
        let kind = (self as u128) << 96;
        I::from_uuid(Uuid::from_u128(
            kind | (0x7000 << 64) | (0x8000 << 48) | u128::from(number),
        ))
    }
}

/// What an entry says.
struct Entry {
    kind: &'static str,
    on_hand_delta: i64,
    reserved_delta: i64,
    on_hand_after: i64,
    reserved_after: i64,
    /// Which of the level's reservations it is of.
    reservation: Option<u32>,
}

/// Fills an empty shop.
///
/// # Errors
///
/// The database fails.
pub async fn fill(shop: &mut Shop, size: Size) -> anyhow::Result<()> {
    for number in 0..WAREHOUSES {
        let warehouse = CreateWarehouse {
            id: Kind::Warehouse.id::<WarehouseId>(number),
            code: format!("W{number}"),
            name: format!("Warehouse {number}"),
            location: None,
            priority: i32::try_from(number)?,
        };
        shop.stock.create_warehouse(warehouse).await?;
    }
    let products = size.levels / WAREHOUSES;
    shop.products = (0..products)
        .map(|number| Kind::Product.id::<ProductId>(number))
        .collect();
    let sql = Sql::new(shop, size);
    each_chunk(shop, size.levels, |levels| sql.levels(levels)).await?;
    for reservation in 0..size.periods * 2 {
        each_chunk(shop, size.levels, |levels| {
            sql.reservations(levels, reservation)
        })
        .await?;
    }
    for sequence in 1..=size.periods * ENTRIES_OF_A_PERIOD {
        each_chunk(shop, size.levels, |levels| sql.entries(levels, sequence)).await?;
    }
    let settle = match shop.database.engine() {
        Engine::Sqlite => "ANALYZE",
        Engine::Postgres => "VACUUM ANALYZE",
    };
    shop.database.writer().execute_unprepared(settle).await?;
    Ok(())
}

async fn each_chunk(
    shop: &Shop,
    levels: u32,
    statements: impl Fn(Range<u32>) -> Vec<String>,
) -> anyhow::Result<()> {
    let mut begin = 0;
    while begin < levels {
        let end = (begin + CHUNK).min(levels);
        let tx = shop.database.begin().await?;
        for statement in statements(begin..end) {
            tx.execute_unprepared(&statement).await?;
        }
        tx.commit().await?;
        begin = end;
    }
    Ok(())
}

/// Statements in which `n` is the number of a level.
struct Sql {
    engine: Engine,
    size: Size,
    /// When the first entry was written, in microseconds since 1970.
    begin: i64,
    /// From one entry to the next, in microseconds.
    step: i64,
}

impl Sql {
    fn new(shop: &Shop, size: Size) -> Self {
        let month = TimeDelta::days(30);
        let entries = i64::from(size.levels) * i64::from(size.periods * ENTRIES_OF_A_PERIOD);
        Self {
            engine: shop.database.engine(),
            size,
            begin: (shop.clock.now() - month).timestamp_micros(),
            step: (month.num_microseconds().unwrap_or_default() / entries.max(1)).max(1),
        }
    }

    fn numbered(&self, into: &str, levels: Range<u32>, values: &str) -> String {
        format!(
            "WITH RECURSIVE numbers (n) AS (SELECT CAST({} AS BIGINT) UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < {}) \
             INSERT INTO {into} SELECT {values} FROM numbers",
            levels.start, levels.end
        )
    }

    /// This number in hexadecimal, so many digits wide.
    fn hex(&self, number: &str, digits: u32) -> String {
        match self.engine {
            Engine::Sqlite => format!("printf('%0{digits}x', {number})"),
            Engine::Postgres => format!("lpad(to_hex(({number})::bigint), {digits}, '0')"),
        }
    }

    fn uuid(&self, hex: &str) -> String {
        match self.engine {
            Engine::Sqlite => format!("unhex({hex})"),
            Engine::Postgres => format!("({hex})::uuid"),
        }
    }

    fn id(&self, kind: Kind, number: &str) -> String {
        let digits = self.hex(number, 12);
        self.uuid(&format!("'{:08x}000070008000' || {digits}", kind as u32))
    }

    /// When the level's entry with this sequence was written, in microseconds since 1970.
    fn micros(&self, sequence: u32) -> String {
        let before = i64::from(sequence - 1) * i64::from(self.size.levels);
        format!("({} + ({before} + n) * {})", self.begin, self.step)
    }

    fn instant(&self, sequence: u32) -> String {
        let micros = self.micros(sequence);
        match self.engine {
            Engine::Sqlite => format!(
                "strftime('%Y-%m-%dT%H:%M:%S', {micros} / 1000000, 'unixepoch') || printf('.%06d+00:00', {micros} % 1000000)"
            ),
            Engine::Postgres => {
                format!("timestamptz 'epoch' + {micros} * interval '1 microsecond'")
            }
        }
    }

    /// The id of an entry, as the ledger makes them: by instant, and then by sequence.
    fn movement(&self, sequence: u32) -> String {
        let micros = self.micros(sequence);
        let parts = [
            self.hex(&format!("{micros} / 1000"), 12),
            "'7'".into(),
            self.hex(&format!("{micros} % 1000"), 3),
            self.hex(&format!("2147483648 + {sequence} * 1024"), 8),
            self.hex("n", 8),
        ];
        self.uuid(&parts.join(" || "))
    }

    fn levels(&self, levels: Range<u32>) -> Vec<String> {
        let last = self.size.periods * ENTRIES_OF_A_PERIOD;
        let entry = self.entry(last);
        let values = format!(
            "{}, {}, {}, {}, {}, 0, 0, {last}, {}",
            self.id(Kind::Level, "n"),
            self.id(Kind::Product, &format!("n / {WAREHOUSES}")),
            self.id(Kind::Warehouse, &format!("n % {WAREHOUSES}")),
            entry.on_hand_after,
            entry.reserved_after,
            self.instant(last),
        );
        let into = "stock_levels (id, product_id, warehouse_id, on_hand, reserved, safety_stock, low_stock_threshold, \
             sequence, updated_at)";
        vec![self.numbered(into, levels, &values)]
    }

    /// The level's reservation number so-and-so, from 0: the first of each period is sold, the second released.
    fn reservations(&self, levels: Range<u32>, reservation: u32) -> Vec<String> {
        let (quantity, status, held_by) = if reservation.is_multiple_of(2) {
            (SOLD, "COMMITTED", 2)
        } else {
            (RELEASED, "RELEASED", 4)
        };
        let opening = reservation / 2 * ENTRIES_OF_A_PERIOD + held_by;
        let id = self.reservation(reservation);
        let digest = match self.engine {
            Engine::Sqlite => "zeroblob(32)",
            Engine::Postgres => "decode(repeat('00', 32), 'hex')",
        };
        let (opened, closed) = (self.instant(opening), self.instant(opening + 1));
        let product = self.id(Kind::Product, &format!("n / {WAREHOUSES}"));
        let level = self.id(Kind::Level, "n");
        vec![
            self.numbered(
                "reservations (id, status, digest, owner_id, expires_at, created_at, closed_at)",
                levels.clone(),
                &format!("{id}, '{status}', {digest}, NULL, {closed}, {opened}, {closed}"),
            ),
            self.numbered(
                "reservation_lines (reservation_id, product_id, position, quantity)",
                levels.clone(),
                &format!("{id}, {product}, 0, {quantity}"),
            ),
            self.numbered(
                "reservation_allocations (reservation_id, level_id, quantity, returned)",
                levels,
                &format!("{id}, {level}, {quantity}, 0"),
            ),
        ]
    }

    fn reservation(&self, number: u32) -> String {
        let before = i64::from(number) * i64::from(self.size.levels);
        self.id(Kind::Reservation, &format!("{before} + n"))
    }

    fn entries(&self, levels: Range<u32>, sequence: u32) -> Vec<String> {
        let entry = self.entry(sequence);
        let reference = entry
            .reservation
            .map_or_else(|| "NULL".into(), |number| self.reservation(number));
        let values = format!(
            "{}, {}, {sequence}, {}, {}, '{}', {}, {}, {}, {}, NULL, {reference}, NULL, {}",
            self.movement(sequence),
            self.id(Kind::Level, "n"),
            self.id(Kind::Product, &format!("n / {WAREHOUSES}")),
            self.id(Kind::Warehouse, &format!("n % {WAREHOUSES}")),
            entry.kind,
            entry.on_hand_delta,
            entry.reserved_delta,
            entry.on_hand_after,
            entry.reserved_after,
            self.instant(sequence),
        );
        let into = "stock_movements (id, level_id, sequence, product_id, warehouse_id, kind, on_hand_delta, reserved_delta, \
             on_hand_after, reserved_after, reason, reference_id, actor_id, occurred_at)";
        vec![self.numbered(into, levels, &values)]
    }

    /// What a level's entry with this sequence, from 1, says; each level's is the same.
    fn entry(&self, sequence: u32) -> Entry {
        let (period, step) = (
            (sequence - 1) / ENTRIES_OF_A_PERIOD,
            (sequence - 1) % ENTRIES_OF_A_PERIOD,
        );
        let [received, sold, released] = [RECEIVED, SOLD, RELEASED].map(i64::from);
        let before = i64::from(period) * (received - sold);
        let (kind, on_hand_delta, reserved_delta) = match step {
            0 => ("RECEIPT", received, 0),
            1 => ("RESERVATION", 0, sold),
            2 => ("SALE", -sold, -sold),
            3 => ("RESERVATION", 0, released),
            _ => ("RELEASE", 0, -released),
        };
        Entry {
            kind,
            on_hand_delta,
            reserved_delta,
            on_hand_after: before + received - if step >= 2 { sold } else { 0 },
            reserved_after: reserved_delta.max(0),
            reservation: step.checked_sub(1).map(|step| period * 2 + step / 2),
        }
    }
}
