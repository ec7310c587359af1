//! Draws operations that a schema allows, at random.

use async_graphql::parser::types::{BaseType, Type};
use rand::{
    Rng,
    rngs::StdRng,
    seq::{IndexedRandom, IteratorRandom},
};
use serde_json::{Map, Value, json};

use super::{
    operation::{Arg, Asked, Door, Node, Operation},
    pool::{Pool, sort_of},
    rights::{Caller, scope_of},
    schema::{Field, Input, Kind, Schema, named},
    shop::CART,
};

/// How deep selections go.
const DEPTH: usize = 5;
/// About how many fields one operation has.
const FIELDS: usize = 90;
/// What is of somebody: asked for more often than the rest.
const PERSONAL: [&str; 3] = ["User", "Order", "StockReservation"];
/// What tells objects from each other, and is asked for wherever there is one.
const TELLING: [&str; 8] = [
    "number",
    "email",
    "phoneNumber",
    "displayName",
    "reference",
    "trackingNumber",
    "sku",
    "note",
];

/// The schemas behind the doors.
pub struct Doors(pub Vec<(Door, Schema)>);

impl Doors {
    pub fn schema(&self, door: Door) -> &Schema {
        let found = self.0.iter().find(|(other, _)| *other == door);
        &found.unwrap().1
    }
}

/// Draws one operation.
pub struct Draw<'a, 'p> {
    schema: &'a Schema,
    pool: &'a mut Pool<'p>,
    caller: &'a Caller,
    next: u32,
    fields: usize,
}

/// The next operation of this caller.
pub fn operation(doors: &Doors, pool: &mut Pool<'_>, caller: &Caller) -> Operation {
    let door = match pool.rng.random_range(0..100) {
        0..56 => Door::Router,
        56..70 => Door::Orders,
        70..82 => Door::Users,
        82..94 => Door::Warehouses,
        _ => Door::Products,
    };
    let schema = doors.schema(door);
    let mut draw = Draw {
        schema,
        pool,
        caller,
        next: 0,
        fields: 0,
    };
    let entities = match door {
        // Clients must not get at them.
        Door::Router => draw.chance(0.03),
        _ => draw.chance(0.6),
    };
    if entities {
        let door_of_entities = if door == Door::Router {
            Door::Orders
        } else {
            door
        };
        draw.schema = doors.schema(door_of_entities);
        return draw.entities(door);
    }
    let mutation = draw.chance(0.4);
    draw.roots(door, mutation)
}

impl Draw<'_, '_> {
    fn chance(&mut self, chance: f64) -> bool {
        self.pool.rng.random_bool(chance)
    }

