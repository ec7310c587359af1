//! The checkout: price the lines, hold the stock, write the order.
//!
//! The hold comes first and has an id that is derived from the customer and their key. Whoever tries again after a crash between
//! the two finds the same hold; a hold that nobody comes back for ends by itself.

use std::collections::HashMap;

use chrono::{DateTime, Datelike, TimeDelta, Utc};
use stockgraph_kit::{
    id::{OrderId, ProductId, ReservationId, UserId},
    money::{Money, MoneyError},
    planted,
};

use super::{
    Orders,
    failure::{Failure, fails_underneath},
    ports::{HoldRequest, Offer, Reserved, Shortage, StockLine},
    write_orders::Written,
};
use crate::{
    domain::{
        digest::{self, RequestDigest},
        hold::{self, hold_id},
        lifecycle::OrderStatus,
        line::{self, CartLine, CheckedLine, Invalid},
        number::OrderNumber,
        order::{Order, OrderLine},
    },
    repo::{self, order::NewOrder},
};

/// How often a number is drawn anew when it was taken.
const NUMBER_DRAWS: u32 = 8;

/// What a checkout asks for.
#[derive(Clone, Debug)]
pub struct PlaceOrder {
    /// The id of the order, if this call is the one that makes it.
    pub id: OrderId,
    /// Who buys.
    pub customer: UserId,
    /// What they buy.
    pub lines: Vec<CartLine>,
    /// Chosen by the customer's client for this checkout.
    pub idempotency_key: String,
    /// How long the order may wait for its payment, where that is not what the options say.
    pub payment_timeout: Option<TimeDelta>,
}

/// Why there is no order.
#[derive(Debug, thiserror::Error)]
pub enum PlaceOrderError {
    /// What the customer can put right: everything that is known to be wrong.
    #[error("refused")]
    Refused(Vec<PlaceOrderProblem>),
    /// What they cannot.
    #[error(transparent)]
    Failed(#[from] Failure),
}
fails_underneath!(PlaceOrderError);

/// What is wrong with a checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PlaceOrderProblem {
    /// The input breaks a rule.
    Invalid(Invalid),
    /// Not on sale, or no such product.
    Unavailable(ProductId),
    /// The price is not the one that was expected.
    PriceChanged {
        /// Of which product.
        product: ProductId,
        /// What was expected.
        expected: Money,
        /// What it is.
        actual: Money,
    },
    /// There is less than was asked for.
    Short(Shortage),
    /// The key was used with other content.
    KeyReused,
    /// The stock was held for this key so often, and each time given back without an order, that a new key is needed.
    KeyUsedUp,
}

/// A checkout that passed every check that needs nobody else.
struct Checkout {
    customer: UserId,
    key: String,
    lines: Vec<CheckedLine>,
    digest: RequestDigest,
}

/// The stock of a checkout, held.
struct Hold {
    id: ReservationId,
    payment_due_at: DateTime<Utc>,
}

impl Orders {
    /// Places an order. The same call again answers the same order.
    ///
    /// # Errors
    ///
    /// [`PlaceOrderError`].
    pub async fn place_order(&self, input: PlaceOrder) -> Result<Order, PlaceOrderError> {
        let lines = line::check(&input.idempotency_key, &input.lines)
            .map_err(|invalid| refused(invalid.into_iter().map(PlaceOrderProblem::Invalid)))?;
        let checkout = Checkout {
            digest: digest::of_checkout(&lines),
            customer: input.customer,
            key: input.idempotency_key,
            lines,
        };
        if let Some(order) = self.placed_before(&checkout).await? {
            return Ok(order);
        }
        let (lines, total) = self.priced(&checkout).await?;
        let now = self.clock.now();
        let timeout = input
            .payment_timeout
            .unwrap_or(self.options.payment_timeout);
        let hold = match self.held(&checkout, now, now + timeout).await? {
            Ok(hold) => hold,
            Err(placed) => return Ok(placed),
        };
        let order = Order {
            id: input.id,
            number: OrderNumber::draw(now.year(), self.random.bytes()),
            customer: checkout.customer,
            status: OrderStatus::PendingPayment,
            reservation: hold.id,
            total,
            placed_at: now,
            payment_due_at: hold.payment_due_at,
        };
        self.written(&checkout, order, &lines).await
    }

