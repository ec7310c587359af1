//! Compiles an operation's selections: the specification's `CollectFields`, done once per runtime
//! type instead of once per object.

use graphql_tools::static_graphql::query::{
    Definition, Directive, Document, FragmentDefinition, Selection, SelectionSet, TypeCondition,
    Value,
};
use indexmap::IndexMap;
use rustc_hash::{FxBuildHasher, FxHashMap};
use std::borrow::Cow;
use std::sync::Arc;

use super::{Condition, Field, Leaf, Projection, Shape};
use crate::planning::{Decided, Schema, TypeRef};

/// Selection sets that are merged, each with the conditions under which it counts.
type Sets<'d> = Vec<(Vec<Condition>, &'d SelectionSet)>;

/// Selection sets told by their addresses: within one document this is their identity.
type SetsKey = Vec<(Vec<Condition>, usize)>;

struct Compiler<'d> {
    schema: &'d Schema,
    /// Variables of which the answer's requests have these values.
    decided: &'d Decided,
    fragments: FxHashMap<&'d str, &'d FragmentDefinition>,
    /// Interfaces inside interfaces meet the same selections under the same type again and again.
    compiled: FxHashMap<(Arc<str>, SetsKey), Arc<[Field]>>,
}

/// The fields of one response key, found so far.
struct Collected<'d> {
    key: &'d str,
    data_key: Cow<'d, str>,
    name: &'d str,
    any_of: Vec<Vec<Condition>>,
    subsets: Sets<'d>,
}

/// The fields of one selection set by their response keys.
type CollectedFields<'d> = IndexMap<&'d str, Collected<'d>, FxBuildHasher>;

impl Projection {
    /// Compiles the selections of an operation that was validated, for requests whose variables have
    /// the `decided` values.
    pub fn new(
        schema: &Schema,
        document: &Document,
        selections: &SelectionSet,
        root: &Arc<str>,
        decided: &Decided,
    ) -> Self {
        let fragments = document
            .definitions
            .iter()
            .filter_map(|definition| match definition {
                Definition::Fragment(fragment) => Some((fragment.name.as_str(), fragment)),
                Definition::Operation(_) => None,
            });
        let mut compiler = Compiler {
            schema,
            decided,
            fragments: fragments.collect(),
            compiled: FxHashMap::default(),
        };
        let fields = compiler.fields(&vec![(Vec::new(), selections)], root);
        Projection {
            root: Arc::clone(root),
            fields,
            compiled: compiler.compiled.values().map(|fields| fields.len()).sum(),
        }
    }
}

impl<'d> Compiler<'d> {
    fn fields(&mut self, sets: &Sets<'d>, type_name: &Arc<str>) -> Arc<[Field]> {
        let identity = |(conditions, set): &(Vec<Condition>, &'d SelectionSet)| {
            (conditions.clone(), std::ptr::from_ref(*set).addr())
        };
        let key = (Arc::clone(type_name), sets.iter().map(identity).collect());
        if let Some(known) = self.compiled.get(&key) {
            return Arc::clone(known);
        }
        let mut collected = IndexMap::default();
        for (conditions, set) in sets {
            self.collect(conditions, set, type_name, &mut collected);
        }
        let fields: Arc<[Field]> = collected
            .into_values()
            .filter_map(|field| self.field(field, type_name))
            .collect();
        self.compiled.insert(key, Arc::clone(&fields));
        fields
    }

