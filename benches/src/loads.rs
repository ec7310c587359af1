//! The loads, a file each: what is set up, what is sent, and how an answer is known to be right.

pub mod checkout;
pub mod query;
