//! How a subgraph of the world finds entities, and what it refuses to answer.

use graphql_tools::static_graphql::query::{Field, Selection, SelectionSet, TypeCondition};
use serde_json::{Value, json};

use super::schema::{FieldInfo, Schema};
use super::serve::{Run, Told, below};

impl<'a> Run<'a> {
    pub fn entities(&mut self, field: &Field, sets: &[&'a SelectionSet]) -> Value {
        let representations = self.written.json(&field.arguments[0].1);
        let representations: &'static Value = Box::leak(Box::new(representations));
        let mut out = Vec::new();
        for (index, representation) in representations.as_array().unwrap().iter().enumerate() {
            self.path.push(index.into());
            out.push(self.entity(representation, sets));
            self.path.pop();
        }
        Value::Array(out)
    }

    fn entity(&mut self, representation: &'static Value, sets: &[&'a SelectionSet]) -> Value {
        let type_name = representation["__typename"].as_str().unwrap_or_default();
        let info = self.schema.types.get(type_name);
        let Some(info) = info.filter(|it| it.is_object || !it.keys.is_empty()) else {
            return self.refuse(&format!("no entity is of type {type_name:?}"));
        };
        if !info
            .keys
            .iter()
            .any(|key| covers(self.schema, representation, key))
        {
            return self.refuse(&format!("{representation} has no whole key"));
        }
        let world = self.world;
        let mut found = world.objects.iter().filter(|(name, object)| {
            let name: &String = name;
            let subgraph = self.subgraph.unwrap_or_default().to_owned();
            name.starts_with('#')
                && self.runtime_type(object, type_name).is_some_and(|it| {
                    it == type_name || (!info.is_object && self.schema.fits(&it, type_name))
                })
                && !world.unknown.contains(&(subgraph, name.clone()))
                && self.matches(representation, object, type_name)
        });
        let Some((_, object)) = found.next() else {
            return Value::Null;
        };
        let told = Told {
            representation: Some(representation),
            provided: None,
        };
        let Some(runtime) = self.runtime_type(object, type_name) else {
            return Value::Null;
        };
        self.object(object, &runtime, sets, told)
            .unwrap_or_default()
    }

    fn refuse(&mut self, message: &str) -> Value {
        self.errors
            .push(json!({"message": message, "path": self.path}));
        Value::Null
    }

    /// Whether everything that the representation says is true of the object.
    fn matches(&self, told: &Value, value: &'a Value, type_name: &str) -> bool {
        let value = self.world.resolve(value);
        match (told, value) {
            (Value::Array(told), Value::Array(values)) => {
                told.len() == values.len()
                    && told
                        .iter()
                        .zip(values)
                        .all(|(told, value)| self.matches(told, value, type_name))
            }
            (Value::Object(told), Value::Object(known)) => {
                let runtime = self.runtime_type(value, type_name);
                let runtime = runtime.as_deref().unwrap_or(type_name);
                told.iter()
                    .filter(|(key, _)| *key != "__typename")
                    .all(|(key, told)| {
                        let info = self.schema.field(runtime, key);
                        let inner = info.map_or("", |it| inner_name(&it.ty));
                        let known = known.get(key).unwrap_or(&Value::Null);
                        self.matches(told, known, inner)
                            || told
                                .as_str()
                                .is_some_and(|it| self.is_required_value(runtime, key, it, known))
                    })
            }
            (told, value) => told == value,
        }
    }

    /// Whether the text is the field's value with the arguments that some `@requires` names.
    fn is_required_value(&self, type_name: &str, key: &str, told: &str, known: &'a Value) -> bool {
        let fields = self
            .schema
            .types
            .get(type_name)
            .into_iter()
            .flat_map(|it| it.fields.values());
        let object: &'static Value = Box::leak(Box::new(json!({key: known})));
        fields
            .filter_map(|it| it.requires.as_ref())
            .flat_map(|set| set.items.iter())
            .any(|selection| match selection {
                Selection::Field(field) if field.name == key => {
                    let info = self.schema.field(type_name, key).unwrap();
                    self.value_of(object, field, info) == told
                }
                _ => false,
            })
    }

    /// Whether a subgraph may be asked for the field here.
    pub fn may_answer(
        &self,
        type_name: &str,
        name: &str,
        info: &FieldInfo,
        told: Told<'_>,
    ) -> Result<(), String> {
        let Some(subgraph) = self.subgraph else {
            return Ok(());
        };
        let place = format!("{subgraph}: {type_name}.{name}");
        if let Some(required) = &info.requires {
            let given = told
                .representation
                .is_some_and(|it| covers(self.schema, it, required));
            if !given {
                return Err(format!(
                    "{place} lacks what it requires, told {:?}",
                    told.representation
                ));
            }
        }
        let in_key = self.schema.types[type_name].keys.iter().any(|key| below(key, name).is_some())
            || self.schema.types.values().any(|ty| {
                ty.keys.iter().any(|key| {
                    key.items.iter().any(|it| matches!(it, Selection::Field(f) if below(&f.selection_set, name).is_some()))
                })
            });
        let provided = told.provided.is_some_and(|set| below(set, name).is_some());
        if info.external && !in_key && !provided {
            return Err(format!("{place} is external"));
        }
        let key = (subgraph.to_owned(), type_name.to_owned(), name.to_owned());
        if self.world.overridden.contains(&key) && !in_key {
            return Err(format!("{place} is overridden"));
        }
        Ok(())
    }
}

/// Whether the representation has all that the field set names.
fn covers(schema: &Schema, told: &Value, set: &SelectionSet) -> bool {
    match told {
        Value::Null => true,
        Value::Array(items) => items.iter().all(|it| covers(schema, it, set)),
        Value::Object(object) => set.items.iter().all(|selection| match selection {
            Selection::Field(field) if field.name == "__typename" => {
                object.contains_key("__typename")
            }
            Selection::Field(field) => object.get(&field.name).is_some_and(|value| {
                field.selection_set.items.is_empty() || covers(schema, value, &field.selection_set)
            }),
            Selection::InlineFragment(it) => {
                let type_name = object.get("__typename").and_then(Value::as_str);
                let condition = it.type_condition.as_ref();
                let fits = condition.is_none_or(|TypeCondition::On(on)| {
                    // Who is not told the type cannot say that the condition does not hold.
                    type_name.is_none_or(|name| schema.fits(name, on))
                });
                !fits || covers(schema, told, &it.selection_set)
            }
            Selection::FragmentSpread(_) => false,
        }),
        _ => false,
    }
}

fn inner_name(ty: &graphql_tools::static_graphql::schema::Type) -> &str {
    use graphql_tools::static_graphql::schema::Type;
    match ty {
        Type::NamedType(name) => name,
        Type::ListType(inner) | Type::NonNullType(inner) => inner_name(inner),
    }
}
