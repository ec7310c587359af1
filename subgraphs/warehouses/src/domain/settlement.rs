//! What becomes of requests to hold stock, sell it or give it back: decided one after the other in memory, over levels that are
//! locked for all of them together.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use stockgraph_kit::id::{ReservationId, UserId};

use super::{
    allocation::{Allocation, Shelf, Shortage, allocate},
    book::{Book, Changes, Delta, Refused},
    line::Lines,
    movement::{Cause, MovementKind, Reference},
    reservation::{End, Ending, Reservation, ReservationStatus},
    violation::Violation,
    warehouse::{Warehouse, WarehouseId},
};

/// What somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What it is.
    pub what: Wish,
    /// The user who asks; none for a part of the system.
    pub actor: Option<UserId>,
}

/// What can be wanted of a reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// That there is one.
    Hold(Hold),
    /// That it ends.
    End(ReservationId, End),
}

/// A hold that is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hold {
    /// Its id, chosen by who asks.
    pub id: ReservationId,
    /// What is to be held.
    pub lines: Lines,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// The user who may see it.
    pub owner: Option<UserId>,
}

/// What became of an [`Ask`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is as was asked for, now or since earlier.
    Done(Reservation),
    /// It cannot be, for the reservation is in another state.
    WrongState(Reservation),
    /// The id was used for other lines, by this reservation.
    OtherLines(Reservation),
    /// There is no such reservation.
    NotFound,
    /// There is not enough; nothing is held.
    Short(Vec<Shortage>),
    /// What was asked for breaks a rule; nothing is held.
    Invalid(Violation),
}

/// A reservation and where its stock is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holding {
    /// The reservation.
    pub reservation: Reservation,
    /// Which level holds how much of it. Needed only for what is to end.
    pub allocations: Vec<Allocation>,
}

/// What requests are decided on: locked levels, and the reservations that the requests name.
#[derive(Clone, Debug)]
pub struct Situation {
    book: Book,
    active: Vec<WarehouseId>,
    holdings: HashMap<ReservationId, Holding>,
    opened: Vec<(ReservationId, Lines)>,
    ended: Vec<ReservationId>,
}

/// A reservation that is to be saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// The reservation and its allocations.
    pub holding: Holding,
    /// Its lines.
    pub lines: Lines,
}

/// What is to be saved of a situation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// New reservations, by id.
    pub opened: Vec<Opened>,
    /// Reservations that were held and no longer are, by id.
    pub ended: Vec<Reservation>,
    /// Levels and entries.
    pub changes: Changes,
}

impl Situation {
    /// The situation with these levels, warehouses and reservations.
    #[must_use]
    pub fn new(book: Book, mut warehouses: Vec<Warehouse>, holdings: Vec<Holding>) -> Self {
        warehouses.retain(Warehouse::is_active);
        warehouses.sort_by(|a, b| a.rank().cmp(&b.rank()));
        Self {
            book,
            active: warehouses.into_iter().map(|place| place.id).collect(),
            holdings: holdings
                .into_iter()
                .map(|holding| (holding.reservation.id, holding))
                .collect(),
            opened: Vec::new(),
            ended: Vec::new(),
        }
    }

    /// Decides the requests, each in what those before it have left.
    ///
    /// # Errors
    ///
    /// [`Refused`] when what was loaded breaks the rules itself; nothing is then to be saved.
    pub fn settle(&mut self, asks: &[Ask]) -> Result<Vec<Answer>, Refused> {
        asks.iter().map(|ask| self.decide(ask)).collect()
    }

    fn decide(&mut self, ask: &Ask) -> Result<Answer, Refused> {
        match &ask.what {
            Wish::Hold(hold) => match self.holdings.get(&hold.id) {
                Some(known) => Ok(held_already(&known.reservation, hold)),
                None => self.hold(hold, ask.actor),
            },
            Wish::End(id, end) => self.end(*id, *end, ask.actor),
        }
    }

