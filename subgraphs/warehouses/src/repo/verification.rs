//! Queries that look for rows that break the rules of the stock. A sound database answers each with nothing.
//!
//! All sums are made by the database, so that millions of entries cost no memory here. Each query answers a `subject` (the id of
//! what breaks the rule) and numbers that show how.

use sea_orm::{ConnectionTrait, DbErr, Statement};
use uuid::Uuid;

/// One check.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The rule that it checks, in words.
    pub rule: &'static str,
    sql: &'static str,
    /// The numbers that it answers.
    numbers: &'static [&'static str],
}

/// A row that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The id of what breaks it.
    pub subject: Uuid,
    /// How, e.g. `on_hand 5, ledger 7`.
    pub detail: String,
}

/// The first `limit` findings of a check.
pub async fn findings(
    db: &impl ConnectionTrait,
    check: &Check,
    limit: u64,
) -> Result<Vec<Finding>, DbErr> {
    let sql = format!("{} LIMIT {limit}", check.sql);
    let rows = db
        .query_all_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?;
    let finding = |row: &sea_orm::QueryResult| {
        let numbers = check.numbers.iter().map(|name| {
            let number: i64 = row.try_get("", name)?;
            Ok(format!("{name} {number}"))
        });
        Ok(Finding {
            subject: row.try_get("", "subject")?,
            detail: numbers.collect::<Result<Vec<_>, DbErr>>()?.join(", "),
        })
    };
    rows.iter().map(finding).collect()
}

/// How many rows a table has.
pub async fn count(db: &impl ConnectionTrait, table: &str) -> Result<i64, DbErr> {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) AS rows_of_it FROM {table}");
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("a count".into()))?;
    row.try_get("", "rows_of_it")
}

