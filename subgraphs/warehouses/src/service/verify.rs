//! Checks the rules of the stock on a live database, from the ledger up.

use std::collections::BTreeMap;

use sea_orm::{DatabaseTransaction, DbErr};
use uuid::Uuid;

use super::Warehouses;
use crate::repo::verification::{self, Check, Finding, checks};

/// How many violations of one rule a report lists.
pub const MOST_LISTED: usize = 20;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many rows there are of what was checked: the table's name, and its rows.
    pub counts: Vec<(&'static str, u64)>,
    /// The rules, each with what breaks it.
    pub checks: Vec<CheckedRule>,
}

/// A rule that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedRule {
    /// The rule, in words.
    pub rule: &'static str,
    /// How many rows were looked at.
    pub rows: u64,
    /// How many violations there are.
    pub wrong: u64,
    /// The first [`MOST_LISTED`] of them.
    pub violations: Vec<RuleViolation>,
}

/// Something that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleViolation {
    /// The id of the level, reservation, return, transfer or entry.
    pub subject: String,
    /// How it breaks the rule, e.g. `reserved 5, held 4`.
    pub detail: String,
}

impl Report {
    /// Whether every rule holds.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.checks.iter().all(|check| check.wrong == 0)
    }
}

impl CheckedRule {
    fn add(&mut self, finding: Finding) {
        self.wrong += 1;
        if self.violations.len() < MOST_LISTED {
            self.violations.push(RuleViolation {
                subject: finding.subject,
                detail: finding.detail,
            });
        }
    }
}

/// How far a verification has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The rule that is being checked.
    pub rule: &'static str,
    /// How many rows were looked at; a row counts for each rule that is checked on it.
    pub done: u64,
    /// How many there are to look at.
    pub total: u64,
}

const TABLES: [&str; 6] = [
    "warehouses",
    "stock_levels",
    "reservations",
    "restocks",
    "transfers",
    "stock_movements",
];

impl Warehouses {
    /// Checks every rule on one consistent state of the database, while others go on changing it. `progress` is told after every
    /// few thousand rows.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn verify(&self, mut progress: impl FnMut(Progress) + Send) -> Result<Report, DbErr> {
        let snapshot = verification::snapshot(&self.database).await?;
        let mut counts = BTreeMap::new();
        for table in TABLES {
            counts.insert(table, verification::count(&snapshot, table).await?);
        }
        let rows = |check: &Check| counts.get(check.table).copied().unwrap_or_default();
        let total = checks().map(rows).sum();
        let mut before = 0;
        let mut checked = Vec::new();
        for check in checks() {
            let tell = |done: u64| {
                progress(Progress {
                    rule: check.rule,
                    done: before + done,
                    total,
                });
            };
            checked.push(walk(&snapshot, check, rows(check), tell).await?);
            before += rows(check);
        }
        snapshot.rollback().await?;
        Ok(Report {
            counts: TABLES
                .map(|table| (table, counts.get(table).copied().unwrap_or_default()))
                .to_vec(),
            checks: checked,
        })
    }
}

/// Checks one rule, slice by slice; tells before each how many rows are done, and at the end.
async fn walk(
    snapshot: &DatabaseTransaction,
    check: &Check,
    rows: u64,
    mut tell: impl FnMut(u64) + Send,
) -> Result<CheckedRule, DbErr> {
    let mut checked = CheckedRule {
        rule: check.rule,
        rows,
        wrong: 0,
        violations: Vec::new(),
    };
    let mut done = 0;
    let mut next = Some(Uuid::nil());
    while let Some(from) = next {
        tell(done);
        let slice = verification::slice_from(snapshot, check, from).await?;
        verification::search(snapshot, check, slice, |finding| checked.add(finding)).await?;
        done = rows.min(done + check.slice);
        next = slice.next();
    }
    tell(rows);
    Ok(checked)
}
