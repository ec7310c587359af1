//! What is in the shop: every value follows from where it stands, so that a subgraph and the one server say the same of it without
//! knowing each other.

use graphql_tools::static_graphql::schema::Type;
use serde_json::{Map, Value};

use super::types::{Types, inner_name};

/// Entities of each type.
const ENTITIES: u64 = 6;
/// The fields that entities are found by. They have no arguments and never fail.
const KEYS: [&str; 4] = ["id", "sku", "code", "number"];

pub struct Shop {
    /// What clients see.
    pub whole: Types,
    pub subgraphs: Vec<(String, Types)>,
}

/// An object: all that is needed to know its fields.
#[derive(Clone, Debug)]
pub struct Object {
    pub type_name: String,
    /// Where it stands; for an entity its type and number.
    pub place: String,
    /// The subgraph that told of it.
    pub home: usize,
}

/// What a field of an object is.
pub enum Told {
    Value(Value),
    Object(Object),
    List(Vec<Told>),
    Fails(String),
}

/// A number that looks random and is the same for the same text: FNV-1a, mixed by the end of splitmix64.
pub fn lot(text: &str) -> u64 {
    let mut hash = 0xCBF2_9CE4_8422_2325_u64;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3);
    }
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    hash ^ (hash >> 31)
}

impl Shop {
    pub fn is_entity(&self, type_name: &str) -> bool {
        self.subgraphs.iter().any(|(_, it)| {
            let info = it.schema.types.get(type_name);
            info.is_some_and(|it| it.is_object && !it.keys.is_empty())
        })
    }

    /// Whether the subgraph has more of the entity's type than its keys.
    fn has_part(&self, subgraph: usize, type_name: &str) -> bool {
        let info = self.subgraphs[subgraph].1.schema.types.get(type_name);
        info.is_some_and(|it| it.fields.keys().any(|name| !KEYS.contains(&name.as_str())))
    }

    /// Whether the subgraph answers null when it is asked for the entity.
    pub fn is_unknown(&self, subgraph: usize, place: &str) -> bool {
        lot(&format!("{}?{place}", self.subgraphs[subgraph].0)).is_multiple_of(7)
    }

    /// Where a field of the object is answered: an entity's by the one subgraph that has it, any other's where the object was told.
    pub fn home_of(&self, object: &Object, field: &str) -> usize {
        let has = |index: &usize| {
            let types = &self.subgraphs[*index].1;
            types.schema.field(&object.type_name, field).is_some()
        };
        let is_spread = self.is_entity(&object.type_name)
            || ["Query", "Mutation"].contains(&object.type_name.as_str());
        if !is_spread || has(&object.home) {
            return object.home;
        }
        (0..self.subgraphs.len()).find(has).unwrap()
    }

    /// The entity behind a representation, by all keys that it tells.
    pub fn find(&self, home: usize, told: &Map<String, Value>) -> Option<Object> {
        let type_name = told.get("__typename")?.as_str()?;
        let keys = told.iter().filter(|(name, _)| *name != "__typename");
        let mut numbers = keys.map(|(name, value)| {
            let number = value
                .as_str()?
                .strip_prefix(&format!("{type_name}-{name}-"))?;
            number.parse::<u64>().ok()
        });
        let number = numbers.next()??;
        if numbers.any(|it| it != Some(number)) || number >= ENTITIES {
            return None;
        }
        let object = entity(type_name, number, home);
        (!self.is_unknown(home, &object.place)).then_some(object)
    }

    /// The field of an object with these arguments, defaults filled in. `home` answers it.
    pub fn field(
        &self,
        object: &Object,
        home: usize,
        field: &str,
        arguments: &Map<String, Value>,
    ) -> Told {
        let ty = &self
            .whole
            .schema
            .field(&object.type_name, field)
            .unwrap()
            .ty;
        if KEYS.contains(&field) && self.is_entity(&object.type_name) {
            let number = object.place.rsplit(':').next().unwrap();
            return Told::Value(format!("{}-{field}-{number}", object.type_name).into());
        }
        let place = format!(
            "{}.{field}({})",
            object.place,
            Value::Object(arguments.clone())
        );
        if lot(&format!("fails {place}")).is_multiple_of(25) {
            return Told::Fails(format!("{place} fails"));
        }
        self.value(&place, home, ty)
    }

    fn value(&self, place: &str, home: usize, ty: &Type) -> Told {
        match ty {
            Type::NonNullType(inner) => self.present(place, home, inner),
            _ if lot(&format!("null {place}")).is_multiple_of(8) => Told::Value(Value::Null),
            _ => self.present(place, home, ty),
        }
    }

    fn present(&self, place: &str, home: usize, ty: &Type) -> Told {
        let lot = lot(place);
        match ty {
            Type::NonNullType(inner) => self.present(place, home, inner),
            Type::ListType(inner) => {
                let items =
                    (0..lot % 4).map(|it| self.value(&format!("{place}[{it}]"), home, inner));
                Told::List(items.collect())
            }
            Type::NamedType(name) if self.whole.is_composite(name) => {
                self.object(place, home, name)
            }
            Type::NamedType(name) => {
                Told::Value(match (name.as_str(), self.whole.enums.get(name)) {
                    (_, Some(values)) => values[index(lot, values.len())].as_str().into(),
                    ("Int", _) => (lot % 1000).into(),
                    ("Float", _) => 0.5.into(),
                    ("Boolean", _) => lot.is_multiple_of(2).into(),
                    _ => format!("{}-{}", inner_name(ty), lot % 1000).into(),
                })
            }
        }
    }

    fn object(&self, place: &str, home: usize, named: &str) -> Told {
        let members = self.subgraphs[home].1.objects(named);
        let lot = lot(&format!("object {place}"));
        let type_name = members[index(lot, members.len())];
        if !self.is_entity(type_name) {
            return Told::Object(Object {
                type_name: type_name.to_owned(),
                place: place.to_owned(),
                home,
            });
        }
        // A subgraph does not tell of what it does not know itself.
        let numbers = (0..ENTITIES).map(|it| (lot + it) % ENTITIES);
        let mut entities = numbers.map(|it| entity(type_name, it, home));
        let is_told =
            |it: &Object| !self.has_part(home, type_name) || !self.is_unknown(home, &it.place);
        match entities.find(is_told) {
            Some(entity) => Told::Object(entity),
            None => panic!("{} knows no {type_name}", self.subgraphs[home].0),
        }
    }
}

fn entity(type_name: &str, number: u64, home: usize) -> Object {
    Object {
        type_name: type_name.to_owned(),
        place: format!("{type_name}:{number}"),
        home,
    }
}

fn index(lot: u64, len: usize) -> usize {
    usize::try_from(lot % len as u64).unwrap()
}
