//! A stock on a database of its own, which is gone with it.

use anyhow::{Context, ensure};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use sea_orm_migration::MigratorTrait;
use stockgraph_kit::{
    clock::Clock,
    database::{Database, DatabaseOptions, Engine},
    id::{IdSource, ProductId},
    random::Random,
};
use stockgraph_migration::warehouses::Migrator;
use stockgraph_warehouses::{
    domain::{line::Line, warehouse::WarehouseId},
    service::{CreateWarehouse, ReceiveStock, Warehouses},
};
use tempfile::TempDir;

/// A database that was made for one measurement.
pub struct OwnDatabase {
    /// Where it is, as `kit` has it.
    pub url: String,
    server: Option<(DatabaseConnection, String)>,
    _folder: Option<TempDir>,
}

impl OwnDatabase {
    /// A new, empty database: a SQLite file in a temporary folder for `sqlite`, or a database on the PostgreSQL server at this URL.
    ///
    /// # Errors
    ///
    /// There is no such server, or it lets us make none.
    pub async fn new(database: &str) -> anyhow::Result<Self> {
        if database == "sqlite" {
            let folder = TempDir::new()?;
            return Ok(Self {
                url: format!("sqlite:{}", folder.path().join("stock.db").display()),
                server: None,
                _folder: Some(folder),
            });
        }
        let (server, _) = database
            .rsplit_once('/')
            .context("a PostgreSQL URL ends in /NAME")?;
        let name = format!("stock_{}", hex(Random::system().bytes::<6>()));
        let admin = sea_orm::Database::connect(database)
            .await
            .context("the PostgreSQL server does not answer")?;
        admin
            .execute_unprepared(&format!("CREATE DATABASE {name}"))
            .await?;
        Ok(Self {
            url: format!("{server}/{name}"),
            server: Some((admin, name)),
            _folder: None,
        })
    }

    /// Connections to it, as many as a server has.
    ///
    /// # Errors
    ///
    /// It cannot be opened.
    pub async fn connect(&self) -> anyhow::Result<Database> {
        Ok(Database::connect(&DatabaseOptions::new(&self.url)).await?)
    }

    /// Removes it.
    ///
    /// # Errors
    ///
    /// The server does not answer.
    pub async fn end(self) -> anyhow::Result<()> {
        if let Some((admin, name)) = self.server {
            admin
                .execute_unprepared(&format!("DROP DATABASE {name} WITH (FORCE)"))
                .await?;
            admin.close().await?;
        }
        Ok(())
    }
}

fn hex(bytes: impl IntoIterator<Item = u8>) -> String {
    bytes
        .into_iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A stock on a database of its own.
pub struct Shop {
    /// Connections to its database.
    pub database: Database,
    /// The stock.
    pub stock: Warehouses,
    /// What there is in it.
    pub products: Vec<ProductId>,
    /// Makes ids.
    pub ids: IdSource,
    /// Tells the time.
    pub clock: Clock,
    own: OwnDatabase,
}

/// On hand of each product when the shop opens.
pub const STOCK: i32 = 1_000_000;
/// The most lines that one receipt may have.
const LINES: usize = 100;

impl Shop {
    /// A shop with so many products in one warehouse.
    ///
    /// # Errors
    ///
    /// The database cannot be made or filled.
    pub async fn new(database: &str, products: u32) -> anyhow::Result<Self> {
        let mut shop = Self::empty(database).await?;
        shop.products = (0..products).map(|_| shop.ids.next()).collect();
        shop.fill().await?;
        Ok(shop)
    }

    /// A shop without a warehouse.
    ///
    /// # Errors
    ///
    /// The database cannot be made.
    pub async fn empty(database: &str) -> anyhow::Result<Self> {
        let own = OwnDatabase::new(database).await?;
        let database = own.connect().await?;
        Migrator::up(database.writer(), None).await?;
        let clock = Clock::system();
        let ids = IdSource::new(clock.clone(), Random::system());
        let stock = Warehouses::new(database.clone(), clock.clone(), ids.clone());
        Ok(Self {
            products: Vec::new(),
            database,
            stock,
            ids,
            clock,
            own,
        })
    }

    async fn fill(&self) -> anyhow::Result<()> {
        let id: WarehouseId = self.ids.next();
        let warehouse = CreateWarehouse {
            id,
            code: "BENCH".into(),
            name: "Bench".into(),
            location: None,
            priority: 0,
        };
        self.stock.create_warehouse(warehouse).await?;
        for products in self.products.chunks(LINES) {
            let lines = products.iter().map(|product| Line {
                product: *product,
                quantity: STOCK,
            });
            let receipt = ReceiveStock {
                warehouse: id,
                lines: lines.collect(),
                reason: None,
                key: None,
                actor: None,
            };
            self.stock.receive_stock(receipt).await?;
        }
        Ok(())
    }

    /// How many units are held.
    ///
    /// # Errors
    ///
    /// The database fails.
    pub async fn held(&self) -> anyhow::Result<u64> {
        let reader = self.database.reader();
        let sum = "SELECT CAST(COALESCE(SUM(reserved), 0) AS BIGINT) AS held FROM stock_levels";
        let statement = Statement::from_string(reader.get_database_backend(), sum);
        let row = reader.query_one_raw(statement).await?;
        let held: i64 = row.context("a sum has a row")?.try_get("", "held")?;
        Ok(held.unsigned_abs())
    }

    /// What it is on, for a report.
    pub const fn engine(&self) -> &'static str {
        match self.database.engine() {
            Engine::Sqlite => "SQLite",
            Engine::Postgres => "PostgreSQL",
        }
    }

    /// Makes sure that every rule of the stock holds.
    ///
    /// # Errors
    ///
    /// One does not, or the database fails.
    pub async fn verify(&self) -> anyhow::Result<()> {
        let report = self.stock.verify(|_| ()).await?;
        ensure!(report.is_clean(), "the stock is not sound: {report:?}");
        Ok(())
    }

    /// Removes it and its database.
    ///
    /// # Errors
    ///
    /// The database does not answer.
    pub async fn end(self) -> anyhow::Result<()> {
        self.database.close().await?;
        self.own.end().await
    }
}
