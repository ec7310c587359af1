//! Keeps SQLite from replacing an entry of the ledger.

use sea_orm_migration::prelude::{async_trait::async_trait, *};

/// Makes the trigger that refuses to write an entry anew.
///
/// On SQLite, `INSERT OR REPLACE` takes away the rows in its way without a word to the triggers on deletion, unless the connection
/// asked for it. PostgreSQL has no such statement: its `ON CONFLICT DO UPDATE` is an update to the triggers.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == sea_orm::DbBackend::Sqlite {
            manager
                .get_connection()
                .execute_unprepared(REFUSE_REPLACE)
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        if manager.get_database_backend() == sea_orm::DbBackend::Sqlite {
            manager
                .get_connection()
                .execute_unprepared("DROP TRIGGER stock_movements_refuse_replace")
                .await?;
        }
        Ok(())
    }
}

/// Looks where the insertion itself looks next, so that it costs little. The row's number, which nobody needs to give, is a key like
/// the others; where it is not given, a trigger sees -1, which no row has.
const REFUSE_REPLACE: &str = "CREATE TRIGGER stock_movements_refuse_replace BEFORE INSERT ON stock_movements \
     WHEN EXISTS (SELECT 1 FROM stock_movements WHERE id = NEW.id) \
       OR EXISTS (SELECT 1 FROM stock_movements WHERE level_id = NEW.level_id AND sequence = NEW.sequence) \
       OR EXISTS (SELECT 1 FROM stock_movements WHERE rowid = NEW.rowid) \
     BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END";
