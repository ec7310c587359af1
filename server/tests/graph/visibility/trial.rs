//! Many calls by many callers, each judged; the first that shows too much is made as small as it goes.

use std::{
    collections::BTreeSet,
    fmt::{self, Write},
};

use async_graphql::{Request, Variables};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::IndexedRandom};
use serde_json::Value;
use stockgraph_kit::database::Engine;
use stockgraph_router::GraphQLRequest;
use uuid::Uuid;

use super::{
    draw::{self, Doors},
    facts::Facts,
    operation::{Door, Operation, field_of},
    oracle::Oracle,
    pool::{NEW_PASSWORD, Pool},
    rights::Caller,
    schema::Schema,
    shop::Shop,
    twin::Twin,
};

/// How often one call is asked again while it is made smaller.
const SHRINKS: usize = 400;

/// How many calls did what.
#[derive(Debug, Default)]
pub struct Seen {
    pub calls: usize,
    /// Answered with something that is not null.
    pub answered: usize,
    /// Compared with a call for what is not there.
    pub twins: usize,
    /// Mutations that did something.
    pub done: usize,
}

/// A call whose answer shows too much.
pub struct Failure {
    caller: String,
    operation: Operation,
    answer: Value,
    leaks: Vec<String>,
}

/// A shop, and who calls it.
pub struct Trial {
    shop: Shop,
    doors: Doors,
    rng: StdRng,
    pub seen: Seen,
}

impl Trial {
    pub async fn open(engine: Engine, seed: u64) -> Self {
        let shop = Shop::open(engine).await;
        let graph = &shop.graph.graph;
        let doors = [
            (Door::Router, graph.router.public_sdl().to_owned()),
            (Door::Users, graph.users.sdl()),
            (Door::Products, graph.products.sdl()),
            (Door::Warehouses, graph.warehouses.sdl()),
            (Door::Orders, graph.orders.sdl()),
        ];
        let doors = doors.map(|(door, sdl)| (door, Schema::parse(&sdl)));
        Self {
            doors: Doors(doors.into()),
            rng: StdRng::seed_from_u64(seed),
            seen: Seen::default(),
            shop,
        }
    }

    /// Calls so often, or until an answer shows too much.
    pub async fn run(&mut self, calls: usize) -> Result<(), Failure> {
        for _ in 0..calls {
            let caller = self.caller();
            let (facts, goods) = (&self.shop.facts, &self.shop.goods);
            let mut pool = Pool::new(&mut self.rng, facts, goods, caller.user);
            let operation = draw::operation(&self.doors, &mut pool, &caller);
            let mut leaks = Vec::new();
            let answer = self.judged(&caller, &operation, &mut leaks).await;
            if !leaks.is_empty() {
                return Err(self.shrunk(caller, operation, answer, leaks).await);
            }
        }
        Ok(())
    }

    fn caller(&mut self) -> Caller {
        let callers = &self.shop.callers;
        match self.rng.random_range(0..100) {
            0..54 => callers.customers.choose(&mut self.rng).unwrap(),
            54..66 => &callers.anonymous,
            66..77 => &callers.locked,
            77..92 => callers.services.choose(&mut self.rng).unwrap(),
            92..97 => &callers.staff,
            _ => &callers.admin,
        }
        .clone()
    }

    /// Calls, and says what is wrong with the answer.
    async fn judged(
        &mut self,
        caller: &Caller,
        operation: &Operation,
        leaks: &mut Vec<String>,
    ) -> Value {
        let before: BTreeSet<Uuid> = self.shop.facts.people.keys().copied().collect();
        let standing = self.shop.facts.standing();
        let answer = self.ask(caller, operation).await;
        if operation.mutation {
            self.shop.facts.refresh(&self.shop.graph, caller.user).await;
        }
        let markers = self.shop.facts.markers();
        let oracle = Oracle {
            facts: &self.shop.facts,
            markers: &markers,
            caller,
            operation,
            before: &before,
        };
        leaks.extend(oracle.leaks(&answer));
        if operation.mutation && caller.scopes.is_empty() {
            let now = self.shop.facts.standing();
            for (id, (owner, state)) in standing {
                let new = now.get(&id).map(|(_, state)| state);
                let allowed = caller.user == Some(owner) || signs_in(&oracle, operation, owner);
                if new != Some(&state) && !allowed {
                    leaks.push(format!("{id} was changed by another: {state} to {new:?}"));
                }
            }
        }
        let twin = Twin::of(&oracle, &mut self.rng);
        let mut told = None;
        if let Some(twin) = &twin {
            let other = self.ask(caller, &twin.operation).await;
            told = twin.difference(&oracle, &answer, &other);
        }
        let learned = learned(&oracle, &answer);
        self.seen.calls += 1;
        self.seen.twins += usize::from(twin.is_some());
        let something = has_something(&answer["data"]);
        self.seen.answered += usize::from(something);
        self.seen.done += usize::from(something && operation.mutation);
        leaks.extend(told);
        if twin.is_some() && operation.mutation {
            self.shop.facts.refresh(&self.shop.graph, caller.user).await;
        }
        for lesson in learned {
            lesson.tell(&mut self.shop.facts);
        }
        answer
    }

