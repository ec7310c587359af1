//! What stands in arguments: ids, numbers, tokens and names of everybody, mostly of the right kind.

use std::collections::BTreeSet;

use rand::{
    Rng,
    rngs::StdRng,
    seq::{IndexedRandom, IteratorRandom},
};
use stockgraph_kit::id::{OrderId, ProductId, ReservationId, UserId, WarehouseId};
use stockgraph_orders::domain::{OrderLineId, PaymentId, number::OrderNumber};
use stockgraph_warehouses::domain::{movement::MovementId, transfer::TransferId};
use uuid::{Builder, Uuid};

use super::{
    facts::{Facts, OrderFacts, id_text},
    shop::Goods,
};

/// How passwords begin that are made up here.
pub const NEW_PASSWORD: &str = "delapan ";

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Account,
    Order,
    Number,
    Reservation,
    Line,
    Payment,
    Product,
    Warehouse,
    Transfer,
    Movement,
    Key,
    Reference,
    Tracking,
    Email,
    Phone,
    Name,
    Password,
    NewPassword,
    Token,
    Cursor,
    Sku,
    Uuid,
    Text,
}

impl Sort {
    /// Whether a text of this sort is an id, a number or a key of somebody or of something that is theirs.
    pub const fn names_somebody(self) -> bool {
        matches!(
            self,
            Self::Account
                | Self::Order
                | Self::Number
                | Self::Reservation
                | Self::Line
                | Self::Payment
                | Self::Key
        )
    }
}

const ALL: [Sort; 20] = [
    Sort::Account,
    Sort::Order,
    Sort::Number,
    Sort::Reservation,
    Sort::Line,
    Sort::Payment,
    Sort::Product,
    Sort::Warehouse,
    Sort::Transfer,
    Sort::Movement,
    Sort::Key,
    Sort::Reference,
    Sort::Tracking,
    Sort::Email,
    Sort::Phone,
    Sort::Name,
    Sort::Token,
    Sort::Cursor,
    Sort::Sku,
    Sort::Uuid,
];

/// What an argument or a field of a key is a text of. `within` is the root field, the input object or the entity.
pub fn sort_of(within: &str, name: &str) -> Sort {
    match name {
        "id" => sort_of_id(within),
        "userId" | "customerId" | "ownerId" => Sort::Account,
        "orderId" => Sort::Order,
        "orderLineId" => Sort::Line,
        "reservationId" | "reference" => Sort::Reservation,
        "productId" | "productIds" => Sort::Product,
        "ids" if within.contains("Reservation") => Sort::Reservation,
        "ids" => Sort::Product,
        "warehouseId" | "sourceId" | "destinationId" => Sort::Warehouse,
        "number" => Sort::Number,
        "idempotencyKey" => Sort::Key,
        "paymentReference" => Sort::Reference,
        "email" | "identifier" => Sort::Email,
        "phoneNumber" => Sort::Phone,
        "search" => Sort::Name,
        "refreshToken" => Sort::Token,
        "currentPassword" => Sort::Password,
        "newPassword" => Sort::NewPassword,
        "password" if within.starts_with("Register") => Sort::NewPassword,
        "password" => Sort::Password,
        "after" | "before" => Sort::Cursor,
        "skus" => Sort::Sku,
        "sku" if within.starts_with("Product") || within.starts_with("product") => Sort::Sku,
        _ => Sort::Text,
    }
}

fn sort_of_id(within: &str) -> Sort {
    let within = within.to_lowercase();
    let has = |part: &str| within.contains(part);
    if has("return") || has("restock") {
        Sort::Uuid
    } else if has("order") {
        Sort::Order
    } else if has("user") {
        Sort::Account
    } else if has("reserv") {
        Sort::Reservation
    } else if has("movement") {
        Sort::Movement
    } else if has("transfer") {
        Sort::Transfer
    } else if has("warehouse") {
        Sort::Warehouse
    } else {
        Sort::Product
    }
}

/// Draws texts for one call.
pub struct Pool<'a> {
    pub rng: &'a mut StdRng,
    pub facts: &'a Facts,
    pub goods: &'a Goods,
    pub caller: Option<Uuid>,
    /// Of whom most of one field's arguments are.
    whose: Option<Uuid>,
}

impl<'a> Pool<'a> {
    pub fn new(
        rng: &'a mut StdRng,
        facts: &'a Facts,
        goods: &'a Goods,
        caller: Option<Uuid>,
    ) -> Self {
        Self {
            rng,
            facts,
            goods,
            caller,
            whose: None,
        }
    }

    /// From now on, most texts are of one and the same person.
    pub fn turn(&mut self) {
        self.whose = if self.rng.random_bool(0.35) {
            self.caller
        } else {
            self.facts.people.keys().choose(self.rng).copied()
        };
    }

    /// A text for this argument.
    pub fn text(&mut self, within: &str, name: &str) -> String {
        let sort = sort_of(within, name);
        let identifies = within == "RegisterUserInput" || within == "UpdateProfileInput";
        // What is kept and shown again must not look as if it told of another.
        let kept = matches!(sort, Sort::Text | Sort::Key | Sort::Reference) || identifies;
        match self.rng.random_range(0..100) {
            0..6 if !kept && sort != Sort::NewPassword => {
                let other = *ALL.choose(self.rng).unwrap_or(&Sort::Order);
                self.known(other)
            }
            6..14 => fresh(self.rng, sort),
            14..16 => "nonsense".to_owned(),
            // Whoever always takes what is taken never has an account.
            16..60 if identifies => fresh(self.rng, sort),
            60..75 if name == "identifier" => self.known(Sort::Phone),
            _ => self.known(sort),
        }
    }

