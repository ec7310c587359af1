//! The rows of the users database.

pub(crate) mod known_address;
pub(crate) mod login_throttle;
pub(crate) mod refresh_token;
pub(crate) mod security_event;
pub(crate) mod session;
pub(crate) mod user;
pub(crate) mod user_role;
