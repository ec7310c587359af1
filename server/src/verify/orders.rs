//! What orders say of the stock, compared with what the stock says.

use std::collections::{HashMap, HashSet};

use stockgraph_kit::id::{OrderId, ReservationId};
use stockgraph_orders::service::{Orders, ports::ReservationStatus, verify::ExpectedHold};
use stockgraph_warehouses::{
    domain::reservation::ReservationStatus as HoldStatus, service::Warehouses,
};

use super::{MOST_LISTED, Rule};

/// How many orders are compared at a time.
const PAGE: u64 = 500;

/// The rule that [`compare`] checks.
pub(super) const AGREE: &str = "Orders agree with their reservations";

/// Compares each order with its hold; `progress` is told how many were.
///
/// The two stand in different databases that go on changing, so that what seems wrong is looked at a second time: a disagreement
/// that lasts is one.
pub(super) async fn compare(
    orders: &Orders,
    warehouses: &Warehouses,
    mut progress: impl FnMut(u64) + Send,
) -> anyhow::Result<Rule> {
    let mut rule = Rule {
        rule: AGREE,
        rows: 0,
        wrong: 0,
        listed: Vec::new(),
    };
    let mut after = None;
    loop {
        progress(rule.rows);
        let page = orders.expected_holds(after, PAGE).await?;
        let Some(last) = page.last() else {
            return Ok(rule);
        };
        rule.rows += page.len() as u64;
        let suspects: HashSet<OrderId> = disagreeing(&page, warehouses)
            .await?
            .into_iter()
            .map(|(hold, _)| hold.order)
            .collect();
        if !suspects.is_empty() {
            // The page again, as it is now; of its other orders, one may be changing only now.
            let mut again = orders.expected_holds(after, PAGE).await?;
            again.retain(|hold| suspects.contains(&hold.order));
            for (hold, status) in disagreeing(&again, warehouses).await? {
                rule.wrong += 1;
                if rule.listed.len() < MOST_LISTED {
                    rule.listed.push(describe(hold, status));
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
        "{}: number {}, {:?}; its {} is {}",
        hold.order,
        hold.number,
        hold.status,
        hold.reservation,
        status.map_or("missing".into(), |status| format!("{status:?}")),
    )
}

/// What orders owe the stock for too long.
pub(super) async fn stuck_effects(orders: &Orders) -> anyhow::Result<Rule> {
    let listed = orders.stuck_effects(MOST_LISTED as u64).await?;
    Ok(Rule {
        rule: "No effect on the stock is stuck",
        rows: orders.count_open_effects().await?,
        wrong: orders.count_stuck_effects().await?,
        listed: listed
            .into_iter()
            .map(|effect| {
                format!(
                    "{}: {} owed since {}, tried {} times: {}",
                    effect.order,
                    effect.kind,
                    effect.created_at,
                    effect.attempts,
                    effect.last_error.as_deref().unwrap_or("no error"),
                )
            })
            .collect(),
    })
}