    fn hold(&mut self, hold: &Hold, actor: Option<UserId>) -> Result<Answer, Refused> {
        if hold.expires_at <= self.book.now() {
            let violation = Violation::new(["expiresAt"], "Must be in the future.");
            return Ok(Answer::Invalid(violation));
        }
        let allocations = match allocate(hold.lines.as_slice(), &self.shelves(&hold.lines)) {
            Ok(allocations) => allocations,
            Err(shortages) => return Ok(Answer::Short(shortages)),
        };
        for part in &allocations {
            let delta = Delta {
                on_hand: 0,
                reserved: part.quantity,
            };
            let cause = cause(MovementKind::Reservation, hold.id, actor);
            self.book.post(part.level, delta, cause)?;
        }
        let reservation = Reservation {
            id: hold.id,
            status: ReservationStatus::Held,
            digest: hold.lines.digest(),
            owner: hold.owner,
            expires_at: hold.expires_at,
            created_at: self.book.now(),
            closed_at: None,
        };
        self.opened.push((hold.id, hold.lines.clone()));
        let holding = Holding {
            reservation: reservation.clone(),
            allocations,
        };
        self.holdings.insert(hold.id, holding);
        Ok(Answer::Done(reservation))
    }

    /// What the active warehouses can give of these lines' products, by rank.
    fn shelves(&self, lines: &Lines) -> Vec<Shelf> {
        let levels = self.active.iter().flat_map(|warehouse| {
            lines
                .products()
                .filter_map(|product| self.book.at(product, *warehouse))
        });
        levels
            .map(|level| Shelf {
                level: level.id,
                product: level.product,
                warehouse: level.warehouse,
                available: level.available(),
            })
            .collect()
    }

    fn end(
        &mut self,
        id: ReservationId,
        end: End,
        actor: Option<UserId>,
    ) -> Result<Answer, Refused> {
        let Some(holding) = self.holdings.get_mut(&id) else {
            return Ok(Answer::NotFound);
        };
        let now = self.book.now();
        match holding.reservation.end(end, now) {
            Ending::Done => return Ok(Answer::Done(holding.reservation.clone())),
            Ending::Impossible => return Ok(Answer::WrongState(holding.reservation.clone())),
            Ending::Now => {}
        }
        for part in &holding.allocations {
            let delta = Delta {
                on_hand: match end {
                    End::Commit => -part.quantity,
                    End::Release | End::Expire => 0,
                },
                reserved: -part.quantity,
            };
            let cause = cause(end.movement(), id, actor);
            self.book.post(part.level, delta, cause)?;
        }
        holding.reservation.status = end.status();
        holding.reservation.closed_at = Some(now);
        self.ended.push(id);
        Ok(Answer::Done(holding.reservation.clone()))
    }

    /// What is to be saved.
    #[must_use]
    pub fn into_outcome(self) -> Outcome {
        let Self {
            book,
            mut holdings,
            opened,
            ended,
            ..
        } = self;
        let mut opened: Vec<_> = opened
            .into_iter()
            .filter_map(|(id, lines)| {
                let holding = holdings.remove(&id)?;
                Some(Opened { holding, lines })
            })
            .collect();
        let just_opened: HashSet<_> = opened
            .iter()
            .map(|opened| opened.holding.reservation.id)
            .collect();
        let mut ended: Vec<_> = ended
            .into_iter()
            .filter(|id| !just_opened.contains(id))
            .filter_map(|id| Some(holdings.remove(&id)?.reservation))
            .collect();
        opened.sort_unstable_by_key(|opened| opened.holding.reservation.id);
        ended.sort_unstable_by_key(|reservation| reservation.id);
        Outcome {
            opened,
            ended,
            changes: book.into_changes(),
        }
    }
}

/// The answer to a hold whose id is taken. Only who asks for the same again, while it holds or after it was sold, has what they
/// asked for.
fn held_already(known: &Reservation, hold: &Hold) -> Answer {
    if known.digest != hold.lines.digest() {
        return Answer::OtherLines(known.clone());
    }
    match known.status {
        ReservationStatus::Held | ReservationStatus::Committed => Answer::Done(known.clone()),
        ReservationStatus::Released | ReservationStatus::Expired => {
            Answer::WrongState(known.clone())
        }
    }
}

fn cause(kind: MovementKind, id: ReservationId, actor: Option<UserId>) -> Cause {
    Cause {
        kind,
        reference: Some(Reference::Reservation(id)),
        reason: None,
        actor,
    }
}

#[cfg(test)]
mod tests;
