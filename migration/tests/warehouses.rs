//! The migrations of `warehouses` on both engines.

use sea_orm_migration::{
    MigratorTrait,
    sea_orm::{ConnectionTrait, Statement},
};
use stockgraph_kit::{database::Engine, on_both_engines, testing::TestDatabase};
use stockgraph_migration::warehouses::Migrator;

on_both_engines! {
    async fn the_tables_go_down_and_up_again(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let connection = test.database.writer();
        Migrator::down(connection, None).await.expect("down");
        Migrator::up(connection, None).await.expect("up again");
        let statement = Statement::from_string(
            connection.get_database_backend(),
            "SELECT COUNT(*) AS count FROM stock_movements",
        );
        let row = connection.query_one_raw(statement).await.expect("a ledger").expect("one row");
        assert_eq!(row.try_get::<i64>("", "count").expect("a count"), 0);
    }

    async fn a_level_never_holds_more_than_it_has(engine: Engine) {
        let test = TestDatabase::fresh::<Migrator>(engine).await;
        let connection = test.database.writer();
        let id = match engine {
            Engine::Sqlite => "x'018f0000000070008000000000000001'",
            Engine::Postgres => "'018f0000-0000-7000-8000-000000000001'",
        };
        connection
            .execute_unprepared(&format!(
                "INSERT INTO warehouses VALUES ({id}, 'JKT', 'Jakarta', NULL, 'ACTIVE', 0, \
                 '2026-11-23T09:00:00+00:00', '2026-11-23T09:00:00+00:00')"
            ))
            .await
            .expect("a warehouse");
        let level = |on_hand: i32, reserved: i32| {
            format!(
                "INSERT INTO stock_levels (id, product_id, warehouse_id, on_hand, reserved, safety_stock, \
                 low_stock_threshold, sequence, updated_at) \
                 VALUES ({id}, {id}, {id}, {on_hand}, {reserved}, 0, 0, 1, '2026-11-23T09:00:00+00:00')"
            )
        };
        assert!(connection.execute_unprepared(&level(4, 5)).await.is_err());
        assert!(connection.execute_unprepared(&level(4, -1)).await.is_err());
        connection.execute_unprepared(&level(5, 5)).await.expect("a level");
    }
}
