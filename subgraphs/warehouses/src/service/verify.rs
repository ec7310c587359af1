//! Checks the rules of the stock on a live database, from the ledger up.

use sea_orm::{AccessMode, DatabaseTransaction, DbErr, IsolationLevel, TransactionTrait};
use stockgraph_kit::database::Engine;
use uuid::Uuid;

use super::Warehouses;
use crate::repo::verification::{self, CHECKS};

/// How many violations of one rule a report lists.
pub const MOST_LISTED: usize = 20;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many rows there are of what was checked: the table's name, and its rows.
    pub counts: Vec<(&'static str, i64)>,
    /// The rules, each with what breaks it.
    pub checks: Vec<CheckedRule>,
}

/// A rule that was checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedRule {
    /// The rule, in words.
    pub rule: &'static str,
    /// What breaks it: the first [`MOST_LISTED`].
    pub violations: Vec<RuleViolation>,
    /// Whether more breaks it than is listed.
    pub more: bool,
}

/// Something that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleViolation {
    /// The UUID of the level, reservation, transfer or entry.
    pub subject: Uuid,
    /// How it breaks the rule, e.g. `reserved 5, held 4`.
    pub detail: String,
}

impl Report {
    /// Whether every rule holds.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.checks.iter().all(|check| check.violations.is_empty())
    }
}

/// How far a verification has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The rule that is checked next.
    pub rule: &'static str,
    /// How many rules were checked.
    pub done: usize,
    /// How many there are.
    pub total: usize,
}

const TABLES: [&str; 5] = [
    "warehouses",
    "stock_levels",
    "reservations",
    "transfers",
    "stock_movements",
];

impl Warehouses {
    /// Checks every rule on one consistent state of the database, while others go on changing it. `progress` is told before each.
    ///
    /// # Errors
    ///
    /// The database's.
    pub async fn verify(&self, mut progress: impl FnMut(Progress) + Send) -> Result<Report, DbErr> {
        let snapshot = self.snapshot().await?;
        let mut counts = Vec::new();
        for table in TABLES {
            counts.push((table, verification::count(&snapshot, table).await?));
        }
        let mut checks = Vec::new();
        for check in CHECKS {
            progress(Progress {
                rule: check.rule,
                done: checks.len(),
                total: CHECKS.len(),
            });
            let found = verification::findings(&snapshot, check, MOST_LISTED as u64 + 1).await?;
            checks.push(CheckedRule {
                rule: check.rule,
                more: found.len() > MOST_LISTED,
                violations: found
                    .into_iter()
                    .take(MOST_LISTED)
                    .map(|finding| RuleViolation {
                        subject: finding.subject,
                        detail: finding.detail,
                    })
                    .collect(),
            });
        }
        snapshot.rollback().await?;
        Ok(Report { counts, checks })
    }

    /// A transaction whose every statement sees the same state.
    async fn snapshot(&self) -> Result<DatabaseTransaction, DbErr> {
        let reader = self.database.reader();
        match self.database.engine() {
            // A deferred transaction keeps the state that its first statement saw.
            Engine::Sqlite => reader.begin().await,
            Engine::Postgres => {
                reader
                    .begin_with_config(
                        Some(IsolationLevel::RepeatableRead),
                        Some(AccessMode::ReadOnly),
                    )
                    .await
            }
        }
    }
}
