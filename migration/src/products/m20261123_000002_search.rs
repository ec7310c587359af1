//! The full-text index over name, SKU and description, which the database itself keeps in step with the products.
//!
//! A word is a run of letters and digits, without regard to case and accents, on both engines; no language is presumed.

use sea_orm_migration::{
    prelude::{async_trait::async_trait, *},
    sea_orm::DbBackend,
};

/// Makes the column `products.search` on PostgreSQL, and the table `products_search` on SQLite.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, POSTGRES_UP, SQLITE_UP).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        execute(manager, POSTGRES_DOWN, SQLITE_DOWN).await
    }
}

async fn execute(manager: &SchemaManager<'_>, postgres: &str, sqlite: &str) -> Result<(), DbErr> {
    let sql = if manager.get_database_backend() == DbBackend::Postgres {
        postgres
    } else {
        sqlite
    };
    manager
        .get_connection()
        .execute_unprepared(sql)
        .await
        .map(|_| ())
}

/// `products_words` takes the accents off and puts blanks for ASCII punctuation. Left to itself, PostgreSQL reads `USB-C/HDMI`
/// as the path of a file, and the 16 of `LAPTOP-16` as a negative number.
const POSTGRES_UP: &str = r##"
CREATE FUNCTION products_words(text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $body$
    SELECT translate(
        regexp_replace(normalize($1, NFD), '[\u0300-\u036f]', '', 'g'),
        $$!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~$$,
        repeat(' ', 32)
    )
$body$;
ALTER TABLE products ADD COLUMN search tsvector NOT NULL GENERATED ALWAYS AS (
    setweight(to_tsvector('simple', products_words(name)), 'A')
    || setweight(to_tsvector('simple', products_words(sku)), 'A')
    || setweight(to_tsvector('simple', coalesce(products_words(description), '')), 'C')
) STORED;
CREATE INDEX products_search ON products USING gin (search);
"##;

const POSTGRES_DOWN: &str = "
ALTER TABLE products DROP COLUMN search;
DROP FUNCTION products_words(text);
";

/// An FTS5 table that keeps no copy of the texts but looks them up in `products`: see
/// <https://sqlite.org/fts5.html#external_content_tables>.
const SQLITE_UP: &str = "
CREATE VIRTUAL TABLE products_search USING fts5(
    name, sku, description,
    content = 'products', content_rowid = 'number',
    tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
INSERT INTO products_search (products_search) VALUES ('rebuild');
CREATE TRIGGER products_search_insert AFTER INSERT ON products BEGIN
    INSERT INTO products_search (rowid, name, sku, description)
    VALUES (new.number, new.name, new.sku, new.description);
END;
CREATE TRIGGER products_search_delete AFTER DELETE ON products BEGIN
    INSERT INTO products_search (products_search, rowid, name, sku, description)
    VALUES ('delete', old.number, old.name, old.sku, old.description);
END;
CREATE TRIGGER products_search_update AFTER UPDATE OF name, sku, description ON products BEGIN
    INSERT INTO products_search (products_search, rowid, name, sku, description)
    VALUES ('delete', old.number, old.name, old.sku, old.description);
    INSERT INTO products_search (rowid, name, sku, description)
    VALUES (new.number, new.name, new.sku, new.description);
END;
";

const SQLITE_DOWN: &str = "
DROP TRIGGER products_search_update;
DROP TRIGGER products_search_delete;
DROP TRIGGER products_search_insert;
DROP TABLE products_search;
";
