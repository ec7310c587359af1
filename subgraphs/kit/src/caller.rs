//! Who calls, and what they may do.

use std::{collections::BTreeSet, fmt, net::IpAddr, str::FromStr};

use async_graphql::Context;
use http::{HeaderMap, HeaderName};

use crate::{error::ApiError, id::UserId};

/// A right, as it stands in a token's `scope` claim ([RFC 8693](https://www.rfc-editor.org/rfc/rfc8693#section-4.2)) and in
/// `@requiresScopes`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// See every account.
    UsersRead,
    /// Change roles and lock accounts.
    UsersWrite,
    /// Change the catalogue, and see what is not on sale.
    CatalogueWrite,
    /// See the ledger, reservations and transfers.
    StockRead,
    /// Change warehouses and stock.
    StockWrite,
    /// Hold stock, sell it and give it back: for the checkout.
    StockReserve,
    /// Run the expiry of reservations.
    StockExpire,
    /// See every order.
    OrdersRead,
    /// Ship, deliver and take back.
    OrdersWrite,
    /// Run the expiry of orders.
    OrdersExpire,
    /// Record payments and refunds.
    PaymentsConfirm,
    /// Ask a subgraph over HTTP for entities and its schema, as routers do.
    FederationRead,
    /// See how the router executes one's requests: plans and timings.
    GraphInspect,
}

impl Scope {
    /// Every scope there is.
    pub const ALL: [Self; 13] = [
        Self::UsersRead,
        Self::UsersWrite,
        Self::CatalogueWrite,
        Self::StockRead,
        Self::StockWrite,
        Self::StockReserve,
        Self::StockExpire,
        Self::OrdersRead,
        Self::OrdersWrite,
        Self::OrdersExpire,
        Self::PaymentsConfirm,
        Self::FederationRead,
        Self::GraphInspect,
    ];

    /// The scope of this text.
    ///
    /// # Panics
    ///
    /// When there is none; where the compiler evaluates it, that is an error of the compilation.
    #[must_use]
    pub const fn named(text: &str) -> Self {
        let mut index = 0;
        while index < Self::ALL.len() {
            if is_same(Self::ALL[index].as_str(), text) {
                return Self::ALL[index];
            }
            index += 1;
        }
        panic!("this text names no scope")
    }

    /// The text of the scope, e.g. `stock:write`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UsersRead => "users:read",
            Self::UsersWrite => "users:write",
            Self::CatalogueWrite => "catalogue:write",
            Self::StockRead => "stock:read",
            Self::StockWrite => "stock:write",
            Self::StockReserve => "stock:reserve",
            Self::StockExpire => "stock:expire",
            Self::OrdersRead => "orders:read",
            Self::OrdersWrite => "orders:write",
            Self::OrdersExpire => "orders:expire",
            Self::PaymentsConfirm => "payments:confirm",
            Self::FederationRead => "federation:read",
            Self::GraphInspect => "graph:inspect",
        }
    }
}

/// Compares texts where `==` cannot: at compile time.
const fn is_same(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut index = 0;
    while index < one.len() && index < other.len() && one[index] == other[index] {
        index += 1;
    }
    index == one.len() && index == other.len()
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no scope.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a scope")]
pub struct UnknownScope(String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or_else(|| UnknownScope(text.to_owned()))
    }
}

/// The scopes of a caller.
pub type Scopes = BTreeSet<Scope>;

/// Who sends a request, as its verified token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Nobody who said who they are.
    Anonymous,
    /// A signed-in user.
    User {
        /// Which user.
        id: UserId,
        /// What they may do.
        scopes: Scopes,
    },
    /// A part of the system itself, e.g. the scheduler.
    Service {
        /// Which part, for logs.
        name: String,
        /// What it may do.
        scopes: Scopes,
    },
}

impl Caller {
    /// The caller of the request that is being answered; anonymous where nobody put one in.
    #[must_use]
    pub fn of<'ctx>(ctx: &Context<'ctx>) -> &'ctx Self {
        static ANONYMOUS: Caller = Caller::Anonymous;
        ctx.data_opt::<Self>().unwrap_or(&ANONYMOUS)
    }

    /// Whether the caller has this right.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        match self {
            Self::Anonymous => false,
            Self::User { scopes, .. } | Self::Service { scopes, .. } => scopes.contains(&scope),
        }
    }

    /// The signed-in user, if the caller is one.
    #[must_use]
    pub const fn user_id(&self) -> Option<UserId> {
        match self {
            Self::User { id, .. } => Some(*id),
            Self::Anonymous | Self::Service { .. } => None,
        }
    }

    /// The signed-in user, for what only users do.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for anonymous callers, `FORBIDDEN` for parts of the system.
    pub fn require_user(&self) -> Result<UserId, ApiError> {
        match self {
            Self::User { id, .. } => Ok(*id),
            Self::Anonymous => Err(ApiError::unauthenticated("Sign in first.")),
            Self::Service { .. } => Err(ApiError::forbidden("This is for users alone.")),
        }
    }

    /// Makes sure that the caller has this right.
    ///
    /// # Errors
    ///
    /// `UNAUTHENTICATED` for anonymous callers, `FORBIDDEN` for those who lack it.
    pub fn require(&self, scope: Scope) -> Result<(), ApiError> {
        match self {
            _ if self.may(scope) => Ok(()),
            Self::Anonymous => Err(ApiError::unauthenticated("Sign in first.")),
            Self::User { .. } | Self::Service { .. } => Err(ApiError::forbidden(format!(
                "The scope `{scope}` is required."
            ))),
        }
    }
}

/// Where a request comes from: the address of the client, not of a proxy or the router before us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// The header that tells it from part to part. Whoever takes requests from outside puts it in or takes it out: what a client says
    /// of itself counts for nothing.
    pub const HEADER: HeaderName = HeaderName::from_static("stockgraph-client-address");

    /// The address of the request that is being answered; `None` where nobody could tell, as for what the system asks of itself.
    #[must_use]
    pub fn of(ctx: &Context<'_>) -> Option<Self> {
        ctx.data_opt::<Self>().copied()
    }

    /// Reads the header.
    #[must_use]
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(Self::HEADER)?.to_str().ok()?;
        text.parse().ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scope_reads_back_from_its_text() {
        for scope in Scope::ALL {
            assert_eq!(scope.as_str().parse(), Ok(scope));
            assert_eq!(Scope::named(scope.as_str()), scope);
        }
    }
}
