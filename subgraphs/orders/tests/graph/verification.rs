//! What this database says of the agreement between orders and their holds.

use chrono::TimeDelta;
use stockgraph_kit::on_both_engines;
use stockgraph_orders::service::ports::ReservationStatus;

use crate::{
    doubles::Fault,
    shop::{Shop, customer},
};

on_both_engines! {
    async fn every_order_says_what_its_hold_must_be_page_by_page(engine: Engine) {
        let shop = Shop::open(engine).await;
        shop.pending("pending").await;
        shop.paid("paid").await;
        shop.delivered("delivered").await;
        let paid = shop.paid("cancelled").await;
        shop.cancel(&customer(1), &paid).await;
        let given_up = shop.pending("given up").await;
        shop.cancel(&customer(1), &given_up).await;
        let (mut after, mut seen) = (None, 0);
        loop {
            let page = shop.orders().expected_holds(after, 2).await.unwrap();
            let Some(last) = page.last() else { break };
            after = Some(last.order);
            seen += page.len();
            for expected in page {
                let found = shop.stock.status(expected.reservation).unwrap();
                assert!(expected.allowed.contains(&found), "{expected:?}: {found:?}");
                assert!(expected.allowed.len() < 4, "{expected:?}");
            }
        }
        assert_eq!(seen, 5);
    }

    async fn a_hold_that_was_let_go_too_early_is_noticed(engine: Engine) {
        let shop = Shop::open(engine).await;
        shop.pending("key").await;
        let expected = shop.orders().expected_holds(None, 10).await.unwrap();
        assert_eq!(expected[0].allowed, [ReservationStatus::Held]);
        shop.pass(TimeDelta::minutes(20));
        let expected = shop.orders().expected_holds(None, 10).await.unwrap();
        assert_eq!(expected[0].allowed, [ReservationStatus::Held, ReservationStatus::Expired]);
    }

    async fn an_effect_that_is_owed_for_too_long_is_stuck(engine: Engine) {
        let shop = Shop::open(engine).await;
        let order = shop.pending("key").await;
        shop.stock.fail_with(Some(Fault::Overloaded));
        shop.cancel(&customer(1), &order).await;
        assert_eq!(shop.orders().stuck_effects(10).await.unwrap(), []);
        shop.pass(TimeDelta::minutes(6));
        shop.orders().run_due_effects(10).await.unwrap();
        let stuck = shop.orders().stuck_effects(10).await.unwrap();
        assert_eq!((stuck.len(), stuck[0].kind.as_str(), stuck[0].attempts), (1, "RELEASE", 2));
        assert_eq!(shop.orders().count_stuck_effects().await.unwrap(), 1);
        assert_eq!(stuck[0].last_error.as_deref(), Some("overloaded: busy"));
    }
}
