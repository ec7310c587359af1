//! The audit trail: what stands in it, and what never does.

use std::{
    io,
    sync::{Arc, Mutex},
};

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::{caller::ClientAddress, on_both_engines};
use stockgraph_users::{
    domain::{
        audit::{EventKind, SecurityEvent},
        origin::{Actor, Origin},
        password::Password,
        role::Role,
        throttle::IdentifierHash,
    },
    service::{EventFilter, SetPassword},
};
use tracing::{Level, subscriber::DefaultGuard};
use tracing_subscriber::fmt::MakeWriter;

use crate::graph::{Member, PASSWORD, TestGraph, config, text};

const NEW: &str = "delapan kuda nil menari";
const HOME: &str = "192.0.2.1";

/// What this thread logs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn capture() -> (Self, DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(Level::TRACE)
            .with_ansi(false)
            .with_writer(log.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// The lines of the audit trail.
    fn audit(&self) -> Vec<String> {
        let text = self.text();
        let lines = text.lines().filter_map(|line| line.split_once(" audit: "));
        lines.map(|(_, line)| line.to_owned()).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

/// The events, oldest first.
async fn events(graph: &TestGraph) -> Vec<SecurityEvent> {
    let mut events = graph
        .users
        .security_events(&EventFilter::default(), 1_000)
        .await
        .unwrap();
    events.reverse();
    events
}

/// The only event of this kind.
async fn only(graph: &TestGraph, kind: EventKind) -> SecurityEvent {
    let filter = EventFilter {
        kinds: vec![kind],
        ..EventFilter::default()
    };
    let found = graph.users.security_events(&filter, 10).await.unwrap();
    let [event] = found.as_slice() else {
        panic!("{kind}: {found:?}");
    };
    event.clone()
}

async fn kinds(graph: &TestGraph) -> Vec<&'static str> {
    let events = events(graph).await;
    events.iter().map(|event| event.kind.as_str()).collect()
}

/// Sends a mutation from [`HOME`]; the payload.
async fn mutate(graph: &TestGraph, token: Option<&str>, mutation: &str, input: Value) -> Value {
    let capital = mutation[..1].to_uppercase() + &mutation[1..];
    let session = "session { accessToken refreshToken }";
    let selection = match mutation {
        "logOut" => "loggedOut",
        "updateProfile" | "assignRoles" | "setUserActive" => "user { id } errors { __typename }",
        _ => &format!("{session} errors {{ __typename }}"),
    };
    let query = format!(
        "mutation ($input: {capital}Input!) {{ {mutation}(input: $input) {{ {selection} }} }}"
    );
    let input = json!({ "input": input });
    let mut answer = graph.answer_from(Some(HOME), token, &query, input).await;
    assert_eq!(answer["errors"], Value::Null);
    // Each thing at an instant of its own, so that they are read back in their order.
    graph.wait(TimeDelta::seconds(1));
    answer["data"][mutation].take()
}

async fn administer(graph: &TestGraph, admin: &Member, user: &str) {
    let roles = json!({ "userId": user, "roles": ["STAFF", "CUSTOMER"] });
    for _ in 0..2 {
        // The second time nothing changes.
        mutate(graph, admin.token(), "assignRoles", roles.clone()).await;
    }
    for active in [false, false, true] {
        let input = json!({ "userId": user, "active": active });
        mutate(graph, admin.token(), "setUserActive", input).await;
        let input = json!({ "identifier": "audit.marker@example.com", "password": NEW });
        mutate(graph, None, "logIn", input).await;
    }
}

/// Goes through every mutation, rightly and wrongly; the texts that must stand nowhere, and the admin.
async fn everything(graph: &TestGraph) -> (Vec<String>, Member) {
    let admin = graph.member(Role::Admin).await;
    graph.wait(TimeDelta::seconds(1));
    let (wrong, unknown, name) = (
        "wrong-marker-password",
        "unknown.marker@example.com",
        "Name Marker",
    );
    let email = "audit.marker@example.com";
    let register = json!({ "email": email, "phoneNumber": "081234567890", "password": PASSWORD });
    let first = mutate(graph, None, "registerUser", register.clone()).await["session"].take();
    mutate(graph, None, "registerUser", register).await;
    let log_in = |identifier: &str, password: &str| json!({ "identifier": identifier, "password": password });
    mutate(graph, None, "logIn", log_in(email, wrong)).await;
    for _ in 0..7 {
        mutate(graph, None, "logIn", log_in(unknown, wrong)).await;
    }
    mutate(graph, None, "logIn", log_in("typed-marker-password", wrong)).await;
    let second = mutate(graph, None, "logIn", log_in(email, PASSWORD)).await["session"].take();
    let token = second["accessToken"].as_str();
    let profile = json!({ "displayName": name, "phoneNumber": null });
    for _ in 0..2 {
        mutate(graph, token, "updateProfile", profile.clone()).await;
    }
    let refresh = json!({ "refreshToken": first["refreshToken"] });
    let refreshed = mutate(graph, None, "refreshSession", refresh.clone()).await["session"].take();
    mutate(graph, None, "refreshSession", refresh).await;
    for (current, new) in [(wrong, NEW), (PASSWORD, "password123"), (PASSWORD, NEW)] {
        let input = json!({ "currentPassword": current, "newPassword": new });
        mutate(graph, token, "changePassword", input).await;
    }
    let third = mutate(graph, None, "logIn", log_in(email, NEW)).await["session"].take();
    for _ in 0..2 {
        let input = json!({ "refreshToken": third["refreshToken"] });
        mutate(graph, None, "logOut", input).await;
    }
    let user = graph.users.find_account(email).await.unwrap().unwrap();
    administer(graph, &admin, &user.id.to_string()).await;
    let set = SetPassword {
        user: user.id,
        password: Password::new("sembilan-marker-rusa-hijau".into()),
    };
    graph
        .users
        .set_password(set, &Origin::service("command line"))
        .await
        .unwrap();
    let mut secrets: Vec<String> = [
        PASSWORD,
        NEW,
        "password123",
        "sembilan-marker-rusa-hijau",
        wrong,
        unknown,
        name,
        email,
        "typed-marker-password",
        "081234567890",
        "+6281234567890",
        "argon2",
    ]
    .map(str::to_owned)
    .to_vec();
    for session in [&first, &second, &refreshed, &third] {
        secrets.push(text(session, "accessToken").to_owned());
        secrets.push(text(session, "refreshToken").to_owned());
    }
    (secrets, admin)
}

on_both_engines! {
    async fn everything_that_happens_to_an_account_is_told_once(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (log, _guard) = Log::capture();
        let (_, admin) = everything(&graph).await;
        let told = kinds(&graph).await;
        let mut expected = vec!["user_created", "logged_in", "registered", "log_in_failed"];
        // Of the seven on an unknown identifier, the limit lets five be checked; the sixth is told, the seventh is not.
        expected.extend(["log_in_failed"; 5]);
        expected.extend(["log_in_throttled", "log_in_failed", "logged_in", "profile_changed"]);
        expected.extend(["refresh_token_reused", "password_change_failed", "password_changed"]);
        expected.extend(["logged_in", "logged_out", "roles_changed", "account_locked"]);
        expected.extend(["log_in_failed", "log_in_failed", "account_unlocked", "logged_in"]);
        expected.push("password_changed");
        // Those of the set-up happened at the same instant.
        assert_eq!(told[2..], expected[2..]);
        let logged = log.audit();
        assert_eq!(logged.len(), told.len(), "{logged:#?}");
        for (line, kind) in logged.iter().zip(&expected) {
            assert!(line.contains(&format!("kind=\"{kind}\"")), "{line} is not {kind}");
        }
        assert!(logged[0].contains(&format!("user={}", admin.id)), "{}", logged[0]);
        assert!(logged[1].contains("session=session_"), "{}", logged[1]);
    }

    async fn no_secret_and_nothing_that_was_typed_is_in_the_trail_or_in_the_log(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (log, _guard) = Log::capture();
        let (secrets, _) = everything(&graph).await;
        let rows = format!("{} {:?}", graph.dump("security_events").await, events(&graph).await);
        let log = log.text();
        for secret in &secrets {
            assert!(!rows.contains(secret), "{secret} is in {rows}");
            assert!(!log.contains(secret), "{secret} is in {log}");
        }
        assert!(rows.contains(HOME));
        assert!(!log.contains(HOME), "an address is in {log}");
        // Nor do the tables of the throttle and of the known addresses have what was typed.
        for table in ["login_throttles", "known_addresses"] {
            let rows = graph.dump(table).await;
            assert!(secrets.iter().all(|secret| !rows.contains(secret)), "{rows}");
        }
    }

    async fn an_event_tells_who_did_it_to_whom_and_whence(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (_, admin) = everything(&graph).await;
        let registered = only(&graph, EventKind::Registered).await;
        let user = registered.user.unwrap();
        assert_eq!(registered.actor, Actor::User(user));
        assert_eq!(registered.address, Some(HOME.parse().unwrap()));
        let reused = only(&graph, EventKind::RefreshTokenReused).await;
        assert_eq!((reused.user, reused.session), (Some(user), registered.session));
        assert_eq!(reused.actor, Actor::Anonymous, "nobody knows who has the copy");
        let roles = only(&graph, EventKind::RolesChanged).await;
        assert_eq!((roles.user, roles.actor), (Some(user), Actor::User(admin.id)));
        assert_eq!(roles.detail, Some(json!({ "before": ["CUSTOMER"], "after": ["CUSTOMER", "STAFF"] })));
        let profile = only(&graph, EventKind::ProfileChanged).await;
        assert_eq!(profile.detail, Some(json!({ "fields": ["phone_number", "display_name"] })));
        let throttled = only(&graph, EventKind::LogInThrottled).await;
        let hash = IdentifierHash::of("unknown.marker@example.com").to_string();
        assert_eq!(throttled.detail, Some(json!({ "limit": "account_and_address", "identifier_hash": hash })));
        let created = only(&graph, EventKind::UserCreated).await;
        assert_eq!((created.actor, created.address), (Actor::Service("test".into()), None));
        assert_eq!(created.detail, Some(json!({ "roles": ["ADMIN"] })));
        let logged_out = only(&graph, EventKind::LoggedOut).await;
        assert_eq!(logged_out.actor, Actor::User(user));
        assert!(logged_out.session.is_some() && logged_out.session != registered.session);
        let set = events(&graph).await.pop().unwrap();
        assert_eq!((set.kind, set.actor), (EventKind::PasswordChanged, Actor::Service("command line".into())));
    }

    async fn failures_tell_their_reason(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        everything(&graph).await;
        let reasons: Vec<String> = events(&graph)
            .await
            .iter()
            .filter(|event| matches!(event.kind, EventKind::LogInFailed | EventKind::PasswordChangeFailed))
            .map(|event| {
                let detail = event.detail.as_ref().unwrap();
                assert_eq!(event.user.is_none(), detail["identifier_hash"].is_string());
                text(detail, "reason").to_owned()
            })
            .collect();
        let mut expected = vec!["wrong_password"];
        expected.extend(["unknown_identifier"; 6]);
        expected.extend(["wrong_password", "account_locked", "account_locked"]);
        assert_eq!(reasons, expected);
    }

    async fn events_are_found_by_user_kind_and_time_newest_first(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (one, other) = (graph.member(Role::Customer).await, graph.member(Role::Customer).await);
        graph.wait(TimeDelta::minutes(1));
        let since = graph.clock.now();
        for member in [&one, &other, &one] {
            graph.log_in(&member.email, PASSWORD).await;
            graph.wait(TimeDelta::minutes(1));
        }
        let find = async |filter: EventFilter, limit| graph.users.security_events(&filter, limit).await.unwrap();
        let of_one = find(EventFilter { user: Some(one.id), ..EventFilter::default() }, 10).await;
        assert_eq!(of_one.len(), 4);
        assert!(of_one.iter().all(|event| event.user == Some(one.id)));
        assert!(of_one.is_sorted_by(|newer, older| newer.occurred_at >= older.occurred_at));
        let late = find(EventFilter { since: Some(since), ..EventFilter::default() }, 10).await;
        assert_eq!(late.iter().map(|event| event.user.unwrap()).collect::<Vec<_>>(), [one.id, other.id, one.id]);
        let created = EventFilter { kinds: vec![EventKind::UserCreated, EventKind::Registered], ..EventFilter::default() };
        assert_eq!(find(created, 10).await.len(), 2);
        assert_eq!(find(EventFilter::default(), 2).await, late[..2]);
    }

    async fn a_flood_that_is_refused_is_told_once_a_minute(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let filter = EventFilter { kinds: vec![EventKind::LogInThrottled], ..EventFilter::default() };
        let throttled = async || graph.users.security_events(&filter, 100).await.unwrap().len();
        for minutes in 1..=3 {
            for _ in 0..20 {
                graph.log_in_from(HOME, &member.email, "wrong password").await;
            }
            assert_eq!(throttled().await, minutes);
            graph.wait(TimeDelta::seconds(59));
            graph.log_in_from(HOME, &member.email, "wrong password").await;
            assert_eq!(throttled().await, minutes);
            graph.wait(TimeDelta::seconds(1));
        }
    }

    async fn what_changes_nothing_is_not_told(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let before = kinds(&graph).await.len();
        let taken = json!({ "email": member.email, "password": PASSWORD });
        mutate(&graph, None, "registerUser", taken).await;
        mutate(&graph, member.token(), "updateProfile", json!({ "email": member.email })).await;
        mutate(&graph, None, "logOut", json!({ "refreshToken": "nonsense" })).await;
        assert_eq!(kinds(&graph).await.len(), before);
    }

    async fn a_renewed_hash_is_told_with_its_costs(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let mut dearer = config();
        dearer.passwords.iterations = 2;
        let graph = graph.replica(dearer);
        graph.log_in(&member.email, PASSWORD).await;
        let renewed = only(&graph, EventKind::PasswordHashRenewed).await;
        assert_eq!(renewed.user, Some(member.id));
        assert_eq!(renewed.detail, Some(json!({ "parameters": "m=8,t=2,p=1" })));
    }

    async fn events_are_kept_as_long_as_the_settings_say(engine: Engine) {
        let mut brief = config();
        brief.audit.retention_days = 30;
        let graph = TestGraph::new(engine).await.replica(brief);
        let member = graph.member(Role::Customer).await;
        graph.wait(TimeDelta::days(29));
        graph.log_in(&member.email, PASSWORD).await;
        assert_eq!(kinds(&graph).await.len(), 3);
        graph.wait(TimeDelta::days(1));
        graph.log_in(&member.email, PASSWORD).await;
        assert_eq!(kinds(&graph).await, ["logged_in", "logged_in"]);
    }

    async fn an_address_is_told_in_its_own_dress(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        graph.log_in_from("::ffff:192.0.2.9", &member.email, "wrong password").await;
        let failed = only(&graph, EventKind::LogInFailed).await;
        assert_eq!(failed.address.map(ClientAddress), Some(ClientAddress("192.0.2.9".parse().unwrap())));
    }
}
