//! Looks at the shape of an operation before anything costly is done with it.
//!
//! Fragments make a short text stand for a huge operation; validation and planning walk it whole.
//! The guard walks each fragment once and adds up, and it never descends further than the limit,
//! so neither time nor stack depends on what the operation would expand to.

use graphql_tools::static_graphql::query::{
    Definition, Document, Field, FragmentDefinition, OperationDefinition, Selection, SelectionSet,
};
use rustc_hash::FxHashMap;

use crate::error::{GraphQLError, Refusal, code};

/// How large an operation may be.
#[derive(Debug, Clone)]
pub struct OperationLimits {
    /// Most lexical tokens of the whole document.
    pub tokens: usize,
    /// Deepest nesting of fields, fragments expanded. The root's fields are at depth one.
    pub depth: usize,
    /// Most fields after all fragments are expanded.
    pub fields: usize,
    /// Most definitions of fragments.
    pub fragments: usize,
    /// Most pairs of fields that stand under one response path and must be compared, to see that
    /// they do not contradict each other. A field that is selected `n` times counts `n * n`.
    pub comparisons: usize,
}

impl Default for OperationLimits {
    fn default() -> Self {
        OperationLimits {
            tokens: 10_000,
            depth: 30,
            fields: 5_000,
            fragments: 500,
            comparisons: 100_000,
        }
    }
}

/// Selection sets inside each other, fragments counted, for each field that may be nested: recursion
/// in later steps goes as deep as this.
const LEVELS_PER_FIELD: usize = 4;
/// Lists of the introspection schema inside each other: each multiplies the answer by the size of
/// the schema. The standard introspection query has one.
const INTROSPECTION_LISTS: usize = 2;

/// What a selection set amounts to.
#[derive(Clone, Copy, Default)]
struct Size {
    fields: usize,
    depth: usize,
    /// As `depth`, but each fragment is a level as well.
    levels: usize,
}

impl Size {
    fn in_fragment(self) -> Self {
        Size {
            levels: self.levels + 1,
            ..self
        }
    }
}

struct Guard<'d> {
    limits: &'d OperationLimits,
    fragments: FxHashMap<&'d str, &'d FragmentDefinition>,
    /// `None` while the fragment is being walked: meeting it again is a cycle.
    sizes: FxHashMap<&'d str, Option<Size>>,
}

/// How much lies above a selection set.
#[derive(Clone, Copy, Default)]
struct Position {
    depth: usize,
    levels: usize,
}

impl Position {
    fn in_fragment(self) -> Self {
        Position {
            levels: self.levels + 1,
            ..self
        }
    }

    fn in_field(self) -> Self {
        Position {
            depth: self.depth + 1,
            levels: self.levels + 1,
        }
    }
}

/// Refuses a document that is too deep, too wide, or whose fragments go round in circles.
pub(super) fn check(document: &Document, limits: &OperationLimits) -> Result<(), Refusal> {
    let mut guard = Guard {
        limits,
        fragments: fragments(document),
        sizes: FxHashMap::default(),
    };
    if guard.fragments.len() > limits.fragments {
        let message = format!("the document has more than {} fragments", limits.fragments);
        return Err(too_large(message));
    }
    for definition in &document.definitions {
        match definition {
            Definition::Operation(operation) => {
                let selections = selections(operation);
                guard.size(selections, Position::default())?;
                guard.introspection(selections, 0)?;
                guard.comparisons(&[selections], &mut 0)?;
            }
            Definition::Fragment(fragment) => {
                guard.size(&fragment.selection_set, Position::default())?;
            }
        }
    }
    Ok(())
}

/// The fragments of a document by name.
pub(super) fn fragments(document: &Document) -> FxHashMap<&str, &FragmentDefinition> {
    let mut fragments = FxHashMap::default();
    for definition in &document.definitions {
        if let Definition::Fragment(fragment) = definition {
            fragments.insert(fragment.name.as_str(), fragment);
        }
    }
    fragments
}

