//! The category tree and the products in it.

use sea_orm_migration::{
    prelude::{async_trait::async_trait, *},
    sea_orm::DbBackend,
};

/// Makes `categories` and `products`.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let engine = manager.get_database_backend();
        manager.create_table(categories()).await?;
        manager
            .create_index(index("categories_by_parent", "categories", &["parent_id"]))
            .await?;
        manager.create_table(products(engine)).await?;
        for (name, columns) in [
            // Customers see one status only; each list of theirs is read in its order, page by page.
            (
                "products_by_status_name",
                &["status", "sort_name", "id"][..],
            ),
            (
                "products_by_status_price",
                &["status", "price_amount", "id"],
            ),
            (
                "products_by_status_created",
                &["status", "created_at", "id"],
            ),
            // Those who keep the catalogue see all of it, by name unless they ask for another order.
            ("products_by_name", &["sort_name", "id"]),
            ("products_by_category", &["category_id"]),
            ("products_by_family", &["family"]),
        ] {
            manager
                .create_index(index(name, "products", columns))
                .await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["products", "categories"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}

fn index(
    name: &'static str,
    table: &'static str,
    columns: &[&'static str],
) -> IndexCreateStatement {
    let mut index = Index::create();
    index.name(name).table(table);
    for column in columns {
        index.col(*column);
    }
    index
}

/// What lists are sorted by: bytes, after ASCII letters are made small. Both engines agree on this one, whatever the locale.
fn sort_name(engine: DbBackend) -> ColumnDef {
    let expression = if engine == DbBackend::Postgres {
        r#"lower(name COLLATE "C")"#
    } else {
        "lower(name)"
    };
    let mut column = ColumnDef::new("sort_name");
    if engine == DbBackend::Postgres {
        column.custom(r#"text COLLATE "C""#);
    } else {
        column.text();
    }
    column.generated(Expr::cust(expression), true);
    column
}

fn categories() -> TableCreateStatement {
    Table::create()
        .table("categories")
        .col(ColumnDef::new("id").uuid().not_null().primary_key())
        .col(ColumnDef::new("parent_id").uuid())
        .col(ColumnDef::new("name").text().not_null())
        .col(ColumnDef::new("slug").text().not_null().unique_key())
        .col(
            ColumnDef::new("created_at")
                .timestamp_with_time_zone()
                .not_null(),
        )
        .foreign_key(
            ForeignKey::create()
                .name("categories_parent")
                .from("categories", "parent_id")
                .to("categories", "id"),
        )
        .check(Expr::cust("parent_id <> id"))
        .check(Expr::cust("length(name) BETWEEN 1 AND 100"))
        .check(Expr::cust("length(slug) BETWEEN 1 AND 64"))
        .to_owned()
}

fn products(engine: DbBackend) -> TableCreateStatement {
    let mut table = Table::create();
    table.table("products");
    if engine == DbBackend::Postgres {
        table.col(ColumnDef::new("id").uuid().not_null().primary_key());
    } else {
        // SQLite's full-text index knows rows by a whole number, which must be a column to be kept by VACUUM.
        table
            .col(ColumnDef::new("number").integer().not_null().primary_key())
            .col(ColumnDef::new("id").uuid().not_null().unique_key());
    }
    table
        .col(ColumnDef::new("sku").text().not_null().unique_key())
        .col(ColumnDef::new("name").text().not_null())
        .col(sort_name(engine))
        .col(ColumnDef::new("description").text())
        // A whole number of 10⁻⁴ of the currency.
        .col(ColumnDef::new("price_amount").big_integer().not_null())
        .col(ColumnDef::new("price_currency").text().not_null())
        .col(ColumnDef::new("status").text().not_null())
        .col(ColumnDef::new("category_id").uuid())
        .col(ColumnDef::new("family").text())
        // `[{"name": …, "value": …}]`, in the order in which they are shown.
        .col(ColumnDef::new("options").json_binary().not_null())
        .col(ColumnDef::new("image_url").text())
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
        .foreign_key(
            ForeignKey::create()
                .name("products_category")
                .from("products", "category_id")
                .to("categories", "id"),
        )
        .check(Expr::cust("length(sku) BETWEEN 1 AND 64"))
        .check(Expr::cust("length(name) BETWEEN 1 AND 200"))
        .check(Expr::cust("price_amount >= 0"))
        .check(Expr::cust("length(price_currency) = 3"))
        .check(Expr::cust("status IN ('DRAFT', 'ACTIVE', 'ARCHIVED')"))
        .to_owned()
}