    fn alias(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn roots(&mut self, door: Door, mutation: bool) -> Operation {
        let root = if mutation { "Mutation" } else { "Query" };
        let schema = self.schema;
        let fields = schema.fields(root);
        // What a mutation does changes how the next one is answered, so that two of them have no twin.
        let number = if !mutation && self.chance(0.25) { 2 } else { 1 };
        let mut roots = Vec::new();
        for _ in 0..number {
            let caller = self.caller;
            let weight = |field: &Field| match scope_of(&format!("{root}.{}", field.name)) {
                Some(scope) if !caller.may(scope) => 1,
                Some(_) => 4,
                None if names_somebody(schema, &field.name, &field.args) => 24,
                None => 8,
            };
            let field = fields.choose_weighted(self.pool.rng, weight).unwrap();
            self.pool.turn();
            let mut asked = self.field(&field.name, field, DEPTH);
            asked.alias = Some(self.alias());
            roots.push(Node::Field(asked));
        }
        Operation {
            door,
            mutation,
            roots,
            representations: Vec::new(),
        }
    }

    fn entities(&mut self, door: Door) -> Operation {
        let schema = self.schema;
        let mut representations = Vec::new();
        for _ in 0..self.pool.rng.random_range(1..4) {
            let weight = |entity: &super::schema::Entity| {
                if PERSONAL.contains(&entity.name.as_str()) {
                    4
                } else {
                    1
                }
            };
            let entity = schema.entities.choose_weighted(self.pool.rng, weight);
            let entity = entity.unwrap();
            self.pool.turn();
            let key = self.pool.text(&entity.name, &entity.key);
            let mut it = Map::new();
            it.insert("__typename".to_owned(), json!(entity.name));
            it.insert(entity.key.clone(), json!(key));
            if self.chance(0.1) {
                // What a router would never send: as if the object were the caller's.
                let own = self.pool.text("user", "id");
                it.insert("customer".to_owned(), json!({ "id": own }));
            }
            representations.push(Value::Object(it));
        }
        let mut selection = vec![name("__typename")];
        let mut types: Vec<_> = schema.entities.iter().map(|it| it.name.clone()).collect();
        types.dedup();
        for of in types {
            let wanted = |it: &Value| it["__typename"] == json!(of);
            if representations.iter().any(wanted) {
                selection.push(self.on(&of, DEPTH));
            }
        }
        let asked = Asked {
            name: "_entities".to_owned(),
            alias: None,
            args: vec![(
                "representations".to_owned(),
                Arg::Variable("them".to_owned()),
            )],
            selection,
            kept: true,
        };
        Operation {
            door,
            mutation: false,
            roots: vec![Node::Field(asked)],
            representations,
        }
    }

    fn on(&mut self, of: &str, depth: usize) -> Node {
        Node::On {
            of: of.to_owned(),
            fragment: None,
            selection: self.selection(of, depth, true),
        }
    }

    /// A selection on this type. `renamed` where the same fields may stand beside it with other arguments.
    fn selection(&mut self, of: &str, depth: usize, renamed: bool) -> Vec<Node> {
        let schema = self.schema;
        let mut nodes = vec![name("__typename")];
        match schema.kind(of) {
            Kind::Object(fields) => {
                let payload = of.ends_with("Payload");
                self.some_of(fields, depth, renamed, payload, &mut nodes);
                if depth > 1 && self.chance(0.12) {
                    let mut more = Vec::new();
                    self.some_of(fields, depth - 2, true, false, &mut more);
                    let fragment = self.chance(0.6).then(|| format!("F{}", self.alias()));
                    more.push(name("__typename"));
                    nodes.push(Node::On {
                        of: of.to_owned(),
                        fragment,
                        selection: more,
                    });
                }
            }
            Kind::Union(members) => {
                for member in members {
                    nodes.push(self.on(member, depth.min(2)));
                }
            }
            Kind::Interface | Kind::Enum(_) | Kind::Input(_) | Kind::Scalar => {}
        }
        nodes
    }

    fn some_of(
        &mut self,
        fields: &[Field],
        depth: usize,
        renamed: bool,
        most: bool,
        nodes: &mut Vec<Node>,
    ) {
        for field in fields {
            let leaf = matches!(self.schema.kind(&field.of), Kind::Scalar | Kind::Enum(_));
            let chance = match field.name.as_str() {
                "id" => 1.0,
                telling if TELLING.contains(&telling) => 0.75,
                _ if leaf => 0.4,
                _ if depth == 0 || self.fields > FIELDS => 0.0,
                _ if most => 0.85,
                "edges" => 0.2,
                _ => 0.5,
            };
            if !self.chance(chance) {
                continue;
            }
            self.fields += 1;
            let mut asked = self.field(&field.name, field, depth.saturating_sub(1));
            let plain = leaf && field.args.is_empty();
            if (renamed && !plain) || (field.name != "id" && self.chance(0.15)) {
                asked.alias = Some(self.alias());
            }
            nodes.push(Node::Field(asked));
        }
    }

    fn field(&mut self, within: &str, field: &Field, depth: usize) -> Asked {
        let args = self.args(within, &field.args);
        let leaf = matches!(self.schema.kind(&field.of), Kind::Scalar | Kind::Enum(_));
        Asked {
            name: field.name.clone(),
            alias: None,
            args,
            selection: if leaf {
                Vec::new()
            } else {
                self.selection(&field.of, depth, false)
            },
            kept: field.name == "id",
        }
    }

    fn args(&mut self, within: &str, inputs: &[Input]) -> Vec<(String, Arg)> {
        let mut args = Vec::new();
        for input in inputs {
            let wanted = match input.name.as_str() {
                _ if !input.optional => 1.0,
                "after" | "before" => 0.04,
                "last" => 0.05,
                "expectedUnitPrice" | "warehouseId" | "ownerId" => 0.15,
                _ => 0.4,
            };
            if self.chance(wanted) {
                let value = self.value(within, &input.name, &input.ty);
                args.push((input.name.clone(), value));
            }
        }
        args
    }

    fn value(&mut self, within: &str, name: &str, ty: &Type) -> Arg {
        if ty.nullable && self.chance(0.05) {
            return Arg::Null;
        }
        match &ty.base {
            BaseType::List(of) => {
                let number = self.pool.rng.random_range(1..3);
                Arg::List((0..number).map(|_| self.value(within, name, of)).collect())
            }
            BaseType::Named(_) => self.one(within, name, named(ty)),
        }
    }

    fn one(&mut self, within: &str, name: &str, of: &str) -> Arg {
        let schema = self.schema;
        match schema.kind(of) {
            Kind::Enum(values) => Arg::Name(self.any(values)),
            Kind::Input(_) if of == "PlaceOrderInput" && self.chance(0.6) => self.usual_cart(),
            Kind::Input(fields) => Arg::Object(self.args(of, fields)),
            _ => match of {
                "Int" if name == "quantity" => Arg::Number(self.pool.rng.random_range(1..3)),
                "Int" => Arg::Number(self.pool.rng.random_range(0..6)),
                "Boolean" => Arg::Flag(self.chance(0.7)),
                "DateTime" => Arg::Text("2027-03-01T00:00:00Z".to_owned()),
                "Decimal" => Arg::Text(if self.chance(0.5) { "3000" } else { "7" }.to_owned()),
                "CurrencyCode" => Arg::Text("IDR".to_owned()),
                _ => Arg::Text(self.pool.text(within, name)),
            },
        }
    }

    /// The cart that everybody has, with a key that may be another's: the very checkout of another.
    fn usual_cart(&mut self) -> Arg {
        let lines = CART.map(|(index, quantity)| {
            let product = Arg::Text(self.pool.goods.products[index].clone());
            Arg::Object(vec![
                ("productId".to_owned(), product),
                ("quantity".to_owned(), Arg::Number(quantity.into())),
            ])
        });
        let key = self.pool.text("PlaceOrderInput", "idempotencyKey");
        Arg::Object(vec![
            ("lines".to_owned(), Arg::List(lines.into())),
            ("idempotencyKey".to_owned(), Arg::Text(key)),
        ])
    }

    fn any(&mut self, values: &[String]) -> String {
        let rng: &mut StdRng = self.pool.rng;
        values.iter().choose(rng).cloned().unwrap_or_default()
    }
}

/// Whether an argument says whose, or which of somebody's things.
fn names_somebody(schema: &Schema, within: &str, inputs: &[Input]) -> bool {
    inputs.iter().any(|input| {
        let of = named(&input.ty);
        match schema.kind(of) {
            Kind::Input(fields) => names_somebody(schema, of, fields),
            _ => sort_of(within, &input.name).names_somebody(),
        }
    })
}

fn name(name: &str) -> Node {
    Node::Field(Asked {
        name: name.to_owned(),
        alias: None,
        args: Vec::new(),
        selection: Vec::new(),
        kept: true,
    })
}
