//! What an operation costs, by the schema and its variables.
//!
//! The rules are those of the cost specification that federation 2.9 took up
//! (<https://ibm.github.io/graphql-specs/cost-spec.html>): a field costs its weight times the length of
//! its list, and so does all that is selected in it. An object weighs 1, a scalar or an enum nothing,
//! a mutation [`CostOptions::mutation`] besides; `@cost(weight:)` on a field, a type or an argument says
//! otherwise, and so it does on a field of an input object, which costs when it is given. How long a list is
//! says `@listSize`; without it a field whose type is a `…Connection` and that takes `first` or `last` has so
//! many `nodes` and `edges`, or [`CostOptions::page_size`] if neither is given, and any other list
//! [`CostOptions::list_size`] items. An object that may be of several types costs the most that one of them
//! does, by the fragments on it.
//!
//! What does not depend on variables is added up when the operation is prepared. What does is left as a
//! small tree, so that a request pays for a look at each such variable, not for a walk of its operation.

mod amount;
mod inputs;
mod tree;
mod weights;

pub(crate) use amount::Cost;
pub(crate) use tree::Costing;
pub(crate) use weights::Weights;

/// What operations may cost, and what is taken for granted where the schema says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CostOptions {
    /// The most that one operation may cost.
    pub maximum: u64,
    /// Items that a list is taken to have where nothing tells.
    pub list_size: u64,
    /// Items on a page of a connection where neither `first` nor `last` is given.
    pub page_size: u64,
    /// What a mutation costs besides its answer.
    pub mutation: u64,
}

impl Default for CostOptions {
    fn default() -> Self {
        CostOptions {
            maximum: 50_000,
            list_size: 10,
            page_size: 20,
            mutation: 10,
        }
    }
}
