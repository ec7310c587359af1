//! What no caller can put right.

use sea_orm::DbErr;
use stockgraph_kit::money::MoneyError;

use super::ports::PortError;

/// A fault of the system or of what it needs, not of the caller's.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The database failed.
    #[error("the database failed: {0}")]
    Database(#[from] DbErr),
    /// The catalogue gave no answer, so nothing can be priced.
    #[error("the catalogue: {0}")]
    Catalogue(PortError),
    /// The warehouses gave no answer, so nothing can be held.
    #[error("the stock: {0}")]
    Stock(PortError),
    /// The warehouses gave no answer to a question that needs one.
    #[error("the warehouses: {0}")]
    Warehouses(PortError),
    /// Amounts that do not go together, where they always should.
    #[error("amounts: {0}")]
    Money(#[from] MoneyError),
    /// More is asked at the same moment than can be done.
    #[error("too many requests wait already")]
    Overloaded,
    /// Somebody asks for what they have no right to.
    #[error("not allowed")]
    NotAllowed,
    /// No order number was free, time and again.
    #[error("no order number was free")]
    NoFreeNumber,
}

/// Gives a use case's error its ways from what can fail underneath: it has a variant `Failed(Failure)`.
macro_rules! fails_underneath {
    ($error:ident) => {
        impl From<sea_orm::DbErr> for $error {
            fn from(error: sea_orm::DbErr) -> Self {
                Self::Failed($crate::service::Failure::from(error))
            }
        }
        impl From<stockgraph_kit::money::MoneyError> for $error {
            fn from(error: stockgraph_kit::money::MoneyError) -> Self {
                Self::Failed($crate::service::Failure::from(error))
            }
        }
    };
}

/// Gives a use case's error its way from the lifecycle's refusal: it has a variant `WrongState(OrderStatus)`.
macro_rules! refuses_by_state {
    ($error:ident) => {
        impl From<$crate::domain::lifecycle::Refusal> for $error {
            fn from(refusal: $crate::domain::lifecycle::Refusal) -> Self {
                use $crate::domain::lifecycle::Refusal;
                match refusal {
                    Refusal::NotAllowed => Self::Failed($crate::service::Failure::NotAllowed),
                    Refusal::WrongState(status) => Self::WrongState(status),
                }
            }
        }
    };
}

pub(super) use {fails_underneath, refuses_by_state};
