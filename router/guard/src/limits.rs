//! The limits, and what it is to exceed one.

/// How large a request may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the document's text.
    pub document_bytes: usize,
    /// Lexical tokens of the document.
    pub tokens: usize,
    /// Deepest nesting of fields, fragments expanded. The root's fields are at depth one.
    pub depth: usize,
    /// Aliases after all fragments are expanded.
    pub aliases: usize,
    /// Fields at an operation's root, fragments expanded.
    pub root_fields: usize,
    /// Directives after all fragments are expanded.
    pub directives: usize,
    /// Fields after all fragments are expanded.
    pub fields: usize,
    /// Definitions of fragments.
    pub fragments: usize,
    /// Pairs of fields that stand under one response path and must be compared, to see that they do not
    /// contradict each other. A field that is selected `n` times counts `n * n`.
    pub comparisons: usize,
    /// Variables that an operation declares, and that a request gives.
    pub variables: usize,
    /// Items of any one list among arguments and variables.
    pub list_items: usize,
    /// Values in the document, and in the variables: each scalar, list and object is one.
    pub input_values: usize,
    /// Lists and objects inside each other among arguments and variables.
    pub input_depth: usize,
    /// Bytes of any one string among arguments and variables.
    pub string_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            document_bytes: 128 * 1024,
            tokens: 10_000,
            depth: 30,
            aliases: 500,
            root_fields: 200,
            directives: 500,
            fields: 5_000,
            fragments: 500,
            comparisons: 100_000,
            variables: 200,
            list_items: 1_000,
            input_values: 10_000,
            input_depth: 20,
            string_bytes: 64 * 1024,
        }
    }
}

/// What there may be too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are documented as fields of `Limits`")]
pub enum Limit {
    DocumentBytes,
    Tokens,
    Depth,
    Aliases,
    RootFields,
    Directives,
    Fields,
    Fragments,
    /// Fragments inside each other; goes with the depth.
    FragmentDepth,
    Comparisons,
    /// Lists of the introspection schema inside each other: it is fixed, for each multiplies the answer
    /// by the size of the schema.
    Introspection,
    Variables,
    ListItems,
    InputValues,
    InputDepth,
    StringBytes,
    /// What the operation costs by the schema; whoever knows the schema checks it.
    Cost,
}

impl Limit {
    /// Its name, as the configuration has it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DocumentBytes => "document_bytes",
            Self::Tokens => "tokens",
            Self::Depth => "depth",
            Self::Aliases => "aliases",
            Self::RootFields => "root_fields",
            Self::Directives => "directives",
            Self::Fields => "fields",
            Self::Fragments => "fragments",
            Self::FragmentDepth => "fragment_depth",
            Self::Comparisons => "comparisons",
            Self::Introspection => "introspection",
            Self::Variables => "variables",
            Self::ListItems => "list_items",
            Self::InputValues => "input_values",
            Self::InputDepth => "input_depth",
            Self::StringBytes => "string_bytes",
            Self::Cost => "cost",
        }
    }

    /// The code of the error.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::DocumentBytes => "DOCUMENT_BYTES_LIMIT_EXCEEDED",
            Self::Tokens => "TOKENS_LIMIT_EXCEEDED",
            Self::Depth => "DEPTH_LIMIT_EXCEEDED",
            Self::Aliases => "ALIASES_LIMIT_EXCEEDED",
            Self::RootFields => "ROOT_FIELDS_LIMIT_EXCEEDED",
            Self::Directives => "DIRECTIVES_LIMIT_EXCEEDED",
            Self::Fields => "FIELDS_LIMIT_EXCEEDED",
            Self::Fragments => "FRAGMENTS_LIMIT_EXCEEDED",
            Self::FragmentDepth => "FRAGMENT_DEPTH_LIMIT_EXCEEDED",
            Self::Comparisons => "COMPARISONS_LIMIT_EXCEEDED",
            Self::Introspection => "INTROSPECTION_LIMIT_EXCEEDED",
            Self::Variables => "VARIABLES_LIMIT_EXCEEDED",
            Self::ListItems => "LIST_ITEMS_LIMIT_EXCEEDED",
            Self::InputValues => "INPUT_VALUES_LIMIT_EXCEEDED",
            Self::InputDepth => "INPUT_DEPTH_LIMIT_EXCEEDED",
            Self::StringBytes => "STRING_BYTES_LIMIT_EXCEEDED",
            Self::Cost => "COST_LIMIT_EXCEEDED",
        }
    }

    /// What is counted, for a sentence.
    const fn what(self) -> &'static str {
        match self {
            Self::DocumentBytes => "bytes of the document",
            Self::Tokens => "tokens of the document",
            Self::Depth => "fields inside each other",
            Self::Aliases => "aliases, fragments expanded",
            Self::RootFields => "fields at the root",
            Self::Directives => "directives, fragments expanded",
            Self::Fields => "fields, fragments expanded",
            Self::Fragments => "fragments",
            Self::FragmentDepth => "fragments and fields inside each other",
            Self::Comparisons => "comparisons of fields that are selected more than once",
            Self::Introspection => {
                "lists of the introspection schema inside each other, which goes round in circles"
            }
            Self::Variables => "variables",
            Self::ListItems => "items in one list",
            Self::InputValues => "values in arguments or variables",
            Self::InputDepth => "lists and objects inside each other in arguments or variables",
            Self::StringBytes => "bytes in one string",
            Self::Cost => "units of cost",
        }
    }

    /// Whether so much of it is within the limit.
    ///
    /// # Errors
    /// It is not.
    pub const fn allow(self, actual: usize, maximum: usize) -> Result<(), Exceeded> {
        if actual <= maximum {
            return Ok(());
        }
        Err(Exceeded {
            limit: self,
            maximum,
            actual: Some(actual),
        })
    }

    /// That there is more of it than this: how much more, nobody has counted.
    #[must_use]
    pub const fn beyond(self, maximum: usize) -> Exceeded {
        Exceeded {
            limit: self,
            maximum,
            actual: None,
        }
    }
}

/// A limit that a request exceeds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exceeded {
    /// Which.
    pub limit: Limit,
    /// What is allowed.
    pub maximum: usize,
    /// What was found, where the counting went on so far: at least this much.
    pub actual: Option<usize>,
}

impl std::fmt::Display for Exceeded {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "the operation is too large: more than {} {}",
            self.maximum,
            self.limit.what()
        )
    }
}

/// Why a document is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Violation {
    /// There is too much of something.
    Exceeded(Exceeded),
    /// A fragment contains itself.
    Circle {
        /// The fragment's name.
        fragment: String,
        /// Its line.
        line: usize,
        /// Its column.
        column: usize,
    },
}

impl From<Exceeded> for Violation {
    fn from(exceeded: Exceeded) -> Self {
        Violation::Exceeded(exceeded)
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Violation::Exceeded(exceeded) => exceeded.fmt(f),
            Violation::Circle { fragment, .. } => {
                write!(f, "the fragment `{fragment}` contains itself")
            }
        }
    }
}
