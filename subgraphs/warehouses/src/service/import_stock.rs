//! Books many receipts and adjustments, all or none of them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt::Write as _,
};

use chrono::{DateTime, Utc};
use sea_orm::{DatabaseTransaction, DbErr};
use stockgraph_kit::{database::Passing, id::ProductId};

use super::{Warehouses, broken, in_ledger};
use crate::{
    domain::{
        book::{Book, Changes},
        import::{
            ImportLine, ImportRefused, ImportTotals, MOST_IMPORTED, RefusedLine, book_import,
            digest_of_import,
        },
        level::{Level, LevelId},
        line::RequestDigest,
        violation::{LONGEST_KEY, Violation, required_text},
        warehouse::WarehouseId,
    },
    repo::{
        self, CHUNK,
        keys::{Claim, Key},
    },
};

/// How often an import is begun that had to give way to others.
const MOST_TRIES: usize = 4;

/// What is to be booked.
#[derive(Clone, Debug)]
pub struct ImportStock {
    /// From 1 to [`MOST_IMPORTED`] lines, booked in this order. A level may stand in several.
    pub lines: Vec<ImportLine>,
    /// The same lines under the same key move nothing twice. By default the key follows from the lines.
    pub key: Option<String>,
    /// Only tells what would come of it.
    pub dry_run: bool,
}

/// What came of an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StockImport {
    /// Everything is booked; of a dry run, everything could be.
    Booked(ImportTotals),
    /// The same was booked under its key at this instant already; nothing has moved now.
    BookedBefore(DateTime<Utc>),
}

/// Why nothing is booked.
#[derive(Debug, thiserror::Error)]
pub enum ImportStockError {
    /// There are none, or too many; this many.
    #[error("an import has 1 to {MOST_IMPORTED} lines; this one has {0}")]
    LineCount(usize),
    /// These lines cannot be booked.
    #[error("{} lines cannot be booked", .0.len())]
    Refused(Vec<RefusedLine>),
    /// The key is not valid.
    #[error("the key is not valid: {}", .0.message)]
    InvalidKey(Violation),
    /// Something else was booked under the key, at this instant.
    #[error("the key was used for something else at {0}")]
    KeyTaken(DateTime<Utc>),
    /// There is no such warehouse.
    #[error("there is no warehouse {0}")]
    WarehouseNotFound(WarehouseId),
    /// The database fails.
    #[error(transparent)]
    Database(#[from] DbErr),
}

/// How far an import has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportProgress {
    /// What is being done.
    pub step: &'static str,
    /// How many rows have been dealt with.
    pub done: usize,
    /// How many there are.
    pub total: usize,
}

impl Warehouses {
    /// Books all lines, in their order and in one transaction, or none. `progress` is told now and then.
    ///
    /// An import that gave way to another transaction is begun anew a few times.
    ///
    /// # Errors
    ///
    /// [`ImportStockError`]; nothing has changed then.
    pub async fn import_stock(
        &self,
        input: ImportStock,
        mut progress: impl FnMut(ImportProgress) + Send,
    ) -> Result<StockImport, ImportStockError> {
        let import = Import::check(input)?;
        let mut tries = 1;
        loop {
            match self.import(&import, &mut progress).await {
                Err(failure) if tries < MOST_TRIES && failure.is_passing() => tries += 1,
                done => return done,
            }
        }
    }

    async fn import(
        &self,
        import: &Import,
        progress: &mut (impl FnMut(ImportProgress) + Send),
    ) -> Result<StockImport, ImportStockError> {
        let mut steps = Steps::of(import, progress);
        steps.begin("waiting for the stock");
        let tx = self.database.begin().await?;
        import.check_warehouses(&tx).await?;
        let key = Key {
            scope: "import",
            key: &import.key,
            digest: import.digest.clone(),
            answer: None,
        };
        match repo::keys::claim(&tx, key, self.clock.now()).await? {
            Claim::New => {}
            Claim::Again { at, .. } => return Ok(StockImport::BookedBefore(at)),
            Claim::Taken { at } => return Err(ImportStockError::KeyTaken(at)),
        }
        let levels = self.find_levels(&tx, import, &mut steps).await?;
        let mut book = self.lock_levels(&tx, &levels, &mut steps).await?;
        let totals = book_import(&mut book, &import.lines).map_err(refused)?;
        if import.dry_run {
            tx.rollback().await?;
        } else {
            let changes = book.into_changes();
            let products = changes.products();
            self.save_import(&tx, changes, &mut steps).await?;
            self.commit(tx, products).await?;
        }
        Ok(StockImport::Booked(totals))
    }

    /// The levels that the lines are about, in the order in which they are locked. A missing one is made where a line adds to it.
    async fn find_levels(
        &self,
        tx: &DatabaseTransaction,
        import: &Import,
        steps: &mut Steps<'_>,
    ) -> Result<BTreeSet<LevelId>, DbErr> {
        steps.begin("finding the levels");
        let now = self.clock.now();
        let mut found = BTreeSet::new();
        let mut missing: Vec<Level> = Vec::new();
        for (warehouse, places) in &import.places {
            let products: Vec<ProductId> = places.keys().copied().collect();
            for chunk in products.chunks(CHUNK) {
                let known: HashMap<ProductId, LevelId> =
                    ids_at(tx, *warehouse, chunk).await?.collect();
                let new = chunk
                    .iter()
                    .filter(|product| places[*product] && !known.contains_key(product))
                    .map(|product| Level::empty(self.ids.next(), *product, *warehouse, now));
                missing.extend(new);
                found.extend(known.into_values());
                steps.done(chunk.len());
            }
        }
        // All at once, so that they are written in the one order in which everybody writes them.
        let made = repo::levels::ensure(tx, missing.clone()).await?;
        if made == missing.len() as u64 {
            found.extend(missing.into_iter().map(|level| level.id));
            return Ok(found);
        }
        // Somebody else has made one at the same moment: then it is theirs that counts.
        for of_warehouse in missing.chunk_by(|one, next| one.warehouse == next.warehouse) {
            for chunk in of_warehouse.chunks(CHUNK) {
                let products: Vec<ProductId> = chunk.iter().map(|level| level.product).collect();
                let made = ids_at(tx, chunk[0].warehouse, &products).await?;
                found.extend(made.map(|(_, id)| id));
            }
        }
        Ok(found)
    }

