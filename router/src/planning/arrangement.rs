//! Writes an operation's selections in the form in which the planner understands them best. What they mean stays the same.
//!
//! - Named fragments are written out, and selections that differ only in what they select below become one.
//! - An alias that is the field's own name is none.
//! - `__typename` stands without alias and condition: the answer is made from it whatever it is called, and the types of
//!   objects must be known to make it at all.
//! - What can never be, because no object fits all conditions around it, is left out.
//! - Conditions on fragments that narrow nothing, at a root or on an interface or union, are put on what is inside. The
//!   planner would write a root's fragment into the operation of a subgraph that calls its root otherwise, and finds no
//!   plan for the others.

use graphql_tools::static_graphql::query::{
    Directive, Field, FragmentDefinition, InlineFragment, Selection, SelectionSet, TypeCondition,
    Value,
};
use rustc_hash::FxHashMap;

use super::Schema;
use super::conditions::Decided;
use super::operation::is_left_out;

/// Arranges the selections of an operation's root.
pub(super) fn arrange(
    schema: &Schema,
    fragments: &FxHashMap<&str, &FragmentDefinition>,
    decided: &Decided,
    root: &str,
    set: &SelectionSet,
) -> SelectionSet {
    let arrangement = Arrangement {
        schema,
        fragments,
        decided,
        root,
    };
    let mut arranged = arrangement.set(set, root);
    merge(&mut arranged);
    arranged
}

/// Makes one of selections that differ only in what they select below.
fn merge(set: &mut SelectionSet) {
    let mut merged: Vec<Selection> = Vec::with_capacity(set.items.len());
    for item in set.items.drain(..) {
        let same = merged.iter_mut().find_map(|known| match (known, &item) {
            (Selection::Field(known), Selection::Field(field))
                if known.alias == field.alias
                    && known.name == field.name
                    && known.arguments == field.arguments
                    && are_same(&known.directives, &field.directives) =>
            {
                Some(&mut known.selection_set)
            }
            (Selection::InlineFragment(known), Selection::InlineFragment(fragment))
                if known.type_condition == fragment.type_condition
                    && are_same(&known.directives, &fragment.directives) =>
            {
                Some(&mut known.selection_set)
            }
            _ => None,
        });
        match (same, item) {
            (Some(known), Selection::Field(field)) => {
                known.items.extend(field.selection_set.items);
            }
            (Some(known), Selection::InlineFragment(fragment)) => {
                known.items.extend(fragment.selection_set.items);
            }
            (_, item) => merged.push(item),
        }
    }
    for item in &mut merged {
        match item {
            Selection::Field(field) => merge(&mut field.selection_set),
            Selection::InlineFragment(fragment) => merge(&mut fragment.selection_set),
            Selection::FragmentSpread(_) => {}
        }
    }
    set.items = merged;
}

/// Whether the directives are the same, wherever they stand in the text.
fn are_same(a: &[Directive], b: &[Directive]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| is_same(a, b))
}

fn is_same(a: &Directive, b: &Directive) -> bool {
    a.name == b.name && a.arguments == b.arguments
}

struct Arrangement<'a> {
    schema: &'a Schema,
    fragments: &'a FxHashMap<&'a str, &'a FragmentDefinition>,
    decided: &'a Decided,
    root: &'a str,
}

/// Where selections stand: the type in whose terms they are written, and the objects that may be there.
struct Place<'a> {
    on: &'a str,
    objects: Vec<&'a str>,
}

impl<'a> Place<'a> {
    fn of(schema: &'a Schema, on: &'a str) -> Self {
        let mut objects: Vec<&str> = schema.possible_types(on).collect();
        if objects.is_empty() {
            objects.push(on);
        }
        Place { on, objects }
    }

    fn narrowed<'n>(&self, schema: &Schema, on: &'n str) -> Place<'n>
    where
        'a: 'n,
    {
        let objects = self.objects.iter().copied();
        Place {
            on,
            objects: objects.filter(|it| schema.satisfies(it, on)).collect(),
        }
    }
}

