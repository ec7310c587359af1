//! The schema of the warehouses database.
