//! The schema of the users database.
