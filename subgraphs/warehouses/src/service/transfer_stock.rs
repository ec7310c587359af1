//! Moves goods between warehouses: at once, or by a dispatch now and a receipt later.

use sea_orm::{DatabaseTransaction, DbErr};
use stockgraph_kit::{
    database::persistently,
    id::{Id, ProductId, UserId},
};

use super::{Warehouses, broken, receive_stock::key_taken};
use crate::{
    domain::{
        allocation::Shortage,
        goods::{GoodsRefused, bring_in, take_out},
        line::{DigestBuilder, Line, Lines, RequestDigest},
        movement::{Cause, MovementKind, Reference},
        transfer::{Transfer, TransferId, TransferStatus, check_route},
        violation::{LONGEST_KEY, Violation, optional_text},
        warehouse::WarehouseId,
    },
    repo::{
        self,
        keys::{Claim, Key},
    },
};

/// A move of goods.
#[derive(Clone, Debug)]
pub struct TransferStock {
    /// The transfer's id.
    pub id: TransferId,
    /// Where from.
    pub source: WarehouseId,
    /// Where to.
    pub destination: WarehouseId,
    /// What.
    pub lines: Vec<Line>,
    /// Whether the goods are on their way until they are received; otherwise both sides are booked at once.
    pub in_transit: bool,
    /// The same again under the same key moves nothing twice.
    pub key: Option<String>,
    /// Who books it.
    pub actor: Option<UserId>,
}

/// Why goods cannot be moved.
#[derive(Debug, thiserror::Error)]
pub enum TransferStockError {
    /// The input breaks rules.
    #[error("the transfer is not valid: {0:?}")]
    Invalid(Vec<Violation>),
    /// There is no such warehouse.
    #[error("there is no warehouse {0}")]
    WarehouseNotFound(WarehouseId),
    /// Less is free at the source than is to be moved.
    #[error("less is free than is to be moved: {0:?}")]
    Short(Vec<Shortage>),
    /// The database fails.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl Warehouses {
    /// Moves goods. Answers the transfer: in transit, or received where both sides were booked at once.
    ///
    /// # Errors
    ///
    /// [`TransferStockError`]; nothing has changed then.
    pub async fn transfer_stock(
        &self,
        input: TransferStock,
    ) -> Result<Transfer, TransferStockError> {
        persistently(|| self.try_to_transfer(&input)).await
    }

    async fn try_to_transfer(&self, input: &TransferStock) -> Result<Transfer, TransferStockError> {
        let invalid = |violation| TransferStockError::Invalid(vec![violation]);
        let lines = Lines::check(input.lines.clone()).map_err(TransferStockError::Invalid)?;
        check_route(input.source, input.destination).map_err(invalid)?;
        let key =
            optional_text("idempotencyKey", input.key.as_deref(), LONGEST_KEY).map_err(invalid)?;

        let tx = self.database.begin().await?;
        both_known(&tx, input.source, input.destination).await?;
        if let Some(key) = &key {
            let key = Key {
                scope: "transfer",
                key,
                digest: digest(input, &lines),
                answer: Some(input.id.uuid()),
            };
            match repo::keys::claim(&tx, key, self.clock.now()).await? {
                Claim::New => {}
                Claim::Again { answer, .. } => return earlier(&tx, answer).await,
                Claim::Taken { .. } => return Err(invalid(key_taken())),
            }
        }
        self.move_goods(tx, input, &lines).await
    }

    async fn move_goods(
        &self,
        tx: DatabaseTransaction,
        input: &TransferStock,
        lines: &Lines,
    ) -> Result<Transfer, TransferStockError> {
        let products: Vec<ProductId> = lines.products().collect();
        let mut warehouses = vec![input.source];
        if !input.in_transit {
            warehouses.push(input.destination);
            self.ensure_levels(&tx, input.destination, &products)
                .await?;
        }
        let mut book = self.open_book(&tx, &warehouses, &products).await?;
        let cause = |kind| Cause {
            kind,
            reference: Some(Reference::Transfer(input.id)),
            reason: None,
            actor: input.actor,
        };
        let out = cause(MovementKind::TransferOut);
        take_out(&mut book, input.source, lines.as_slice(), &out).map_err(refused)?;
        if !input.in_transit {
            let into = cause(MovementKind::TransferIn);
            bring_in(&mut book, input.destination, lines.as_slice(), &into).map_err(refused)?;
        }
        let now = book.now();
        let transfer = Transfer {
            id: input.id,
            status: if input.in_transit {
                TransferStatus::InTransit
            } else {
                TransferStatus::Received
            },
            source: input.source,
            destination: input.destination,
            created_at: now,
            closed_at: (!input.in_transit).then_some(now),
        };
        repo::transfers::insert(&tx, &transfer, lines.as_slice()).await?;
        self.finish(tx, book.into_changes()).await?;
        Ok(transfer)
    }
}

async fn both_known(
    tx: &DatabaseTransaction,
    source: WarehouseId,
    destination: WarehouseId,
) -> Result<(), TransferStockError> {
    let known = repo::warehouses::by_ids(tx, &[source, destination]).await?;
    match [source, destination]
        .into_iter()
        .find(|id| known.iter().all(|warehouse| warehouse.id != *id))
    {
        None => Ok(()),
        Some(missing) => Err(TransferStockError::WarehouseNotFound(missing)),
    }
}

async fn earlier(
    tx: &DatabaseTransaction,
    answer: Option<uuid::Uuid>,
) -> Result<Transfer, TransferStockError> {
    let id = answer.map(TransferId::from_uuid);
    let transfer = match id {
        Some(id) => repo::transfers::by_ids(tx, &[id]).await?.pop(),
        None => None,
    };
    transfer.ok_or_else(|| broken("the transfer of an idempotency key").into())
}

fn refused(refused: GoodsRefused) -> TransferStockError {
    match refused {
        GoodsRefused::Full(violations) => TransferStockError::Invalid(violations),
        GoodsRefused::Short(shortages) => TransferStockError::Short(shortages),
        GoodsRefused::Unknown => broken("a transfer").into(),
    }
}

fn digest(input: &TransferStock, lines: &Lines) -> RequestDigest {
    let mut digest = DigestBuilder::default();
    digest
        .bytes(input.source.uuid().as_bytes())
        .bytes(input.destination.uuid().as_bytes())
        .bytes(&[u8::from(input.in_transit)])
        .lines(lines);
    digest.finish()
}
