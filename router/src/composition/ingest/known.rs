//! The directives that composition knows, and which specifications brought them.

/// What a directive means, whatever a subgraph calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Authenticated,
    ComposeDirective,
    Cost,
    Deprecated,
    Extends,
    External,
    Inaccessible,
    InterfaceObject,
    Key,
    ListSize,
    OneOf,
    Override,
    Policy,
    Provides,
    Requires,
    RequiresScopes,
    Shareable,
    SpecifiedBy,
    Tag,
}

/// What `@link(url: ".../federation/v2.x")` may import, under the specification's names, and the minor
/// version that brought it.
pub(super) const FEDERATION_2: &[(&str, Meaning, u32)] = &[
    ("authenticated", Meaning::Authenticated, 5),
    ("composeDirective", Meaning::ComposeDirective, 1),
    ("cost", Meaning::Cost, 9),
    ("extends", Meaning::Extends, 0),
    ("external", Meaning::External, 0),
    ("inaccessible", Meaning::Inaccessible, 0),
    ("interfaceObject", Meaning::InterfaceObject, 3),
    ("key", Meaning::Key, 0),
    ("listSize", Meaning::ListSize, 9),
    ("override", Meaning::Override, 0),
    ("policy", Meaning::Policy, 6),
    ("provides", Meaning::Provides, 0),
    ("requires", Meaning::Requires, 0),
    ("requiresScopes", Meaning::RequiresScopes, 5),
    ("shareable", Meaning::Shareable, 0),
    ("tag", Meaning::Tag, 0),
];

/// What a subgraph without a federation link may use. The last two came late to Federation 1, but they came.
pub(super) const FEDERATION_1: &[(&str, Meaning)] = &[
    ("extends", Meaning::Extends),
    ("external", Meaning::External),
    ("inaccessible", Meaning::Inaccessible),
    ("key", Meaning::Key),
    ("provides", Meaning::Provides),
    ("requires", Meaning::Requires),
    ("tag", Meaning::Tag),
];

pub(super) const GRAPHQL: &[(&str, Meaning)] = &[
    ("deprecated", Meaning::Deprecated),
    ("oneOf", Meaning::OneOf),
    ("specifiedBy", Meaning::SpecifiedBy),
];

/// Part of the specification, but it would change what a query means, and composition cannot honour it.
pub(super) const UNSUPPORTED: &[&str] = &["context", "fromContext"];
/// Part of the specification, and of no consequence here: types, and what only some routers read.
pub(super) const IGNORED: &[&str] = &[
    "FieldSet",
    "Scope",
    "Policy",
    "ContextFieldValue",
    "cacheTag",
];

/// The newest minor version of Federation 2 of which is known what it brought.
pub(super) const NEWEST_FEDERATION_2: u32 = 13;

/// The directives that are written into the supergraph.
pub(super) const MERGED: &[&str] = &[
    "authenticated",
    "cost",
    "inaccessible",
    "listSize",
    "policy",
    "requiresScopes",
    "tag",
];

impl Meaning {
    /// The minor version of Federation 2 that brought the directive; `None` for GraphQL's own.
    pub(super) fn since(self) -> Option<u32> {
        let mut known = FEDERATION_2.iter();
        known
            .find(|(_, meaning, _)| *meaning == self)
            .map(|(.., since)| *since)
    }
}
