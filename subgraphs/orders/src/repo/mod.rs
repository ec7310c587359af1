//! Every query of the domain.

pub mod change;
pub mod convert;
pub mod effect;
pub mod expiry;
pub mod goods_return;
pub mod list;
pub mod order;
pub mod owed;
pub mod payment;
pub mod verify;
