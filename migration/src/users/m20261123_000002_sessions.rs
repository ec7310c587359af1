//! Sessions with their refresh tokens, and the throttle of failed log-ins.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(sessions()).await?;
        manager.create_table(refresh_tokens()).await?;
        manager.create_table(login_throttles()).await?;
        for (name, table, column) in [
            ("sessions_user", "sessions", "user_id"),
            ("refresh_tokens_session", "refresh_tokens", "session_id"),
            ("login_throttles_clear_at", "login_throttles", "clear_at"),
        ] {
            let index = Index::create().name(name).table(table).col(column).take();
            manager.create_index(index).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["login_throttles", "refresh_tokens", "sessions"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

/// One log-in and all that was refreshed from it: what a re-used refresh token revokes as a whole.
fn sessions() -> TableCreateStatement {
    Table::create()
        .table("sessions")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(instant("created_at").not_null())
        // When its newest refresh token ends.
        .col(instant("expires_at").not_null())
        .col(instant("revoked_at"))
        .foreign_key(
            ForeignKey::create()
                .name("sessions_user_id")
                .from("sessions", "user_id")
                .to("users", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .to_owned()
}

fn refresh_tokens() -> TableCreateStatement {
    Table::create()
        .table("refresh_tokens")
        // SHA-256: the token itself is known to its holder alone.
        .col(ColumnDef::new("token_hash").blob().not_null().primary_key())
        .col(ColumnDef::new("session_id").uuid().not_null())
        .col(instant("issued_at").not_null())
        .col(instant("expires_at").not_null())
        .col(instant("used_at"))
        .foreign_key(
            ForeignKey::create()
                .name("refresh_tokens_session_id")
                .from("refresh_tokens", "session_id")
                .to("sessions", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .check((
            "refresh_tokens_token_hash_length",
            Expr::cust("length(token_hash) = 32"),
        ))
        .to_owned()
}

/// A row for each subject with failed log-ins that are not forgotten yet; it holds across replicas.
fn login_throttles() -> TableCreateStatement {
    Table::create()
        .table("login_throttles")
        .col(ColumnDef::new("subject").text().not_null().primary_key())
        .col(instant("clear_at").not_null())
        .to_owned()
}

fn instant(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).timestamp_with_time_zone().take()
}
