//! `@link`: which specifications a subgraph uses, and by which names it calls their directives.
//!
//! <https://specs.apollo.dev/link/v1.0>

use std::collections::HashMap;

use async_graphql_parser::types::{ConstDirective, ServiceDocument, TypeSystemDefinition};
use async_graphql_value::ConstValue;

use super::arguments::{argument, string};
use super::known::{
    FEDERATION_1, FEDERATION_2, GRAPHQL, IGNORED, MERGED, Meaning, NEWEST_FEDERATION_2, UNSUPPORTED,
};
use crate::composition::{
    diagnostic::{Code, Diagnostic, Report},
    model::{Federation, Map},
};

const SPECS: &str = "https://specs.apollo.dev/";

/// One `@link`.
#[derive(Debug)]
pub(super) struct Link {
    /// The URL without its version.
    pub identity: String,
    pub version: (u32, u32),
    /// The prefix of whatever is not imported.
    namespace: String,
    /// The prefix is the subgraph's choice (`as`).
    is_renamed: bool,
    /// Name in the specification and name in the subgraph, of directives with their `@`.
    pub imports: Vec<(String, String)>,
}

impl Link {
    fn is_federation(&self) -> bool {
        self.identity.strip_prefix(SPECS) == Some("federation")
    }
}

/// Everything that a subgraph's `@link`s say.
#[derive(Debug)]
pub(in crate::composition) struct Links {
    pub(super) federation: Federation,
    pub(super) links: Vec<Link>,
    directives: HashMap<String, Meaning>,
    imported_types: Vec<String>,
    /// Imported directives that are written into the supergraph, by their own names.
    pub(super) merged: Map<String>,
}

impl Links {
    pub(super) fn read(document: &ServiceDocument, subgraph: &str, report: &mut Report) -> Self {
        let links: Vec<Link> = schema_directives(document)
            .filter(|directive| directive.name.node == "link")
            .filter_map(|directive| match read_link(directive) {
                Ok(link) => link,
                Err(message) => {
                    report.error(
                        Diagnostic::new(Code::InvalidLinkDirectiveUsage, message)
                            .within([subgraph])
                            .at("schema"),
                    );
                    None
                }
            })
            .collect();
        let two = links.iter().find(|link| link.is_federation());
        let mut this = Self {
            federation: two.map_or(Federation::One, |link| Federation::Two(link.version.1)),
            links: Vec::new(),
            directives: GRAPHQL
                .iter()
                .map(|(name, directive)| ((*name).to_owned(), *directive))
                .collect(),
            imported_types: Vec::new(),
            merged: Map::new(),
        };
        if two.is_none() {
            this.directives.extend(
                FEDERATION_1
                    .iter()
                    .map(|(name, directive)| ((*name).to_owned(), *directive)),
            );
        }
        for link in &links {
            for diagnostic in this.apply(link) {
                report.error(diagnostic.within([subgraph]).at("schema"));
            }
        }
        this.links = links;
        if let Some(hint) = this.upgrade() {
            report.hint(hint.within([subgraph]).at("schema"));
        }
        this
    }

    /// Those of a supergraph, which is taken to be right.
    pub fn of_supergraph(document: &ServiceDocument) -> Self {
        Self::read(document, "", &mut Report::default())
    }

    /// Takes in what the link names; answers what is wrong with it.
    fn apply(&mut self, link: &Link) -> Vec<Diagnostic> {
        let mut wrong = Vec::new();
        if link.is_renamed && !is_namespace(&link.namespace) {
            let message = format!("`{}` cannot stand before names.", link.namespace);
            wrong.push(Diagnostic::new(Code::InvalidLinkIdentifier, message));
        }
        if link.is_federation() {
            if link.version.0 != 2 || link.version.1 > NEWEST_FEDERATION_2 {
                let message = format!(
                    "Version {}.{} of federation is unknown.",
                    link.version.0, link.version.1
                );
                wrong.push(Diagnostic::new(Code::UnknownFederationLinkVersion, message));
            }
            for (name, directive, _) in FEDERATION_2 {
                self.directives
                    .insert(format!("{}__{name}", link.namespace), *directive);
            }
        } else if link.identity.strip_prefix(SPECS) == Some("link") {
            if link.version.0 != 1 {
                let (major, minor) = link.version;
                let message = format!("Version {major}.{minor} of link is unknown.");
                wrong.push(Diagnostic::new(Code::UnknownLinkVersion, message));
            }
        } else if link.identity.strip_prefix(SPECS) == Some("connect") {
            let message = "Connectors are not supported: there is no subgraph to ask.";
            wrong.push(Diagnostic::new(Code::UnsupportedLinkedFeature, message));
        } else if let Some(directive) = own_specification(link) {
            self.directives.insert(link.namespace.clone(), directive);
            if directive == Meaning::Cost {
                self.directives
                    .insert(format!("{}__listSize", link.namespace), Meaning::ListSize);
            }
        }
        for (name, alias) in &link.imports {
            let (Some(bare), Some(alias)) = (name.strip_prefix('@'), alias.strip_prefix('@'))
            else {
                self.imported_types.push(alias.clone());
                continue;
            };
            if !link.is_federation() && own_specification(link).is_none() {
                continue;
            }
            let known = FEDERATION_2.iter().find(|(known, ..)| *known == bare);
            if let Some((_, directive, since)) = known {
                self.directives.insert(alias.to_owned(), *directive);
                if MERGED.contains(&bare) {
                    self.merged.insert(bare.to_owned(), alias.to_owned());
                }
                if link.is_federation() && link.version < (2, *since) {
                    let message = format!(
                        "`{name}` came with version 2.{since} of federation, and 2.{} is linked.",
                        link.version.1
                    );
                    wrong.push(Diagnostic::new(Code::InvalidLinkDirectiveUsage, message));
                }
            } else if UNSUPPORTED.contains(&bare) {
                let message = format!("`{name}` is not supported.");
                wrong.push(Diagnostic::new(Code::UnsupportedLinkedFeature, message));
            } else if !IGNORED.contains(&bare) {
                let message = format!(
                    "Cannot import unknown element `{name}` of `{}`.",
                    link.identity
                );
                wrong.push(Diagnostic::new(Code::InvalidLinkDirectiveUsage, message));
            }
        }
        wrong
    }

