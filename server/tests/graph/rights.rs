//! Every field that can be called, by everybody who calls: who is let in is what the schema says, and nothing is left out.
//!
//! The schema is walked as it is composed, so that a field that is new is called as soon as there is one: where it requires a scope,
//! by whoever has it and whoever has not; and where it requires none, the answer to each kind of caller is written down in a snapshot,
//! which somebody has to look at.

use std::{collections::VecDeque, fmt::Write as _};

use async_graphql::parser::types::{BaseType, Type};
use serde_json::{Value, json};
use stockgraph_kit::{
    caller::{Scope, Scopes},
    database::Engine,
    id::UserId,
    rights::{Holder, RIGHTS, ServiceName},
};
use stockgraph_users::domain::role::Role;

use crate::{
    test_graph::{As, TestGraph},
    visibility::{
        pool::{Sort, sort_of},
        schema::{Field, Input, Kind, Schema, named},
    },
};

const ROOTS: [(&str, &str); 2] = [("Query", "query"), ("Mutation", "mutation")];

/// Somebody of each kind.
struct Caller {
    name: String,
    headers: As,
    scopes: Scopes,
}

/// What somebody is answered who calls a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Allowed,
    Unauthenticated,
    Forbidden,
}

struct Walk {
    graph: TestGraph,
    schema: Schema,
    callers: Vec<Caller>,
    /// One that there is.
    product: String,
}

impl Walk {
    async fn of_the_whole_graph() -> Self {
        let graph = TestGraph::demo(Engine::Sqlite).await;
        let mut callers = vec![Caller {
            name: "anonymous".into(),
            headers: As::anonymous(),
            scopes: Scopes::new(),
        }];
        for (name, email, role) in [
            ("customer", "user1@example.com", Role::Customer),
            ("staff", "staff@example.com", Role::Staff),
            ("admin", "admin@example.com", Role::Admin),
        ] {
            callers.push(Caller {
                name: name.into(),
                headers: graph.log_in(email, "password123").await,
                scopes: role.scopes(),
            });
        }
        for service in ServiceName::ALL {
            let (scopes, lifetime) = (service.scopes(), chrono::TimeDelta::days(1));
            let issuer = &graph.foundation.issuer;
            let token = issuer.service(service.as_str(), &scopes, lifetime);
            callers.push(Caller {
                name: format!("service {}", service.as_str()),
                headers: As::token(&token.unwrap().text),
                scopes,
            });
        }
        let product = "{ productBySku(sku: \"LAPTOP-16GB\") { id } }";
        let product = graph.data(&As::anonymous(), product, json!({})).await;
        let schema = Schema::parse(graph.graph.router.supergraph_sdl());
        // What is sent event by event is not called here, so none of it may rely on being walked.
        let mut events = schema.fields("Subscription").iter();
        assert!(events.all(|field| field.scope.is_none()));
        Self {
            product: product["productBySku"]["id"].as_str().unwrap().to_owned(),
            schema,
            graph,
            callers,
        }
    }

    /// An operation that asks for one field of a type, by a way that requires no scope, with the least that it needs.
    fn operation(&self, of: &str, field: &Field) -> String {
        let mut asked = self.call(field);
        let mut of = of.to_owned();
        while !ROOTS.iter().any(|(root, _)| *root == of) {
            let (from, step) = self.way_to(&of);
            asked = format!("{} {{ {asked} }}", self.name_and_arguments(step));
            from.clone_into(&mut of);
        }
        let (_, kind) = ROOTS.into_iter().find(|(root, _)| *root == of).unwrap();
        format!("{kind} {{ {asked} }}")
    }

    /// The last step of the shortest open way from a root to objects of this type.
    fn way_to(&self, of: &str) -> (&str, &Field) {
        let mut open = VecDeque::from(["Query"]);
        let mut seen = vec!["Query"];
        while let Some(from) = open.pop_front() {
            for step in self
                .schema
                .fields(from)
                .iter()
                .filter(|it| it.scope.is_none())
            {
                if step.of == of {
                    return (from, step);
                }
                if !seen.contains(&step.of.as_str()) {
                    seen.push(&step.of);
                    open.push_back(&step.of);
                }
            }
        }
        panic!("no way leads to {of}")
    }

    fn call(&self, field: &Field) -> String {
        let call = self.name_and_arguments(field);
        match self.schema.kind(&field.of) {
            Kind::Scalar | Kind::Enum(_) => call,
            _ => format!("{call} {{ __typename }}"),
        }
    }

    fn name_and_arguments(&self, field: &Field) -> String {
        let arguments = self.values(&field.name, &field.args);
        if arguments.is_empty() {
            field.name.clone()
        } else {
            format!("{}({arguments})", field.name)
        }
    }

    /// A value for each that must have one.
    fn values(&self, within: &str, inputs: &[Input]) -> String {
        let needed = inputs.iter().filter(|input| !input.optional);
        let values = needed.map(|input| {
            let value = self.value(within, &input.name, &input.ty);
            format!("{}: {value}", input.name)
        });
        values.collect::<Vec<_>>().join(", ")
    }

    fn value(&self, within: &str, name: &str, ty: &Type) -> String {
        if let BaseType::List(item) = &ty.base {
            return format!("[{}]", self.value(within, name, item));
        }
        let of = named(ty);
        match self.schema.kind(of) {
            Kind::Input(fields) => format!("{{ {} }}", self.values(of, fields)),
            Kind::Enum(values) => values[0].clone(),
            _ => match of {
                "Int" => "1".into(),
                "Boolean" => "true".into(),
                "DateTime" => "\"2027-01-01T00:00:00Z\"".into(),
                "Decimal" => "\"1\"".into(),
                _ if name == "currency" => "\"IDR\"".into(),
                _ => json!(self.text(sort_of(within, name))).to_string(),
            },
        }
    }

