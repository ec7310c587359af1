//! Reservations of one unit, by the use case itself.

use std::time::Duration;

use anyhow::ensure;
use chrono::TimeDelta;
use stockgraph_kit::{
    clock::Clock,
    id::{IdSource, ProductId},
};
use stockgraph_warehouses::{
    domain::line::Line,
    service::{ReserveStock, Warehouses},
};

use tokio::sync::Mutex;

use super::{shop::Shop, this_process};
use crate::load::{self, Load, LoadOptions, Measured};

/// How long the stock is held: longer than any load.
const HELD: TimeDelta = TimeDelta::hours(6);

/// Reserves one unit of one product after the other.
pub struct Holds {
    stock: Warehouses,
    products: Vec<ProductId>,
    ids: IdSource,
    clock: Clock,
    /// Lets one in after the other, where nothing is to be settled together.
    turn: Option<Mutex<()>>,
}

impl Holds {
    /// Of the first `products` products of the shop.
    pub fn of(shop: &Shop, products: usize) -> Self {
        Self {
            turn: None,
            stock: shop.stock.clone(),
            products: shop.products[..products].to_vec(),
            ids: shop.ids.clone(),
            clock: shop.clock.clone(),
        }
    }
}

impl Load for Holds {
    async fn send(&self, _: usize, number: u64) -> anyhow::Result<()> {
        // Strides by a number that shares no factor with the count reach every product, neighbours in time being far apart.
        let product = (number as usize).wrapping_mul(7_919) % self.products.len();
        let hold = ReserveStock {
            id: self.ids.next(),
            lines: vec![Line {
                product: self.products[product],
                quantity: 1,
            }],
            expires_at: self.clock.now() + HELD,
            owner: None,
            actor: None,
        };
        let _turn = match &self.turn {
            Some(turn) => Some(turn.lock().await),
            None => None,
        };
        self.stock.reserve_stock(hold).await?;
        Ok(())
    }
}

/// Reserves as fast as so many callers are answered. Afterwards as many units are held as were answered.
///
/// # Errors
///
/// More or less is held than was answered.
pub async fn as_fast_as_can_be(
    shop: &Shop,
    products: usize,
    load: &LoadOptions,
) -> anyhow::Result<Measured> {
    by_callers(shop, Holds::of(shop, products), load).await
}

/// The same with one transaction for each reservation, as it would be if nothing were settled together: on SQLite, where one can
/// write at a time anyway.
///
/// # Errors
///
/// More or less is held than was answered.
pub async fn one_by_one(
    shop: &Shop,
    products: usize,
    load: &LoadOptions,
) -> anyhow::Result<Measured> {
    let holds = Holds {
        turn: Some(Mutex::default()),
        ..Holds::of(shop, products)
    };
    by_callers(shop, holds, load).await
}

async fn by_callers(shop: &Shop, holds: Holds, load: &LoadOptions) -> anyhow::Result<Measured> {
    let before = shop.held().await?;
    let what = what(holds.products.len());
    let callers = load.connections_or(64);
    let measured = load::run(holds, what, callers, load, &this_process()).await?;
    check(shop, before, &measured).await?;
    Ok(measured)
}

/// Reserves so often in a second.
///
/// # Errors
///
/// More or less is held than was answered.
pub async fn at_pace(
    shop: &Shop,
    products: usize,
    rate: u32,
    load: &LoadOptions,
) -> anyhow::Result<Measured> {
    let before = shop.held().await?;
    let holds = Holds::of(shop, products);
    let measured = load::at_pace(holds, what(products), rate, load, &this_process()).await?;
    check(shop, before, &measured).await?;
    Ok(measured)
}

fn what(products: usize) -> String {
    match products {
        1 => "reservations of one unit of one hot product".into(),
        many => format!("reservations of one unit of one of {many} products"),
    }
}

async fn check(shop: &Shop, before: u64, measured: &Measured) -> anyhow::Result<()> {
    measured.without_errors()?;
    // What was begun is settled, whether or not its caller has gone away.
    tokio::time::sleep(Duration::from_millis(50)).await;
    let held = shop.held().await? - before;
    ensure!(
        held == measured.succeeded,
        "{} reservations were answered, but {held} units are held",
        measured.succeeded
    );
    Ok(())
}
