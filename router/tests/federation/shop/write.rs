//! Writes operations over a schema from a tape of numbers: the same tape, the same operation; a shorter one, a smaller one.

use graphql_tools::static_graphql::schema::{InputValue, Type};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt::Write;

use super::types::{Types, inner_name};

const DEPTH: usize = 6;
/// Lists in lists and inputs in inputs end here.
const INPUT_DEPTH: usize = 3;

/// An operation with the values of its variables.
#[derive(Debug)]
pub struct Operation {
    pub text: String,
    pub variables: Map<String, Value>,
}

/// Numbers that decide; zeros when it has run out, which always means the smallest choice.
struct Tape<'a>(std::slice::Iter<'a, u16>);

impl Tape<'_> {
    fn below(&mut self, limit: usize) -> usize {
        usize::from(self.0.next().copied().unwrap_or(0)) % limit.max(1)
    }

    fn in_hundred(&mut self, percent: usize) -> bool {
        self.below(100) >= 100 - percent
    }
}

struct Writer<'a> {
    types: &'a Types,
    tape: Tape<'a>,
    aliases: usize,
    /// Definitions of variables.
    definitions: Vec<String>,
    variables: Map<String, Value>,
    /// The type that each is on, and its text.
    fragments: Vec<(String, String)>,
}

/// An operation over the types.
pub fn operation(types: &Types, tape: &[u16]) -> Operation {
    let mut writer = Writer {
        types,
        tape: Tape(tape.iter()),
        aliases: 0,
        definitions: Vec::new(),
        variables: Map::new(),
        fragments: Vec::new(),
    };
    let (kind, root) =
        [("query", "Query"), ("mutation", "Mutation")][usize::from(writer.tape.in_hundred(30))];
    let selections = writer.selections(root, DEPTH);
    let mut text = kind.to_owned();
    if writer.tape.in_hundred(50) {
        text.push_str(" Fuzzed");
    }
    if !writer.definitions.is_empty() {
        _ = write!(text, "({})", writer.definitions.join(", "));
    }
    _ = write!(text, " {selections}");
    for (index, (on, selections)) in writer.fragments.iter().enumerate() {
        _ = write!(text, " fragment F{index} on {on} {selections}");
    }
    Operation {
        text,
        variables: writer.variables,
    }
}

