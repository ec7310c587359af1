//! A shop whose customers each have something that nobody else may see: every kind of object there is.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Scope, Scopes},
    database::Engine,
    id::{Id, UserId},
};
use stockgraph_server::config::Config;
use stockgraph_users::{
    domain::{
        origin::Origin,
        password::Password,
        role::{Role, Roles},
    },
    service::{CreateUser, PasswordRule},
};
use uuid::Uuid;

use super::{
    facts::Facts,
    rights::{Caller, STAFF},
};
use crate::test_graph::{As, TestGraph};

/// Who buys; the last one's account is locked.
const CUSTOMERS: [&str; 4] = ["ayu", "budi", "citra", "dewi"];

/// What everybody orders: which of the products, and how many of it.
pub const CART: [(usize, i32); 2] = [(0, 2), (1, 1)];

/// The shop, who may call, and what is known of both.
pub struct Shop {
    pub graph: TestGraph,
    pub facts: Facts,
    pub callers: Callers,
    pub goods: Goods,
}

/// Who may call.
pub struct Callers {
    pub anonymous: Caller,
    pub customers: Vec<Caller>,
    pub locked: Caller,
    pub staff: Caller,
    pub admin: Caller,
    /// A part of the system for every scope, with that scope alone.
    pub services: Vec<Caller>,
}

/// What is nobody's, for arguments.
#[derive(Default)]
pub struct Goods {
    pub products: Vec<String>,
    pub draft: String,
    pub warehouses: Vec<String>,
    pub movements: Vec<String>,
    pub transfers: Vec<String>,
    pub cursors: Vec<String>,
}

impl Shop {
    pub async fn open(engine: Engine) -> Self {
        let mut config = Config::default();
        // What a hash costs does not matter here.
        config.users.passwords.memory_kib = 8;
        config.users.passwords.iterations = 1;
        let graph = TestGraph::configured(engine, config).await;
        let goods = stocked(&graph).await;
        let mut facts = Facts::default();
        for name in CUSTOMERS {
            let id = register(&graph, &mut facts, name).await;
            let customer = graph.user(UserId::from_uuid(id), &Scopes::new());
            place(&graph, &customer, &goods, name, "expired").await;
            facts.refresh(&graph, Some(id)).await;
        }
        graph.pass(TimeDelta::days(2)).await;
        for name in CUSTOMERS {
            let id = person(&facts, name);
            let customer = graph.user(UserId::from_uuid(id), &Scopes::new());
            buys(&graph, &customer, &goods, name).await;
            facts.refresh(&graph, Some(id)).await;
        }
        let callers = Callers::come(&graph, &mut facts).await;
        let mut shop = Self {
            graph,
            facts,
            callers,
            goods,
        };
        shop.look_around().await;
        shop
    }

    /// Notes what stands in lists, for arguments.
    async fn look_around(&mut self) {
        let query = "{ stockMovements(first: 5) { edges { cursor node { id } } } users { edges { cursor } } orders { edges { cursor } } }";
        let data = self
            .graph
            .data(&self.graph.everything(), query, json!({}))
            .await;
        for list in ["stockMovements", "users", "orders"] {
            for edge in data[list]["edges"].as_array().unwrap() {
                self.goods.cursors.push(text(&edge["cursor"]));
                if list == "stockMovements" {
                    self.goods.movements.push(text(&edge["node"]["id"]));
                }
            }
        }
    }
}

pub fn text(value: &Value) -> String {
    value
        .as_str()
        .unwrap_or_else(|| panic!("no text: {value}"))
        .to_owned()
}

pub fn password(name: &str) -> String {
    format!("{name} kuda nil menari di atas awan")
}

fn email(name: &str) -> String {
    format!("{name}@customers.example.com")
}

fn person(facts: &Facts, name: &str) -> Uuid {
    let found = facts
        .people
        .iter()
        .find(|(_, person)| person.email == email(name));
    *found.unwrap().0
}

