//! The schema of the orders database.