    /// Takes the subgraph for one of the version that its other specifications came with, if it links an older one.
    fn upgrade(&mut self) -> Option<Diagnostic> {
        let Federation::Two(linked) = self.federation else {
            return None;
        };
        let since = |link: &Link| own_specification(link)?.since();
        let links = self.links.iter();
        let (since, link) = links
            .filter_map(|link| Some((since(link)?, link)))
            .max_by_key(|(since, _)| *since)
            .filter(|(since, _)| *since > linked)?;
        self.federation = Federation::Two(since);
        let message = format!(
            "Version 2.{linked} of federation is linked, and taken for 2.{since}, which `{}` came with.",
            link.identity
        );
        let code = Code::ImplicitlyUpgradedFederationVersion;
        Some(Diagnostic::new(code, message))
    }

    /// The directive that this subgraph calls by the name.
    pub(super) fn directive(&self, name: &str) -> Option<Meaning> {
        self.directives.get(name).copied()
    }

    /// Whether the name is one of federation's that this subgraph has not imported.
    pub(super) fn is_not_imported(&self, name: &str) -> bool {
        !self.directives.contains_key(name) && FEDERATION_2.iter().any(|(known, ..)| *known == name)
    }

    /// Whether the type belongs to a specification and not to the graph.
    pub fn is_internal_type(&self, name: &str) -> bool {
        matches!(
            name,
            "_Any" | "_Entity" | "_Service" | "_FieldSet" | "FieldSet"
        ) || name.starts_with("link__")
            || name.starts_with("federation__")
            || self.imported_types.iter().any(|imported| imported == name)
            || self.links.iter().any(|link| {
                name.strip_prefix(&link.namespace)
                    .is_some_and(|rest| rest.starts_with("__"))
            })
    }
}

/// The specifications of one directive each (`cost` has two), which can be linked by themselves.
fn own_specification(link: &Link) -> Option<Meaning> {
    match link.identity.strip_prefix(SPECS)? {
        "authenticated" => Some(Meaning::Authenticated),
        "cost" => Some(Meaning::Cost),
        "inaccessible" => Some(Meaning::Inaccessible),
        "policy" => Some(Meaning::Policy),
        "requiresScopes" => Some(Meaning::RequiresScopes),
        "tag" => Some(Meaning::Tag),
        _ => None,
    }
}

/// The directives on the schema and its extensions.
pub(super) fn schema_directives(
    document: &ServiceDocument,
) -> impl Iterator<Item = &ConstDirective> {
    document
        .definitions
        .iter()
        .filter_map(|definition| match definition {
            TypeSystemDefinition::Schema(schema) => Some(&schema.node.directives),
            _ => None,
        })
        .flatten()
        .map(|directive| &directive.node)
}

/// Reads one `@link`; `None` for one whose URL has no version, which names no specification that matters here.
fn read_link(directive: &ConstDirective) -> Result<Option<Link>, String> {
    let url = string(directive, "url").ok_or("`@link` needs a `url`.")?;
    let Some((identity, version)) = url.trim_end_matches('/').rsplit_once('/') else {
        return Ok(None);
    };
    let Some(version) = read_version(version) else {
        return Ok(None);
    };
    let renamed = string(directive, "as");
    let is_renamed = renamed.is_some();
    let namespace =
        renamed.unwrap_or_else(|| identity.rsplit('/').next().unwrap_or_default().to_owned());
    let imports = match argument(directive, "import") {
        None | Some(ConstValue::Null) => Vec::new(),
        Some(ConstValue::List(imports)) => {
            imports.iter().map(read_import).collect::<Result<_, _>>()?
        }
        Some(other) => return Err(format!("`import` must be a list, not `{other}`.")),
    };
    Ok(Some(Link {
        identity: identity.to_owned(),
        version,
        namespace,
        is_renamed,
        imports,
    }))
}

/// Whether names of the specification may begin with it: a name, in which two underscores would end it too early.
fn is_namespace(name: &str) -> bool {
    !name.contains("__")
        && !name.ends_with('_')
        && name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || "_-".contains(char))
}

/// `v2.5` is `(2, 5)`.
fn read_version(version: &str) -> Option<(u32, u32)> {
    let (major, minor) = version.strip_prefix('v')?.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

fn read_import(import: &ConstValue) -> Result<(String, String), String> {
    let malformed = || format!("`{import}` is no import: it is a name, or `{{ name: …, as: … }}`.");
    match import {
        ConstValue::String(name) => Ok((name.clone(), name.clone())),
        ConstValue::Object(object) => {
            let text = |key: &str| match object.get(key) {
                Some(ConstValue::String(text)) => Some(text.clone()),
                _ => None,
            };
            let name = text("name").ok_or_else(malformed)?;
            let alias = text("as").unwrap_or_else(|| name.clone());
            if name.starts_with('@') == alias.starts_with('@') {
                Ok((name, alias))
            } else {
                Err(format!(
                    "`{name}` and its alias `{alias}` must both start with `@`, or neither."
                ))
            }
        }
        _ => Err(malformed()),
    }
}
