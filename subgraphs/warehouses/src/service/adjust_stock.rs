//! Corrects what is on hand after a count, damage or loss.

use sea_orm::DbErr;
use stockgraph_kit::{
    database::persistently,
    id::{Id, ProductId, UserId},
};

use super::{Warehouses, broken, receive_stock::key_taken, warehouse};
use crate::{
    domain::{
        allocation::Shortage,
        goods::{GoodsRefused, adjust, check_delta},
        level::Level,
        line::{DigestBuilder, Line},
        movement::{Cause, MovementKind},
        violation::{LONGEST_KEY, LONGEST_REASON, Violation, optional_text, required_text},
        warehouse::WarehouseId,
    },
    repo::{
        self,
        keys::{Claim, Key},
    },
};

/// A correction.
#[derive(Clone, Debug)]
pub struct AdjustStock {
    /// Where.
    pub warehouse: WarehouseId,
    /// Of what.
    pub product: ProductId,
    /// The number to add; negative takes away.
    pub delta: i32,
    /// Why, in a person's words.
    pub reason: String,
    /// The same again under the same key moves nothing twice.
    pub key: Option<String>,
    /// Who books it.
    pub actor: Option<UserId>,
}

/// Why stock cannot be corrected.
#[derive(Debug, thiserror::Error)]
pub enum AdjustStockError {
    /// The input breaks rules.
    #[error("the adjustment is not valid: {0:?}")]
    Invalid(Vec<Violation>),
    /// There is no such warehouse.
    #[error("there is no warehouse {0}")]
    WarehouseNotFound(WarehouseId),
    /// Less is free than would be taken away.
    #[error("less is free than would be taken away: {0:?}")]
    Short(Vec<Shortage>),
    /// The database fails.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl Warehouses {
    /// Corrects a level, never below what is reserved. Answers the level.
    ///
    /// # Errors
    ///
    /// [`AdjustStockError`]; nothing has changed then.
    pub async fn adjust_stock(&self, input: AdjustStock) -> Result<Level, AdjustStockError> {
        persistently(|| self.try_to_adjust(&input)).await
    }

    async fn try_to_adjust(&self, input: &AdjustStock) -> Result<Level, AdjustStockError> {
        let invalid = |violation| AdjustStockError::Invalid(vec![violation]);
        check_delta(input.delta).map_err(invalid)?;
        let reason = required_text("reason", &input.reason, LONGEST_REASON).map_err(invalid)?;
        let key =
            optional_text("idempotencyKey", input.key.as_deref(), LONGEST_KEY).map_err(invalid)?;

        let tx = self.database.begin().await?;
        if warehouse(&tx, input.warehouse).await?.is_none() {
            return Err(AdjustStockError::WarehouseNotFound(input.warehouse));
        }
        if let Some(key) = &key {
            let mut digest = DigestBuilder::default();
            digest
                .bytes(input.warehouse.uuid().as_bytes())
                .bytes(input.product.uuid().as_bytes())
                .bytes(&input.delta.to_be_bytes())
                .text(Some(&reason));
            let key = Key {
                scope: "adjust",
                key,
                digest: digest.finish(),
                answer: None,
            };
            match repo::keys::claim(&tx, key, self.clock.now()).await? {
                Claim::New => {}
                Claim::Again { .. } => {
                    let levels =
                        repo::levels::at(&tx, &[input.warehouse], &[input.product]).await?;
                    return only(levels);
                }
                Claim::Taken { .. } => return Err(invalid(key_taken())),
            }
        }
        if input.delta > 0 {
            self.ensure_levels(&tx, input.warehouse, &[input.product])
                .await?;
        }
        let mut book = self
            .open_book(&tx, &[input.warehouse], &[input.product])
            .await?;
        let line = Line {
            product: input.product,
            quantity: input.delta,
        };
        let cause = Cause {
            kind: MovementKind::Adjustment,
            reference: None,
            reason: Some(reason),
            actor: input.actor,
        };
        adjust(&mut book, input.warehouse, line, &cause).map_err(refused)?;
        let changes = book.into_changes();
        let level = only(changes.levels.clone())?;
        self.finish(tx, changes).await?;
        Ok(level)
    }
}

fn only(mut levels: Vec<Level>) -> Result<Level, AdjustStockError> {
    levels
        .pop()
        .ok_or_else(|| broken("a level that was adjusted").into())
}

fn refused(refused: GoodsRefused) -> AdjustStockError {
    match refused {
        GoodsRefused::Full(violations) => AdjustStockError::Invalid(violations),
        GoodsRefused::Short(shortages) => AdjustStockError::Short(shortages),
        GoodsRefused::Unknown => broken("an adjustment").into(),
    }
}
