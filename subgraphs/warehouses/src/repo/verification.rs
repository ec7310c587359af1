//! Queries that look for rows that break the rules of the stock. A sound database answers each with nothing.
//!
//! Each check walks over one table in slices, by ranges of its ids, so that neither we nor the database ever hold more than a
//! slice, however long the ledger is, and so that it is known how far the check has come. All sums are made by the database: what
//! comes here is only what is wrong.

mod goods;
mod ledger;
mod levels;
mod reservations;

use futures_util::TryStreamExt;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, QueryResult, Statement, StreamTrait};
use stockgraph_kit::{
    database::{Database, Engine},
    id::Id,
};
use uuid::Uuid;

/// How many rows of its table a check looks at in one statement: enough that the statement's own cost does not matter, few enough
/// that what it sorts and groups fits into the memory that a database gives to any statement.
const SLICE: u64 = 10_000;

/// One check.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// The rule that it checks, in words.
    pub rule: &'static str,
    /// The table that it walks over; its key is `id`.
    pub table: &'static str,
    /// How many of its rows make a slice.
    pub slice: u64,
    /// Answers a `subject` (the id of what breaks the rule) and numbers that show how, for the rows whose id lies from `$1` to `$2`.
    sql: &'static str,
    /// The subject's id as everybody outside knows it.
    subject: fn(Uuid) -> String,
    /// The numbers that it answers.
    numbers: &'static [&'static str],
}

/// Every check there is.
pub fn checks() -> impl Iterator<Item = &'static Check> {
    levels::CHECKS
        .iter()
        .chain(ledger::CHECKS)
        .chain(reservations::CHECKS)
        .chain(goods::CHECKS)
}

fn public<I: Id>(uuid: Uuid) -> String {
    I::from_uuid(uuid).to_string()
}

/// A row that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The id of what breaks it, e.g. `level_01h455vb4pex5vsknk084sn02q`.
    pub subject: String,
    /// How, e.g. `on_hand 5, ledger 7`.
    pub detail: String,
}

/// A range of ids, both ends included. The slices of a table cover all ids there can be, so that nothing stands between two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slice {
    from: Uuid,
    to: Uuid,
}

impl Slice {
    /// Where the next slice begins; none after the last.
    #[must_use]
    pub fn next(self) -> Option<Uuid> {
        self.to.as_u128().checked_add(1).map(Uuid::from_u128)
    }
}

/// A state of the database to check, whatever others write meanwhile.
pub async fn snapshot(database: &Database) -> Result<DatabaseTransaction, DbErr> {
    let snapshot = database.snapshot().await?;
    if database.engine() == Engine::Postgres {
        snapshot.execute_unprepared(POSTGRES_PLANS).await?;
    }
    Ok(snapshot)
}

/// A slice is small beside its table, and there are many: each goes by the indexes, even where the table looks small enough to be
/// read whole every time, and is planned for as large as it is; compiling a plan costs more than the slice; and the processors are left
/// to the shop, which is open.
const POSTGRES_PLANS: &str = "SET LOCAL enable_seqscan = off; SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL jit = off; \
     SET LOCAL max_parallel_workers_per_gather = 0";

/// The slice of a check that begins here.
pub async fn slice_from(
    db: &impl ConnectionTrait,
    check: &Check,
    from: Uuid,
) -> Result<Slice, DbErr> {
    // PostgreSQL 15 knows no greatest UUID of many, but which is the n-th.
    let sql = format!(
        "SELECT id FROM {} WHERE id >= $1 ORDER BY id LIMIT 1 OFFSET {}",
        check.table,
        check.slice - 1
    );
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, [from.into()]);
    let last = match db.query_one_raw(statement).await? {
        Some(row) => row.try_get("", "id")?,
        None => Uuid::max(),
    };
    Ok(Slice { from, to: last })
}

/// Tells what breaks the rule of a check in a slice.
pub async fn search(
    db: &DatabaseTransaction,
    check: &Check,
    slice: Slice,
    mut found: impl FnMut(Finding) + Send,
) -> Result<(), DbErr> {
    let statement = Statement::from_sql_and_values(
        ConnectionTrait::get_database_backend(db),
        check.sql,
        [slice.from.into(), slice.to.into()],
    );
    let mut rows = db.stream_raw(statement).await?;
    while let Some(row) = rows.try_next().await? {
        found(finding(check, &row)?);
    }
    Ok(())
}

fn finding(check: &Check, row: &QueryResult) -> Result<Finding, DbErr> {
    let numbers = check.numbers.iter().map(|name| {
        let number: i64 = row.try_get("", name)?;
        Ok(format!("{name} {number}"))
    });
    Ok(Finding {
        subject: (check.subject)(row.try_get("", "subject")?),
        detail: numbers.collect::<Result<Vec<_>, DbErr>>()?.join(", "),
    })
}

/// How many rows a table has.
pub async fn count(db: &impl ConnectionTrait, table: &str) -> Result<u64, DbErr> {
    let sql = format!("SELECT CAST(COUNT(*) AS BIGINT) AS rows_of_it FROM {table}");
    let row = db
        .query_one_raw(Statement::from_string(db.get_database_backend(), sql))
        .await?
        .ok_or_else(|| DbErr::RecordNotFound("a count".into()))?;
    let rows: i64 = row.try_get("", "rows_of_it")?;
    Ok(rows.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_leave_no_id_between_them_and_end_with_the_last() {
        let [from, to] = [0, 7].map(Uuid::from_u128);
        assert_eq!(Slice { from, to }.next(), Some(Uuid::from_u128(8)));
        let to = Uuid::max();
        assert_eq!(Slice { from, to }.next(), None);
    }
}