impl Writer<'_> {
    fn selections(&mut self, on: &str, depth: usize) -> String {
        let count = 1 + self.tape.below(4);
        let selections: Vec<String> = (0..count)
            .filter_map(|_| self.selection(on, depth))
            .collect();
        if selections.is_empty() {
            return "{ __typename }".to_owned();
        }
        format!("{{ {} }}", selections.join(" "))
    }

    fn selection(&mut self, on: &str, depth: usize) -> Option<String> {
        if self.tape.in_hundred(20) && depth > 0 {
            return Some(self.fragment(on, depth));
        }
        let types = self.types;
        let fields = &types.schema.types[on].fields;
        if fields.is_empty() && depth > 0 && self.tape.in_hundred(85) {
            return Some(self.fragment(on, depth));
        }
        if fields.is_empty() || self.tape.in_hundred(8) {
            return Some(format!("{}__typename{}", self.alias(60), self.condition()));
        }
        let (name, info) = fields.get_index(self.tape.below(fields.len())).unwrap();
        let inner = inner_name(&info.ty);
        let is_composite = types.is_composite(inner);
        if is_composite && depth == 0 {
            return None;
        }
        let arguments = types.arguments(on, name);
        // The same key with other arguments is against the rules of GraphQL.
        let alias = self.alias(if arguments.is_empty() { 10 } else { 80 });
        let arguments = self.arguments(arguments);
        let condition = self.condition();
        let below = if is_composite {
            format!(" {}", self.selections(inner, depth - 1))
        } else {
            String::new()
        };
        Some(format!("{alias}{name}{arguments}{condition}{below}"))
    }

    fn alias(&mut self, percent: usize) -> String {
        if !self.tape.in_hundred(percent) {
            return String::new();
        }
        // Names of other fields are aliases, too.
        if self.tape.in_hundred(10) {
            let taken = ["id: ", "name: ", "status: ", "_entities: "];
            return taken[self.tape.below(taken.len())].to_owned();
        }
        self.aliases += 1;
        format!("a{}: ", self.aliases)
    }

    fn condition(&mut self) -> String {
        if !self.tape.in_hundred(12) {
            return String::new();
        }
        let name = ["include", "skip"][self.tape.below(2)];
        let value = self.tape.in_hundred(50);
        let ty = Type::NonNullType(Box::new(Type::NamedType("Boolean".to_owned())));
        let value = match self.tape.in_hundred(80) {
            true => self.variable(&ty, Value::Bool(value), None),
            false => value.to_string(),
        };
        format!(" @{name}(if: {value})")
    }

    fn fragment(&mut self, on: &str, depth: usize) -> String {
        let condition = self.condition();
        if self.tape.in_hundred(10) {
            return format!("...{condition} {}", self.selections(on, depth - 1));
        }
        let on = self.fragment_type(on);
        let known = (0..self.fragments.len()).find(|it| self.fragments[*it].0 == on);
        if let Some(index) = known
            && self.tape.in_hundred(50)
        {
            return format!("...F{index}{condition}");
        }
        let selections = self.selections(&on, depth - 1);
        if self.tape.in_hundred(50) {
            self.fragments.push((on, selections));
            return format!("...F{}{condition}", self.fragments.len() - 1);
        }
        format!("... on {on}{condition} {selections}")
    }

    /// A type that a value of type `on` may also be.
    fn fragment_type(&mut self, on: &str) -> String {
        let own: BTreeSet<&str> = self.types.objects(on).into_iter().collect();
        let types = self.types.schema.types.iter();
        let fitting: Vec<&String> = types
            .filter(|(name, info)| {
                info.is_composite && self.types.objects(name).iter().any(|it| own.contains(it))
            })
            .map(|(name, _)| name)
            .collect();
        fitting[self.tape.below(fitting.len())].clone()
    }

    fn arguments(&mut self, wanted: &[InputValue]) -> String {
        let mut given = Vec::new();
        for input in wanted {
            if self.is_given(input) {
                given.push(format!("{}: {}", input.name, self.argument(input)));
            }
        }
        if given.is_empty() {
            return String::new();
        }
        format!("({})", given.join(", "))
    }

    fn is_given(&mut self, input: &InputValue) -> bool {
        let is_required =
            matches!(input.value_type, Type::NonNullType(_)) && input.default_value.is_none();
        is_required || self.tape.in_hundred(40)
    }

    fn argument(&mut self, input: &InputValue) -> String {
        if !self.tape.in_hundred(45) {
            return self.literal(&input.value_type, INPUT_DEPTH);
        }
        let ty = &input.value_type;
        let is_optional = !matches!(ty, Type::NonNullType(_));
        let default = self.tape.in_hundred(25).then(|| {
            let value = self.value(ty, INPUT_DEPTH);
            written(self.types, &value, ty)
        });
        if (is_optional || default.is_some()) && self.tape.in_hundred(30) {
            return self.variable(ty, None, default);
        }
        let value = self.value(ty, INPUT_DEPTH);
        self.variable(ty, Some(value), default)
    }

    /// Defines a variable; how it is written.
    fn variable(
        &mut self,
        ty: &Type,
        value: impl Into<Option<Value>>,
        default: Option<String>,
    ) -> String {
        let name = format!("v{}", self.definitions.len());
        if let Some(value) = value.into() {
            self.variables.insert(name.clone(), value);
        }
        let default = default.map_or_else(String::new, |it| format!(" = {it}"));
        self.definitions.push(format!("${name}: {ty}{default}"));
        format!("${name}")
    }

    /// A value as a document writes it, here and there with a variable inside.
    fn literal(&mut self, ty: &Type, depth: usize) -> String {
        let is_inside = depth < INPUT_DEPTH;
        if is_inside && self.tape.in_hundred(15) {
            let value = self.value(ty, depth);
            return self.variable(ty, value, None);
        }
        match ty {
            Type::NonNullType(inner) => match &**inner {
                Type::ListType(item) => {
                    let items: Vec<String> = (0..1 + self.tape.below(3))
                        .map(|_| self.literal(item, depth.saturating_sub(1)))
                        .collect();
                    format!("[{}]", items.join(", "))
                }
                Type::NamedType(name) if self.types.inputs.contains_key(name) => {
                    let types = self.types;
                    let mut fields = Vec::new();
                    for input in &types.inputs[name] {
                        if self.is_given(input) {
                            let value = self.literal(&input.value_type, depth.saturating_sub(1));
                            fields.push(format!("{}: {value}", input.name));
                        }
                    }
                    format!("{{{}}}", fields.join(", "))
                }
                _ => {
                    let value = self.value(ty, depth);
                    written(self.types, &value, ty)
                }
            },
            _ if self.tape.in_hundred(10) => "null".to_owned(),
            _ => self.literal(&Type::NonNullType(Box::new(ty.clone())), depth),
        }
    }

    /// A value as JSON has it.
    fn value(&mut self, ty: &Type, depth: usize) -> Value {
        match ty {
            Type::NonNullType(inner) => self.present(inner, depth),
            _ if self.tape.in_hundred(10) => Value::Null,
            _ => self.present(ty, depth),
        }
    }

    fn present(&mut self, ty: &Type, depth: usize) -> Value {
        match ty {
            Type::NonNullType(inner) => self.present(inner, depth),
            // A single value stands for a list of one.
            Type::ListType(item) if self.tape.in_hundred(15) => self.present(item, depth),
            Type::ListType(item) => {
                let items = 0..self.tape.below(3);
                items
                    .map(|_| self.value(item, depth.saturating_sub(1)))
                    .collect()
            }
            Type::NamedType(name) => self.named(name, depth),
        }
    }

    fn named(&mut self, name: &str, depth: usize) -> Value {
        let types = self.types;
        if let Some(inputs) = types.inputs.get(name) {
            let mut fields = Map::new();
            for input in inputs {
                if self.is_given(input) {
                    let value = self.value(&input.value_type, depth.saturating_sub(1));
                    fields.insert(input.name.clone(), value);
                }
            }
            return Value::Object(fields);
        }
        if let Some(values) = types.enums.get(name) {
            return values[self.tape.below(values.len())].as_str().into();
        }
        match name {
            "Int" => self.tape.below(9).into(),
            "Float" => 1.5.into(),
            "Boolean" => self.tape.in_hundred(50).into(),
            "ID" if self.tape.in_hundred(15) => self.tape.below(9).into(),
            // Signs that a document must escape.
            _ if self.tape.in_hundred(10) => "\"Ünï\\\n$v0 {x}".into(),
            _ => format!("t{}", self.tape.below(9)).into(),
        }
    }
}

/// JSON as a document writes it.
fn written(types: &Types, value: &Value, ty: &Type) -> String {
    match (ty, value) {
        (Type::NonNullType(inner), value) => written(types, value, inner),
        (Type::ListType(inner), Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(|it| written(types, it, inner)).collect();
            format!("[{}]", items.join(", "))
        }
        (Type::ListType(inner), value) => written(types, value, inner),
        (Type::NamedType(name), Value::Object(fields)) => {
            let type_of = |field: &str| {
                let mut inputs = types.inputs[name].iter();
                &inputs.find(|it| it.name == field).unwrap().value_type
            };
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, it)| format!("{name}: {}", written(types, it, type_of(name))))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        (Type::NamedType(name), Value::String(text)) if types.enums.contains_key(name) => {
            text.clone()
        }
        (Type::NamedType(_), value) => value.to_string(),
    }
}
