//! Walks an outline.

use rustc_hash::FxHashMap;

use crate::limits::{Limit, Limits, Violation};
use crate::outline::{Field, Fragment, Outline, Selection};
use crate::values::Values;

/// Selection sets inside each other, fragments counted, for each field that may be nested: recursion in
/// later steps goes as deep as this.
const LEVELS_PER_FIELD: usize = 4;
/// Lists of the introspection schema inside each other: each multiplies the answer by the size of the
/// schema. The standard introspection query has one.
const INTROSPECTION_LISTS: usize = 3;

/// Refuses a document that is too deep, too wide, or whose fragments go round in circles.
///
/// # Errors
/// What is wrong first.
pub fn check(outline: &Outline<'_>, limits: &Limits) -> Result<(), Violation> {
    Limit::Fragments.allow(outline.fragments.len(), limits.fragments)?;
    let mut guard = Guard {
        limits,
        fragments: outline.fragments.iter().map(|it| (it.name, it)).collect(),
        sizes: FxHashMap::default(),
    };
    let mut values = Values::default();
    for operation in &outline.operations {
        Limit::Variables.allow(operation.variables, limits.variables)?;
        values = values.and(operation.values);
        let size = guard.size(&operation.selections, Position::default())?;
        let directives = size.directives.saturating_add(operation.directives);
        Limit::Directives.allow(directives, limits.directives)?;
        guard.root_fields(&operation.selections)?;
        guard.introspection(&operation.selections, 0)?;
        guard.comparisons(&[&operation.selections], &mut 0)?;
        values = values.and(given(&operation.selections));
    }
    for fragment in &outline.fragments {
        // Also those that nothing spreads.
        guard.size(&fragment.selections, Position::default())?;
        values = values.and(fragment.values).and(given(&fragment.selections));
    }
    Ok(values.check(limits)?)
}

/// The sizes of all values in a selection set; each stands in the text once, so that is not expanded.
fn given(selections: &[Selection<'_>]) -> Values {
    let of = |selection: &Selection<'_>| match selection {
        Selection::Field(field) => field.values.and(given(&field.selections)),
        Selection::Inline {
            values, selections, ..
        } => values.and(given(selections)),
        Selection::Spread { values, .. } => *values,
    };
    selections
        .iter()
        .map(of)
        .fold(Values::default(), Values::and)
}

/// What a selection set amounts to, fragments expanded.
#[derive(Clone, Copy, Default)]
struct Size {
    fields: usize,
    aliases: usize,
    directives: usize,
    depth: usize,
    /// As `depth`, but each fragment is a level as well.
    levels: usize,
}

impl Size {
    fn in_fragment(self, directives: usize) -> Self {
        Size {
            levels: self.levels + 1,
            directives: self.directives.saturating_add(directives),
            ..self
        }
    }
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

struct Guard<'d> {
    limits: &'d Limits,
    fragments: FxHashMap<&'d str, &'d Fragment<'d>>,
    /// `None` while the fragment is being walked: meeting it again is a circle.
    sizes: FxHashMap<&'d str, Option<Size>>,
}

