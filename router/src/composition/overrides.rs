//! `@override`: which subgraphs lose which fields to others.

use std::collections::HashMap;

use super::{
    diagnostic::{Code, Diagnostic, Report},
    model::{Field, GraphIndex, Kind, Override, Subgraph, TypeDef},
    validate::uses::Uses,
};

/// What an overridden field is still good for in the subgraph that lost it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lost {
    /// Nothing: it is as if it were not there.
    Entirely,
    /// The subgraph still knows it, for its keys, requirements or interfaces.
    ButUsed,
}

/// The fields lost to overrides without a label. (With one, both subgraphs keep the field, and the label decides.)
#[derive(Debug, Default)]
pub(super) struct Overrides(HashMap<(GraphIndex, String, String), Lost>);

impl Overrides {
    pub fn lost(&self, graph: GraphIndex, type_name: &str, field: &str) -> Option<Lost> {
        // The map is small and most graphs have none.
        if self.0.is_empty() {
            return None;
        }
        self.0
            .get(&(graph, type_name.to_owned(), field.to_owned()))
            .copied()
    }

    pub fn collect(subgraphs: &[Subgraph], uses: &[Uses], report: &mut Report) -> Self {
        let mut this = Self::default();
        for subgraph in subgraphs {
            for (type_name, ty) in &subgraph.types {
                for (field_name, field) in &ty.fields {
                    if let Some(overrides) = &field.overrides {
                        let place = Place {
                            subgraph,
                            ty,
                            type_name,
                            field_name,
                            field,
                            overrides,
                        };
                        this.field(&place, subgraphs, uses, report);
                    }
                }
            }
        }
        this
    }

    fn field(
        &mut self,
        place: &Place<'_>,
        subgraphs: &[Subgraph],
        uses: &[Uses],
        report: &mut Report,
    ) {
        if !place.is_valid(report) {
            return;
        }
        let from = place.overrides.from.as_str();
        let Some(source) = subgraphs.iter().position(|subgraph| subgraph.name == from) else {
            let message = format!(
                "`@override` takes the field from `{from}`, but there is no such subgraph."
            );
            report.hint(place.diagnostic(Code::FromSubgraphDoesNotExist, message));
            return;
        };
        let Some(overridden) = subgraphs[source].field(place.type_name, place.field_name) else {
            let message =
                format!("`@override` takes the field from `{from}`, which does not have it.");
            report.hint(place.diagnostic(Code::OverrideDirectiveCanBeRemoved, message));
            return;
        };
        if overridden.overrides.is_some() {
            let message =
                format!("The field is overridden here and has an `@override` in `{from}` too.");
            report.error(
                place
                    .diagnostic(Code::OverrideSourceHasOverride, message)
                    .within([from]),
            );
            return;
        }
        if let Some(other) = collision(overridden) {
            let message =
                format!("`@override` cannot take over a field that has `{other}` in `{from}`.");
            report.error(
                place
                    .diagnostic(Code::OverrideCollisionWithAnotherDirective, message)
                    .within([from]),
            );
        }
        if overridden.external {
            let message = format!("`{from}` does not resolve the field: it is `@external` there.");
            report.hint(
                place
                    .diagnostic(Code::OverrideDirectiveCanBeRemoved, message)
                    .within([from]),
            );
            return;
        }
        if let Some(label) = &place.overrides.label {
            let message = format!(
                "The field is on its way from `{from}`: the label `{label}` decides who is asked."
            );
            report.hint(
                place
                    .diagnostic(Code::OverrideMigrationInProgress, message)
                    .within([from]),
            );
            return;
        }
        let lost = if uses[source].contains(place.type_name, place.field_name) {
            Lost::ButUsed
        } else {
            let message = format!("`{from}` is no longer asked for the field.");
            report.hint(
                place
                    .diagnostic(Code::OverriddenFieldCanBeRemoved, message)
                    .within([from]),
            );
            Lost::Entirely
        };
        self.0.insert(
            (
                source,
                place.type_name.to_owned(),
                place.field_name.to_owned(),
            ),
            lost,
        );
    }
}

/// The directive of an overridden field that `@override` cannot stand against.
fn collision(field: &Field) -> Option<&'static str> {
    if field.requires.is_some() {
        Some("@requires")
    } else if field.provides.is_some() {
        Some("@provides")
    } else {
        None
    }
}

/// Where an `@override` stands.
struct Place<'a> {
    subgraph: &'a Subgraph,
    ty: &'a TypeDef,
    type_name: &'a str,
    field_name: &'a str,
    field: &'a Field,
    overrides: &'a Override,
}

impl Place<'_> {
    fn diagnostic(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, message)
            .at(format!("{}.{}", self.type_name, self.field_name))
            .within([self.subgraph.name.as_str()])
    }

    /// Reports what is wrong with the `@override` by itself.
    fn is_valid(&self, report: &mut Report) -> bool {
        let mut wrong = Vec::new();
        if self.overrides.from == self.subgraph.name {
            wrong.push((
                Code::OverrideFromSelfError,
                "The field overrides itself.".to_owned(),
            ));
        }
        if self.ty.kind == Kind::Interface {
            wrong.push((
                Code::OverrideOnInterface,
                "`@override` stands on a field of an interface.".to_owned(),
            ));
        }
        if self.field.external {
            let message = "`@override` and `@external` stand on the same field.".to_owned();
            wrong.push((Code::OverrideCollisionWithAnotherDirective, message));
        }
        if let Some(label) = self
            .overrides
            .label
            .as_ref()
            .filter(|label| !is_label(label))
        {
            wrong.push((
                Code::OverrideLabelInvalid,
                format!("`{label}` is not a label."),
            ));
        }
        let valid = wrong.is_empty();
        for (code, message) in wrong {
            report.error(self.diagnostic(code, message));
        }
        valid
    }
}

/// A name (`[a-zA-Z][a-zA-Z0-9_\-:./]*`), or a percentage: `percent(12.5)`.
fn is_label(label: &str) -> bool {
    if let Some(number) = label
        .strip_prefix("percent(")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        let decimals = number
            .split_once('.')
            .map_or(0, |(_, decimals)| decimals.len());
        let plain = number
            .chars()
            .all(|char| char.is_ascii_digit() || char == '.');
        return plain && decimals <= 8 && number.parse::<f64>().is_ok_and(|number| number <= 100.0);
    }
    label.starts_with(|first: char| first.is_ascii_alphabetic())
        && label
            .chars()
            .all(|char| char.is_ascii_alphanumeric() || "_-:./".contains(char))
}
