//! What others report to the shop over HTTP, each delivery signed with a secret that they share with it.

mod answer;
pub mod payments;
pub mod signature;
