//! The users schema goes up, down and up again, and keeps its rules, on both engines.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails where it panics, in its helpers too"
)]

use sea_orm_migration::{MigratorTrait, sea_orm::ConnectionTrait};
use stockgraph_kit::{database::Engine, on_both_engines, testing::TestDatabase};
use stockgraph_migration::users::Migrator;

const USER: &str = "INSERT INTO users (id, email, phone_number, display_name, search_text, password_hash, active, created_at, updated_at) \
     VALUES (ID, 'EMAIL', PHONE, 'Ayu', '', '', TRUE, '2026-11-23T09:00:00+00:00', '2026-11-23T09:00:00+00:00')";

fn user(engine: Engine, number: u8, email: &str, phone: &str) -> String {
    USER.replace("ID", &uuid(engine, number))
        .replace("EMAIL", email)
        .replace("PHONE", phone)
}

fn uuid(engine: Engine, number: u8) -> String {
    match engine {
        Engine::Sqlite => format!("x'{number:032x}'"),
        Engine::Postgres => format!("'{number:032x}'::uuid"),
    }
}

on_both_engines! {
    async fn it_goes_up_down_and_up_again(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let connection = test.database.writer();
        Migrator::down(connection, None).await.unwrap();
        assert!(connection.execute_unprepared("SELECT 1 FROM users").await.is_err());
        Migrator::up(connection, None).await.unwrap();
        connection.execute_unprepared("SELECT 1 FROM users").await.unwrap();
    }

    async fn identifiers_are_unique_and_well_formed(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let connection = test.database.writer();
        let insert = async |number, email, phone| {
            connection.execute_unprepared(&user(engine, number, email, phone)).await
        };
        insert(1, "ayu@example.com", "'+6281234567890'").await.unwrap();
        insert(2, "budi@example.com", "NULL").await.unwrap();
        insert(3, "citra@example.com", "NULL").await.unwrap();
        assert!(insert(4, "ayu@example.com", "NULL").await.is_err());
        assert!(insert(5, "dewi@example.com", "'+6281234567890'").await.is_err());
        assert!(insert(6, "dewi", "NULL").await.is_err());
        assert!(insert(7, "dewi@example.com", "'081234567890'").await.is_err());
    }

    async fn unknown_roles_and_orphans_are_refused(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let connection = test.database.writer();
        connection.execute_unprepared(&user(engine, 1, "ayu@example.com", "NULL")).await.unwrap();
        let role = async |number, role: &str| {
            let sql = format!("INSERT INTO user_roles (user_id, role) VALUES ({}, '{role}')", uuid(engine, number));
            connection.execute_unprepared(&sql).await
        };
        role(1, "STAFF").await.unwrap();
        assert!(role(1, "STAFF").await.is_err());
        assert!(role(1, "KING").await.is_err());
        assert!(role(2, "STAFF").await.is_err());
        connection.execute_unprepared("DELETE FROM users").await.unwrap();
        let left = connection.execute_unprepared("DELETE FROM user_roles").await.unwrap();
        assert_eq!(left.rows_affected(), 0);
    }
}
