//! Puts sold goods back on hand after a return.

use std::collections::BTreeSet;

use sea_orm::{DatabaseTransaction, DbErr};
use stockgraph_kit::{
    database::persistently,
    id::{ProductId, ReservationId, UserId},
};

use super::{Warehouses, broken, in_order_of, warehouse};
use crate::{
    domain::{
        allocation::Allocation,
        book::Book,
        level::{Level, LevelId},
        line::{DigestBuilder, Line, Lines},
        movement::{Cause, MovementKind, Reference},
        reservation::{Reservation, ReservationStatus},
        restock::{Restock, RestockId, RestockRefused, put_back},
        violation::{LONGEST_REASON, Violation, optional_text},
        warehouse::WarehouseId,
    },
    repo,
};

/// Goods that came back.
#[derive(Clone, Debug)]
pub struct RestockGoods {
    /// The return's id, chosen by who asks. The same id with the same content moves nothing twice.
    pub id: RestockId,
    /// By which reservation the goods were sold.
    pub reservation: ReservationId,
    /// What came back.
    pub lines: Vec<Line>,
    /// Where it goes; by default where it came from.
    pub warehouse: Option<WarehouseId>,
    /// Why, in a person's words.
    pub reason: Option<String>,
    /// Who asks.
    pub actor: Option<UserId>,
}

/// Why goods cannot go back on hand.
#[derive(Debug, thiserror::Error)]
pub enum RestockError {
    /// The input breaks rules, more would come back than was sold, or the id was used for something else.
    #[error("the return is not valid: {0:?}")]
    Invalid(Vec<Violation>),
    /// There is no such reservation.
    #[error("there is no reservation {0}")]
    ReservationNotFound(ReservationId),
    /// There is no such warehouse.
    #[error("there is no warehouse {0}")]
    WarehouseNotFound(WarehouseId),
    /// The reservation's stock was not sold.
    #[error("the reservation is {}", .0.status)]
    WrongState(Reservation),
    /// The database fails.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl Warehouses {
    /// Puts goods back on hand, never more than the reservation sold. Answers the levels that they went to.
    ///
    /// # Errors
    ///
    /// [`RestockError`]; nothing has changed then.
    pub async fn restock(&self, input: RestockGoods) -> Result<Vec<Level>, RestockError> {
        persistently(|| self.try_to_restock(&input)).await
    }

    async fn try_to_restock(&self, input: &RestockGoods) -> Result<Vec<Level>, RestockError> {
        let lines = Lines::check(input.lines.clone()).map_err(RestockError::Invalid)?;
        let invalid = |violation| RestockError::Invalid(vec![violation]);
        let reason =
            optional_text("reason", input.reason.as_deref(), LONGEST_REASON).map_err(invalid)?;

        let tx = self.database.begin().await?;
        let reservation = repo::reservations::lock(&tx, &[input.reservation])
            .await?
            .pop()
            .ok_or(RestockError::ReservationNotFound(input.reservation))?;
        if reservation.status != ReservationStatus::Committed {
            return Err(RestockError::WrongState(reservation));
        }
        if let Some(id) = input.warehouse
            && warehouse(&tx, id).await?.is_none()
        {
            return Err(RestockError::WarehouseNotFound(id));
        }
        let restock = described(input, &lines, reason.as_deref());
        match repo::restocks::claim(&tx, &restock, self.clock.now()).await? {
            None => self.put_back(tx, input, &lines, reason).await,
            Some(known) if known == restock => earlier(&tx, input, &lines).await,
            Some(_) => Err(invalid(Violation::new(
                ["id"],
                "This id was used for something else.",
            ))),
        }
    }

    async fn put_back(
        &self,
        tx: DatabaseTransaction,
        input: &RestockGoods,
        lines: &Lines,
        reason: Option<String>,
    ) -> Result<Vec<Level>, RestockError> {
        let products: Vec<ProductId> = lines.products().collect();
        if let Some(warehouse) = input.warehouse {
            self.ensure_levels(&tx, warehouse, &products).await?;
        }
        let allocations: Vec<Allocation> =
            repo::reservations::allocations(&tx, &[input.reservation])
                .await?
                .into_iter()
                .map(|(_, part)| part)
                .collect();
        let mut warehouses: BTreeSet<_> = allocations.iter().map(|part| part.warehouse).collect();
        warehouses.extend(input.warehouse);
        let warehouses: Vec<_> = warehouses.into_iter().collect();
        let mut book = self.open_book(&tx, &warehouses, &products).await?;
        let cause = Cause {
            kind: MovementKind::Return,
            reference: Some(Reference::Restock(input.id)),
            reason,
            actor: input.actor,
        };
        let mut after = allocations.clone();
        let touched = put_back(
            &mut book,
            &mut after,
            lines.as_slice(),
            input.warehouse,
            &cause,
        )
        .map_err(|refused| match refused {
            RestockRefused::Invalid(violations) => RestockError::Invalid(violations),
            RestockRefused::Unknown => broken("a return").into(),
        })?;
        after.retain(|part| !allocations.contains(part));
        repo::reservations::save_returned(&tx, input.reservation, &after).await?;
        let levels = touched_levels(&book, &touched);
        self.finish(tx, book.into_changes()).await?;
        Ok(in_order_of(&products, levels))
    }
}

fn touched_levels(book: &Book, touched: &BTreeSet<LevelId>) -> Vec<Level> {
    touched
        .iter()
        .filter_map(|id| book.level(*id).cloned())
        .collect()
}

/// The levels that the same return went to, as they are now.
async fn earlier(
    tx: &DatabaseTransaction,
    input: &RestockGoods,
    lines: &Lines,
) -> Result<Vec<Level>, RestockError> {
    let products: Vec<ProductId> = lines.products().collect();
    let ids = repo::movements::levels_of(tx, Reference::Restock(input.id)).await?;
    let levels = repo::levels::by_ids(tx, &ids).await?;
    Ok(in_order_of(&products, levels))
}

fn described(input: &RestockGoods, lines: &Lines, reason: Option<&str>) -> Restock {
    let mut digest = DigestBuilder::default();
    let warehouse = input.warehouse.map(|id| id.to_string());
    digest.text(warehouse.as_deref()).text(reason).lines(lines);
    Restock {
        id: input.id,
        reservation: input.reservation,
        digest: digest.finish(),
    }
}
