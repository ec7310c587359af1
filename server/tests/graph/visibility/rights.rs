//! Who calls, and what the contract lets them see. Nothing here asks the code under test.

use std::collections::BTreeSet;

use stockgraph_kit::caller::{Scope, Scopes};
use uuid::Uuid;

use crate::test_graph::As;

/// What is refused without which scope.
pub const SCOPED: [(&str, Scope); 36] = [
    ("Query.users", Scope::UsersRead),
    ("Mutation.assignRoles", Scope::UsersWrite),
    ("Mutation.setUserActive", Scope::UsersWrite),
    ("Mutation.createProduct", Scope::CatalogueWrite),
    ("Mutation.updateProduct", Scope::CatalogueWrite),
    ("Mutation.importProducts", Scope::CatalogueWrite),
    ("Mutation.createCategory", Scope::CatalogueWrite),
    ("Query.lowStock", Scope::StockRead),
    ("Query.stockMovements", Scope::StockRead),
    ("Query.stockReservation", Scope::StockRead),
    ("Query.stockTransfer", Scope::StockRead),
    ("ProductStock.movements", Scope::StockRead),
    ("ProductStock.onHandAt", Scope::StockRead),
    ("Mutation.createWarehouse", Scope::StockWrite),
    ("Mutation.updateWarehouse", Scope::StockWrite),
    ("Mutation.activateWarehouse", Scope::StockWrite),
    ("Mutation.deactivateWarehouse", Scope::StockWrite),
    ("Mutation.receiveStock", Scope::StockWrite),
    ("Mutation.adjustStock", Scope::StockWrite),
    ("Mutation.setStockPolicy", Scope::StockWrite),
    ("Mutation.transferStock", Scope::StockWrite),
    ("Mutation.receiveTransfer", Scope::StockWrite),
    ("Mutation.cancelTransfer", Scope::StockWrite),
    ("Mutation.reserveStock", Scope::StockReserve),
    ("Mutation.commitReservation", Scope::StockReserve),
    ("Mutation.releaseReservation", Scope::StockReserve),
    ("Mutation.releaseReservations", Scope::StockReserve),
    ("Mutation.restock", Scope::StockReserve),
    ("Mutation.expireReservations", Scope::StockExpire),
    ("Query.orders", Scope::OrdersRead),
    ("Mutation.confirmPayment", Scope::PaymentsConfirm),
    ("Mutation.confirmRefund", Scope::PaymentsConfirm),
    ("Mutation.expireOverdueOrders", Scope::OrdersExpire),
    ("Mutation.shipOrder", Scope::OrdersWrite),
    ("Mutation.deliverOrder", Scope::OrdersWrite),
    ("Mutation.returnOrder", Scope::OrdersWrite),
];

/// The scope that a field takes, e.g. `Query.users`.
pub fn scope_of(field: &str) -> Option<Scope> {
    SCOPED
        .iter()
        .find_map(|(name, scope)| (*name == field).then_some(*scope))
}

/// What staff may do.
pub const STAFF: [Scope; 7] = [
    Scope::UsersRead,
    Scope::CatalogueWrite,
    Scope::StockRead,
    Scope::StockWrite,
    Scope::OrdersRead,
    Scope::OrdersWrite,
    Scope::PaymentsConfirm,
];

/// Who calls.
#[derive(Clone)]
pub struct Caller {
    /// For people.
    pub name: String,
    /// Their token.
    pub headers: As,
    /// Which user, if they are one.
    pub user: Option<Uuid>,
    pub scopes: Scopes,
}

impl Caller {
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    fn is(&self, user: Uuid) -> bool {
        self.user == Some(user)
    }
}

/// What a text or an object tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Thing {
    /// Which account, and no more.
    Account(Uuid),
    /// How somebody is called and reached.
    Profile(Uuid),
    /// What nobody is told but its owner, and they once: a password, a token.
    Secret(Uuid),
    /// An order of this customer.
    Order(Uuid),
    /// What the ledger of the stock repeats of an order of this customer: its number, and why it was changed.
    Ledger(Uuid),
    /// The stock held for this customer.
    Reservation(Uuid),
    /// A product that is not yet on sale.
    Draft,
}

/// What one field of an operation lets its caller see beside what they may always see.
#[derive(Default)]
pub struct Grant {
    /// Whose secrets the caller has shown, or who has just come to be.
    pub signed_in: BTreeSet<Uuid>,
    /// Whose account is administered.
    pub administered: BTreeSet<Uuid>,
    /// Whether the field's scope is for changing any order.
    pub orders: bool,
    /// Whether it is for changing any reservation.
    pub reservations: bool,
    /// Whether it is for changing the stock.
    pub stock: bool,
}

impl Caller {
    /// Whether the contract lets the caller see this.
    pub fn may_see(&self, thing: Thing, grant: &Grant) -> bool {
        let any = |scopes: &[Scope]| scopes.iter().any(|scope| self.may(*scope));
        match thing {
            Thing::Account(user) => {
                self.is(user)
                    || any(&[Scope::UsersRead, Scope::OrdersRead, Scope::StockRead])
                    || grant.orders
                    || grant.signed_in.contains(&user)
                    || grant.administered.contains(&user)
            }
            Thing::Profile(user) => {
                self.is(user)
                    || self.may(Scope::UsersRead)
                    || grant.signed_in.contains(&user)
                    || grant.administered.contains(&user)
            }
            Thing::Secret(_) => false,
            Thing::Order(user) => self.is(user) || self.may(Scope::OrdersRead) || grant.orders,
            Thing::Ledger(user) => {
                self.is(user) || any(&[Scope::OrdersRead, Scope::StockRead]) || grant.orders
            }
            Thing::Reservation(user) => {
                self.is(user)
                    || any(&[Scope::OrdersRead, Scope::StockRead])
                    || grant.orders
                    || grant.reservations
            }
            Thing::Draft => self.may(Scope::CatalogueWrite),
        }
    }
}
