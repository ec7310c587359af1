//! How large requests may be, and what they may cost.

use serde::{Deserialize, Serialize};
use stockgraph_router::pipeline::{CostOptions, Limits, OperationLimits};

/// How large requests may be. What is larger is refused before it is planned; fields, aliases, directives and the depth count with all
/// fragments expanded.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LimitsConfig {
    /// Bytes of an HTTP request's body, decompressed. Default: 1048576.
    pub body_bytes: usize,
    /// Bytes of a document's text. Default: 131072.
    pub document_bytes: usize,
    /// Lexical tokens of a document. Default: 10000.
    pub tokens: usize,
    /// Fields inside each other. Default: 30.
    pub depth: usize,
    /// Aliases. Default: 500.
    pub aliases: usize,
    /// Fields at the root of an operation. Default: 200.
    pub root_fields: usize,
    /// Directives. Default: 500.
    pub directives: usize,
    /// Fields. Default: 5000.
    pub fields: usize,
    /// Fragments that a document defines. Default: 500.
    pub fragments: usize,
    /// Pairs of fields under one response path, which have to be compared. A field that is selected n times counts n times n. Default: 100000.
    pub comparisons: usize,
    /// Variables that an operation declares, and that a request gives. Default: 200.
    pub variables: usize,
    /// Items of any one list among arguments and variables. Default: 1000.
    pub list_items: usize,
    /// Values among arguments, and among variables: each scalar, list and object is one. Default: 10000.
    pub input_values: usize,
    /// Lists and objects inside each other among arguments and variables. Default: 20.
    pub input_depth: usize,
    /// Bytes of any one string among arguments and variables. Default: 65536.
    pub string_bytes: usize,
    /// What an operation may cost: its objects times the lengths of their lists. Default: 50000.
    pub cost: u64,
    /// Items that a list is taken to have where nothing tells its length. Default: 10.
    pub list_size: u64,
    /// Items on a page of a connection where neither `first` nor `last` is given. Default: 20, as this graph has it.
    pub page_size: u64,
    /// What a mutation costs besides its answer. Default: 10.
    pub mutation_cost: u64,
}

impl Default for LimitsConfig {
    fn default() -> Self {
        let Limits {
            body_bytes,
            operation,
            cost,
        } = Limits::default();
        Self {
            body_bytes,
            document_bytes: operation.document_bytes,
            tokens: operation.tokens,
            depth: operation.depth,
            aliases: operation.aliases,
            root_fields: operation.root_fields,
            directives: operation.directives,
            fields: operation.fields,
            fragments: operation.fragments,
            comparisons: operation.comparisons,
            variables: operation.variables,
            list_items: operation.list_items,
            input_values: operation.input_values,
            input_depth: operation.input_depth,
            string_bytes: operation.string_bytes,
            cost: cost.maximum,
            list_size: cost.list_size,
            page_size: cost.page_size,
            mutation_cost: cost.mutation,
        }
    }
}

impl LimitsConfig {
    /// The limits as the router takes them.
    #[must_use]
    pub fn limits(&self) -> Limits {
        Limits {
            body_bytes: self.body_bytes,
            operation: OperationLimits {
                document_bytes: self.document_bytes,
                tokens: self.tokens,
                depth: self.depth,
                aliases: self.aliases,
                root_fields: self.root_fields,
                directives: self.directives,
                fields: self.fields,
                fragments: self.fragments,
                comparisons: self.comparisons,
                variables: self.variables,
                list_items: self.list_items,
                input_values: self.input_values,
                input_depth: self.input_depth,
                string_bytes: self.string_bytes,
            },
            cost: CostOptions {
                maximum: self.cost,
                list_size: self.list_size,
                page_size: self.page_size,
                mutation: self.mutation_cost,
            },
        }
    }
}
