//! How large an operation may be, and what it may cost: checked before it is validated and planned.

pub(crate) mod cost;
mod outline;

use graphql_tools::static_graphql::query::Document;
use serde_json::{Map, Value};
use stockgraph_guard::{Exceeded, Limits, Values, Violation};

use crate::error::{GraphQLError, Refusal, code};

/// Refuses a document whose text alone is too long to be parsed.
pub(super) fn check_text(text: &str, limits: &Limits) -> Result<(), Refusal> {
    stockgraph_guard::check_text(text, limits).map_err(|it| exceeded(&it).into())
}

/// Refuses a document that is too deep, too wide, or whose fragments go round in circles.
pub(super) fn check(document: &Document, limits: &Limits) -> Result<(), Refusal> {
    let outline = outline::of(document);
    stockgraph_guard::check(&outline, limits).map_err(|violation| match &violation {
        Violation::Exceeded(it) => exceeded(it).into(),
        Violation::Circle { line, column, .. } => {
            let error = GraphQLError::new(code::VALIDATION_FAILED, violation.to_string());
            error.at(*line, *column).into()
        }
    })
}

/// Refuses variables that are too many or too large.
pub(crate) fn check_variables(
    variables: &Map<String, Value>,
    limits: &Limits,
) -> Result<(), Refusal> {
    let check = || {
        stockgraph_guard::Limit::Variables.allow(variables.len(), limits.variables)?;
        let all = variables.values().map(measured);
        all.fold(Values::default(), Values::and).check(limits)
    };
    check().map_err(|it| exceeded(&it).into())
}

fn measured(value: &Value) -> Values {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => Values::scalar(),
        Value::String(text) => Values::string(text.len()),
        Value::Array(items) => Values::list(items.iter().map(measured)),
        Value::Object(fields) => Values::object(fields.values().map(measured)),
    }
}

/// The error that tells which limit it is, what it allows and, where known, what was found.
pub(crate) fn exceeded(exceeded: &Exceeded) -> GraphQLError {
    let limit = exceeded.limit;
    let error = GraphQLError::new(limit.code(), exceeded.to_string())
        .with_extension("limit", limit.name())
        .with_extension("maximum", exceeded.maximum);
    match exceeded.actual {
        Some(actual) => error.with_extension("actual", actual),
        None => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(query: &str) -> Result<(), String> {
        let document = graphql_tools::parser::parse_query::<String>(query)
            .unwrap()
            .into_static();
        check(&document, &Limits::default()).map_err(|errors| errors[0].to_string())
    }

    #[test]
    fn fragments_that_double_at_each_step_are_refused_at_once() {
        let mut query = String::from("{ ...f0 }");
        for i in 0..200 {
            let next = i + 1;
            query += &format!(" fragment f{i} on Q {{ a {{ ...f{next} }} b {{ ...f{next} }} }}");
        }
        query += " fragment f200 on Q { c }";
        assert!(outcome(&query).unwrap_err().contains("DEPTH_LIMIT"));

        let wide = "a b c d e f g h i j";
        let mut query = format!("{{ ...f0 }} fragment f4 on Q {{ {wide} }}");
        for i in 0..4 {
            let spreads: String = (0..10)
                .map(|n| format!("n{n} {{ ...f{} }} ", i + 1))
                .collect();
            query += &format!(" fragment f{i} on Q {{ {spreads} }}");
        }
        assert!(outcome(&query).unwrap_err().contains("FIELDS_LIMIT"));
    }

    #[test]
    fn a_long_chain_of_fragments_is_refused_without_following_it() {
        let mut query = String::from("{ ...f0 }");
        for i in 0..400 {
            query += &format!(" fragment f{i} on Q {{ ...f{} }}", i + 1);
        }
        query += " fragment f400 on Q { c }";
        assert!(outcome(&query).unwrap_err().contains("FRAGMENT_DEPTH"));
    }

    #[test]
    fn a_fragment_that_contains_itself_is_named() {
        let error = outcome("{ ...a } fragment a on Q { x { ...b } } fragment b on Q { ...a }");
        assert_eq!(
            error.unwrap_err(),
            "the fragment `a` contains itself (GRAPHQL_VALIDATION_FAILED)"
        );
    }

    #[test]
    fn introspection_that_multiplies_is_refused_and_the_usual_one_is_not() {
        let usual = "{ __schema { types { fields { args { type { ofType { ofType { name } } } } }
            possibleTypes { name } inputFields { type { name } } } } }";
        assert_eq!(outcome(usual), Ok(()));
        let circles = "{ __schema { types { fields { type { fields { type { fields { type {
            fields { name } } } } } } } } } }";
        assert!(outcome(circles).unwrap_err().contains("round in circles"));
        assert_eq!(
            outcome("{ fields { fields { fields { fields { fields } } } } }"),
            Ok(())
        );
    }
}
