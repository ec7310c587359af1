//! What is sent to the graph on a schedule.

use std::str::FromStr;

use anyhow::Context;
use croner::Cron;
use serde::{Deserialize, Serialize};
use stockgraph_kit::caller::{Scope, Scopes};

/// A mutation that is sent to the graph on a schedule, with a service token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobConfig {
    /// For the log, e.g. `expire-orders`.
    pub name: String,
    /// When: five or six fields of cron, the first of six being seconds, in UTC.
    pub schedule: String,
    /// The GraphQL document that is sent.
    pub mutation: String,
    /// The scopes of its token, e.g. `orders:expire`. Default: none.
    #[serde(default)]
    pub scopes: Vec<String>,
}

impl JobConfig {
    /// The jobs there are when none is configured: what nobody paid expires.
    #[must_use]
    pub fn expiry() -> Vec<Self> {
        vec![
            Self {
                name: "expire-orders".into(),
                schedule: "*/5 * * * * *".into(),
                mutation:
                    "mutation { expireOverdueOrders(input: { limit: 500 }) { expired { number } hasMore } }"
                        .into(),
                scopes: vec![Scope::OrdersExpire.to_string()],
            },
            Self {
                name: "expire-reservations".into(),
                schedule: "*/15 * * * * *".into(),
                mutation:
                    "mutation { expireReservations(input: { limit: 500 }) { expired { id } hasMore } }"
                        .into(),
                scopes: vec![Scope::StockExpire.to_string()],
            },
        ]
    }

    /// When it is due.
    ///
    /// # Errors
    ///
    /// The schedule is not cron's.
    pub fn schedule(&self) -> anyhow::Result<Cron> {
        Cron::from_str(&self.schedule).with_context(|| {
            format!(
                "jobs: the schedule `{}` of `{}` is not one",
                self.schedule, self.name
            )
        })
    }

    /// What its token may do.
    ///
    /// # Errors
    ///
    /// A text that names no scope.
    pub fn scopes(&self) -> anyhow::Result<Scopes> {
        self.scopes
            .iter()
            .map(|scope| {
                scope
                    .parse()
                    .with_context(|| format!("jobs: the scopes of `{}`", self.name))
            })
            .collect()
    }

    pub(super) fn check(&self) -> anyhow::Result<()> {
        anyhow::ensure!(!self.name.is_empty(), "jobs: a job needs a name");
        anyhow::ensure!(
            !self.mutation.trim().is_empty(),
            "jobs: `{}` needs a mutation",
            self.name
        );
        self.schedule()?;
        self.scopes()?;
        Ok(())
    }
}
