//! Holds stock for a reference: every line or none.

use chrono::{DateTime, Utc};
use sea_orm::DbErr;
use stockgraph_kit::id::{ReservationId, UserId};

use super::{Warehouses, broken, settle::NotSettled};
use crate::domain::{
    allocation::Shortage,
    line::{Line, Lines},
    reservation::Reservation,
    settlement::{Answer, Ask, Hold, Wish},
    violation::Violation,
};

/// A hold that is asked for.
#[derive(Clone, Debug)]
pub struct ReserveStock {
    /// Its id, chosen by who asks. The same id with the same lines is the same reservation.
    pub id: ReservationId,
    /// What is to be held.
    pub lines: Vec<Line>,
    /// Until when: from then on the expiry job gives it back.
    pub expires_at: DateTime<Utc>,
    /// The user who may see it.
    pub owner: Option<UserId>,
    /// Who asks.
    pub actor: Option<UserId>,
}

/// Why stock is not held.
#[derive(Debug, thiserror::Error)]
pub enum ReserveStockError {
    /// The input breaks rules.
    #[error("the reservation is not valid: {0:?}")]
    Invalid(Vec<Violation>),
    /// There is not enough.
    #[error("there is not enough: {0:?}")]
    Short(Vec<Shortage>),
    /// The id was used for other lines.
    #[error("the id was used for other lines, by a reservation that is {}", .0.status)]
    OtherLines(Reservation),
    /// The same was held before and given back since: its id is used up.
    #[error("the reservation is {}", .0.status)]
    WrongState(Reservation),
    /// More is asked at the same moment than can be settled.
    #[error("too many requests wait already")]
    Overloaded,
    /// The database fails.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<NotSettled> for ReserveStockError {
    fn from(cause: NotSettled) -> Self {
        match cause {
            NotSettled::Overloaded => Self::Overloaded,
            NotSettled::Database(error) => Self::Database(error),
        }
    }
}

impl Warehouses {
    /// Holds stock.
    ///
    /// # Errors
    ///
    /// [`ReserveStockError`]; nothing is held then.
    pub async fn reserve_stock(
        &self,
        input: ReserveStock,
    ) -> Result<Reservation, ReserveStockError> {
        let lines = Lines::check(input.lines).map_err(ReserveStockError::Invalid)?;
        let hold = Hold {
            id: input.id,
            lines,
            expires_at: input.expires_at,
            owner: input.owner,
        };
        let ask = Ask {
            what: Wish::Hold(hold),
            actor: input.actor,
        };
        match self.settle(ask).await? {
            Answer::Done(reservation) => Ok(reservation),
            Answer::WrongState(reservation) => Err(ReserveStockError::WrongState(reservation)),
            Answer::OtherLines(known) => Err(ReserveStockError::OtherLines(known)),
            Answer::Short(shortages) => Err(ReserveStockError::Short(shortages)),
            Answer::Invalid(violation) => Err(ReserveStockError::Invalid(vec![violation])),
            Answer::NotFound => Err(broken("an answer to a hold that no hold has").into()),
        }
    }
}
