//! Books a transfer that is in transit: into its destination, or back into its source.

use sea_orm::DbErr;
use stockgraph_kit::{
    database::persistently,
    id::{ProductId, UserId},
};

use super::{Warehouses, broken};
use crate::{
    domain::{
        goods::{GoodsRefused, bring_in},
        line::Line,
        movement::{Cause, MovementKind, Reference},
        transfer::{Closing, Transfer, TransferId, TransferStatus},
    },
    repo,
};

/// Why a transfer cannot be closed.
#[derive(Debug, thiserror::Error)]
pub enum CloseTransferError {
    /// There is none.
    #[error("there is no transfer {0}")]
    NotFound(TransferId),
    /// It has been closed otherwise.
    #[error("the transfer is {}", .0.status)]
    WrongState(Transfer),
    /// The warehouse would have more than a level can hold.
    #[error("the warehouse has no room for the goods")]
    NoRoom(Transfer),
    /// The database fails.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl Warehouses {
    /// Books a transfer into its destination. One that was received already stays as it is.
    ///
    /// # Errors
    ///
    /// [`CloseTransferError`].
    pub async fn receive_transfer(
        &self,
        id: TransferId,
        actor: Option<UserId>,
    ) -> Result<Transfer, CloseTransferError> {
        persistently(|| self.close_transfer(id, TransferStatus::Received, actor)).await
    }

    /// Books a transfer back into its source. One that was cancelled already stays as it is.
    ///
    /// # Errors
    ///
    /// [`CloseTransferError`].
    pub async fn cancel_transfer(
        &self,
        id: TransferId,
        actor: Option<UserId>,
    ) -> Result<Transfer, CloseTransferError> {
        persistently(|| self.close_transfer(id, TransferStatus::Cancelled, actor)).await
    }

    async fn close_transfer(
        &self,
        id: TransferId,
        status: TransferStatus,
        actor: Option<UserId>,
    ) -> Result<Transfer, CloseTransferError> {
        let tx = self.database.begin().await?;
        let mut transfer = repo::transfers::lock(&tx, id)
            .await?
            .ok_or(CloseTransferError::NotFound(id))?;
        let warehouse = match transfer.close(status) {
            Closing::Book(warehouse) => warehouse,
            Closing::Done => return Ok(transfer),
            Closing::Impossible => return Err(CloseTransferError::WrongState(transfer)),
        };
        let lines: Vec<Line> = repo::transfers::lines(&tx, &[id])
            .await?
            .into_iter()
            .map(|(_, line)| line)
            .collect();
        let products: Vec<ProductId> = lines.iter().map(|line| line.product).collect();
        self.ensure_levels(&tx, warehouse, &products).await?;
        let mut book = self.open_book(&tx, &[warehouse], &products).await?;
        let cause = Cause {
            kind: MovementKind::TransferIn,
            reference: Some(Reference::Transfer(id)),
            reason: None,
            actor,
        };
        match bring_in(&mut book, warehouse, &lines, &cause) {
            Ok(()) => {}
            Err(GoodsRefused::Full(_)) => return Err(CloseTransferError::NoRoom(transfer)),
            Err(GoodsRefused::Short(_) | GoodsRefused::Unknown) => {
                return Err(broken("a transfer that arrives").into());
            }
        }
        transfer.status = status;
        transfer.closed_at = Some(book.now());
        repo::transfers::close(&tx, &transfer).await?;
        self.finish(tx, book.into_changes()).await?;
        Ok(transfer)
    }
}
