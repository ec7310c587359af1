//! Requests that wait at the same moment are settled together. On one thread, so that who waits when is the same in every run.

use futures_util::future::{join, join_all};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};
use stockgraph_kit::{
    id::{ProductId, ReservationId},
    on_both_engines,
};
use stockgraph_warehouses::{
    domain::{line::Line, reservation::ReservationStatus},
    service::{EndReservationError, ReserveStock, ReserveStockError},
};
use tokio::task::unconstrained;

use crate::at_once::Shop;

/// A hold of one unit.
fn one_of(shop: &Shop, product: ProductId) -> ReserveStock {
    let line = Line {
        product,
        quantity: 1,
    };
    shop.hold(shop.graph.ids.next(), vec![line])
}

on_both_engines! {
    async fn sixty_four_reservations_at_once_take_as_many_statements_as_one(engine: Engine) {
        let shop = Shop::new(engine, 1, 3, 40).await;
        let stock = shop.graph.stock();
        // A power of two: with any other number, SQLite takes the rows in a few pieces.
        let statements = || shop.graph.database.take_statements().len();
        statements();
        let alone = stock.reserve_stock(one_of(&shop, shop.products[0])).await.unwrap();
        let of_one = statements();
        assert!(of_one > 0);

        let buyers = (0..64).map(|number| stock.reserve_stock(one_of(&shop, shop.products[number % 2])));
        let held = join_all(buyers).await;
        assert_eq!(statements(), of_one);
        assert!(held.iter().all(Result::is_ok));

        let ids: Vec<ReservationId> = held.into_iter().map(|held| held.unwrap().id).collect();
        stock.commit_reservation(alone.id, None).await.unwrap();
        let of_one = statements();
        let sold = join_all(ids.iter().map(|id| stock.commit_reservation(*id, None))).await;
        assert_eq!(statements(), of_one);
        assert!(sold.iter().all(|sold| sold.as_ref().unwrap().status == ReservationStatus::Committed));
        shop.graph.verify().await;
    }

    async fn one_buyers_shortage_fails_no_other_and_who_comes_first_is_served_first(engine: Engine) {
        let shop = Shop::new(engine, 1, 2, 3).await;
        let stock = shop.graph.stock();
        let greedy = ReserveStock {
            lines: vec![
                Line { product: shop.products[0], quantity: 1 },
                Line { product: shop.products[1], quantity: 4 },
            ],
            ..one_of(&shop, shop.products[0])
        };
        let buyers = [
            one_of(&shop, shop.products[0]),
            greedy,
            one_of(&shop, shop.products[0]),
            one_of(&shop, shop.products[0]),
            one_of(&shop, shop.products[0]),
        ];
        let told = join_all(buyers.map(|buyer| stock.reserve_stock(buyer))).await;
        let held: Vec<_> = told.iter().map(Result::is_ok).collect();
        assert_eq!(held, [true, false, true, true, false]);
        for short in [&told[1], &told[4]] {
            assert!(matches!(short, Err(ReserveStockError::Short(short)) if short.len() == 1));
        }
        shop.graph.verify().await;
    }

    async fn a_poisoned_request_harms_only_itself(engine: Engine) {
        let shop = Shop::new(engine, 1, 2, 10).await;
        let stock = shop.graph.stock();
        let poisoned = stock.reserve_stock(one_of(&shop, shop.products[1])).await.unwrap().id;
        // A level that no longer knows that it is reserved: whatever would end the reservation cannot be settled.
        let broken = "UPDATE stock_levels SET reserved = 0 WHERE reserved = 1";
        let changed = shop.graph.database.database.writer().execute_unprepared(broken).await.unwrap();
        assert_eq!(changed.rows_affected(), 1);

        let buyers = (0..4).map(|_| stock.reserve_stock(one_of(&shop, shop.products[0])));
        let (held, ended) = join(join_all(buyers), stock.release_reservation(poisoned, None)).await;
        assert!(held.iter().all(|held| held.as_ref().unwrap().status == ReservationStatus::Held));
        assert!(matches!(ended, Err(EndReservationError::Database(_))), "{ended:?}");
        let levels = stock.stock_of(&shop.products).await.unwrap();
        let reserved = levels.values().flat_map(|stock| stock.places(false)).map(|place| place.level.reserved);
        assert_eq!(reserved.sum::<i32>(), 4);
    }

    async fn one_too_many_at_once_is_told_so(engine: Engine) {
        let shop = Shop::new(engine, 1, 1, 1).await;
        let stock = shop.graph.stock();
        let unknown = (0..1_010).map(|_| stock.release_reservation(shop.graph.ids.next(), None));
        let query = "mutation($id: ID!) { commitReservation(input: { id: $id }) { errors { __typename } } }";
        let one_more = shop.graph.code(query, json!({ "id": shop.graph.ids.next::<ReservationId>().to_string() }));
        let (told, code) = unconstrained(join(join_all(unknown), one_more)).await;
        let overloaded = told.iter().filter(|told| matches!(told, Err(EndReservationError::Overloaded))).count();
        let served = told.iter().filter(|told| matches!(told, Err(EndReservationError::NotFound(_)))).count();
        assert_eq!((served, overloaded), (1_000, 10));
        assert_eq!(code, "OVERLOADED");
        // And afterwards all is well.
        let payload: Value = shop.graph.mutate("reserveStock", "reservation { status }", json!({
            "id": shop.graph.ids.next::<ReservationId>().to_string(),
            "lines": [{ "productId": shop.products[0].to_string(), "quantity": 1 }],
            "expiresAt": shop.graph.after(60),
        })).await;
        assert_eq!(payload["reservation"]["status"], "HELD");
    }
}
