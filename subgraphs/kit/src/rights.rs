//! Who may do what: the one table of rights, of people and of the parts of the system.

use crate::caller::{Scope, Scopes};

/// A part of the system that calls others with a token of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ServiceName {
    /// The router, which asks subgraphs over HTTP.
    Router,
    /// The checkout, which holds stock, sells it and gives it back.
    Checkout,
    /// The scheduled jobs, where the configuration does not give a job other scopes.
    Scheduler,
    /// What a payment provider tells.
    PaymentWebhook,
    /// What looks whether a shop is empty and fills it with the demo.
    Demo,
}

impl ServiceName {
    /// Every one there is.
    pub const ALL: [Self; 5] = [
        Self::Router,
        Self::Checkout,
        Self::Scheduler,
        Self::PaymentWebhook,
        Self::Demo,
    ];

    /// The name in its tokens, behind `service:`, and in logs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Router => "router",
            Self::Checkout => "orders",
            Self::Scheduler => "scheduler",
            Self::PaymentWebhook => "payment-webhook",
            Self::Demo => "demo",
        }
    }

    /// What its tokens may do.
    #[must_use]
    pub fn scopes(self) -> Scopes {
        scopes_of(Holder::Service(self))
    }
}

/// Who has rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Holder {
    /// Somebody who buys.
    Customer,
    /// Somebody who runs the shop.
    Staff,
    /// Somebody who may do everything that people do.
    Admin,
    /// A part of the system.
    Service(ServiceName),
}

const STAFF: Holder = Holder::Staff;
const ADMIN: Holder = Holder::Admin;
const ROUTER: Holder = Holder::Service(ServiceName::Router);
const CHECKOUT: Holder = Holder::Service(ServiceName::Checkout);
const SCHEDULER: Holder = Holder::Service(ServiceName::Scheduler);
const WEBHOOK: Holder = Holder::Service(ServiceName::PaymentWebhook);
const DEMO: Holder = Holder::Service(ServiceName::Demo);

/// Each scope and who has it. One's own profile, reservations and orders need none, so customers have none.
pub const RIGHTS: [(Scope, &[Holder]); Scope::ALL.len()] = [
    (Scope::UsersRead, &[STAFF, ADMIN, DEMO]),
    (Scope::UsersWrite, &[ADMIN]),
    (Scope::CatalogueWrite, &[STAFF, ADMIN, DEMO]),
    (Scope::StockRead, &[STAFF, ADMIN]),
    (Scope::StockWrite, &[STAFF, ADMIN]),
    (Scope::StockReserve, &[CHECKOUT]),
    (Scope::StockExpire, &[SCHEDULER]),
    (Scope::OrdersRead, &[STAFF, ADMIN, DEMO]),
    (Scope::OrdersWrite, &[STAFF, ADMIN]),
    (Scope::OrdersExpire, &[SCHEDULER]),
    (Scope::PaymentsConfirm, &[STAFF, ADMIN, WEBHOOK]),
    (Scope::FederationRead, &[ROUTER, CHECKOUT]),
    (Scope::GraphInspect, &[STAFF, ADMIN]),
];

/// What this holder may do.
#[must_use]
pub fn scopes_of(holder: Holder) -> Scopes {
    RIGHTS
        .iter()
        .filter(|(_, holders)| holders.contains(&holder))
        .map(|(scope, _)| *scope)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_stands_in_the_table_once() {
        assert_eq!(RIGHTS.map(|(scope, _)| scope), Scope::ALL);
    }

    #[test]
    fn what_is_for_the_system_alone_no_person_has() {
        let for_the_system = Scopes::from([
            Scope::StockReserve,
            Scope::StockExpire,
            Scope::OrdersExpire,
            Scope::FederationRead,
        ]);
        let of_people = Scopes::from(Scope::ALL)
            .difference(&for_the_system)
            .copied()
            .collect();
        assert_eq!(scopes_of(ADMIN), of_people);
        assert_eq!(scopes_of(Holder::Customer), Scopes::new());
    }

    #[test]
    fn staff_has_all_that_an_admin_has_but_changing_accounts() {
        let mut admin = scopes_of(ADMIN);
        admin.remove(&Scope::UsersWrite);
        assert_eq!(scopes_of(STAFF), admin);
    }
}
