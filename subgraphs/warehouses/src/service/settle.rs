//! Settles requests to hold stock, sell it or give it back: those that wait at the same moment in one transaction, each decided in what
//! those before it have left.
//!
//! However many they are, they take as many statements as one, until there are more rows than go into one.

use std::collections::{BTreeSet, HashMap, HashSet};

use sea_orm::{DatabaseTransaction, DbErr};
use stockgraph_kit::{
    batcher::{Bounds, Settle, Unanswered},
    clock::Clock,
    database::{self, Database, Passing, persistently},
    error::Fault,
    events::Topic,
    id::{IdSource, ProductId, ReservationId},
};

use super::{StockNews, Warehouses, broken, save};
use crate::{
    domain::{
        book::Book,
        level::LevelId,
        reservation::Reservation,
        settlement::{Answer, Ask, Holding, Outcome, Situation, Wish},
    },
    repo::{self, reservations::Held},
};

/// How much is taken on at once. The largest batch names 100 times 100 products, as many parameters in the statement that locks their
/// levels, where SQLite takes 32,766 and PostgreSQL 65,535. Should what is to end lie on more levels than go into a statement (each
/// line in four warehouses and more), the batch fails as a whole, and is settled one by one.
pub(super) const BOUNDS: Bounds = Bounds {
    waiting: 1_000,
    together: 100,
};

/// Settles requests over the stock of the shop.
pub(super) struct Settler {
    pub(super) database: Database,
    pub(super) clock: Clock,
    pub(super) ids: IdSource,
    pub(super) news: Topic<StockNews>,
}

/// Why a request is not settled.
pub(super) enum NotSettled {
    /// More is asked at the same moment than can be settled.
    Overloaded,
    /// The database fails.
    Database(DbErr),
}

impl From<Unanswered<DbErr>> for NotSettled {
    fn from(unanswered: Unanswered<DbErr>) -> Self {
        match unanswered {
            Unanswered::Overloaded => Self::Overloaded,
            Unanswered::Failed(error) => Self::Database(error),
            Unanswered::Closed | Unanswered::Lost => Self::Database(DbErr::Custom(format!(
                "a request about stock: {unanswered}"
            ))),
        }
    }
}

/// Why a try to settle came to nothing.
enum Unsettled {
    /// Somebody made a reservation while its requests were being loaded: look again.
    Moved,
    /// The database fails.
    Database(DbErr),
}

impl From<DbErr> for Unsettled {
    fn from(error: DbErr) -> Self {
        Self::Database(error)
    }
}

impl Passing for Unsettled {
    /// A twin with the same id on another replica came between, or a lock was not to be had.
    fn is_passing(&self) -> bool {
        match self {
            Self::Moved => true,
            Self::Database(error) => {
                matches!(Fault::of(error), Fault::UniqueViolation | Fault::Contended)
            }
        }
    }
}

impl Unsettled {
    fn into_error(self) -> DbErr {
        match self {
            Self::Moved => DbErr::Custom("requests for one new reservation kept coming".into()),
            Self::Database(error) => error,
        }
    }
}

impl Warehouses {
    /// Settles this request, together with those that wait at the same moment. One that is short harms no other.
    pub(super) async fn settle(&self, ask: Ask) -> Result<Answer, NotSettled> {
        Ok(self.settling.ask(ask).await?)
    }

    /// Settles the end of reservations in a transaction of their own, and commits. It locks those that are not locked yet.
    pub(super) async fn settle_locked(
        &self,
        tx: DatabaseTransaction,
        asks: &[Ask],
    ) -> Result<Vec<Answer>, DbErr> {
        let settler = self.settling.settler();
        let (answers, outcome) = settler
            .decide(&tx, asks)
            .await
            .map_err(Unsettled::into_error)?;
        settler.conclude(tx, outcome).await?;
        Ok(answers)
    }
}

impl Settle for Settler {
    type Ask = Ask;
    type Answer = Answer;
    type Error = DbErr;

    async fn settle(&self, asks: &[Ask]) -> Result<Vec<Answer>, DbErr> {
        persistently(|| self.try_to_settle(asks))
            .await
            .map_err(Unsettled::into_error)
    }

    fn befalls_all(error: &DbErr) -> bool {
        Fault::of(error) == Fault::Unavailable
    }
}