    /// The order that an earlier call with this key has made.
    async fn placed_before(&self, checkout: &Checkout) -> Result<Option<Order>, PlaceOrderError> {
        let db = self.database.reader();
        match repo::order::by_key(db, checkout.customer, &checkout.key).await? {
            Some((order, digest)) if digest == checkout.digest => Ok(Some(order)),
            Some(_) => Err(refused([PlaceOrderProblem::KeyReused])),
            None => Ok(None),
        }
    }

    /// The lines with what the catalogue says of them, and what they cost together.
    async fn priced(
        &self,
        checkout: &Checkout,
    ) -> Result<(Vec<OrderLine>, Money), PlaceOrderError> {
        let products: Vec<_> = checkout.lines.iter().map(|line| line.product).collect();
        let offers = self
            .ask("price order", || self.catalogue.offers(&products))
            .await
            .map_err(Failure::Catalogue)?;
        let (lines, mut problems) = self.offered(&checkout.lines, offers);
        match line::total(lines.iter().map(|line| (line.unit_price, line.quantity))) {
            Ok(Some(total)) if problems.is_empty() => return Ok((lines, total)),
            Ok(_) => {}
            Err(MoneyError::CurrencyMismatch(..)) => problems.push(invalid_lines(
                "The products are priced in several currencies; an order has one.",
            )),
            Err(error) => problems.push(invalid_lines(&error.to_string())),
        }
        problems.extend(self.shortages(checkout, &problems).await);
        Err(refused(problems))
    }

    /// What is short as well, for a checkout that is refused before its stock is held: customers put right all at once what is
    /// wrong. Where the stock cannot be asked, they hear of it the next time.
    async fn shortages(
        &self,
        checkout: &Checkout,
        problems: &[PlaceOrderProblem],
    ) -> Vec<PlaceOrderProblem> {
        let wanted: Vec<_> = checkout
            .stock_lines()
            .into_iter()
            .filter(|line| !problems.contains(&PlaceOrderProblem::Unavailable(line.product)))
            .collect();
        if wanted.is_empty() {
            return Vec::new();
        }
        let products: Vec<_> = wanted.iter().map(|line| line.product).collect();
        let available = match self
            .ask("look for stock", || self.stock.available(&products))
            .await
        {
            Ok(available) => available,
            Err(error) => {
                tracing::debug!(%error, "what else is short is not told");
                return Vec::new();
            }
        };
        let shortages = wanted.into_iter().map(|line| Shortage {
            product: line.product,
            requested: line.quantity,
            available: available.get(&line.product).copied().unwrap_or_default(),
        });
        shortages
            .filter(|shortage| shortage.available < shortage.requested)
            .map(PlaceOrderProblem::Short)
            .collect()
    }

    fn offered(
        &self,
        lines: &[CheckedLine],
        mut offers: HashMap<ProductId, Offer>,
    ) -> (Vec<OrderLine>, Vec<PlaceOrderProblem>) {
        let mut problems = Vec::new();
        let mut offered = Vec::with_capacity(lines.len());
        for line in lines {
            let product = line.product;
            let Some(offer) = offers.remove(&product).filter(|offer| offer.on_sale) else {
                problems.push(PlaceOrderProblem::Unavailable(product));
                continue;
            };
            match line.expected_unit_price {
                Some(expected) if expected != offer.price => {
                    problems.push(PlaceOrderProblem::PriceChanged {
                        product,
                        expected,
                        actual: offer.price,
                    });
                }
                _ => offered.push(OrderLine {
                    id: self.ids.next(),
                    product,
                    sku: offer.sku,
                    name: offer.name,
                    quantity: line.quantity,
                    unit_price: offer.price,
                    returned_quantity: 0,
                }),
            }
        }
        (offered, problems)
    }

