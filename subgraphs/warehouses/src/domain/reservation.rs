//! Stock that is held for a reference.

use chrono::{DateTime, Utc};
use stockgraph_kit::id::{ReservationId, UserId};

use super::{line::RequestDigest, movement::MovementKind, text_enum::text_enum};

text_enum! {
    /// What has become of a reservation. It is held, and then exactly one of the others, for ever.
    ReservationStatus {
        /// The stock is held.
        Held = "HELD",
        /// The stock was sold.
        Committed = "COMMITTED",
        /// The stock was given back.
        Released = "RELEASED",
        /// The stock was given back because its time was up.
        Expired = "EXPIRED",
    }
}

/// A hold on stock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reservation {
    /// Which one; chosen by who asked for it.
    pub id: ReservationId,
    /// What has become of it.
    pub status: ReservationStatus,
    /// Tells its lines from others.
    pub digest: RequestDigest,
    /// The user who may see it.
    pub owner: Option<UserId>,
    /// From when on the expiry job may give the stock back.
    pub expires_at: DateTime<Utc>,
    /// Since when it is held.
    pub created_at: DateTime<Utc>,
    /// Since when it is no longer held.
    pub closed_at: Option<DateTime<Utc>>,
}

/// How a reservation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Sold.
    Commit,
    /// Given back.
    Release,
    /// Given back because its time is up.
    Expire,
}

impl End {
    /// What the reservation is then.
    #[must_use]
    pub const fn status(self) -> ReservationStatus {
        match self {
            Self::Commit => ReservationStatus::Committed,
            Self::Release => ReservationStatus::Released,
            Self::Expire => ReservationStatus::Expired,
        }
    }

    /// What the ledger calls it.
    #[must_use]
    pub const fn movement(self) -> MovementKind {
        match self {
            Self::Commit => MovementKind::Sale,
            Self::Release => MovementKind::Release,
            Self::Expire => MovementKind::Expiry,
        }
    }
}

/// What ending a reservation means in the state that it is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It ends now.
    Now,
    /// It has ended so already.
    Done,
    /// It has ended otherwise, or its time is not up.
    Impossible,
}

impl Reservation {
    /// What it means to end the reservation so at this instant.
    ///
    /// A reservation whose time is up can still be committed until the expiry job has closed it: the stock is still there for it.
    /// Who sells guards the time themselves, and lets the hold end later than their own deadline.
    #[must_use]
    pub fn end(&self, end: End, now: DateTime<Utc>) -> Ending {
        match (self.status, end) {
            (ReservationStatus::Held, End::Commit | End::Release) => Ending::Now,
            (ReservationStatus::Held, End::Expire) if self.expires_at <= now => Ending::Now,
            (ReservationStatus::Held, End::Expire) => Ending::Impossible,
            (status, end) if status == end.status() => Ending::Done,
            // Given back is given back: whoever asks for it has what they want.
            (ReservationStatus::Expired, End::Release) => Ending::Done,
            _ => Ending::Impossible,
        }
    }
}

#[cfg(test)]
mod tests {
    use ReservationStatus::{Committed, Expired, Held, Released};
    use stockgraph_kit::id::Id;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_reservation_ends_once() {
        let reservation = |status| Reservation {
            id: ReservationId::from_uuid(Uuid::nil()),
            status,
            digest: Vec::new(),
            owner: None,
            expires_at: DateTime::from_timestamp(100, 0).unwrap(),
            created_at: DateTime::UNIX_EPOCH,
            closed_at: None,
        };
        let now = DateTime::from_timestamp(100, 0).unwrap();
        use Ending::{Done, Impossible, Now};
        let table = [
            (Held, [Now, Now, Now]),
            (Committed, [Done, Impossible, Impossible]),
            (Released, [Impossible, Done, Impossible]),
            (Expired, [Impossible, Done, Done]),
        ];
        for (status, endings) in table {
            for (end, ending) in [End::Commit, End::Release, End::Expire]
                .into_iter()
                .zip(endings)
            {
                assert_eq!(
                    reservation(status).end(end, now),
                    ending,
                    "{status} {end:?}"
                );
            }
        }
        let early = DateTime::from_timestamp(99, 0).unwrap();
        assert_eq!(reservation(Held).end(End::Expire, early), Impossible);
    }
}
