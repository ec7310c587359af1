//! Writes directives.

use std::{collections::BTreeSet, fmt::Write as _};

use super::printer::quote;
use crate::composition::{
    model::{ListSize, Metadata, Requirement, Subgraph},
    supergraph::{FieldJoin, TypeJoin},
};

/// A specification that the supergraph links because something uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Feature {
    Authenticated,
    Cost,
    Inaccessible,
    Policy,
    RequiresScopes,
    Tag,
}

/// The directives of an element, apart from those of the join specification.
pub(super) fn metadata(metadata: &Metadata, features: &mut BTreeSet<Feature>) -> Vec<String> {
    let mut written = Vec::new();
    if let Some(deprecated) = &metadata.deprecated {
        written.push(match &deprecated.reason {
            Some(reason) => format!("@deprecated(reason: {})", quote(reason)),
            None => "@deprecated".to_owned(),
        });
    }
    if let Some(url) = &metadata.specified_by {
        written.push(format!("@specifiedBy(url: {})", quote(url)));
    }
    if metadata.one_of {
        written.push("@oneOf".to_owned());
    }
    let mut feature = |feature, directive| {
        features.insert(feature);
        written.push(directive);
    };
    if metadata.inaccessible {
        feature(Feature::Inaccessible, "@inaccessible".to_owned());
    }
    for tag in &metadata.tags {
        feature(Feature::Tag, format!("@tag(name: {})", quote(tag)));
    }
    if metadata.authenticated {
        feature(Feature::Authenticated, "@authenticated".to_owned());
    }
    for scopes in &metadata.scopes {
        feature(
            Feature::RequiresScopes,
            format!("@requiresScopes(scopes: {})", requirement(scopes)),
        );
    }
    for policies in &metadata.policies {
        feature(
            Feature::Policy,
            format!("@policy(policies: {})", requirement(policies)),
        );
    }
    if let Some(weight) = metadata.cost {
        feature(Feature::Cost, format!("@cost(weight: {weight})"));
    }
    if let Some(size) = &metadata.list_size {
        feature(Feature::Cost, list_size(size));
    }
    written.extend(metadata.composed.iter().cloned());
    written
}

fn requirement(requirement: &Requirement) -> String {
    let alternatives: Vec<String> = requirement.iter().map(list).collect();
    format!("[{}]", alternatives.join(", "))
}

fn list<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    let quoted: Vec<String> = texts.into_iter().map(|text| quote(text)).collect();
    format!("[{}]", quoted.join(", "))
}

fn list_size(size: &ListSize) -> String {
    let mut arguments = Vec::new();
    if let Some(assumed) = size.assumed_size {
        arguments.push(format!("assumedSize: {assumed}"));
    }
    if !size.slicing_arguments.is_empty() {
        arguments.push(format!(
            "slicingArguments: {}",
            list(&size.slicing_arguments)
        ));
    }
    if !size.sized_fields.is_empty() {
        arguments.push(format!("sizedFields: {}", list(&size.sized_fields)));
    }
    if let Some(require) = size.require_one_slicing_argument {
        arguments.push(format!("requireOneSlicingArgument: {require}"));
    }
    if arguments.is_empty() {
        "@listSize".to_owned()
    } else {
        format!("@listSize({})", arguments.join(", "))
    }
}

pub(super) fn join_type(join: &TypeJoin, subgraphs: &[Subgraph]) -> String {
    let mut written = format!("@join__type(graph: {}", subgraphs[join.graph].graph_id);
    if let Some(key) = &join.key {
        _ = write!(written, ", key: {}", quote(key));
    }
    if join.extension {
        written.push_str(", extension: true");
    }
    if !join.resolvable {
        written.push_str(", resolvable: false");
    }
    if join.interface_object {
        written.push_str(", isInterfaceObject: true");
    }
    written.push(')');
    written
}

pub(super) fn join_field(join: &FieldJoin, subgraphs: &[Subgraph]) -> String {
    let mut arguments = Vec::new();
    if let Some(graph) = join.graph {
        arguments.push(format!("graph: {}", subgraphs[graph].graph_id));
    }
    if let Some(fields) = &join.requires {
        arguments.push(format!("requires: {}", quote(fields)));
    }
    if let Some(fields) = &join.provides {
        arguments.push(format!("provides: {}", quote(fields)));
    }
    if let Some(ty) = &join.ty {
        arguments.push(format!("type: \"{ty}\""));
    }
    if join.external {
        arguments.push("external: true".to_owned());
    }
    if let Some(from) = &join.override_from {
        arguments.push(format!("override: {}", quote(from)));
    }
    if join.used_overridden {
        arguments.push("usedOverridden: true".to_owned());
    }
    if let Some(label) = &join.override_label {
        arguments.push(format!("overrideLabel: {}", quote(label)));
    }
    if arguments.is_empty() {
        "@join__field".to_owned()
    } else {
        format!("@join__field({})", arguments.join(", "))
    }
}
