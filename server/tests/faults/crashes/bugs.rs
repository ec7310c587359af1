//! The checks are shown to bite: known bugs, planted one at a time, and each is caught.

use std::time::Duration;

use super::{
    shop::{Engine, Shop},
    steps::{STEPS, pay_late, play},
};

/// How long a shop without the bug takes to come to rest, and longer.
const REST: Duration = Duration::from_secs(4);

/// What is found of a bug when this step is interrupted.
async fn found(bug: &str, step: &str, point: Option<&str>) -> Vec<String> {
    let mut shop = Shop::open(Engine::Sqlite, &[("FAULTS_PLANTED", bug)]).await;
    let step = STEPS.iter().find(|known| known.name == step).unwrap();
    play(&mut shop, step, point).await;
    shop.violations_within(REST).await
}

fn assert_caught(wrong: &[String], by: &str) {
    assert!(
        wrong.iter().any(|what| what.contains(by)),
        "not caught, or by something else: {wrong:#?}"
    );
}

#[tokio::test]
async fn a_hold_whose_id_is_drawn_by_lot_is_caught() {
    let wrong = found("hold drawn by lot", "hold stock", Some("after hold stock")).await;
    assert_caught(&wrong, r#""reserved":2} instead of"#);
}

#[tokio::test]
async fn a_sale_that_is_forgotten_is_caught() {
    let wrong = found("sale forgotten", "confirm payment", None).await;
    assert_caught(&wrong, r#""reserved":1} instead of"#);
}

#[tokio::test]
async fn late_money_that_is_dropped_is_caught() {
    let mut shop = Shop::open(Engine::Sqlite, &[("FAULTS_PLANTED", "late money dropped")]).await;
    pay_late(&mut shop).await;
    assert_caught(&shop.violations_within(REST).await, "is there 0 times");
}

#[tokio::test]
async fn a_restocking_whose_id_is_drawn_by_lot_is_caught() {
    let bug = "restocking drawn by lot";
    let wrong = found(bug, "restock", Some("after restock")).await;
    assert_caught(&wrong, r#""onHand":999,"#);
}

#[tokio::test]
async fn an_effect_that_is_noted_before_it_was_heard_is_caught() {
    let wrong = found("effect noted unheard", "postpone effect", None).await;
    assert_caught(&wrong, r#""reserved":1} instead of"#);
}
