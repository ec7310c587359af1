//! What is sent to the graph on a schedule.

use std::{collections::BTreeMap, str::FromStr};

use anyhow::Context;
use async_graphql::parser::{parse_query, types::OperationType};
use croner::Cron;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use stockgraph_kit::caller::{Scope, Scopes};

/// The variable that carries the batch size to the mutation.
const LIMIT: &str = "limit";

/// The largest batch that the mutations of the expiry take.
const LARGEST_BATCH: u32 = 1_000;

/// A mutation that is sent to the graph on a schedule, with a service token.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobConfig {
    /// Whether it runs. Default: true.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// When: five or six fields of cron, the first of six being seconds, in UTC.
    pub schedule: String,
    /// The GraphQL document that is sent: one mutation.
    pub mutation: String,
    /// The most that one call does, from 1 to 1,000: the value of `$limit` where the mutation declares that variable. Default: none.
    #[serde(default)]
    pub batch_size: Option<u32>,
    /// The scopes of its token, e.g. `orders:expire`. Default: none.
    #[serde(default)]
    pub scopes: Vec<String>,
}

const fn yes() -> bool {
    true
}

impl JobConfig {
    /// The jobs there are when none is configured: what nobody paid expires.
    #[must_use]
    pub fn expiry() -> BTreeMap<String, Self> {
        let job = |schedule: &str, mutation: &str, scope: Scope| Self {
            enabled: true,
            schedule: schedule.into(),
            mutation: mutation.into(),
            // A round of fifty is over in some hundredths of a second: customers who come meanwhile hardly notice.
            batch_size: Some(50),
            scopes: vec![scope.to_string()],
        };
        BTreeMap::from([
            (
                "expire_orders".into(),
                job(
                    "*/5 * * * * *",
                    "mutation ($limit: Int!) { expireOverdueOrders(input: { limit: $limit }) { expired { number } hasMore } }",
                    Scope::OrdersExpire,
                ),
            ),
            (
                "expire_reservations".into(),
                job(
                    "*/15 * * * * *",
                    "mutation ($limit: Int!) { expireReservations(input: { limit: $limit }) { expired { id } hasMore } }",
                    Scope::StockExpire,
                ),
            ),
        ])
    }

    /// When it is due.
    ///
    /// # Errors
    ///
    /// The schedule is not cron's.
    pub fn schedule(&self) -> anyhow::Result<Cron> {
        Cron::from_str(&self.schedule)
            .with_context(|| format!("schedule: `{}` is not one", self.schedule))
    }

    /// What its token may do.
    ///
    /// # Errors
    ///
    /// A text that names no scope.
    pub fn scopes(&self) -> anyhow::Result<Scopes> {
        self.scopes
            .iter()
            .map(|scope| scope.parse().context("scopes"))
            .collect()
    }

    /// The values of the variables that its mutation declares.
    ///
    /// # Errors
    ///
    /// The document is not one mutation, or it needs a value that there is none for.
    pub fn variables(&self) -> anyhow::Result<Map<String, Value>> {
        let document = parse_query(&self.mutation).context("mutation: it is not GraphQL")?;
        let operations: Vec<_> = document.operations.iter().collect();
        let [(_, operation)] = operations.as_slice() else {
            anyhow::bail!("mutation: it must be one operation");
        };
        let operation = &operation.node;
        anyhow::ensure!(
            operation.ty == OperationType::Mutation,
            "mutation: it is a {}",
            operation.ty
        );
        let mut values = Map::new();
        for variable in &operation.variable_definitions {
            let variable = &variable.node;
            let name = variable.name.node.as_str();
            let needed = !variable.var_type.node.nullable && variable.default_value.is_none();
            match self.batch_size {
                Some(size) if name == LIMIT => {
                    values.insert(name.to_owned(), size.into());
                }
                None if name == LIMIT && needed => {
                    anyhow::bail!("batch_size: the mutation declares ${LIMIT}, so it must be set");
                }
                _ => anyhow::ensure!(
                    name == LIMIT || !needed,
                    "mutation: there is no value for ${name}; ${LIMIT} alone has one"
                ),
            }
        }
        Ok(values)
    }

    /// What no type can say of it. The error does not name the job, but the key of it that is wrong.
    pub(super) fn check(&self) -> anyhow::Result<()> {
        if let Some(size) = self.batch_size {
            anyhow::ensure!(
                (1..=LARGEST_BATCH).contains(&size),
                "batch_size must be from 1 to {LARGEST_BATCH}, and is {size}"
            );
        }
        self.schedule()?;
        self.scopes()?;
        self.variables()?;
        Ok(())
    }
}

/// Checks all jobs.
///
/// A name is of small letters, digits and `_`: that is how the environment spells it.
pub(super) fn check_all(jobs: &BTreeMap<String, JobConfig>) -> anyhow::Result<()> {
    for (name, job) in jobs {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        anyhow::ensure!(
            name.chars().all(plain) && !name.is_empty(),
            "jobs.{name}: the name of a job has small letters, digits and _ only"
        );
        // One line with the whole key, like figment's.
        job.check()
            .map_err(|error| anyhow::anyhow!("jobs.{name}.{error:#}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn job(mutation: &str, batch_size: Option<u32>) -> JobConfig {
        JobConfig {
            enabled: true,
            schedule: "0 * * * * *".into(),
            mutation: mutation.into(),
            batch_size,
            scopes: Vec::new(),
        }
    }

    fn wrong(mutation: &str, batch_size: Option<u32>) -> String {
        format!("{:#}", job(mutation, batch_size).check().unwrap_err())
    }

    #[test]
    fn the_batch_size_is_the_limit_where_the_mutation_declares_one() {
        let values = |mutation, size| job(mutation, size).variables().unwrap();
        let limited = values("mutation ($limit: Int!) { a(limit: $limit) }", Some(20));
        assert_eq!(Value::Object(limited), json!({ "limit": 20 }));
        assert!(values("mutation { a }", Some(20)).is_empty());
        assert!(values("mutation ($limit: Int = 3) { a(limit: $limit) }", None).is_empty());
    }

    #[test]
    fn what_cannot_be_sent_is_told() {
        assert!(wrong("mutation ($limit: Int!) { a }", None).starts_with("batch_size"));
        assert!(wrong("mutation ($other: Int!) { a }", Some(1)).contains("$other"));
        assert!(wrong("{ a }", None).contains("it is a query"));
        assert!(wrong("mutation a { a } mutation b { b }", None).contains("one operation"));
        assert!(wrong("every day", None).contains("not GraphQL"));
        for size in [0, 1_001] {
            assert!(wrong("mutation { a }", Some(size)).contains("from 1 to 1000"));
        }
    }
}