    fn person(&mut self) -> Option<Uuid> {
        match self.whose {
            Some(whose) if self.rng.random_bool(0.8) => Some(whose),
            _ => self.facts.people.keys().choose(self.rng).copied(),
        }
    }

    /// A text of this sort that tells of somebody; a fresh one where they have none.
    fn known(&mut self, sort: Sort) -> String {
        let person = if sort == Sort::Password && self.rng.random_bool(0.4) {
            self.caller
        } else {
            self.person()
        };
        person
            .and_then(|person| self.of_person(person, sort))
            .or_else(|| self.of_nobody(sort))
            .unwrap_or_else(|| fresh(self.rng, sort))
    }

    fn of_person(&mut self, id: Uuid, sort: Sort) -> Option<String> {
        let person = self.facts.people.get(&id)?;
        let one = |texts: &BTreeSet<String>, rng: &mut StdRng| texts.iter().choose(rng).cloned();
        match sort {
            Sort::Account => Some(id_text::<UserId>(id)),
            Sort::Email => Some(person.email.clone()),
            Sort::Phone => person.phone.clone(),
            Sort::Name => person.name.clone(),
            Sort::Password => one(&person.passwords, self.rng),
            Sort::Token => one(&person.refresh_tokens, self.rng),
            _ => {
                let orders = self.facts.orders.iter();
                let own = orders.filter(|(_, order)| order.owner == id);
                let (order, facts) = own.choose(self.rng)?;
                self.of_order(*order, facts, sort)
            }
        }
    }

    fn of_order(&mut self, id: Uuid, order: &OrderFacts, sort: Sort) -> Option<String> {
        let rng = &mut *self.rng;
        match sort {
            Sort::Order => Some(id_text::<OrderId>(id)),
            Sort::Number => Some(order.number.clone()),
            Sort::Key => Some(order.key.clone()),
            Sort::Reservation => Some(id_text::<ReservationId>(order.reservation)),
            Sort::Line => order
                .lines
                .choose(rng)
                .map(|id| id_text::<OrderLineId>(*id)),
            Sort::Payment => order
                .payments
                .choose(rng)
                .map(|id| id_text::<PaymentId>(*id)),
            Sort::Reference => order.references.choose(rng).cloned(),
            Sort::Tracking => order.tracking.choose(rng).cloned(),
            _ => None,
        }
    }

    fn of_nobody(&mut self, sort: Sort) -> Option<String> {
        let texts = match sort {
            Sort::Product => &self.goods.products,
            Sort::Warehouse => &self.goods.warehouses,
            Sort::Movement => &self.goods.movements,
            Sort::Transfer => &self.goods.transfers,
            Sort::Cursor => &self.goods.cursors,
            Sort::Sku => {
                return Some(
                    ["SKU-1", "SKU-2", "NOT-YET-ON-SALE"]
                        .choose(self.rng)?
                        .to_string(),
                );
            }
            _ => return None,
        };
        texts.choose(self.rng).cloned()
    }
}

/// A text of this sort that tells of nobody.
pub fn fresh(rng: &mut StdRng, sort: Sort) -> String {
    let id = Builder::from_random_bytes(rng.random()).into_uuid();
    // Of one length, so that none is the beginning of another.
    let some: u32 = rng.random_range(100_000..1_000_000);
    match sort {
        Sort::Account => id_text::<UserId>(id),
        Sort::Order => id_text::<OrderId>(id),
        Sort::Number => OrderNumber::draw(2027, rng.random()).to_string(),
        Sort::Reservation => id_text::<ReservationId>(id),
        Sort::Line => id_text::<OrderLineId>(id),
        Sort::Payment => id_text::<PaymentId>(id),
        Sort::Product => id_text::<ProductId>(id),
        Sort::Warehouse => id_text::<WarehouseId>(id),
        Sort::Transfer => id_text::<TransferId>(id),
        Sort::Movement => id_text::<MovementId>(id),
        Sort::Uuid => id.to_string(),
        Sort::Email => format!("nobody{some}@nowhere.example.com"),
        Sort::Phone => format!("+62813{:08}", rng.random_range(10_000_000..99_999_999)),
        Sort::NewPassword => format!("{NEW_PASSWORD}{some} ikan terbang di malam hari"),
        Sort::Token => token(rng),
        Sort::Key => format!("checkout of nobody: {some}"),
        Sort::Reference => format!("money of nobody {some}"),
        Sort::Tracking => format!("parcel of nobody {some}"),
        Sort::Cursor => token(rng),
        Sort::Sku => format!("SKU-OF-NOTHING-{some}"),
        Sort::Name | Sort::Text | Sort::Password => format!("Words that say nothing {some}"),
    }
}

/// What looks like a refresh token: 32 bytes in base64.
fn token(rng: &mut StdRng) -> String {
    const SIGNS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut token: String = (0..42)
        .map(|_| char::from(*SIGNS.choose(rng).unwrap_or(&b'A')))
        .collect();
    // The last sign has but four bits of the 32 bytes.
    token.push('A');
    token
}