/// Every check there is.
pub const CHECKS: &[Check] = &[
    Check {
        rule: "No level has more reserved than on hand, nor less than nothing",
        sql: "SELECT id AS subject, CAST(on_hand AS BIGINT) AS on_hand, CAST(reserved AS BIGINT) AS reserved \
              FROM stock_levels WHERE reserved < 0 OR reserved > on_hand",
        numbers: &["on_hand", "reserved"],
    },
    Check {
        rule: "The sums of a level's entries in the ledger are the level",
        sql: "SELECT level.id AS subject, CAST(level.on_hand AS BIGINT) AS on_hand, \
                CAST(COALESCE(ledger.on_hand, 0) AS BIGINT) AS on_hand_by_ledger, \
                CAST(level.reserved AS BIGINT) AS reserved, \
                CAST(COALESCE(ledger.reserved, 0) AS BIGINT) AS reserved_by_ledger, \
                level.sequence AS sequence, CAST(COALESCE(ledger.entries, 0) AS BIGINT) AS entries \
              FROM stock_levels level LEFT JOIN ( \
                SELECT level_id, SUM(on_hand_delta) AS on_hand, SUM(reserved_delta) AS reserved, COUNT(*) AS entries \
                FROM stock_movements GROUP BY level_id \
              ) ledger ON ledger.level_id = level.id \
              WHERE level.on_hand <> COALESCE(ledger.on_hand, 0) \
                OR level.reserved <> COALESCE(ledger.reserved, 0) \
                OR level.sequence <> COALESCE(ledger.entries, 0)",
        numbers: &[
            "on_hand",
            "on_hand_by_ledger",
            "reserved",
            "reserved_by_ledger",
            "sequence",
            "entries",
        ],
    },
    Check {
        rule: "Each entry of the ledger follows from the one before it",
        sql: "SELECT level_id AS subject, sequence, on_hand_before, \
                CAST(on_hand_delta AS BIGINT) AS on_hand_delta, CAST(on_hand_after AS BIGINT) AS on_hand_after, \
                reserved_before, CAST(reserved_delta AS BIGINT) AS reserved_delta, \
                CAST(reserved_after AS BIGINT) AS reserved_after \
              FROM ( \
                SELECT level_id, id, sequence, on_hand_delta, on_hand_after, reserved_delta, reserved_after, \
                  CAST(COALESCE(LAG(on_hand_after) OVER entries, 0) AS BIGINT) AS on_hand_before, \
                  CAST(COALESCE(LAG(reserved_after) OVER entries, 0) AS BIGINT) AS reserved_before, \
                  COALESCE(LAG(sequence) OVER entries, 0) AS sequence_before, LAG(id) OVER entries AS id_before \
                FROM stock_movements WINDOW entries AS (PARTITION BY level_id ORDER BY sequence) \
              ) AS chain \
              WHERE sequence <> sequence_before + 1 OR on_hand_after <> on_hand_before + on_hand_delta \
                OR reserved_after <> reserved_before + reserved_delta OR id <= id_before",
        numbers: &[
            "sequence",
            "on_hand_before",
            "on_hand_delta",
            "on_hand_after",
            "reserved_before",
            "reserved_delta",
            "reserved_after",
        ],
    },
    Check {
        rule: "Each entry of the ledger names its level's product and warehouse",
        sql: "SELECT entry.id AS subject, entry.sequence AS sequence \
              FROM stock_movements entry JOIN stock_levels level ON level.id = entry.level_id \
              WHERE entry.product_id <> level.product_id OR entry.warehouse_id <> level.warehouse_id",
        numbers: &["sequence"],
    },
    Check {
        rule: "What is reserved of a level is what held reservations have of it",
        sql: "SELECT level.id AS subject, CAST(level.reserved AS BIGINT) AS reserved, \
                CAST(COALESCE(held.quantity, 0) AS BIGINT) AS held \
              FROM stock_levels level LEFT JOIN ( \
                SELECT part.level_id, SUM(part.quantity) AS quantity \
                FROM reservation_allocations part JOIN reservations ON reservations.id = part.reservation_id \
                WHERE reservations.status = 'HELD' GROUP BY part.level_id \
              ) held ON held.level_id = level.id \
              WHERE level.reserved <> COALESCE(held.quantity, 0)",
        numbers: &["reserved", "held"],
    },
    Check {
        rule: "A reservation is held once and then sold, released or expired once",
        sql: "SELECT part.reservation_id AS subject, CAST(part.quantity AS BIGINT) AS quantity, \
                CAST(COALESCE(ledger.held, 0) AS BIGINT) AS held, CAST(COALESCE(ledger.sold, 0) AS BIGINT) AS sold, \
                CAST(COALESCE(ledger.released, 0) AS BIGINT) AS released, \
                CAST(COALESCE(ledger.expired, 0) AS BIGINT) AS expired, \
                CAST(COALESCE(ledger.entries, 0) AS BIGINT) AS entries \
              FROM reservation_allocations part JOIN reservations ON reservations.id = part.reservation_id \
              LEFT JOIN ( \
                SELECT reference_id, level_id, COUNT(*) AS entries, \
                  SUM(CASE WHEN kind = 'RESERVATION' AND on_hand_delta = 0 THEN reserved_delta ELSE 0 END) AS held, \
                  SUM(CASE WHEN kind = 'SALE' AND on_hand_delta = reserved_delta THEN -reserved_delta ELSE 0 END) AS sold, \
                  SUM(CASE WHEN kind = 'RELEASE' AND on_hand_delta = 0 THEN -reserved_delta ELSE 0 END) AS released, \
                  SUM(CASE WHEN kind = 'EXPIRY' AND on_hand_delta = 0 THEN -reserved_delta ELSE 0 END) AS expired \
                FROM stock_movements WHERE kind IN ('RESERVATION', 'SALE', 'RELEASE', 'EXPIRY') \
                GROUP BY reference_id, level_id \
              ) ledger ON ledger.reference_id = part.reservation_id AND ledger.level_id = part.level_id \
              WHERE COALESCE(ledger.held, 0) <> part.quantity \
                OR COALESCE(ledger.sold, 0) <> CASE WHEN reservations.status = 'COMMITTED' THEN part.quantity ELSE 0 END \
                OR COALESCE(ledger.released, 0) <> CASE WHEN reservations.status = 'RELEASED' THEN part.quantity ELSE 0 END \
                OR COALESCE(ledger.expired, 0) <> CASE WHEN reservations.status = 'EXPIRED' THEN part.quantity ELSE 0 END \
                OR COALESCE(ledger.entries, 0) <> CASE WHEN reservations.status = 'HELD' THEN 1 ELSE 2 END",
        numbers: &["quantity", "held", "sold", "released", "expired", "entries"],
    },
    Check {
        rule: "The ledger holds and sells for no reservation that is not there",
        sql: "SELECT entry.id AS subject, CAST(entry.reserved_delta AS BIGINT) AS reserved_delta \
              FROM stock_movements entry LEFT JOIN reservation_allocations part \
                ON part.reservation_id = entry.reference_id AND part.level_id = entry.level_id \
              WHERE entry.kind IN ('RESERVATION', 'SALE', 'RELEASE', 'EXPIRY') AND part.level_id IS NULL",
        numbers: &["reserved_delta"],
    },
    Check {
        rule: "Every line of a reservation is allocated whole",
        sql: "SELECT line.reservation_id AS subject, CAST(line.quantity AS BIGINT) AS quantity, \
                CAST(COALESCE(parts.quantity, 0) AS BIGINT) AS allocated \
              FROM reservation_lines line LEFT JOIN ( \
                SELECT part.reservation_id, level.product_id, SUM(part.quantity) AS quantity \
                FROM reservation_allocations part JOIN stock_levels level ON level.id = part.level_id \
                GROUP BY part.reservation_id, level.product_id \
              ) parts ON parts.reservation_id = line.reservation_id AND parts.product_id = line.product_id \
              WHERE line.quantity <> COALESCE(parts.quantity, 0)",
        numbers: &["quantity", "allocated"],
    },
    Check {
        rule: "Nothing is allocated but a line of its reservation, and every reservation has one",
        sql: "SELECT part.reservation_id AS subject, CAST(part.quantity AS BIGINT) AS allocated \
              FROM reservation_allocations part JOIN stock_levels level ON level.id = part.level_id \
              LEFT JOIN reservation_lines line \
                ON line.reservation_id = part.reservation_id AND line.product_id = level.product_id \
              WHERE line.product_id IS NULL \
              UNION ALL \
              SELECT reservations.id AS subject, CAST(0 AS BIGINT) AS allocated \
              FROM reservations LEFT JOIN reservation_lines line ON line.reservation_id = reservations.id \
              WHERE line.product_id IS NULL",
        numbers: &["allocated"],
    },
    Check {
        rule: "What comes back is on the ledger, and no more than was sold",
        sql: "SELECT returned.reservation_id AS subject, CAST(returned.quantity AS BIGINT) AS returned, \
                CAST(COALESCE(ledger.quantity, 0) AS BIGINT) AS returned_by_ledger \
              FROM ( \
                SELECT reservation_id, SUM(returned) AS quantity FROM reservation_allocations GROUP BY reservation_id \
              ) returned LEFT JOIN ( \
                SELECT restocks.reservation_id, SUM(entry.on_hand_delta) AS quantity \
                FROM restocks JOIN stock_movements entry ON entry.reference_id = restocks.id AND entry.kind = 'RETURN' \
                GROUP BY restocks.reservation_id \
              ) ledger ON ledger.reservation_id = returned.reservation_id \
              WHERE returned.quantity <> COALESCE(ledger.quantity, 0)",
        numbers: &["returned", "returned_by_ledger"],
    },
    Check {
        rule: "A transfer leaves once, and arrives once when it is closed",
        sql: "SELECT line.transfer_id AS subject, CAST(line.quantity AS BIGINT) AS quantity, \
                CAST(COALESCE(ledger.departed, 0) AS BIGINT) AS departed, \
                CAST(COALESCE(ledger.arrived, 0) AS BIGINT) AS arrived \
              FROM transfer_lines line JOIN transfers ON transfers.id = line.transfer_id \
              LEFT JOIN ( \
                SELECT reference_id, product_id, \
                  SUM(CASE WHEN kind = 'TRANSFER_OUT' THEN -on_hand_delta ELSE 0 END) AS departed, \
                  SUM(CASE WHEN kind = 'TRANSFER_IN' THEN on_hand_delta ELSE 0 END) AS arrived \
                FROM stock_movements WHERE kind IN ('TRANSFER_OUT', 'TRANSFER_IN') GROUP BY reference_id, product_id \
              ) ledger ON ledger.reference_id = line.transfer_id AND ledger.product_id = line.product_id \
              WHERE COALESCE(ledger.departed, 0) <> line.quantity \
                OR COALESCE(ledger.arrived, 0) <> CASE WHEN transfers.status = 'IN_TRANSIT' THEN 0 ELSE line.quantity END",
        numbers: &["quantity", "departed", "arrived"],
    },
];