    /// The answer to a request.
    async fn ask(&self, caller: &Caller, operation: &Operation) -> Value {
        let graph = &self.shop.graph.graph;
        let headers = caller.headers.headers();
        let (query, variables) = (operation.to_string(), operation.variables());
        if operation.door == Door::Router {
            let request = GraphQLRequest::new(query).variables(variables);
            return graph.router.execute(request, headers).await.to_json();
        }
        let request = Request::new(query).variables(Variables::from_json(variables));
        let response = match operation.door {
            Door::Router | Door::Orders => graph.orders.execute(headers, request).await,
            Door::Users => graph.users.execute(headers, request).await,
            Door::Products => graph.products.execute(headers, request).await,
            Door::Warehouses => graph.warehouses.execute(headers, request).await,
        };
        serde_json::to_value(response).unwrap()
    }

    /// The same failure with as little around it as possible.
    async fn shrunk(
        &mut self,
        caller: Caller,
        operation: Operation,
        answer: Value,
        leaks: Vec<String>,
    ) -> Failure {
        let mut failure = Failure {
            caller: caller.name.clone(),
            operation,
            answer,
            leaks,
        };
        let mut left = SHRINKS;
        'smaller: loop {
            for operation in failure.operation.smaller() {
                if left == 0 || operation.size() >= failure.operation.size() {
                    continue;
                }
                left -= 1;
                let mut leaks = Vec::new();
                let answer = self.judged(&caller, &operation, &mut leaks).await;
                if !leaks.is_empty() {
                    failure = Failure {
                        caller: caller.name.clone(),
                        operation,
                        answer,
                        leaks,
                    };
                    continue 'smaller;
                }
            }
            return failure;
        }
    }
}

/// Whether somebody's secrets stand in the operation: then it is they who call.
fn signs_in(oracle: &Oracle<'_>, operation: &Operation, user: Uuid) -> bool {
    let mut keys = operation.roots.iter().filter_map(|root| match root {
        super::operation::Node::Field(asked) => Some(asked.key()),
        super::operation::Node::On { .. } => None,
    });
    keys.any(|key| oracle.grant(&key).signed_in.contains(&user))
}

/// A secret that somebody has from now on.
enum Lesson {
    Password(Uuid, String),
    Session(Uuid, String, String),
}

impl Lesson {
    fn tell(self, facts: &mut Facts) {
        match self {
            Self::Password(user, password) => {
                facts
                    .people
                    .entry(user)
                    .or_default()
                    .has_password(&password);
            }
            Self::Session(user, access, refresh) => {
                let person = facts.people.entry(user).or_default();
                person.has_session(&access, &refresh);
            }
        }
    }
}

/// Which secrets the answer has made.
fn learned(oracle: &Oracle<'_>, answer: &Value) -> Vec<Lesson> {
    let mut lessons = Vec::new();
    let Some(data) = answer["data"].as_object() else {
        return lessons;
    };
    for (key, payload) in data {
        let grant = oracle.grant(key);
        let Some(user) = grant.signed_in.first().copied() else {
            continue;
        };
        // More than it has come to is no harm: a password that was refused is nobody's.
        if matches!(field_of(key), "registerUser" | "changePassword") {
            let inputs = oracle.operation.inputs(key);
            let new = inputs
                .into_iter()
                .filter(|text| text.starts_with(NEW_PASSWORD));
            lessons.extend(new.map(|password| Lesson::Password(user, password)));
        }
        for session in payload.as_object().into_iter().flat_map(|it| it.values()) {
            if session["__typename"] != "Session" {
                continue;
            }
            let find = |name| {
                let found = session
                    .as_object()?
                    .iter()
                    .find(|(key, _)| field_of(key) == name);
                found?.1.as_str()
            };
            if let (Some(access), Some(refresh)) = (find("accessToken"), find("refreshToken")) {
                lessons.push(Lesson::Session(user, access.to_owned(), refresh.to_owned()));
            }
        }
    }
    lessons
}

fn has_something(data: &Value) -> bool {
    let values = data.as_object().map(|it| it.values());
    values.is_some_and(|mut values| values.any(|value| !value.is_null()))
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut answer = self.answer.to_string();
        if answer.len() > 4_000 {
            answer = answer.chars().take(4_000).collect();
            answer.write_char('…')?;
        }
        write!(
            f,
            "{} calls by {:?}:\n{}\n{}\nis answered:\n{answer}\nwhich is wrong:\n{}",
            self.caller,
            self.operation.door,
            self.operation,
            self.operation.variables(),
            self.leaks.join("\n"),
        )
    }
}
