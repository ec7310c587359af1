//! Reads a model from a supergraph's directives.

use graphql_tools::static_graphql::schema::{
    Definition as AnyDefinition, Directive, Document, Field as FieldDefinition, TypeDefinition,
    Value,
};
use indexmap::IndexMap;
use rustc_hash::FxHashMap;

use super::joins::{argument, field_set, graph_argument, graph_names, text_argument};
use super::model::{Field, GraphIndex, Key, Kind, Model, Part, Type};
use crate::planning::TypeRef;
use crate::planning::public_schema::type_name;

impl Model {
    /// Reads a supergraph.
    pub fn read(document: &Document) -> Self {
        let names = graph_names(document);
        let mut values: Vec<&String> = names.keys().collect();
        values.sort_unstable();
        let indexes = values.iter().enumerate();
        let indexes: FxHashMap<&str, GraphIndex> = indexes
            .map(|(index, value)| (value.as_str(), index))
            .collect();
        let mut model = Model {
            graphs: values.iter().map(|value| names[*value].clone()).collect(),
            types: FxHashMap::default(),
            roots: Vec::new(),
        };
        let roots = [
            document.query_type_name(),
            document.mutation_type_name(),
            document.subscription_type_name(),
        ];
        model.roots.extend(roots.into_iter().flatten().cloned());
        let reader = Reader {
            graphs: &model.graphs,
            indexes,
        };
        for definition in &document.definitions {
            if let AnyDefinition::TypeDefinition(definition) = definition
                && let Some(ty) = reader.composite(definition)
            {
                model.types.insert(type_name(definition).to_owned(), ty);
            }
        }
        model.index();
        model
    }
}

struct Reader<'m> {
    graphs: &'m [String],
    indexes: FxHashMap<&'m str, GraphIndex>,
}

impl Reader<'_> {
    fn composite(&self, definition: &TypeDefinition) -> Option<Type> {
        let (kind, directives, implements, fields): (_, &[Directive], &[String], &[_]) =
            match definition {
                TypeDefinition::Object(it) => (
                    Kind::Object,
                    &it.directives,
                    &it.implements_interfaces,
                    &it.fields,
                ),
                TypeDefinition::Interface(it) => (
                    Kind::Interface,
                    &it.directives,
                    &it.implements_interfaces,
                    &it.fields,
                ),
                TypeDefinition::Union(it) => (Kind::Union, &it.directives, &[], &[]),
                _ => return None,
            };
        let mut ty = Type {
            kind,
            fields: FxHashMap::default(),
            arguments: FxHashMap::default(),
            implements: implements.iter().cloned().collect(),
            parts: IndexMap::new(),
            guises: Vec::new(),
        };
        for directive in directives {
            self.type_directive(directive, &mut ty.parts);
        }
        for field in fields {
            let supergraph_type = TypeRef::read(&field.field_type);
            self.field(field, &supergraph_type, &mut ty.parts);
            ty.fields.insert(field.name.clone(), supergraph_type);
            let arguments = field.arguments.iter().map(|it| it.name.clone());
            ty.arguments.insert(field.name.clone(), arguments.collect());
        }
        Some(ty)
    }

    fn type_directive(&self, directive: &Directive, parts: &mut IndexMap<GraphIndex, Part>) {
        let Some(graph) = self.graph(directive) else {
            return;
        };
        let is_true = |name| argument(directive, name) == Some(&Value::Boolean(true));
        match directive.name.as_str() {
            "join__type" => {
                let part = parts.entry(graph).or_default();
                part.is_interface_object |= is_true("isInterfaceObject");
                if let Some(fields) = text_argument(directive, "key").and_then(field_set) {
                    let not_resolvable = argument(directive, "resolvable");
                    part.keys.push(Key {
                        fields,
                        is_resolvable: not_resolvable != Some(&Value::Boolean(false)),
                    });
                }
            }
            "join__implements" => {
                let part = parts.entry(graph).or_default();
                let interface = text_argument(directive, "interface");
                part.implements.extend(interface.map(str::to_owned));
            }
            "join__unionMember" => {
                let part = parts.entry(graph).or_default();
                let member = text_argument(directive, "member");
                part.members.extend(member.map(str::to_owned));
            }
            _ => {}
        }
    }

    /// Notes who has the field: those that are named, or all that have the type if nobody is.
    fn field(
        &self,
        field: &FieldDefinition,
        supergraph_type: &TypeRef,
        parts: &mut IndexMap<GraphIndex, Part>,
    ) {
        let joins = field.directives.iter();
        let joins: Vec<&Directive> = joins.filter(|it| it.name == "join__field").collect();
        if joins.is_empty() {
            for part in parts.values_mut() {
                let read = Field {
                    ty: supergraph_type.clone(),
                    is_external: false,
                    is_lost: false,
                    requires: None,
                    provides: None,
                };
                part.fields.insert(field.name.clone(), read);
            }
        }
        for join in &joins {
            let Some(graph) = self.graph(join) else {
                continue;
            };
            let is_true = |name| argument(join, name) == Some(&Value::Boolean(true));
            let set = |name| text_argument(join, name).and_then(field_set);
            let ty = text_argument(join, "type").and_then(read_type);
            let read = Field {
                ty: ty.unwrap_or_else(|| supergraph_type.clone()),
                is_external: is_true("external"),
                is_lost: is_true("usedOverridden") || self.is_lost(graph, join, &joins),
                requires: set("requires"),
                provides: set("provides"),
            };
            if let Some(part) = parts.get_mut(&graph) {
                part.fields.insert(field.name.clone(), read);
            }
        }
    }

    /// Whether the field is another subgraph's by an `@override`. An override with a label holds as it does for
    /// the planner: that of a percentage if it is above zero, others do not.
    fn is_lost(&self, graph: GraphIndex, join: &Directive, joins: &[&Directive]) -> bool {
        let takes = |join: &Directive| match text_argument(join, "overrideLabel") {
            Some(label) => label
                .strip_prefix("percent(")
                .and_then(|rest| rest.strip_suffix(')')?.parse::<f64>().ok())
                .is_some_and(|percent| percent > 0.0),
            None => true,
        };
        let overrides = text_argument(join, "override").is_some();
        let own = self.graphs[graph].as_str();
        (overrides && !takes(join))
            || joins
                .iter()
                .any(|it| text_argument(it, "override") == Some(own) && takes(it))
    }

    fn graph(&self, directive: &Directive) -> Option<GraphIndex> {
        self.indexes.get(graph_argument(directive)?).copied()
    }
}

fn read_type(text: &str) -> Option<TypeRef> {
    let sdl = format!("type T {{ field: {text} }}");
    let document = graphql_tools::parser::parse_schema::<String>(&sdl).ok()?;
    match document.into_static().definitions.into_iter().next()? {
        AnyDefinition::TypeDefinition(TypeDefinition::Object(object)) => {
            Some(TypeRef::read(&object.fields.first()?.field_type))
        }
        _ => None,
    }
}