impl<'d> Guard<'d> {
    fn size(&mut self, set: &'d [Selection<'d>], at: Position) -> Result<Size, Violation> {
        let mut size = Size::default();
        for selection in set {
            let inner = match selection {
                Selection::Field(field) => self.field(field, at)?,
                Selection::Inline {
                    directives,
                    selections,
                    ..
                } => {
                    self.allow(Size::default(), at.in_fragment())?;
                    self.size(selections, at.in_fragment())?
                        .in_fragment(*directives)
                }
                Selection::Spread {
                    name, directives, ..
                } => match self.fragments.get(name).copied() {
                    Some(fragment) => {
                        self.allow(Size::default(), at.in_fragment())?;
                        self.fragment(fragment, at.in_fragment())?
                            .in_fragment(*directives)
                    }
                    // Validation reports it, with all else that is wrong.
                    None => Size::default().in_fragment(*directives),
                },
            };
            size.fields = size.fields.saturating_add(inner.fields);
            size.aliases = size.aliases.saturating_add(inner.aliases);
            size.directives = size.directives.saturating_add(inner.directives);
            size.depth = size.depth.max(inner.depth);
            size.levels = size.levels.max(inner.levels);
            self.allow(size, at)?;
        }
        Ok(size)
    }

    fn field(&mut self, field: &'d Field<'d>, at: Position) -> Result<Size, Violation> {
        let leaf = Size {
            fields: 1,
            aliases: usize::from(field.alias.is_some()),
            directives: field.directives,
            depth: 1,
            levels: 1,
        };
        self.allow(leaf, at)?;
        let inner = self.size(&field.selections, at.in_field())?;
        Ok(Size {
            fields: inner.fields.saturating_add(leaf.fields),
            aliases: inner.aliases.saturating_add(leaf.aliases),
            directives: inner.directives.saturating_add(leaf.directives),
            depth: inner.depth + 1,
            levels: inner.levels + 1,
        })
    }

    fn fragment(&mut self, fragment: &'d Fragment<'d>, at: Position) -> Result<Size, Violation> {
        match self.sizes.get(fragment.name) {
            Some(Some(size)) => Ok(*size),
            Some(None) => Err(Violation::Circle {
                fragment: fragment.name.to_owned(),
                line: fragment.line,
                column: fragment.column,
            }),
            None => {
                self.sizes.insert(fragment.name, None);
                let mut size = self.size(&fragment.selections, at)?;
                size.directives = size.directives.saturating_add(fragment.directives);
                self.sizes.insert(fragment.name, Some(size));
                Ok(size)
            }
        }
    }

    fn allow(&self, size: Size, at: Position) -> Result<(), Violation> {
        let limits = self.limits;
        Limit::Depth.allow(at.depth + size.depth, limits.depth)?;
        let levels = limits.depth.saturating_mul(LEVELS_PER_FIELD);
        Limit::FragmentDepth.allow(at.levels + size.levels, levels)?;
        Limit::Fields.allow(size.fields, limits.fields)?;
        Limit::Aliases.allow(size.aliases, limits.aliases)?;
        Ok(Limit::Directives.allow(size.directives, limits.directives)?)
    }

    fn root_fields(&self, set: &'d [Selection<'d>]) -> Result<(), Violation> {
        let mut by_key = FxHashMap::default();
        self.collect(set, &mut by_key);
        let fields = by_key.values().map(Vec::len).sum();
        Ok(Limit::RootFields.allow(fields, self.limits.root_fields)?)
    }

    /// Adds up the pairs of fields under each response path. Terminates for the same reason as
    /// [`Guard::introspection`].
    fn comparisons(&self, sets: &[&'d [Selection<'d>]], sum: &mut usize) -> Result<(), Violation> {
        let mut by_key = FxHashMap::default();
        for set in sets {
            self.collect(set, &mut by_key);
        }
        for subsets in by_key.values() {
            *sum = sum.saturating_add(subsets.len().saturating_mul(subsets.len()));
            if *sum > self.limits.comparisons {
                return Err(Limit::Comparisons.beyond(self.limits.comparisons).into());
            }
            self.comparisons(subsets, sum)?;
        }
        Ok(())
    }

    fn collect(
        &self,
        set: &'d [Selection<'d>],
        by_key: &mut FxHashMap<&'d str, Vec<&'d [Selection<'d>]>>,
    ) {
        for selection in set {
            match selection {
                Selection::Field(field) => {
                    let key = field.alias.unwrap_or(field.name);
                    by_key.entry(key).or_default().push(&field.selections);
                }
                Selection::Inline { selections, .. } => self.collect(selections, by_key),
                Selection::Spread { name, .. } => {
                    if let Some(fragment) = self.fragments.get(name) {
                        self.collect(&fragment.selections, by_key);
                    }
                }
            }
        }
    }

    /// Counts lists of the introspection schema inside each other. Terminates because `size` has found
    /// the expanded operation small.
    fn introspection(&self, set: &'d [Selection<'d>], lists: usize) -> Result<(), Violation> {
        for selection in set {
            match selection {
                Selection::Field(field) if lists == 0 && !is_introspection(field) => {}
                Selection::Field(field) => {
                    let lists = lists + usize::from(is_list(field));
                    Limit::Introspection.allow(lists, INTROSPECTION_LISTS)?;
                    self.introspection(&field.selections, lists.max(1))?;
                }
                Selection::Inline { selections, .. } => self.introspection(selections, lists)?,
                Selection::Spread { name, .. } => {
                    if let Some(fragment) = self.fragments.get(name) {
                        self.introspection(&fragment.selections, lists)?;
                    }
                }
            }
        }
        Ok(())
    }
}

fn is_introspection(field: &Field<'_>) -> bool {
    matches!(field.name, "__schema" | "__type")
}

fn is_list(field: &Field<'_>) -> bool {
    matches!(
        field.name,
        "fields" | "interfaces" | "possibleTypes" | "inputFields"
    )
}
