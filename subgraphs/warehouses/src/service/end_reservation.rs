//! Sells held stock, or gives it back.

use sea_orm::DbErr;
use stockgraph_kit::id::{ReservationId, UserId};

use super::{Warehouses, broken, settle::NotSettled};
use crate::domain::{
    reservation::{End, Reservation},
    settlement::{Answer, Ask, Wish},
};

/// Why a reservation cannot be ended so.
#[derive(Debug, thiserror::Error)]
pub enum EndReservationError {
    /// There is none.
    #[error("there is no reservation {0}")]
    NotFound(ReservationId),
    /// It has ended otherwise.
    #[error("the reservation is {}", .0.status)]
    WrongState(Reservation),
    /// More is asked at the same moment than can be settled.
    #[error("too many requests wait already")]
    Overloaded,
    /// The database fails.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl From<NotSettled> for EndReservationError {
    fn from(cause: NotSettled) -> Self {
        match cause {
            NotSettled::Overloaded => Self::Overloaded,
            NotSettled::Database(error) => Self::Database(error),
        }
    }
}

impl Warehouses {
    /// Takes the held stock off hand: it is sold. One that was committed already stays as it is.
    ///
    /// A reservation whose time is up can be committed until the expiry job has closed it.
    ///
    /// # Errors
    ///
    /// [`EndReservationError`].
    pub async fn commit_reservation(
        &self,
        id: ReservationId,
        actor: Option<UserId>,
    ) -> Result<Reservation, EndReservationError> {
        self.end_reservation(id, End::Commit, actor).await
    }

    /// Gives the held stock back. One that was given back already stays as it is.
    ///
    /// # Errors
    ///
    /// [`EndReservationError`].
    pub async fn release_reservation(
        &self,
        id: ReservationId,
        actor: Option<UserId>,
    ) -> Result<Reservation, EndReservationError> {
        self.end_reservation(id, End::Release, actor).await
    }

    async fn end_reservation(
        &self,
        id: ReservationId,
        end: End,
        actor: Option<UserId>,
    ) -> Result<Reservation, EndReservationError> {
        let ask = Ask {
            what: Wish::End(id, end),
            actor,
        };
        match self.settle(ask).await? {
            Answer::Done(reservation) => Ok(reservation),
            Answer::WrongState(reservation) => Err(EndReservationError::WrongState(reservation)),
            Answer::NotFound => Err(EndReservationError::NotFound(id)),
            Answer::OtherLines(_) | Answer::Short(_) | Answer::Invalid(_) => {
                Err(broken("an answer to an end that no end has").into())
            }
        }
    }
}
