//! Customers who change their minds, pay twice, too late or too little, and the staff who serve them.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use stockgraph_kit::{clock::Clock, id::UserId};
use stockgraph_orders::domain::lifecycle::OrderStatus;

use super::{
    call::{Answer, Call, Cart},
    goods::Goods,
    line::{Line, Lost, Outcome},
    told::{Asked, Fate, ToldOrder},
    wishes,
};
use crate::client::Client;

/// Of so many of the newest orders, one is the next that something is done with.
const RECENT: usize = 8;

/// Some customers, of whom one does something at a time.
pub struct Group {
    rng: StdRng,
    line: Line,
    customers: Vec<(UserId, Client)>,
    goods: Arc<Goods>,
    /// The orders that were answered.
    pub orders: Vec<ToldOrder>,
    /// The checkouts of which nobody knows.
    pub maybe: Vec<Cart>,
    /// What was answered, but for refusals.
    answered: Vec<(Call, Answer)>,
}

impl Group {
    pub fn new(
        seed: u64,
        line: Line,
        customers: Vec<(UserId, Client)>,
        goods: &Arc<Goods>,
    ) -> Self {
        Self {
            rng: StdRng::seed_from_u64(seed),
            line,
            customers,
            goods: Arc::clone(goods),
            orders: Vec::new(),
            maybe: Vec::new(),
            answered: Vec::new(),
        }
    }

    /// Does one thing after the other until it is told to stop. All that is asked for by then is answered, or given up.
    pub async fn run(mut self, stop: Arc<AtomicBool>) -> Self {
        while !stop.load(Ordering::SeqCst) {
            match self.rng.random_range(0..100) {
                0..26 => self.place().await,
                26..82 => self.go_on().await,
                82..93 => self.repeat().await,
                93..96 => self.reuse_key().await,
                96..98 => self.reuse_reference().await,
                _ => self.pay_at_the_last_moment().await,
            }
            let pause = self.rng.random_range(0..60);
            tokio::time::sleep(Duration::from_millis(pause)).await;
        }
        self
    }

    /// What must not be, and was answered.
    pub fn wrong(&self) -> &[String] {
        &self.line.wrong
    }

    async fn place(&mut self) {
        let (customer, client) = self.customers.choose(&mut self.rng).unwrap().clone();
        let call = Call::Place {
            cart: self.goods.cart(&mut self.rng, customer),
            key: wishes::uuid(&mut self.rng),
        };
        let outcome = self.line.ask(&mut self.rng, &client, &call).await;
        let Call::Place { cart, .. } = &call else {
            return;
        };
        match outcome {
            Outcome::Answered(Answer::Placed(placed), _) => {
                let order = ToldOrder::new(cart.clone(), &placed);
                let pay = wishes::pay(&mut self.rng, &order, order.total);
                self.orders.push(order);
                self.answered.push((call, Answer::Placed(placed)));
                if self.rng.random_bool(0.5) {
                    self.perform(self.orders.len() - 1, pay).await;
                }
            }
            Outcome::Answered(answer, lost) => {
                if !answer.is_refused_for("InsufficientStock") {
                    self.blame(&call, &answer);
                }
                if lost == Lost::Once {
                    // What was lost may still be on its way.
                    self.maybe.push(cart.clone());
                }
            }
            Outcome::GivenUp => self.maybe.push(cart.clone()),
        }
    }

    /// Does the next thing with one of the newest orders.
    async fn go_on(&mut self) {
        let Some(number) = self.recent() else {
            return;
        };
        let order = &self.orders[number];
        let now = Clock::system().now();
        if let Some(call) = wishes::next(&mut self.rng, order, order.status(now)) {
            self.perform(number, call).await;
        }
    }

    /// Pays an order around the moment at which it expires.
    async fn pay_at_the_last_moment(&mut self) {
        let Some(number) = self.recent() else {
            return;
        };
        let order = &self.orders[number];
        let wait = order.due - Clock::system().now();
        let early = self.rng.random_range(-150..250);
        let Ok(wait) = (wait - chrono::TimeDelta::milliseconds(early)).to_std() else {
            return;
        };
        if order.status(Clock::system().now()) == OrderStatus::PendingPayment {
            let call = wishes::pay(&mut self.rng, order, order.total);
            tokio::time::sleep(wait).await;
            self.line.report.add("payments at the last moment", 1);
            self.perform(number, call).await;
        }
    }

    fn recent(&mut self) -> Option<usize> {
        let count = self.orders.len();
        (count > 0).then(|| self.rng.random_range(count.saturating_sub(RECENT)..count))
    }

    async fn perform(&mut self, number: usize, call: Call) {
        self.orders[number].ask(&call);
        let customer = self.orders[number].cart.customer;
        let client = self.client_of(customer);
        let outcome = self.line.ask(&mut self.rng, &client, &call).await;
        let Outcome::Answered(answer, _) = outcome else {
            return;
        };
        if answer.is_refusal() && !may_be_refused(&self.orders[number], &call, &answer) {
            self.blame(&call, &answer);
        }
        self.orders[number].hear(&call, &answer);
        if !answer.is_refusal() {
            self.answered.push((call, answer));
        }
    }

