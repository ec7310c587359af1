//! What there is and whose it is, by the databases and by who did what: never by an answer.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ConnectionTrait, QueryResult, Statement};
use stockgraph_kit::{
    database::Database,
    id::{Id, UserId},
};
use uuid::Uuid;

use super::rights::Thing;
use crate::test_graph::TestGraph;

/// Notes that are shorter than this say nothing of anybody.
const SHORTEST_NOTE: usize = 12;

/// All that the oracle knows.
#[derive(Default)]
pub struct Facts {
    pub people: BTreeMap<Uuid, Person>,
    pub orders: BTreeMap<Uuid, OrderFacts>,
    /// Whose reservation it is; of those that nobody owns, `None`.
    pub reservations: BTreeMap<Uuid, Option<Uuid>>,
    /// Name and SKU of the product that is not yet on sale, until it is for the first time.
    pub draft: Vec<String>,
    draft_shown: bool,
    /// Who placed an order is whom it belongs to, whatever its row says.
    placed: BTreeMap<Uuid, Uuid>,
}

/// Somebody with an account.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub email: String,
    pub phone: Option<String>,
    pub name: Option<String>,
    /// Passwords and tokens that they had at any time.
    pub secrets: BTreeSet<String>,
    pub refresh_tokens: BTreeSet<String>,
    pub passwords: BTreeSet<String>,
    /// All that may change of the account, for telling whether it did.
    pub standing: String,
}

/// An order with all that hangs on it.
#[derive(Clone, Debug, Default)]
pub struct OrderFacts {
    pub owner: Uuid,
    pub number: String,
    pub key: String,
    pub reservation: Uuid,
    pub lines: Vec<Uuid>,
    pub payments: Vec<Uuid>,
    pub references: Vec<String>,
    pub tracking: Vec<String>,
    pub notes: Vec<String>,
    pub actors: BTreeSet<Uuid>,
    /// All that may change of the order, for telling whether it did.
    pub standing: String,
}

impl Person {
    pub fn has_password(&mut self, password: &str) {
        self.passwords.insert(password.to_owned());
        self.secrets.insert(password.to_owned());
    }

    pub fn has_session(&mut self, access_token: &str, refresh_token: &str) {
        self.secrets.insert(access_token.to_owned());
        self.secrets.insert(refresh_token.to_owned());
        self.refresh_tokens.insert(refresh_token.to_owned());
    }
}

/// The part of an id's text that no other id has, whatever its kind.
pub fn suffix(id: Uuid) -> String {
    let text = UserId::from_uuid(id).to_string();
    text.trim_start_matches("user_").to_owned()
}

/// The text of an id as clients know it.
pub fn id_text<I: Id>(id: Uuid) -> String {
    I::from_uuid(id).to_string()
}

impl Facts {
    /// Reads what there is. Orders that were not there before are of the customer who has just called.
    pub async fn refresh(&mut self, graph: &TestGraph, caller: Option<Uuid>) {
        self.read_people(&graph.databases.users).await;
        self.read_orders(&graph.databases.orders, caller).await;
        let warehouses = &graph.databases.warehouses;
        for row in rows(warehouses, "SELECT id, owner_id FROM reservations").await {
            self.reservations
                .insert(get(&row, "id"), get(&row, "owner_id"));
        }
        let sql = "SELECT sku, name, status FROM products WHERE sku = 'NOT-YET-ON-SALE'";
        for row in rows(&graph.databases.products, sql).await {
            let draft = get::<String>(&row, "status") == "DRAFT" && !self.draft_shown;
            self.draft_shown = !draft;
            self.draft = if draft {
                vec![get(&row, "sku"), get(&row, "name")]
            } else {
                Vec::new()
            };
        }
    }

    async fn read_people(&mut self, users: &Database) {
        let sql = "SELECT id, email, phone_number, display_name, active, password_hash FROM users";
        for row in rows(users, sql).await {
            let person = self.people.entry(get(&row, "id")).or_default();
            person.email = get(&row, "email");
            person.phone = get(&row, "phone_number");
            person.name = get(&row, "display_name");
            let active: bool = get(&row, "active");
            let hash: String = get(&row, "password_hash");
            person.standing = format!(
                "{} {:?} {:?} {active} {hash}",
                person.email, person.phone, person.name
            );
        }
    }