impl Settler {
    async fn try_to_settle(&self, asks: &[Ask]) -> Result<Vec<Answer>, Unsettled> {
        let tx = self.database.begin().await?;
        let (answers, outcome) = self.decide(&tx, asks).await?;
        self.conclude(tx, outcome).await?;
        Ok(answers)
    }

    /// Loads and decides; nothing is saved yet.
    async fn decide(
        &self,
        tx: &DatabaseTransaction,
        asks: &[Ask],
    ) -> Result<(Vec<Answer>, Outcome), Unsettled> {
        let mut situation = self.load(tx, &Named::by(asks)).await?;
        let answers = situation
            .settle(asks)
            .map_err(|refused| broken(&format!("a reservation's allocation: {refused:?}")))?;
        Ok((answers, situation.into_outcome()))
    }

    async fn load(&self, tx: &DatabaseTransaction, named: &Named) -> Result<Situation, Unsettled> {
        let ended = if named.ended.is_empty() {
            Vec::new()
        } else {
            repo::reservations::lock(tx, &named.ended).await?
        };
        let known: HashSet<_> = ended.iter().map(|reservation| reservation.id).collect();
        let held = if known.is_empty() {
            Vec::new()
        } else {
            repo::reservations::held(tx, &known.iter().copied().collect::<Vec<_>>()).await?
        };
        let level_ids: BTreeSet<LevelId> = held.iter().map(|part| part.level).collect();
        let level_ids: Vec<_> = level_ids.into_iter().collect();
        let levels = repo::levels::lock_for(tx, &level_ids, &named.products).await?;
        let book = Book::new(levels, self.clock.now());
        let mut holdings = holdings(&book, ended, &held)?;
        let mut warehouses = Vec::new();
        if !named.held.is_empty() {
            // Behind the locks: whoever held the same lines under the same id at the same moment has committed, and is seen.
            for reservation in repo::reservations::by_ids(tx, &named.held).await? {
                if known.contains(&reservation.id) {
                    continue;
                }
                if named.ended.contains(&reservation.id) {
                    return Err(Unsettled::Moved);
                }
                holdings.push(Holding {
                    reservation,
                    allocations: Vec::new(),
                });
            }
            warehouses = repo::warehouses::all(tx, None).await?;
        }
        Ok(Situation::new(book, warehouses, holdings))
    }

    /// Saves what was decided, commits, and tells those who watch.
    async fn conclude(&self, tx: DatabaseTransaction, outcome: Outcome) -> Result<(), DbErr> {
        let products = outcome.changes.products();
        if !outcome.opened.is_empty() {
            repo::reservations::insert(&tx, &outcome.opened).await?;
        }
        repo::reservations::end(&tx, &outcome.ended).await?;
        save(&tx, &self.ids, outcome.changes).await?;
        // One notification for the whole batch.
        let news = products.iter().copied().map(StockNews::Product);
        self.news.announce(&tx, news).await?;
        database::commit(tx, "settle").await?;
        for product in products {
            self.news.publish(StockNews::Product(product));
        }
        Ok(())
    }
}

/// What requests name, each once and in order.
struct Named {
    held: Vec<ReservationId>,
    products: Vec<ProductId>,
    ended: Vec<ReservationId>,
}

impl Named {
    fn by(asks: &[Ask]) -> Self {
        let mut held = BTreeSet::new();
        let mut products = BTreeSet::new();
        let mut ended = BTreeSet::new();
        for ask in asks {
            match &ask.what {
                Wish::Hold(hold) => {
                    held.insert(hold.id);
                    products.extend(hold.lines.products());
                }
                Wish::End(id, _) => {
                    ended.insert(*id);
                }
            }
        }
        Self {
            held: held.into_iter().collect(),
            products: products.into_iter().collect(),
            ended: ended.into_iter().collect(),
        }
    }
}

fn holdings(
    book: &Book,
    reservations: Vec<Reservation>,
    held: &[Held],
) -> Result<Vec<Holding>, DbErr> {
    let mut allocations: HashMap<ReservationId, Vec<_>> = HashMap::new();
    for part in held {
        let level = book
            .level(part.level)
            .ok_or_else(|| broken("an allocation without its level"))?;
        allocations
            .entry(part.reservation)
            .or_default()
            .push(part.of(level));
    }
    Ok(reservations
        .into_iter()
        .map(|reservation| Holding {
            allocations: allocations.remove(&reservation.id).unwrap_or_default(),
            reservation,
        })
        .collect())
}