    fn client_of(&self, customer: UserId) -> Client {
        let mut customers = self.customers.iter();
        let (_, client) = customers.find(|(id, _)| *id == customer).unwrap();
        client.clone()
    }

    fn blame(&mut self, call: &Call, answer: &Answer) {
        let wrong = format!("{call:?} was answered {answer:?}");
        self.line.wrong.push(wrong);
    }

    /// Asks for something of earlier again: it changes nothing, and the answer is what it was.
    async fn repeat(&mut self) {
        let Some((call, answer)) = self.answered.choose(&mut self.rng).cloned() else {
            return;
        };
        let customer = match &call {
            Call::Place { cart, .. } => cart.customer,
            Call::Cancel {
                by: super::call::By::Customer(customer),
                ..
            } => *customer,
            _ => self.customers[0].0,
        };
        let client = self.client_of(customer);
        let told = self.line.ask_once(&mut self.rng, &client, &call).await;
        // A repeat that is lost changes nothing either.
        if let Some(told) = told {
            self.line.report.add("repeated calls absorbed", 1);
            if !is_the_same_again(&call, &answer, &told) {
                let wrong = format!("{call:?} was answered {answer:?}, and then {told:?}");
                self.line.wrong.push(wrong);
            }
        }
    }

    /// The key of a checkout that made an order makes no other one.
    async fn reuse_key(&mut self) {
        let placed = |(call, _): &&(Call, Answer)| matches!(call, Call::Place { .. });
        let placed: Vec<_> = self.answered.iter().filter(placed).collect();
        let Some((Call::Place { cart, key }, _)) = placed.choose(&mut self.rng) else {
            return;
        };
        let mut cart = cart.clone();
        cart.lines[0].quantity += 1;
        let call = Call::Place { cart, key: *key };
        self.expect_reuse(call).await;
    }

    /// The reference of a payment is that of no other payment.
    async fn reuse_reference(&mut self) {
        let paid = |(call, _): &&(Call, Answer)| matches!(call, Call::Pay { .. });
        let paid: Vec<_> = self.answered.iter().filter(paid).collect();
        let Some((Call::Pay { reference, .. }, _)) = paid.choose(&mut self.rng) else {
            return;
        };
        let owned = |order: &&ToldOrder| !order.payments.contains_key(reference);
        let others: Vec<_> = self.orders.iter().filter(owned).collect();
        let Some(order) = others.choose(&mut self.rng) else {
            return;
        };
        let call = Call::Pay {
            order: order.id,
            reference: reference.clone(),
            amount: order.total,
        };
        self.expect_reuse(call).await;
    }

    async fn expect_reuse(&mut self, call: Call) {
        let customer = match &call {
            Call::Place { cart, .. } => cart.customer,
            _ => self.customers[0].0,
        };
        let client = self.client_of(customer);
        if let Some(told) = self.line.ask_once(&mut self.rng, &client, &call).await {
            self.line
                .report
                .add("reused keys and references refused", 1);
            if !told.is_refused_for("IdempotencyKeyReused") {
                self.blame(&call, &told);
            }
        }
    }
}

/// Whether this can be an answer. Staff and customers try what is not possible, so that the state may be a wrong one; nothing else is.
fn may_be_refused(order: &ToldOrder, call: &Call, answer: &Answer) -> bool {
    let wrong_state = answer.is_refused_for("WrongState");
    match call {
        Call::Place { .. } => false,
        Call::Pay { amount, .. } => *amount != order.total && answer.is_refused_for("WrongAmount"),
        Call::Cancel { .. } | Call::Ship { .. } | Call::Deliver { .. } => wrong_state,
        Call::Return { .. } => {
            let maybe = |back: &super::told::ToldReturn| back.asked == Asked::Maybe;
            // One that was lost may have taken what this one wants.
            let lost = order.returns.iter().filter(|back| maybe(back)).count() > 1;
            wrong_state || lost && answer.is_refused_for("InvalidInput")
        }
        Call::Refund { reference, .. } => {
            let fate = order.payments.get(reference).map(|payment| payment.fate);
            // Of what did not pay the order, all is owed back.
            wrong_state && !matches!(fate, Some(Fate::Kept(_) | Fate::WrongAmount))
        }
    }
}

/// Whether a call is answered the second time what it must be after it was done the first time.
fn is_the_same_again(call: &Call, answer: &Answer, again: &Answer) -> bool {
    let is_in = |states: &[OrderStatus]| {
        let state = match again {
            Answer::Refused(error, Some(state)) if error == "WrongState" => state,
            _ => return false,
        };
        states.contains(state)
    };
    match call {
        Call::Place { .. } | Call::Pay { .. } | Call::Return { .. } | Call::Refund { .. } => {
            answer == again
        }
        Call::Cancel { .. } => is_in(&[OrderStatus::Cancelled]),
        Call::Ship { .. } => is_in(&[OrderStatus::Shipped, OrderStatus::Delivered]),
        Call::Deliver { .. } => is_in(&[OrderStatus::Delivered]),
    }
}
