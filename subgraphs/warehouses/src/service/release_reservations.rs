//! Gives the held stock of many reservations back: what a shop does with a backlog of orders that nobody paid.

use std::collections::BTreeSet;

use sea_orm::DbErr;
use stockgraph_kit::{
    database::persistently,
    id::{ReservationId, UserId},
};

use super::Warehouses;
use crate::domain::{
    reservation::{End, Reservation},
    settlement::{Answer, Ask, Wish},
};

/// The most reservations that one call gives back.
pub const MOST_RELEASED: usize = 500;

/// How many are given back in one transaction: it holds up those who want the same goods only for a moment.
const BATCH: usize = 25;

impl Warehouses {
    /// Gives the held stock of these reservations back, and answers each as it is then: one that has ended already stays as it is.
    /// Those that do not exist are left out.
    ///
    /// They are not among the requests that are settled together, for customers would wait behind them.
    ///
    /// # Errors
    ///
    /// The database fails. What was given back before stays so.
    pub async fn release_reservations(
        &self,
        ids: &[ReservationId],
        actor: Option<UserId>,
    ) -> Result<Vec<Reservation>, DbErr> {
        let ids: BTreeSet<_> = ids.iter().copied().collect();
        let asks: Vec<_> = ids
            .into_iter()
            .map(|id| Ask {
                what: Wish::End(id, End::Release),
                actor,
            })
            .collect();
        let mut reservations = Vec::with_capacity(asks.len());
        for some in asks.chunks(BATCH) {
            let answers = persistently(|| self.release_batch(some)).await?;
            reservations.extend(answers.into_iter().filter_map(|answer| match answer {
                Answer::Done(reservation) | Answer::WrongState(reservation) => Some(reservation),
                Answer::NotFound
                | Answer::OtherLines(_)
                | Answer::Short(_)
                | Answer::Invalid(_) => None,
            }));
        }
        Ok(reservations)
    }

    async fn release_batch(&self, asks: &[Ask]) -> Result<Vec<Answer>, DbErr> {
        let tx = self.database.begin().await?;
        self.settle_locked(tx, asks).await
    }
}
