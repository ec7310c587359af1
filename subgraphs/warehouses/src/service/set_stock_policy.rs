//! Sets how much is kept back from sale, and from which level the stock counts as low.

use sea_orm::DbErr;
use stockgraph_kit::{
    database::{self, persistently},
    id::ProductId,
};

use super::{StockNews, Warehouses, broken, warehouse};
use crate::{
    domain::{level::Level, line::MOST_UNITS, violation::Violation, warehouse::WarehouseId},
    repo,
};

/// A policy; what is `None` stays.
#[derive(Clone, Copy, Debug)]
pub struct SetStockPolicy {
    /// Where.
    pub warehouse: WarehouseId,
    /// Of what.
    pub product: ProductId,
    /// How much is kept back from sale.
    pub safety_stock: Option<i32>,
    /// From which number of available units the stock counts as low.
    pub low_stock_threshold: Option<i32>,
}

/// Why a policy cannot be set.
#[derive(Debug, thiserror::Error)]
pub enum SetStockPolicyError {
    /// The input breaks rules.
    #[error("the policy is not valid: {0:?}")]
    Invalid(Vec<Violation>),
    /// There is no such warehouse.
    #[error("there is no warehouse {0}")]
    WarehouseNotFound(WarehouseId),
    /// The database fails.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl Warehouses {
    /// Sets the policy of a product in a warehouse, where it may never have been. Answers its level.
    ///
    /// # Errors
    ///
    /// [`SetStockPolicyError`].
    pub async fn set_stock_policy(
        &self,
        input: SetStockPolicy,
    ) -> Result<Level, SetStockPolicyError> {
        let violations: Vec<_> = [
            ("safetyStock", input.safety_stock),
            ("lowStockThreshold", input.low_stock_threshold),
        ]
        .into_iter()
        .filter_map(|(field, number)| out_of_range(field, number?))
        .collect();
        if !violations.is_empty() {
            return Err(SetStockPolicyError::Invalid(violations));
        }
        persistently(|| self.try_to_set_policy(&input)).await
    }

    async fn try_to_set_policy(
        &self,
        input: &SetStockPolicy,
    ) -> Result<Level, SetStockPolicyError> {
        let tx = self.database.begin().await?;
        if warehouse(&tx, input.warehouse).await?.is_none() {
            return Err(SetStockPolicyError::WarehouseNotFound(input.warehouse));
        }
        let place = ([input.warehouse], [input.product]);
        self.ensure_levels(&tx, input.warehouse, &place.1).await?;
        let mut level = repo::levels::lock_at(&tx, &place.0, &place.1)
            .await?
            .pop()
            .ok_or_else(|| broken("a level that was just made"))?;
        if let Some(units) = input.safety_stock {
            level.safety_stock = units;
        }
        if let Some(units) = input.low_stock_threshold {
            level.low_stock_threshold = units;
        }
        level.updated_at = level.updated_at.max(self.clock.now());
        repo::levels::save_policy(&tx, &level).await?;
        let news = [StockNews::Product(input.product)];
        self.news.announce(&tx, news).await?;
        database::commit(tx, "set stock policy").await?;
        self.news.publish(StockNews::Product(input.product));
        Ok(level)
    }
}

fn out_of_range(field: &str, number: i32) -> Option<Violation> {
    let message = format!("Must be from 0 to {MOST_UNITS}; it is {number}.");
    (!(0..=MOST_UNITS).contains(&number)).then(|| Violation::new([field], message))
}
