//! The schema of the products database.
