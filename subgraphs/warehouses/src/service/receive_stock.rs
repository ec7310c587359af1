//! Adds goods that came in.

use sea_orm::DbErr;
use stockgraph_kit::{
    database::persistently,
    id::{Id, ProductId, UserId},
};

use super::{Warehouses, broken, in_order_of, warehouse};
use crate::{
    domain::{
        goods::{GoodsRefused, bring_in},
        level::Level,
        line::{DigestBuilder, Line, Lines, RequestDigest},
        movement::{Cause, MovementKind},
        violation::{LONGEST_KEY, LONGEST_REASON, Violation, optional_text},
        warehouse::WarehouseId,
    },
    repo::{
        self,
        keys::{Claim, Key},
    },
};

/// Goods that came in.
#[derive(Clone, Debug)]
pub struct ReceiveStock {
    /// Where.
    pub warehouse: WarehouseId,
    /// What.
    pub lines: Vec<Line>,
    /// Why, in a person's words.
    pub reason: Option<String>,
    /// The same again under the same key moves nothing twice.
    pub key: Option<String>,
    /// Who books it.
    pub actor: Option<UserId>,
}

/// Why goods cannot be received.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveStockError {
    /// The input breaks rules.
    #[error("the receipt is not valid: {0:?}")]
    Invalid(Vec<Violation>),
    /// There is no such warehouse.
    #[error("there is no warehouse {0}")]
    WarehouseNotFound(WarehouseId),
    /// The database fails.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl Warehouses {
    /// Adds goods to a warehouse. Answers its levels of them, in the order of the lines.
    ///
    /// # Errors
    ///
    /// [`ReceiveStockError`]; nothing has changed then.
    pub async fn receive_stock(
        &self,
        input: ReceiveStock,
    ) -> Result<Vec<Level>, ReceiveStockError> {
        persistently(|| self.try_to_receive(&input)).await
    }

    async fn try_to_receive(&self, input: &ReceiveStock) -> Result<Vec<Level>, ReceiveStockError> {
        let lines = Lines::check(input.lines.clone()).map_err(ReceiveStockError::Invalid)?;
        let invalid = |violation| ReceiveStockError::Invalid(vec![violation]);
        let reason =
            optional_text("reason", input.reason.as_deref(), LONGEST_REASON).map_err(invalid)?;
        let key =
            optional_text("idempotencyKey", input.key.as_deref(), LONGEST_KEY).map_err(invalid)?;
        let products: Vec<ProductId> = lines.products().collect();

        let tx = self.database.begin().await?;
        if warehouse(&tx, input.warehouse).await?.is_none() {
            return Err(ReceiveStockError::WarehouseNotFound(input.warehouse));
        }
        if let Some(key) = &key {
            let key = Key {
                scope: "receive",
                key,
                digest: digest(input.warehouse, &lines, reason.as_deref()),
                answer: None,
            };
            match repo::keys::claim(&tx, key, self.clock.now()).await? {
                Claim::New => {}
                Claim::Again { .. } => {
                    let levels = repo::levels::at(&tx, &[input.warehouse], &products).await?;
                    return Ok(in_order_of(&products, levels));
                }
                Claim::Taken { .. } => return Err(invalid(key_taken())),
            }
        }
        self.ensure_levels(&tx, input.warehouse, &products).await?;
        let mut book = self.open_book(&tx, &[input.warehouse], &products).await?;
        let cause = Cause {
            kind: MovementKind::Receipt,
            reference: None,
            reason,
            actor: input.actor,
        };
        bring_in(&mut book, input.warehouse, lines.as_slice(), &cause).map_err(refused)?;
        let changes = book.into_changes();
        let levels = in_order_of(&products, changes.levels.clone());
        self.finish(tx, changes).await?;
        Ok(levels)
    }
}

fn refused(refused: GoodsRefused) -> ReceiveStockError {
    match refused {
        GoodsRefused::Full(violations) => ReceiveStockError::Invalid(violations),
        GoodsRefused::Short(_) | GoodsRefused::Unknown => broken("goods that come in").into(),
    }
}

fn digest(warehouse: WarehouseId, lines: &Lines, reason: Option<&str>) -> RequestDigest {
    let mut digest = DigestBuilder::default();
    digest
        .bytes(warehouse.uuid().as_bytes())
        .text(reason)
        .lines(lines);
    digest.finish()
}

/// The key came with something else before.
pub(super) fn key_taken() -> Violation {
    Violation::new(
        ["idempotencyKey"],
        "This key was used for something else; the same again needs the same content.",
    )
}