    fn collect(
        &self,
        conditions: &[Condition],
        set: &'d SelectionSet,
        type_name: &str,
        out: &mut CollectedFields<'d>,
    ) {
        for selection in &set.items {
            match selection {
                Selection::Field(field) => {
                    let Some(conditions) = self.with_directives(conditions, &field.directives)
                    else {
                        continue;
                    };
                    let key = field.alias.as_ref().unwrap_or(&field.name).as_str();
                    let collected = out.entry(key).or_insert_with(|| Collected {
                        key,
                        data_key: self.schema.data_key(field.alias.as_deref(), &field.name),
                        name: &field.name,
                        any_of: Vec::new(),
                        subsets: Vec::new(),
                    });
                    if !field.selection_set.items.is_empty() {
                        collected
                            .subsets
                            .push((conditions.clone(), &field.selection_set));
                    }
                    collected.any_of.push(conditions);
                }
                Selection::InlineFragment(fragment) => {
                    let condition = fragment.type_condition.as_ref();
                    let fits = condition.is_none_or(|TypeCondition::On(name)| {
                        self.schema.always_satisfies(type_name, name)
                    });
                    if let Some(conditions) = self.with_directives(conditions, &fragment.directives)
                        && fits
                    {
                        self.collect(&conditions, &fragment.selection_set, type_name, out);
                    }
                }
                Selection::FragmentSpread(spread) => {
                    let Some(&fragment) = self.fragments.get(spread.fragment_name.as_str()) else {
                        continue;
                    };
                    let TypeCondition::On(condition) = &fragment.type_condition;
                    if let Some(conditions) = self.with_directives(conditions, &spread.directives)
                        && self.schema.always_satisfies(type_name, condition)
                    {
                        self.collect(&conditions, &fragment.selection_set, type_name, out);
                    }
                }
            }
        }
    }

    fn field(&mut self, collected: Collected<'d>, parent: &Arc<str>) -> Option<Field> {
        let (field_type, shape) = if collected.name == "__typename" {
            (TypeRef::Named(Arc::from("String")), Shape::Typename)
        } else {
            let field_type = self.schema.field_type(parent, collected.name)?.clone();
            let shape = self.shape(&field_type, &collected.subsets);
            (field_type, shape)
        };
        let any_of = if collected.any_of.iter().any(Vec::is_empty) {
            Vec::new()
        } else {
            collected.any_of
        };
        Some(Field {
            key: collected.key.into(),
            data_key: collected.data_key.into(),
            json_key: format!("\"{}\":", collected.key).into_bytes().into(),
            name: collected.name.into(),
            field_type,
            any_of,
            shape,
        })
    }

    fn shape(&mut self, field_type: &TypeRef, subsets: &Sets<'d>) -> Shape {
        let named = field_type.inner_name();
        if !self.schema.is_composite(named) {
            return Shape::Leaf(Leaf::of(self.schema, named));
        }
        let schema = self.schema;
        let mut by_type = FxHashMap::default();
        by_type.insert(Arc::clone(named), self.fields(subsets, named));
        for possible in schema.possible_types(named) {
            // An object that clients cannot see is answered as null.
            if schema.has_fields(possible) {
                let possible: Arc<str> = possible.into();
                let fields = self.fields(subsets, &possible);
                by_type.insert(possible, fields);
            }
        }
        Shape::Composite {
            named: Arc::clone(named),
            by_type,
        }
    }

    /// Adds what `@skip` and `@include` say; `None` if they rule the selection out for good.
    fn with_directives(
        &self,
        conditions: &[Condition],
        directives: &[Directive],
    ) -> Option<Vec<Condition>> {
        let mut conditions = conditions.to_vec();
        for directive in directives {
            let skip = match directive.name.as_str() {
                "skip" => true,
                "include" => false,
                _ => continue,
            };
            let argument = directive.arguments.iter().find(|(name, _)| name == "if");
            match argument.map(|(_, value)| value) {
                Some(Value::Boolean(value)) if *value == skip => return None,
                Some(Value::Variable(name)) if self.decided.get(name) == Some(&skip) => {
                    return None;
                }
                Some(Value::Variable(name)) if !self.decided.contains_key(name) => {
                    let name = Arc::from(name.as_str());
                    let condition = if skip {
                        Condition::Skip(name)
                    } else {
                        Condition::Include(name)
                    };
                    if !conditions.contains(&condition) {
                        conditions.push(condition);
                    }
                }
                _ => {}
            }
        }
        Some(conditions)
    }
}