    async fn read_orders(&mut self, orders: &Database, caller: Option<Uuid>) {
        let sql = "SELECT id, number, customer_id, status, idempotency_key, reservation_id, event_count FROM orders";
        for row in rows(orders, sql).await {
            let id: Uuid = get(&row, "id");
            let known = self.placed.get(&id).copied().or(caller);
            let owner = known.unwrap_or_else(|| get(&row, "customer_id"));
            self.placed.insert(id, owner);
            let status: String = get(&row, "status");
            let events: i32 = get(&row, "event_count");
            let order = OrderFacts {
                owner,
                number: get(&row, "number"),
                key: get(&row, "idempotency_key"),
                reservation: get(&row, "reservation_id"),
                standing: format!("{status} {events}"),
                ..OrderFacts::default()
            };
            self.orders.insert(id, order);
        }
        for row in rows(orders, "SELECT id, order_id FROM order_lines").await {
            self.order(&row).lines.push(get(&row, "id"));
        }
        for row in rows(orders, "SELECT id, order_id, reference FROM payments").await {
            let order = self.order(&row);
            order.payments.push(get(&row, "id"));
            order.references.push(get(&row, "reference"));
        }
        for row in rows(orders, "SELECT order_id, tracking_number FROM shipments").await {
            let number: Option<String> = get(&row, "tracking_number");
            self.order(&row).tracking.extend(number);
        }
        let sql = "SELECT order_id, note, actor_id FROM order_events";
        for row in rows(orders, sql).await {
            let note: Option<String> = get(&row, "note");
            let actor: Option<Uuid> = get(&row, "actor_id");
            let order = self.order(&row);
            order.notes.extend(note);
            order.actors.extend(actor);
        }
        for row in rows(orders, "SELECT order_id, reason FROM returns").await {
            let reason: Option<String> = get(&row, "reason");
            self.order(&row).notes.extend(reason);
        }
    }

    fn order(&mut self, row: &QueryResult) -> &mut OrderFacts {
        let id: Uuid = get(row, "order_id");
        self.orders.get_mut(&id).unwrap()
    }

    /// Every text that tells of somebody, and of whom and what.
    pub fn markers(&self) -> BTreeMap<String, Vec<Thing>> {
        let mut markers: BTreeMap<String, Vec<Thing>> = BTreeMap::new();
        let mut tells = |text: &str, thing| {
            markers.entry(text.to_owned()).or_default().push(thing);
        };
        for (id, person) in &self.people {
            tells(&suffix(*id), Thing::Account(*id));
            tells(&person.email, Thing::Profile(*id));
            for text in person.phone.iter().chain(&person.name) {
                tells(text, Thing::Profile(*id));
            }
            for secret in &person.secrets {
                tells(secret, Thing::Secret(*id));
            }
        }
        for (id, order) in &self.orders {
            let owner = order.owner;
            tells(&suffix(*id), Thing::Order(owner));
            tells(&order.number, Thing::Ledger(owner));
            tells(&order.key, Thing::Order(owner));
            tells(&suffix(order.reservation), Thing::Reservation(owner));
            for id in order.lines.iter().chain(&order.payments) {
                tells(&suffix(*id), Thing::Order(owner));
            }
            for text in order.references.iter().chain(&order.tracking) {
                tells(text, Thing::Order(owner));
            }
            for note in &order.notes {
                if note.len() >= SHORTEST_NOTE {
                    tells(note, Thing::Ledger(owner));
                }
            }
            for actor in &order.actors {
                tells(&suffix(*actor), Thing::Order(owner));
            }
        }
        let of_orders: BTreeSet<_> = self.orders.values().map(|it| it.reservation).collect();
        for (id, owner) in &self.reservations {
            // That of an order is its customer's, whatever its own row says.
            if let Some(owner) = owner
                && !of_orders.contains(id)
            {
                tells(&suffix(*id), Thing::Reservation(*owner));
            }
        }
        for text in &self.draft {
            tells(text, Thing::Draft);
        }
        markers
    }

    /// What of others a call may have changed: the state of every account and order by whose it is.
    pub fn standing(&self) -> BTreeMap<Uuid, (Uuid, String)> {
        let people = self
            .people
            .iter()
            .map(|(id, person)| (*id, (*id, person.standing.clone())));
        let orders = self
            .orders
            .iter()
            .map(|(id, order)| (*id, (order.owner, order.standing.clone())));
        people.chain(orders).collect()
    }
}

async fn rows(database: &Database, sql: &str) -> Vec<QueryResult> {
    let connection = database.writer();
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    connection.query_all_raw(statement).await.unwrap()
}

fn get<T: sea_orm::TryGetable>(row: &QueryResult, column: &str) -> T {
    row.try_get("", column).unwrap()
}