async fn stocked(graph: &TestGraph) -> Goods {
    let mut goods = Goods::default();
    for (code, priority) in [("JKT", 0), ("SBY", 1)] {
        goods.warehouses.push(graph.warehouse(code, priority).await);
    }
    for sku in ["SKU-1", "SKU-2", "SKU-3"] {
        let product = graph.product(sku, "1000").await;
        graph.receive(&goods.warehouses[0], &product, 10_000).await;
        graph.receive(&goods.warehouses[1], &product, 10_000).await;
        goods.products.push(product);
    }
    let draft = json!({ "sku": "NOT-YET-ON-SALE", "name": "Kept secret until spring", "price": { "amount": "5000", "currency": "IDR" } });
    let service = graph.everything();
    let draft = graph
        .done(&service, "createProduct", "product { id }", draft)
        .await;
    goods.draft = text(&draft["product"]["id"]);
    goods.products.push(goods.draft.clone());
    let input = json!({
        "sourceId": goods.warehouses[0], "destinationId": goods.warehouses[1], "inTransit": true,
        "lines": [{ "productId": goods.products[0], "quantity": 1 }],
    });
    let transfer = graph
        .done(&service, "transferStock", "transfer { id }", input)
        .await;
    goods.transfers.push(text(&transfer["transfer"]["id"]));
    goods
}

async fn register(graph: &TestGraph, facts: &mut Facts, name: &str) -> Uuid {
    let number = CUSTOMERS.iter().position(|known| *known == name).unwrap();
    let input = json!({
        "email": email(name), "phoneNumber": format!("+6281234500{number:03}"),
        "displayName": format!("Called {name} by friends"), "password": password(name),
    });
    let selection = "user { id } session { accessToken refreshToken }";
    let payload = graph
        .done(&As::anonymous(), "registerUser", selection, input)
        .await;
    let id = UserId::parse(&text(&payload["user"]["id"])).unwrap().uuid();
    let session = &payload["session"];
    let person = facts.people.entry(id).or_default();
    person.has_password(&password(name));
    person.has_session(
        &text(&session["accessToken"]),
        &text(&session["refreshToken"]),
    );
    id
}

async fn place(graph: &TestGraph, customer: &As, goods: &Goods, name: &str, what: &str) -> Value {
    let key = format!("checkout of {name}: {what}");
    let lines = CART.map(|(index, quantity)| (goods.products[index].as_str(), quantity));
    let payload = graph.place(customer, &key, &lines).await;
    assert_eq!(payload["errors"], json!([]));
    payload["order"].clone()
}

/// An order in every state, with all that can hang on one.
async fn buys(graph: &TestGraph, customer: &As, goods: &Goods, name: &str) {
    let service = graph.everything();
    let ordered = |what| place(graph, customer, goods, name, what);
    for waits in ["first waits", "second waits", "third waits"] {
        ordered(waits).await;
    }
    let paid = ordered("paid").await;
    graph.pay(&paid, &format!("money of {name} 1")).await;
    let shipped = ordered("shipped").await;
    graph.pay(&shipped, &format!("money of {name} 2")).await;
    let parcel = |order: &Value, number| json!({ "id": order["id"], "carrier": "JNE", "trackingNumber": format!("parcel of {name} {number}") });
    let ship = async |input| {
        graph
            .done(&service, "shipOrder", "order { id }", input)
            .await
    };
    ship(parcel(&shipped, 1)).await;
    let returned = ordered("returned").await;
    graph.pay(&returned, &format!("money of {name} 3")).await;
    ship(parcel(&returned, 2)).await;
    let input = json!({ "id": returned["id"] });
    let delivered = "order { lines { id } }";
    let delivered = graph.done(&service, "deliverOrder", delivered, input).await;
    let input = json!({
        "id": Uuid::new_v5(&Uuid::NAMESPACE_DNS, name.as_bytes()).to_string(),
        "orderId": returned["id"], "reason": format!("Does not fit {name} at all."),
        "lines": [{ "orderLineId": delivered["order"]["lines"][0]["id"], "quantity": 1 }],
    });
    graph
        .done(&service, "returnOrder", "order { id }", input)
        .await;
    let cancelled = ordered("cancelled").await;
    graph.pay(&cancelled, &format!("money of {name} 4")).await;
    let input =
        json!({ "id": cancelled["id"], "reason": format!("The mind of {name} has changed.") });
    graph
        .done(customer, "cancelOrder", "order { id }", input)
        .await;
}