impl Arrangement<'_> {
    fn set(&self, set: &SelectionSet, parent: &str) -> SelectionSet {
        let mut items = Vec::with_capacity(set.items.len());
        self.collect(set, Place::of(self.schema, parent), &mut items);
        if items.is_empty() && parent != self.root {
            items.push(typename(set));
        }
        SelectionSet {
            span: set.span,
            items,
        }
    }

    fn collect(&self, set: &SelectionSet, place: Place<'_>, out: &mut Vec<Selection>) {
        for selection in &set.items {
            match selection {
                Selection::Field(field) if is_left_out(&field.directives, self.decided) => {}
                Selection::Field(field) if field.name == "__typename" => {
                    let is_typename = |it: &Selection| matches!(it, Selection::Field(field) if field.name == "__typename");
                    if !out.iter().any(is_typename) {
                        out.push(typename(set));
                    }
                }
                Selection::Field(field) => out.push(Selection::Field(self.field(field, place.on))),
                Selection::InlineFragment(fragment) => self.fragment(
                    fragment.type_condition.as_ref(),
                    &fragment.directives,
                    &fragment.selection_set,
                    &place,
                    out,
                ),
                Selection::FragmentSpread(spread) => {
                    // Validation has seen to it that the fragment is there.
                    if let Some(fragment) = self.fragments.get(spread.fragment_name.as_str()) {
                        let condition = Some(&fragment.type_condition);
                        let set = &fragment.selection_set;
                        self.fragment(condition, &spread.directives, set, &place, out);
                    }
                }
            }
        }
    }

    fn field(&self, field: &Field, parent: &str) -> Field {
        let mut arranged = Field {
            directives: self.conditions(&field.directives),
            selection_set: SelectionSet {
                span: field.selection_set.span,
                items: Vec::new(),
            },
            position: field.position,
            alias: field.alias.clone().filter(|alias| *alias != field.name),
            name: field.name.clone(),
            arguments: field.arguments.clone(),
        };
        if !field.selection_set.items.is_empty()
            && let Some(field_type) = self.schema.field_type(parent, &field.name)
        {
            arranged.selection_set = self.set(&field.selection_set, field_type.inner_name());
        }
        arranged
    }

    fn fragment(
        &self,
        condition: Option<&TypeCondition>,
        directives: &[Directive],
        set: &SelectionSet,
        place: &Place<'_>,
        out: &mut Vec<Selection>,
    ) {
        if is_left_out(directives, self.decided) {
            return;
        }
        let parent = place.on;
        let on = match condition {
            Some(TypeCondition::On(on)) if !self.narrows_nothing(parent, on) => on.as_str(),
            _ => parent,
        };
        let inside = place.narrowed(self.schema, on);
        if inside.objects.is_empty() {
            return;
        }
        let directives = self.conditions(directives);
        let is_same = on == parent;
        if is_same && directives.is_empty() {
            self.collect(set, inside, out);
            return;
        }
        let mut items = Vec::with_capacity(set.items.len());
        self.collect(set, inside, &mut items);
        let is_abstract = self.schema.possible_types(on).next().is_some();
        if is_same && (is_abstract || parent == self.root) {
            for item in items {
                out.push(under(&directives, item, parent, set));
            }
            return;
        }
        if !items.is_empty() {
            out.push(wrapped(directives, items, on, set));
        }
    }

    /// The conditions that are still open. Directives of the subgraphs' own are not for plans.
    fn conditions(&self, directives: &[Directive]) -> Vec<Directive> {
        let is_open = |value: &Value| match value {
            Value::Variable(name) => !self.decided.contains_key(name),
            _ => false,
        };
        let depends = |directive: &&Directive| {
            matches!(directive.name.as_str(), "skip" | "include")
                && directive.arguments.iter().any(|(_, value)| is_open(value))
        };
        directives.iter().filter(depends).cloned().collect()
    }

    /// Whether a fragment on the type says nothing about an object of the parent's type.
    fn narrows_nothing(&self, parent: &str, on: &str) -> bool {
        let is_object = self.schema.possible_types(parent).next().is_none();
        parent == on || (is_object && self.schema.satisfies(parent, on))
    }
}

/// `__typename`.
fn typename(set: &SelectionSet) -> Selection {
    Selection::Field(Field {
        position: set.span.0,
        alias: None,
        name: "__typename".to_owned(),
        arguments: Vec::new(),
        directives: Vec::new(),
        selection_set: SelectionSet {
            span: set.span,
            items: Vec::new(),
        },
    })
}

/// The selection, on these conditions as well.
fn under(conditions: &[Directive], item: Selection, parent: &str, set: &SelectionSet) -> Selection {
    let own = match &item {
        Selection::Field(field) if field.name == "__typename" => return item,
        Selection::Field(field) => &field.directives,
        Selection::InlineFragment(fragment) => &fragment.directives,
        Selection::FragmentSpread(spread) => &spread.directives,
    };
    let added: Vec<Directive> = conditions
        .iter()
        .filter(|it| !own.iter().any(|known| is_same(known, it)))
        .cloned()
        .collect();
    // A directive may stand once; a second of its name needs a fragment of its own.
    if added
        .iter()
        .any(|it| own.iter().any(|known| known.name == it.name))
    {
        return wrapped(conditions.to_vec(), vec![item], parent, set);
    }
    let mut item = item;
    match &mut item {
        Selection::Field(field) => field.directives.extend(added),
        Selection::InlineFragment(fragment) => fragment.directives.extend(added),
        Selection::FragmentSpread(spread) => spread.directives.extend(added),
    }
    item
}

fn wrapped(
    directives: Vec<Directive>,
    items: Vec<Selection>,
    on: &str,
    set: &SelectionSet,
) -> Selection {
    Selection::InlineFragment(InlineFragment {
        position: set.span.0,
        type_condition: Some(TypeCondition::On(on.to_owned())),
        directives,
        selection_set: SelectionSet {
            span: set.span,
            items,
        },
    })
}