/// The root's selections of an operation.
pub(super) fn selections(operation: &OperationDefinition) -> &SelectionSet {
    match operation {
        OperationDefinition::SelectionSet(selections) => selections,
        OperationDefinition::Query(query) => &query.selection_set,
        OperationDefinition::Mutation(mutation) => &mutation.selection_set,
        OperationDefinition::Subscription(subscription) => &subscription.selection_set,
    }
}

impl<'d> Guard<'d> {
    fn size(&mut self, set: &'d SelectionSet, at: Position) -> Result<Size, Refusal> {
        let mut size = Size::default();
        for selection in &set.items {
            let inner = match selection {
                Selection::Field(field) => self.field(field, at)?,
                Selection::InlineFragment(fragment) => {
                    self.allow(Size::default(), at.in_fragment())?;
                    let inner = self.size(&fragment.selection_set, at.in_fragment())?;
                    inner.in_fragment()
                }
                Selection::FragmentSpread(spread) => {
                    match self.fragments.get_key_value(spread.fragment_name.as_str()) {
                        Some((&name, &fragment)) => {
                            self.allow(Size::default(), at.in_fragment())?;
                            self.fragment(name, fragment, at.in_fragment())?
                                .in_fragment()
                        }
                        // Validation reports it, with all else that is wrong.
                        None => Size::default(),
                    }
                }
            };
            size.fields = size.fields.saturating_add(inner.fields);
            size.depth = size.depth.max(inner.depth);
            size.levels = size.levels.max(inner.levels);
            self.allow(size, at)?;
        }
        Ok(size)
    }

    fn field(&mut self, field: &'d Field, at: Position) -> Result<Size, Refusal> {
        let leaf = Size {
            fields: 1,
            depth: 1,
            levels: 1,
        };
        self.allow(leaf, at)?;
        let inner = self.size(&field.selection_set, at.in_field())?;
        Ok(Size {
            fields: inner.fields.saturating_add(1),
            depth: inner.depth + 1,
            levels: inner.levels + 1,
        })
    }

    fn fragment(
        &mut self,
        name: &'d str,
        fragment: &'d FragmentDefinition,
        at: Position,
    ) -> Result<Size, Refusal> {
        match self.sizes.get(name) {
            Some(Some(size)) => Ok(*size),
            Some(None) => {
                let message = format!("the fragment `{name}` contains itself");
                let position = fragment.position;
                let error = GraphQLError::new(code::VALIDATION_FAILED, message);
                Err(error.at(position.line, position.column).into())
            }
            None => {
                self.sizes.insert(name, None);
                let size = self.size(&fragment.selection_set, at)?;
                self.sizes.insert(name, Some(size));
                Ok(size)
            }
        }
    }

    fn allow(&self, size: Size, at: Position) -> Result<(), Refusal> {
        let limits = self.limits;
        if at.depth + size.depth > limits.depth {
            return Err(too_large(format!(
                "the operation is nested deeper than {} fields",
                limits.depth
            )));
        }
        if at.levels + size.levels > limits.depth.saturating_mul(LEVELS_PER_FIELD) {
            return Err(too_large(
                "too many fragments of the operation stand inside each other".to_owned(),
            ));
        }
        if size.fields > limits.fields {
            return Err(too_large(format!(
                "the operation selects more than {} fields, its fragments expanded",
                limits.fields
            )));
        }
        Ok(())
    }

