//! Checks the rules of the stock, and that orders and reservations agree, on live databases.

mod orders;
mod report;

pub use report::{Report, Rule};
use stockgraph_orders::service::Filter;
use stockgraph_warehouses::service::verify::{CheckedRule, MOST_LISTED, Progress};

use crate::graph::Graph;

/// Checks everything that can be checked. `progress` is told as it goes on.
///
/// The stock is checked on one state of its database. Orders are compared with it page by page, as both are at that moment.
///
/// # Errors
///
/// A database fails.
pub async fn verify(
    graph: &Graph,
    mut progress: impl FnMut(Progress) + Send,
) -> anyhow::Result<Report> {
    let warehouses = graph.warehouses.subgraph().warehouses();
    let orders = graph.orders.subgraph().orders();
    let order_rows = orders.count_orders(&Filter::default()).await?;
    let mut stock_rows = 0;
    let stock = warehouses
        .verify(|stock| {
            stock_rows = stock.total;
            progress(Progress {
                total: stock.total + order_rows,
                ..stock
            });
        })
        .await?;
    let compared = orders::compare(orders, warehouses, |compared| {
        progress(Progress {
            rule: orders::AGREE,
            // Orders go on coming in.
            done: stock_rows + compared.min(order_rows),
            total: stock_rows + order_rows,
        });
    })
    .await?;
    let mut counts = stock.counts;
    counts.push(("orders", compared.rows));
    let mut rules: Vec<Rule> = stock.checks.into_iter().map(stock_rule).collect();
    rules.push(compared);
    rules.push(orders::stuck_effects(orders).await?);
    Ok(Report { counts, rules })
}

fn stock_rule(check: CheckedRule) -> Rule {
    let listed = check.violations.into_iter();
    Rule {
        rule: check.rule,
        rows: check.rows,
        wrong: check.wrong,
        listed: listed
            .map(|violation| match violation.detail.as_str() {
                "" => violation.subject,
                detail => format!("{}: {detail}", violation.subject),
            })
            .collect(),
    }
}
