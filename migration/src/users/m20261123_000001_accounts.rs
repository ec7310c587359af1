//! Accounts and their roles.

use sea_orm_migration::prelude::*;

#[derive(DeriveMigrationName)]
pub(super) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.create_table(users()).await?;
        // The list of users is read newest first, with the id as its tie-breaker.
        manager
            .create_index(
                Index::create()
                    .name("users_created_at_id")
                    .table("users")
                    .col("created_at")
                    .col("id")
                    .to_owned(),
            )
            .await?;
        manager.create_table(user_roles()).await?;
        manager
            .create_index(
                Index::create()
                    .name("user_roles_role")
                    .table("user_roles")
                    .col("role")
                    .to_owned(),
            )
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["user_roles", "users"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn users() -> TableCreateStatement {
    Table::create()
        .table("users")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        // Lower case; in E.164: two spellings of one identifier are one value here, so that the constraint sees them as one.
        .col(ColumnDef::new("email").text().not_null())
        .col(ColumnDef::new("phone_number").text())
        .col(ColumnDef::new("display_name").text())
        // E-mail, phone and name in lower case: the engines fold only some letters, and not the same ones.
        .col(ColumnDef::new("search_text").text().not_null())
        .col(ColumnDef::new("password_hash").text().not_null())
        .col(ColumnDef::new("active").boolean().not_null())
        .col(
            ColumnDef::new("created_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .col(
            ColumnDef::new("updated_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .index(
            Index::create()
                .unique()
                .name("users_email_unique")
                .col("email"),
        )
        .index(
            Index::create()
                .unique()
                .name("users_phone_number_unique")
                .col("phone_number"),
        )
        .check((
            "users_email_shape",
            Expr::cust("email LIKE '%_@_%' AND length(email) <= 254"),
        ))
        .check((
            "users_phone_number_shape",
            Expr::cust("phone_number LIKE '+%' AND length(phone_number) <= 16"),
        ))
        .check((
            "users_display_name_length",
            Expr::cust("length(display_name) BETWEEN 1 AND 100"),
        ))
        .to_owned()
}

fn user_roles() -> TableCreateStatement {
    Table::create()
        .table("user_roles")
        .col(ColumnDef::new("user_id").uuid().not_null())
        .col(ColumnDef::new("role").text().not_null())
        .primary_key(
            Index::create()
                .name("user_roles_pkey")
                .col("user_id")
                .col("role"),
        )
        .foreign_key(
            ForeignKey::create()
                .name("user_roles_user")
                .from("user_roles", "user_id")
                .to("users", "id")
                .on_delete(ForeignKeyAction::Cascade),
        )
        .check((
            "user_roles_role_known",
            Expr::cust("role IN ('CUSTOMER', 'STAFF', 'ADMIN')"),
        ))
        .to_owned()
}