    /// Adds up the pairs of fields under each response path. Terminates for the same reason as
    /// [`Guard::introspection`].
    fn comparisons(&self, sets: &[&'d SelectionSet], sum: &mut usize) -> Result<(), Refusal> {
        let mut by_key: FxHashMap<&'d str, Vec<&'d SelectionSet>> = FxHashMap::default();
        for set in sets {
            self.collect(set, &mut by_key);
        }
        for subsets in by_key.values() {
            *sum = sum.saturating_add(subsets.len().saturating_mul(subsets.len()));
            if *sum > self.limits.comparisons {
                return Err(too_large(
                    "the operation selects the same fields too many times".to_owned(),
                ));
            }
            self.comparisons(subsets, sum)?;
        }
        Ok(())
    }

    fn collect(
        &self,
        set: &'d SelectionSet,
        by_key: &mut FxHashMap<&'d str, Vec<&'d SelectionSet>>,
    ) {
        for selection in &set.items {
            match selection {
                Selection::Field(field) => {
                    let key = field.alias.as_ref().unwrap_or(&field.name);
                    by_key.entry(key).or_default().push(&field.selection_set);
                }
                Selection::InlineFragment(fragment) => {
                    self.collect(&fragment.selection_set, by_key);
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.fragments.get(spread.fragment_name.as_str()) {
                        self.collect(&fragment.selection_set, by_key);
                    }
                }
            }
        }
    }

    /// Counts lists of the introspection schema inside each other. Terminates because `size` has
    /// found the expanded operation small.
    fn introspection(&self, set: &'d SelectionSet, lists: usize) -> Result<(), Refusal> {
        for selection in &set.items {
            match selection {
                Selection::Field(field) if lists == 0 && !is_introspection(field) => {}
                Selection::Field(field) => {
                    let lists = lists + usize::from(is_list(field));
                    if lists > INTROSPECTION_LISTS + 1 {
                        return Err(too_large(
                            "introspection is nested too deeply: it goes round in circles"
                                .to_owned(),
                        ));
                    }
                    self.introspection(&field.selection_set, lists.max(1))?;
                }
                Selection::InlineFragment(fragment) => {
                    self.introspection(&fragment.selection_set, lists)?;
                }
                Selection::FragmentSpread(spread) => {
                    if let Some(fragment) = self.fragments.get(spread.fragment_name.as_str()) {
                        self.introspection(&fragment.selection_set, lists)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn is_introspection(field: &Field) -> bool {
    matches!(field.name.as_str(), "__schema" | "__type")
}

fn is_list(field: &Field) -> bool {
    matches!(
        field.name.as_str(),
        "fields" | "interfaces" | "possibleTypes" | "inputFields"
    )
}

fn too_large(message: String) -> Refusal {
    GraphQLError::new(code::OPERATION_TOO_LARGE, message).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(query: &str) -> Result<(), String> {
        let document = graphql_tools::parser::parse_query::<String>(query)
            .unwrap()
            .into_static();
        check(&document, &OperationLimits::default()).map_err(|errors| errors[0].message.clone())
    }

    #[test]
    fn fragments_that_double_at_each_step_are_refused_at_once() {
        let mut query = String::from("{ ...f0 }");
        for i in 0..200 {
            let next = i + 1;
            query += &format!(" fragment f{i} on Q {{ a {{ ...f{next} }} b {{ ...f{next} }} }}");
        }
        query += " fragment f200 on Q { c }";
        assert!(outcome(&query).unwrap_err().contains("nested deeper"));

        let wide = "a: x b: x c: x d: x e: x f: x g: x h: x i: x j: x";
        let mut query = format!("{{ ...f0 }} fragment f4 on Q {{ {wide} }}");
        for i in 0..4 {
            let spreads: String = (0..10)
                .map(|n| format!("n{n}: y {{ ...f{} }} ", i + 1))
                .collect();
            query += &format!(" fragment f{i} on Q {{ {spreads} }}");
        }
        assert!(
            outcome(&query)
                .unwrap_err()
                .contains("more than 5000 fields")
        );
    }

    #[test]
    fn a_long_chain_of_fragments_is_refused_without_following_it() {
        let mut query = String::from("{ ...f0 }");
        for i in 0..400 {
            query += &format!(" fragment f{i} on Q {{ ...f{} }}", i + 1);
        }
        query += " fragment f400 on Q { c }";
        assert!(outcome(&query).unwrap_err().contains("inside each other"));
    }

    #[test]
    fn a_fragment_that_contains_itself_is_named() {
        let error = outcome("{ ...a } fragment a on Q { x { ...b } } fragment b on Q { ...a }");
        assert_eq!(error.unwrap_err(), "the fragment `a` contains itself");
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
