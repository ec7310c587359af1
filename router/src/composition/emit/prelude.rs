//! What stands before the types in a supergraph: the links and the definitions that they stand for.
//!
//! <https://specs.apollo.dev/join/v0.5>, <https://specs.apollo.dev/link/v1.0>

use std::{collections::BTreeSet, fmt::Write as _};

use super::{directives::Feature, printer::quote};
use crate::composition::{
    model::{ComposedDirective, Subgraph},
    supergraph::MergedGraph,
};

/// The join specification, without the parts that only connectors and contexts use.
const JOIN: &str = r"directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE

directive @join__field(
  graph: join__Graph
  requires: join__FieldSet
  provides: join__FieldSet
  type: String
  external: Boolean
  override: String
  usedOverridden: Boolean
  overrideLabel: String
) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION

directive @join__graph(name: String!, url: String!) on ENUM_VALUE

directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE

directive @join__type(
  graph: join__Graph!
  key: join__FieldSet
  extension: Boolean! = false
  resolvable: Boolean! = true
  isInterfaceObject: Boolean! = false
) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR

directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION

directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA

scalar join__FieldSet

scalar link__Import

enum link__Purpose {
  SECURITY
  EXECUTION
}
";

impl Feature {
    fn link(self) -> &'static str {
        match self {
            Self::Authenticated => {
                r#"@link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)"#
            }
            Self::Cost => {
                r#"@link(url: "https://specs.apollo.dev/cost/v0.1", import: ["@cost", "@listSize"])"#
            }
            Self::Inaccessible => {
                r#"@link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)"#
            }
            Self::Policy => r#"@link(url: "https://specs.apollo.dev/policy/v0.1", for: SECURITY)"#,
            Self::RequiresScopes => {
                r#"@link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)"#
            }
            Self::Tag => r#"@link(url: "https://specs.apollo.dev/tag/v0.3")"#,
        }
    }

    fn definition(self) -> &'static str {
        match self {
            Self::Authenticated => {
                "directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM\n"
            }
            Self::Cost => {
                "directive @cost(weight: Int!) on \
                 ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR\n\n\
                 directive @listSize(\n  assumedSize: Int\n  slicingArguments: [String!]\n  sizedFields: [String!]\n  \
                 requireOneSlicingArgument: Boolean = true\n) on FIELD_DEFINITION\n"
            }
            Self::Inaccessible => {
                "directive @inaccessible on \
                 FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | \
                 INPUT_OBJECT | INPUT_FIELD_DEFINITION\n"
            }
            Self::Policy => {
                "directive @policy(policies: [[policy__Policy!]!]!) on \
                 FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM\n\nscalar policy__Policy\n"
            }
            Self::RequiresScopes => {
                "directive @requiresScopes(scopes: [[requiresScopes__Scope!]!]!) on \
                 FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM\n\nscalar requiresScopes__Scope\n"
            }
            Self::Tag => {
                "directive @tag(name: String!) repeatable on \
                 FIELD_DEFINITION | OBJECT | INTERFACE | UNION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | \
                 INPUT_OBJECT | INPUT_FIELD_DEFINITION | SCHEMA\n"
            }
        }
    }
}

pub(super) fn print(
    sdl: &mut String,
    graph: &MergedGraph,
    subgraphs: &[Subgraph],
    features: &BTreeSet<Feature>,
) {
    sdl.push_str("schema\n");
    sdl.push_str("  @link(url: \"https://specs.apollo.dev/link/v1.0\")\n");
    sdl.push_str("  @link(url: \"https://specs.apollo.dev/join/v0.5\", for: EXECUTION)\n");
    for feature in features {
        _ = writeln!(sdl, "  {}", feature.link());
    }
    for directive in &graph.composed {
        _ = writeln!(sdl, "  {}", composed_link(directive));
    }
    sdl.push_str("{\n");
    for root in ["Query", "Mutation", "Subscription"] {
        if graph.types.contains_key(root) {
            _ = writeln!(sdl, "  {}: {root}", root.to_lowercase());
        }
    }
    sdl.push_str("}\n\n");
    sdl.push_str(JOIN);
    for feature in features {
        _ = write!(sdl, "\n{}", feature.definition());
    }
    for directive in &graph.composed {
        _ = write!(sdl, "\n{}\n", directive.definition());
    }
    for definition in &graph.executable {
        _ = write!(sdl, "\n{definition}\n");
    }
    sdl.push_str("\nenum join__Graph {\n");
    for subgraph in subgraphs {
        let (name, url) = (quote(&subgraph.name), quote(&subgraph.url));
        _ = writeln!(
            sdl,
            "  {} @join__graph(name: {name}, url: {url})",
            subgraph.graph_id
        );
    }
    sdl.push_str("}\n");
}

fn composed_link(directive: &ComposedDirective) -> String {
    let (major, minor) = directive.version;
    let import = if directive.name == directive.canonical_name {
        quote(&format!("@{}", directive.name))
    } else {
        format!(
            "{{ name: \"@{}\", as: \"@{}\" }}",
            directive.canonical_name, directive.name
        )
    };
    format!(
        "@link(url: {}, import: [{import}])",
        quote(&format!("{}/v{major}.{minor}", directive.identity))
    )
}
