//! The products schema goes up, down and up again, and keeps its rules, on both engines.

#![expect(
    clippy::unwrap_used,
    reason = "what cannot go on has failed, and says where"
)]

use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, Statement},
};
use stockgraph_kit::{database::Engine, on_both_engines, testing::TestDatabase};
use stockgraph_migration::products::Migrator;

const PRODUCT: &str = "INSERT INTO products (id, sku, name, description, price_amount, price_currency, status, category_id, options, \
     created_at, updated_at) VALUES (UUID, 'SKU', 'NAME', 'With a cable', AMOUNT, 'IDR', 'STATUS', CATEGORY, '[]', \
     '2026-11-23T09:00:00+00:00', '2026-11-23T09:00:00+00:00')";

fn uuid(engine: Engine, number: u8) -> String {
    match engine {
        Engine::Sqlite => format!("x'{number:032x}'"),
        Engine::Postgres => format!("'{number:032x}'::uuid"),
    }
}

/// The statement that inserts a product, with these parts replaced.
fn product(engine: Engine, number: u8, sku: &str, name: &str) -> String {
    PRODUCT
        .replace("UUID", &uuid(engine, number))
        .replace("'SKU'", &format!("'{sku}'"))
        .replace("NAME", name)
}

fn sound(sql: &str) -> String {
    sql.replace("AMOUNT", "100")
        .replace("STATUS", "ACTIVE")
        .replace("CATEGORY", "NULL")
}

async fn count(connection: &DatabaseConnection, sql: &str) -> Result<i64, DbErr> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await?;
    row.expect("one row").try_get_by_index(0)
}

/// How many products the index finds for one word in small letters.
async fn found(engine: Engine, connection: &DatabaseConnection, word: &str) -> i64 {
    let sql = match engine {
        Engine::Sqlite => {
            format!("SELECT count(*) FROM products_search WHERE products_search MATCH '{word}'")
        }
        Engine::Postgres => {
            format!("SELECT count(*) FROM products WHERE search @@ to_tsquery('simple', '{word}')")
        }
    };
    count(connection, &sql).await.expect("a count")
}

on_both_engines! {
    async fn it_goes_up_down_and_up_again(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let connection = test.database.writer();
        Migrator::down(connection, None).await.unwrap();
        assert!(connection.execute_unprepared("SELECT 1 FROM products").await.is_err());
        assert!(connection.execute_unprepared("SELECT 1 FROM categories").await.is_err());
        Migrator::up(connection, None).await.unwrap();
        connection.execute_unprepared("SELECT 1 FROM products").await.unwrap();
    }

    async fn the_database_refuses_what_no_product_is(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let connection = test.database.writer();
        let insert = async |sql: String| connection.execute_unprepared(&sql).await;
        insert(sound(&product(engine, 1, "MOUSE", "Mouse"))).await.unwrap();
        assert!(insert(sound(&product(engine, 2, "MOUSE", "Another"))).await.is_err());
        assert!(insert(sound(&product(engine, 1, "OTHER", "Another"))).await.is_err());
        assert!(insert(sound(&product(engine, 3, "NAMELESS", ""))).await.is_err());
        let negative = product(engine, 4, "NEGATIVE", "Negative").replace("AMOUNT", "-1");
        assert!(insert(sound(&negative)).await.is_err());
        let lost = product(engine, 5, "LOST", "Lost").replace("STATUS", "LOST");
        assert!(insert(sound(&lost)).await.is_err());
        let orphan = product(engine, 6, "ORPHAN", "Orphan").replace("CATEGORY", &uuid(engine, 9));
        assert!(insert(sound(&orphan)).await.is_err());
    }

    async fn the_index_follows_every_change(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let connection = test.database.writer();
        let run = async |sql: &str| connection.execute_unprepared(sql).await.unwrap();
        run(&sound(&product(engine, 1, "MOUSE-16-RED", "Café/Mouse"))).await;
        for word in ["cafe", "mouse", "16", "red", "cable"] {
            assert_eq!(found(engine, connection, word).await, 1, "{word}");
        }
        run("UPDATE products SET name = 'Keyboard', price_amount = 5").await;
        assert_eq!(found(engine, connection, "keyboard").await, 1);
        assert_eq!(found(engine, connection, "cafe").await, 0);
        run("DELETE FROM products").await;
        assert_eq!(found(engine, connection, "keyboard").await, 0);
    }

    async fn an_index_made_later_holds_what_was_there_before(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let connection = test.database.writer();
        Migrator::down(connection, Some(1)).await.unwrap();
        connection.execute_unprepared(&sound(&product(engine, 1, "MOUSE", "Mouse"))).await.unwrap();
        Migrator::up(connection, None).await.unwrap();
        assert_eq!(found(engine, connection, "mouse").await, 1);
    }

    async fn names_sort_the_same_whatever_the_engine(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let connection = test.database.writer();
        for (number, name) in (1..).zip(["b", "B2", "a-b", "ab", "Éa", "A"]) {
            let sql = sound(&product(engine, number, &format!("SKU-{number}"), name));
            connection.execute_unprepared(&sql).await.unwrap();
        }
        let statement = Statement::from_string(
            connection.get_database_backend(),
            "SELECT name FROM products ORDER BY sort_name",
        );
        let names: Vec<String> = connection
            .query_all_raw(statement)
            .await
            .unwrap()
            .iter()
            .map(|row| row.try_get("", "name").unwrap())
            .collect();
        assert_eq!(names, ["A", "a-b", "ab", "b", "B2", "Éa"]);
    }
}