    /// Something of this sort that is not there, but for products, whose fields are asked for.
    fn text(&self, sort: Sort) -> String {
        let id = self.graph.foundation.ids.next::<UserId>().to_string();
        let of = |kind: &str| id.replace("user", kind);
        match sort {
            Sort::Account => id,
            Sort::Order => of("order"),
            Sort::Line => of("orderline"),
            Sort::Reservation => of("reservation"),
            Sort::Product => self.product.clone(),
            Sort::Warehouse => of("warehouse"),
            Sort::Transfer => of("transfer"),
            Sort::Movement => of("movement"),
            Sort::Uuid => "018e0f4c-5a5f-7b5e-8a3c-0d9c5b1f0a11".into(),
            Sort::Email => "nobody@example.com".into(),
            _ => "nothing".into(),
        }
    }

    /// What the field of this name is answered to somebody.
    async fn verdict(&self, headers: &As, operation: &str, field: &str) -> Verdict {
        let answer = self.graph.answer(headers, operation, json!({})).await;
        let errors = answer["errors"].as_array().map_or(&[][..], Vec::as_slice);
        let refused = errors
            .iter()
            .find_map(|error| match error["extensions"]["code"].as_str() {
                Some("UNAUTHENTICATED") => Some((error, Verdict::Unauthenticated)),
                Some("FORBIDDEN") => Some((error, Verdict::Forbidden)),
                _ => None,
            });
        let Some((error, verdict)) = refused else {
            // An operation that nobody could have executed tells nothing of rights.
            for error in errors {
                assert_eq!(
                    error["extensions"]["code"], "BAD_USER_INPUT",
                    "{operation}\n{error}"
                );
            }
            return Verdict::Allowed;
        };
        let path = error["path"].as_array().expect("a path");
        assert_eq!(
            path.last(),
            Some(&Value::from(field)),
            "{operation}\n{error}"
        );
        verdict
    }
}

impl Caller {
    /// What the schema says of a field that requires this scope.
    fn expected(&self, scope: Scope) -> Verdict {
        match self.headers.headers().is_empty() {
            _ if self.scopes.contains(&scope) => Verdict::Allowed,
            true => Verdict::Unauthenticated,
            false => Verdict::Forbidden,
        }
    }
}

#[tokio::test]
async fn a_field_with_a_scope_is_for_those_who_have_it_and_nobody_else() {
    let walk = Walk::of_the_whole_graph().await;
    let scoped = walk.schema.scoped();
    assert!(scoped.len() > 30, "{scoped:?}");
    for (name, scope) in scoped {
        let (of, name) = name.split_once('.').unwrap();
        let mut fields = walk.schema.fields(of).iter();
        let field = fields.find(|field| field.name == name).unwrap();
        let operation = walk.operation(of, field);
        for caller in &walk.callers {
            let verdict = walk.verdict(&caller.headers, &operation, name).await;
            let expected = caller.expected(Scope::named(&scope));
            assert_eq!(
                verdict, expected,
                "{} as {}: {operation}",
                name, caller.name
            );
        }
    }
}

#[tokio::test]
async fn what_each_kind_of_caller_is_answered_without_a_scope_is_known() {
    let walk = Walk::of_the_whole_graph().await;
    let mut table = String::new();
    for (of, _) in ROOTS {
        for field in walk
            .schema
            .fields(of)
            .iter()
            .filter(|it| it.scope.is_none())
        {
            let operation = walk.operation(of, field);
            let mut refused = Vec::new();
            for caller in &walk.callers {
                match walk.verdict(&caller.headers, &operation, &field.name).await {
                    Verdict::Allowed => {}
                    verdict => refused.push(format!("{}: {verdict:?}", caller.name)),
                }
            }
            let told = if refused.is_empty() {
                "everybody".to_owned()
            } else {
                format!("not {}", refused.join(", "))
            };
            writeln!(table, "{of}.{}: {told}", field.name).unwrap();
        }
    }
    insta::assert_snapshot!(table);
}

#[tokio::test]
async fn a_token_that_is_not_good_opens_nothing() {
    let walk = Walk::of_the_whole_graph().await;
    let bad = As::token("nonsense");
    for (of, _) in ROOTS {
        for field in walk.schema.fields(of) {
            let operation = walk.operation(of, field);
            let verdict = walk.verdict(&bad, &operation, &field.name).await;
            assert_eq!(verdict, Verdict::Unauthenticated, "{operation}");
        }
    }
}

#[test]
fn the_readme_shows_the_table_of_rights() {
    let readme = include_str!("../../../README.md");
    let (_, table) = readme
        .split_once("| scope | who has it |")
        .expect("the table");
    let table: Vec<_> = table
        .lines()
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .collect();
    assert_eq!(table.len(), RIGHTS.len(), "no more rows than rights");
    for (scope, holders) in RIGHTS {
        let holders = holders.iter().map(|holder| match holder {
            Holder::Customer => "customer".to_owned(),
            Holder::Staff => "staff".to_owned(),
            Holder::Admin => "admin".to_owned(),
            Holder::Service(service) => format!("service `{}`", service.as_str()),
        });
        let row = format!("| `{scope}` | {} |", holders.collect::<Vec<_>>().join(", "));
        assert!(table.contains(&row.as_str()), "the README has no row {row}");
    }
}
