//! Checks the rules of the stock, and that orders and reservations agree, on live databases.

use std::{collections::HashMap, fmt};

use stockgraph_kit::id::ReservationId;
use stockgraph_orders::service::{
    Orders,
    ports::ReservationStatus,
    verify::{ExpectedHold, StuckEffect},
};
use stockgraph_warehouses::{
    domain::reservation::ReservationStatus as HoldStatus,
    service::{Warehouses, verify as stock},
};

use crate::graph::Graph;

/// How many orders are compared at a time.
const PAGE: u64 = 500;

/// How many disagreements are listed.
const MOST_LISTED: usize = 20;

/// What was found.
#[derive(Debug)]
pub struct Report {
    stock: stock::Report,
    orders: u64,
    disagreements: Vec<String>,
    more_disagreements: bool,
    stuck: Vec<StuckEffect>,
}

impl Report {
    /// Whether every rule holds.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.stock.is_clean() && self.disagreements.is_empty() && self.stuck.is_empty()
    }
}

/// Checks everything that can be checked.
///
/// # Errors
///
/// A database fails.
pub async fn verify(graph: &Graph) -> anyhow::Result<Report> {
    let warehouses = graph.warehouses.subgraph().warehouses();
    let orders = graph.orders.subgraph().orders();
    let mut report = Report {
        stock: warehouses
            .verify(|progress| tracing::debug!(rule = progress.rule, "checking"))
            .await?,
        orders: 0,
        disagreements: Vec::new(),
        more_disagreements: false,
        stuck: orders.stuck_effects(MOST_LISTED as u64).await?,
    };
    compare(orders, warehouses, &mut report).await?;
    Ok(report)
}

/// Compares each order with its hold.
///
/// The two stand in different databases that go on changing, so that what seems wrong is looked at a second time: a disagreement
/// that lasts is one.
async fn compare(
    orders: &Orders,
    warehouses: &Warehouses,
    report: &mut Report,
) -> anyhow::Result<()> {
    let mut after = None;
    loop {
        let page = orders.expected_holds(after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(());
        };
        report.orders += page.len() as u64;
        if !disagreeing(&page, warehouses).await?.is_empty() {
            let again = orders.expected_holds(after, PAGE).await?;
            for (hold, status) in disagreeing(&again, warehouses).await? {
                if report.disagreements.len() == MOST_LISTED {
                    report.more_disagreements = true;
                } else {
                    report.disagreements.push(describe(hold, status));
                }
            }
        }
        after = Some(last.order);
    }
}

async fn disagreeing<'a>(
    page: &'a [ExpectedHold],
    warehouses: &Warehouses,
) -> anyhow::Result<Vec<(&'a ExpectedHold, Option<ReservationStatus>)>> {
    let ids: Vec<ReservationId> = page.iter().map(|hold| hold.reservation).collect();
    let found: HashMap<ReservationId, ReservationStatus> = warehouses
        .reservations_by_id(&ids)
        .await?
        .into_iter()
        .map(|reservation| (reservation.id, status(reservation.status)))
        .collect();
    Ok(page
        .iter()
        .map(|hold| (hold, found.get(&hold.reservation).copied()))
        .filter(|(hold, status)| {
            // A hold that was never made is as good as a released one.
            !hold
                .allowed
                .contains(&status.unwrap_or(ReservationStatus::Released))
        })
        .collect())
}

const fn status(status: HoldStatus) -> ReservationStatus {
    match status {
        HoldStatus::Held => ReservationStatus::Held,
        HoldStatus::Committed => ReservationStatus::Committed,
        HoldStatus::Released => ReservationStatus::Released,
        HoldStatus::Expired => ReservationStatus::Expired,
    }
}

fn describe(hold: &ExpectedHold, status: Option<ReservationStatus>) -> String {
    format!(
        "order {} is {:?}, its reservation {} is {}",
        hold.number,
        hold.status,
        hold.reservation,
        status.map_or("missing".into(), |status| format!("{status:?}")),
    )
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (table, rows) in &self.stock.counts {
            writeln!(f, "{rows:>12} {table}")?;
        }
        writeln!(f, "{:>12} orders", self.orders)?;
        writeln!(f)?;
        for check in &self.stock.checks {
            line(f, check.rule, check.violations.len(), check.more)?;
            for violation in &check.violations {
                writeln!(f, "      {}: {}", violation.subject, violation.detail)?;
            }
        }
        line(
            f,
            "orders agree with their reservations",
            self.disagreements.len(),
            self.more_disagreements,
        )?;
        for disagreement in &self.disagreements {
            writeln!(f, "      {disagreement}")?;
        }
        line(
            f,
            "no effect on the stock is stuck",
            self.stuck.len(),
            false,
        )?;
        for effect in &self.stuck {
            writeln!(
                f,
                "      {} of {} owed since {}, tried {} times: {}",
                effect.kind,
                effect.order,
                effect.created_at,
                effect.attempts,
                effect.last_error.as_deref().unwrap_or("no error"),
            )?;
        }
        Ok(())
    }
}

fn line(f: &mut fmt::Formatter<'_>, rule: &str, wrong: usize, more: bool) -> fmt::Result {
    match (wrong, more) {
        (0, _) => writeln!(f, "  ok  {rule}"),
        (wrong, false) => writeln!(f, "WRONG {rule}: {wrong}"),
        (wrong, true) => writeln!(f, "WRONG {rule}: {wrong} and more"),
    }
}
