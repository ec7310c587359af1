//! Sells held stock, or gives it back.

use sea_orm::DbErr;
use stockgraph_kit::id::{ReservationId, UserId};

use super::{Warehouses, broken};
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
    /// The database fails.
    #[error(transparent)]
    Database(#[from] DbErr),
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
        match self.settle(&[ask]).await?.pop() {
            Some(Answer::Done(reservation)) => Ok(reservation),
            Some(Answer::WrongState(reservation)) => {
                Err(EndReservationError::WrongState(reservation))
            }
            Some(Answer::NotFound) => Err(EndReservationError::NotFound(id)),
            Some(Answer::OtherLines(_) | Answer::Short(_) | Answer::Invalid(_)) | None => {
                Err(broken("the end of a reservation without an answer").into())
            }
        }
    }
}