    /// Locks these levels, more than go into one statement, and opens a book of them.
    async fn lock_levels(
        &self,
        tx: &DatabaseTransaction,
        levels: &BTreeSet<LevelId>,
        steps: &mut Steps<'_>,
    ) -> Result<Book, DbErr> {
        steps.begin("locking the levels");
        let ids: Vec<LevelId> = levels.iter().copied().collect();
        let mut locked = Vec::with_capacity(ids.len());
        // One chunk after the other of what is in order: so all of it is locked in order.
        for chunk in ids.chunks(CHUNK) {
            locked.extend(repo::levels::lock_for(tx, chunk, &[]).await?);
            steps.done(chunk.len());
        }
        // Asked for behind the locks, so that no entry is older than one that was waited for.
        Ok(Book::new(locked, self.clock.now()))
    }

    async fn save_import(
        &self,
        tx: &DatabaseTransaction,
        changes: Changes,
        steps: &mut Steps<'_>,
    ) -> Result<(), DbErr> {
        steps.begin("writing the levels");
        for chunk in changes.levels.chunks(CHUNK) {
            repo::levels::save(tx, chunk).await?;
            steps.done(chunk.len());
        }
        steps.begin("writing the ledger");
        let mut entries = changes.entries.into_iter();
        while entries.len() > 0 {
            let chunk = in_ledger(&self.ids, entries.by_ref().take(CHUNK));
            let rows = chunk.len();
            repo::movements::insert(tx, chunk).await?;
            steps.done(rows);
        }
        Ok(())
    }
}

/// An import that is worth a transaction.
struct Import {
    lines: Vec<ImportLine>,
    /// Which products the lines are about, by warehouse; of each, whether a line adds to it there.
    places: BTreeMap<WarehouseId, BTreeMap<ProductId, bool>>,
    digest: RequestDigest,
    key: String,
    dry_run: bool,
}

impl Import {
    fn check(input: ImportStock) -> Result<Self, ImportStockError> {
        let lines = input.lines;
        if !(1..=MOST_IMPORTED).contains(&lines.len()) {
            return Err(ImportStockError::LineCount(lines.len()));
        }
        let key = input
            .key
            .map(|key| required_text("key", &key, LONGEST_KEY))
            .transpose()
            .map_err(ImportStockError::InvalidKey)?;
        let digest = digest_of_import(&lines);
        let mut places: BTreeMap<_, BTreeMap<_, bool>> = BTreeMap::new();
        for line in &lines {
            let products = places.entry(line.warehouse).or_default();
            *products.entry(line.product).or_default() |= line.change.adds();
        }
        Ok(Self {
            places,
            key: key.unwrap_or_else(|| hexadecimal(&digest)),
            digest,
            lines,
            dry_run: input.dry_run,
        })
    }

    async fn check_warehouses(&self, tx: &DatabaseTransaction) -> Result<(), ImportStockError> {
        let wanted: Vec<WarehouseId> = self.places.keys().copied().collect();
        let mut known = BTreeSet::new();
        for chunk in wanted.chunks(CHUNK) {
            let found = repo::warehouses::by_ids(tx, chunk).await?;
            known.extend(found.into_iter().map(|warehouse| warehouse.id));
        }
        match wanted.into_iter().find(|id| !known.contains(id)) {
            None => Ok(()),
            Some(missing) => Err(ImportStockError::WarehouseNotFound(missing)),
        }
    }
}

/// Counts the rows that an import deals with, and tells of them.
struct Steps<'a> {
    tell: &'a mut (dyn FnMut(ImportProgress) + Send),
    now: ImportProgress,
}

impl<'a> Steps<'a> {
    fn of(import: &Import, tell: &'a mut (impl FnMut(ImportProgress) + Send)) -> Self {
        let places: usize = import.places.values().map(BTreeMap::len).sum();
        // Each level is found and locked; then levels and entries are written.
        let written = if import.dry_run {
            0
        } else {
            places + import.lines.len()
        };
        let now = ImportProgress {
            step: "",
            done: 0,
            total: 2 * places + written,
        };
        Self { tell, now }
    }

    fn begin(&mut self, step: &'static str) {
        self.now.step = step;
        (self.tell)(self.now);
    }

    fn done(&mut self, rows: usize) {
        self.now.done += rows;
        (self.tell)(self.now);
    }
}

async fn ids_at(
    tx: &DatabaseTransaction,
    warehouse: WarehouseId,
    products: &[ProductId],
) -> Result<impl Iterator<Item = (ProductId, LevelId)>, DbErr> {
    let levels = repo::levels::at(tx, &[warehouse], products).await?;
    Ok(levels.into_iter().map(|level| (level.product, level.id)))
}

fn refused(refused: ImportRefused) -> ImportStockError {
    match refused {
        ImportRefused::Lines(lines) => ImportStockError::Refused(lines),
        ImportRefused::Unknown => broken("an import").into(),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("writing to a string cannot fail");
        text
    })
}
