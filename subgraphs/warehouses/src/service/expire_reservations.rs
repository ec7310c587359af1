//! Gives back what was held for too long: the scheduled job.

use sea_orm::DbErr;
use stockgraph_kit::{database::persistently, id::UserId};

use super::Warehouses;
use crate::{
    domain::{
        reservation::{End, Reservation},
        settlement::{Answer, Ask, Wish},
    },
    repo,
};

/// The most reservations that one call expires.
pub const MOST_EXPIRED: i32 = 1_000;

/// How many reservations are expired in one transaction, so that none holds its locks for long.
const BATCH: i32 = 100;

/// What a call has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expired {
    /// The reservations that it closed.
    pub reservations: Vec<Reservation>,
    /// Whether there are more whose time is up, and that nobody else is closing at this moment.
    pub has_more: bool,
}

/// Why nothing can be expired.
#[derive(Debug, thiserror::Error)]
pub enum ExpireReservationsError {
    /// The limit is not from 1 to [`MOST_EXPIRED`].
    #[error("the limit must be from 1 to {MOST_EXPIRED}; it is {0}")]
    Limit(i32),
    /// The database fails.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl Warehouses {
    /// Gives back up to `limit` reservations whose time is up, those first that have waited longest. Any number of callers may do so at
    /// once: each reservation is closed by one of them.
    ///
    /// # Errors
    ///
    /// [`ExpireReservationsError`]. What was closed before a failure stays closed.
    pub async fn expire_reservations(
        &self,
        limit: i32,
        actor: Option<UserId>,
    ) -> Result<Expired, ExpireReservationsError> {
        if !(1..=MOST_EXPIRED).contains(&limit) {
            return Err(ExpireReservationsError::Limit(limit));
        }
        let mut reservations = Vec::new();
        let mut left = limit;
        while left > 0 {
            let size = left.min(BATCH);
            let (claimed, expired) = persistently(|| self.expire_batch(size, actor)).await?;
            reservations.extend(expired);
            if claimed < size {
                // What is due beside these, others have claimed at this moment.
                return Ok(Expired {
                    reservations,
                    has_more: false,
                });
            }
            left -= size;
        }
        let reader = self.database.reader();
        Ok(Expired {
            reservations,
            has_more: repo::reservations::any_due(reader, self.clock.now()).await?,
        })
    }

    /// How many were claimed, and those of them that were closed.
    async fn expire_batch(
        &self,
        size: i32,
        actor: Option<UserId>,
    ) -> Result<(i32, Vec<Reservation>), DbErr> {
        let tx = self.database.begin().await?;
        let limit = u64::from(size.unsigned_abs());
        let due = repo::reservations::lock_due(&tx, self.clock.now(), limit).await?;
        if due.is_empty() {
            return Ok((0, Vec::new()));
        }
        let asks: Vec<_> = due
            .into_iter()
            .map(|id| Ask {
                what: Wish::End(id, End::Expire),
                actor,
            })
            .collect();
        let answers = self.settle_locked(tx, &asks).await?;
        let claimed = i32::try_from(answers.len()).unwrap_or(size);
        let closed = answers.into_iter().filter_map(|answer| match answer {
            Answer::Done(reservation) => Some(reservation),
            // Locked as due, so none of these can be; what is not closed now is claimed again by the next call.
            Answer::WrongState(_)
            | Answer::OtherLines(_)
            | Answer::NotFound
            | Answer::Short(_)
            | Answer::Invalid(_) => None,
        });
        Ok((claimed, closed.collect()))
    }
}
