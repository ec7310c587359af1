//! What the guard sees of a document, whoever has parsed it.

use crate::values::Values;

/// A document without its values.
#[derive(Debug, Default)]
pub struct Outline<'d> {
    /// Its operations.
    pub operations: Vec<Operation<'d>>,
    /// Its fragments.
    pub fragments: Vec<Fragment<'d>>,
}

/// An operation.
#[derive(Debug)]
pub struct Operation<'d> {
    /// How many variables it declares.
    pub variables: usize,
    /// How many directives stand on it and on its variables.
    pub directives: usize,
    /// The sizes of its variables' defaults and of its directives' arguments.
    pub values: Values,
    /// What it selects.
    pub selections: Vec<Selection<'d>>,
}

/// A fragment's definition.
#[derive(Debug)]
pub struct Fragment<'d> {
    /// Its name.
    pub name: &'d str,
    /// Its line in the document, from one.
    pub line: usize,
    /// Its column, from one.
    pub column: usize,
    /// How many directives stand on it.
    pub directives: usize,
    /// The sizes of its directives' arguments.
    pub values: Values,
    /// What it selects.
    pub selections: Vec<Selection<'d>>,
}

/// One selection.
#[derive(Debug)]
pub enum Selection<'d> {
    /// A field.
    Field(Field<'d>),
    /// `... { }` or `... on T { }`.
    Inline {
        /// How many directives stand on it.
        directives: usize,
        /// The sizes of its directives' arguments.
        values: Values,
        /// What it selects.
        selections: Vec<Selection<'d>>,
    },
    /// `...Name`.
    Spread {
        /// The fragment.
        name: &'d str,
        /// How many directives stand on it.
        directives: usize,
        /// The sizes of its directives' arguments.
        values: Values,
    },
}

/// A selected field.
#[derive(Debug)]
pub struct Field<'d> {
    /// Its name in the schema.
    pub name: &'d str,
    /// Its alias, if it has one.
    pub alias: Option<&'d str>,
    /// How many directives stand on it.
    pub directives: usize,
    /// The sizes of its arguments and those of its directives.
    pub values: Values,
    /// What it selects.
    pub selections: Vec<Selection<'d>>,
}
