//! A process dies right before and right after each commit and each call between orders and warehouses. It starts again, the caller
//! asks again, and in the end all is as if nothing had been.
//!
//! And the proof that this proves something: known bugs are planted one at a time, and each is caught.

mod bugs;
mod check;
mod outage;
mod shop;
mod sources;
mod steps;
mod told;

use shop::{Engine, Shop};
use steps::{EXPIRE, SIDES, STEPS, Step, play};

/// Every step, with a death right before it and right after it.
async fn every_death_is_survived(engine: Engine) {
    let mut shop = Shop::open(engine, &[]).await;
    for step in &STEPS {
        dies_at(&mut shop, step).await;
    }
    shop.payment_timeout(1).await;
    dies_at(&mut shop, &EXPIRE).await;
    shop.payment_timeout(900).await;
    let wrong = shop.violations().await;
    assert!(wrong.is_empty(), "{wrong:#?}");
    println!(
        "{engine:?}: {} deaths, {} orders, {} payments, nothing lost and nothing done twice",
        2 * (STEPS.len() + 1),
        shop.told.orders.len(),
        shop.told.payments.len()
    );
}

async fn dies_at(shop: &mut Shop, step: &Step) {
    for side in SIDES {
        let point = format!("{side} {}", step.name);
        play(shop, step, Some(&point)).await;
        shop.assert_died(&point).await;
    }
}

/// Every step, with each call made twice: by the customer, and by orders to the warehouses.
async fn every_step_may_be_done_twice(engine: Engine) {
    let mut shop = Shop::open(engine, &[("FAULTS_TWICE", "1")]).await;
    shop.asks_twice = true;
    for step in &STEPS {
        play(&mut shop, step, None).await;
    }
    shop.payment_timeout(1).await;
    play(&mut shop, &EXPIRE, None).await;
    let wrong = shop.violations().await;
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_death_is_survived_on_sqlite() {
    every_death_is_survived(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_death_is_survived_on_postgres() {
    every_death_is_survived(Engine::Postgres).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_may_be_done_twice_on_sqlite() {
    every_step_may_be_done_twice(Engine::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_step_may_be_done_twice_on_postgres() {
    every_step_may_be_done_twice(Engine::Postgres).await;
}
