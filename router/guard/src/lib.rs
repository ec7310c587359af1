//! How large a GraphQL request may be, checked before anything costly is done with it.
//!
//! Fragments make a short text stand for a huge operation; validation, planning and execution walk it
//! whole. The guard walks each fragment once and adds up, and it never descends further than the
//! limits, so neither time nor stack depends on what the operation would expand to.
//!
//! The router and the subgraphs parse with different crates, so the guard looks at an [`Outline`] that
//! each makes of its own tree.

mod check;
mod limits;
mod outline;
mod suggestions;
mod tokens;
mod values;

pub use check::check;
pub use limits::{Exceeded, Limit, Limits, Violation};
pub use outline::{Field, Fragment, Operation, Outline, Selection};
pub use suggestions::without_suggestion;
pub use tokens::check_text;
pub use values::Values;