impl Callers {
    async fn come(graph: &TestGraph, facts: &mut Facts) -> Self {
        let mut customers = Vec::new();
        let mut last_session = As::anonymous();
        for name in CUSTOMERS {
            let (session, headers) = log_in(graph, facts, name, &Scopes::new()).await;
            last_session = session;
            customers.push(Caller {
                name: name.to_owned(),
                headers,
                user: Some(person(facts, name)),
                scopes: Scopes::new(),
            });
        }
        let staff = member(graph, facts, "staff", Role::Staff).await;
        let admin = member(graph, facts, "admin", Role::Admin).await;
        let mut locked = customers.pop().unwrap();
        locked.headers = last_session;
        let id = UserId::from_uuid(locked.user.unwrap()).to_string();
        let input = json!({ "userId": id, "active": false });
        graph
            .done(&admin.headers, "setUserActive", "user { id }", input)
            .await;
        let services = Scope::ALL.map(|scope| service(graph, scope));
        facts.refresh(graph, None).await;
        Self {
            anonymous: Caller {
                name: "nobody".to_owned(),
                headers: As::anonymous(),
                user: None,
                scopes: Scopes::new(),
            },
            customers,
            locked,
            staff,
            admin,
            services: services.into(),
        }
    }
}

fn service(graph: &TestGraph, scope: Scope) -> Caller {
    let scopes = Scopes::from([scope]);
    let issuer = &graph.foundation.issuer;
    let token = issuer.service("test", &scopes, TimeDelta::days(1)).unwrap();
    Caller {
        name: format!("a service with {scope}"),
        headers: As::token(&token.text),
        user: None,
        scopes,
    }
}

/// Signs in, so that there is a session whose secrets can be shown to others. The second of the answers is the token of another
/// session, which no call can end: calls at random end sessions, and who calls later is to be heard all the same.
async fn log_in(graph: &TestGraph, facts: &mut Facts, name: &str, scopes: &Scopes) -> (As, As) {
    let input = json!({ "identifier": email(name), "password": password(name) });
    let selection = "session { accessToken refreshToken }";
    let payload = graph
        .done(&As::anonymous(), "logIn", selection, input)
        .await;
    let token = text(&payload["session"]["accessToken"]);
    let id = person(facts, name);
    let person = facts.people.get_mut(&id).unwrap();
    person.has_session(&token, &text(&payload["session"]["refreshToken"]));
    (As::token(&token), graph.user(UserId::from_uuid(id), scopes))
}

async fn member(graph: &TestGraph, facts: &mut Facts, name: &str, role: Role) -> Caller {
    let users = graph.graph.users.subgraph().users();
    let id: UserId = users.ids().next();
    let member = CreateUser {
        id,
        email: email(name),
        phone_number: None,
        display_name: Some(format!("Called {name} by friends")),
        password: Password::new(password(name)),
        roles: Roles::from([role]),
        password_rule: PasswordRule::Full,
    };
    let user = users.create_user(member, &Origin::service("test")).await;
    user.unwrap();
    facts.refresh(graph, None).await;
    facts
        .people
        .get_mut(&id.uuid())
        .unwrap()
        .has_password(&password(name));
    let mut scopes = Scopes::from(STAFF);
    if role == Role::Admin {
        scopes.insert(Scope::UsersWrite);
    }
    Caller {
        name: name.to_owned(),
        headers: log_in(graph, facts, name, &scopes).await.1,
        user: Some(id.uuid()),
        scopes,
    }
}