    /// Holds the stock, or finds the order that a twin of this call has placed meanwhile.
    ///
    /// The hold of a checkout that was cut off is taken over while it leaves time to pay, given back when it does not; one that
    /// has ended has used its id up, and the next one is tried.
    async fn held(
        &self,
        checkout: &Checkout,
        now: DateTime<Utc>,
        due: DateTime<Utc>,
    ) -> Result<Result<Hold, Order>, PlaceOrderError> {
        for attempt in 0..hold::MOST_ATTEMPTS {
            let id = if planted!("hold drawn by lot") {
                self.ids.next()
            } else {
                hold_id(checkout.customer, &checkout.key, attempt)
            };
            let request = HoldRequest {
                id,
                lines: checkout.stock_lines(),
                expires_at: due + self.options.hold_grace,
                owner: checkout.customer,
            };
            match self
                .ask("hold stock", || self.stock.reserve(request.clone()))
                .await
                .map_err(Failure::Stock)?
            {
                Reserved::Held { expires_at } => {
                    let payment_due_at = due.min(expires_at - self.options.hold_grace);
                    if payment_due_at > now {
                        return Ok(Ok(Hold { id, payment_due_at }));
                    }
                    self.release(id).await.map_err(Failure::Stock)?;
                }
                Reserved::Short(shortages) => {
                    return Err(refused(shortages.into_iter().map(PlaceOrderProblem::Short)));
                }
                Reserved::Closed(_) => {
                    if let Some(order) = self.placed_before(checkout).await? {
                        return Ok(Err(order));
                    }
                }
                Reserved::OtherContent => return Err(refused([PlaceOrderProblem::KeyReused])),
            }
        }
        Err(refused([PlaceOrderProblem::KeyUsedUp]))
    }

    /// Writes the order, or finds the one that a twin of this call has written first.
    async fn written(
        &self,
        checkout: &Checkout,
        mut order: Order,
        lines: &[OrderLine],
    ) -> Result<Order, PlaceOrderError> {
        for _ in 0..NUMBER_DRAWS {
            let new = NewOrder {
                order: order.clone(),
                lines: lines.to_vec(),
                key: checkout.key.clone(),
                digest: checkout.digest,
            };
            match self.writing.ask(new).await.map_err(Failure::from)? {
                Written::Yes => {
                    tracing::info!(order = %order.id, reservation = %order.reservation, "order placed");
                    self.changes.publish(order.id);
                    return Ok(order);
                }
                Written::No => {
                    if let Some(placed) = self.placed_before(checkout).await? {
                        self.give_up_hold(&order, &placed).await;
                        return Ok(placed);
                    }
                    order.number = OrderNumber::draw(order.placed_at.year(), self.random.bytes());
                }
            }
        }
        Err(Failure::NoFreeNumber.into())
    }

    /// Gives back the hold of an order that a twin was faster with, unless they share it. Were this to fail, it would end by itself.
    async fn give_up_hold(&self, order: &Order, placed: &Order) {
        if order.reservation != placed.reservation
            && let Err(error) = self.release(order.reservation).await
        {
            tracing::warn!(%error, reservation = %order.reservation, "a hold without an order is left to expire");
        }
    }
}

impl Checkout {
    /// What is to be held, in one order whatever the cart's.
    fn stock_lines(&self) -> Vec<StockLine> {
        let mut lines: Vec<_> = self
            .lines
            .iter()
            .map(|line| StockLine {
                product: line.product,
                quantity: line.quantity,
            })
            .collect();
        lines.sort_by_key(|line| line.product);
        lines
    }
}

fn refused(problems: impl IntoIterator<Item = PlaceOrderProblem>) -> PlaceOrderError {
    PlaceOrderError::Refused(problems.into_iter().collect())
}

fn invalid_lines(message: &str) -> PlaceOrderProblem {
    PlaceOrderProblem::Invalid(Invalid::new(["lines"], message))
}
