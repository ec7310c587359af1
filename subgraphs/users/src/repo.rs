//! Every query of the domain.

pub(crate) mod known_address;
pub(crate) mod login_throttle;
pub(crate) mod role;
pub(crate) mod security_event;
pub(crate) mod session;
pub(crate) mod user;
