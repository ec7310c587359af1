//! How many log-ins may fail: of an account from an address, from an address, of an account.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::{database::Engine, on_both_engines};
use stockgraph_users::{
    domain::role::Role,
    service::{IdentityConfig, ThrottleConfig},
};

use crate::graph::{PASSWORD, TestGraph, config, errors};

const HOME: &str = "192.0.2.1";
const WORK: &str = "192.0.2.2";
const ATTACKER: &str = "203.0.113.9";
const WRONG: &str = "wrong password";

/// Limits that are far from each other: 5 of a pair, 12 of an address, 20 of an account.
fn limits() -> IdentityConfig {
    let throttle = |attempts, interval_seconds| ThrottleConfig {
        attempts,
        interval_seconds,
    };
    IdentityConfig {
        log_in_throttle: throttle(5, 60),
        address_throttle: throttle(12, 10),
        account_throttle: throttle(20, 60),
        ..config()
    }
}

async fn graph(engine: Engine) -> TestGraph {
    TestGraph::new(engine).await.replica(limits())
}

fn is_signed_in(payload: &Value) -> bool {
    payload["session"].is_object()
}

fn is_refused(payload: &Value) -> bool {
    errors(payload) == ["TooManyAttempts"]
}

/// How many of a botnet's wrong log-ins, each from an address of its own, were checked.
async fn botnet(graph: &TestGraph, identifier: &str, addresses: u8) -> usize {
    let mut checked = 0;
    for number in 0..addresses {
        let payload = graph
            .log_in_from(&format!("198.51.100.{number}"), identifier, WRONG)
            .await;
        checked += usize::from(errors(&payload) == ["InvalidCredentials"]);
        assert!(is_refused(&payload) || errors(&payload) == ["InvalidCredentials"]);
    }
    checked
}

/// How many wrong log-ins with ever new identifiers from one address were checked.
async fn spray(graph: &TestGraph, address: &str, number: usize) -> usize {
    let mut checked = 0;
    for guess in 0..number {
        let payload = graph
            .log_in_from(address, &format!("guess{guess}@example.com"), WRONG)
            .await;
        checked += usize::from(!is_refused(&payload));
    }
    checked
}

on_both_engines! {
    async fn an_owner_signs_in_from_elsewhere_while_one_address_is_refused(engine: Engine) {
        let graph = graph(engine).await;
        let member = graph.member(Role::Customer).await;
        for _ in 0..5 {
            let payload = graph.log_in_from(ATTACKER, &member.email, WRONG).await;
            assert_eq!(errors(&payload), ["InvalidCredentials"]);
        }
        let refused = graph.log_in_from(ATTACKER, &member.email, PASSWORD).await;
        assert!(is_refused(&refused));
        assert_eq!(refused["errors"][0]["retryAfterSeconds"], json!(60));
        assert!(is_signed_in(&graph.log_in_from(HOME, &member.email, PASSWORD).await));
        // That the owner got in is nothing to the other.
        assert!(is_refused(&graph.log_in_from(ATTACKER, &member.email, PASSWORD).await));
        graph.wait(TimeDelta::seconds(59));
        let refused = graph.log_in_from(ATTACKER, &member.email, PASSWORD).await;
        assert_eq!(refused["errors"][0]["retryAfterSeconds"], json!(1));
        graph.wait(TimeDelta::seconds(1));
        assert!(is_signed_in(&graph.log_in_from(ATTACKER, &member.email, PASSWORD).await));
    }

    async fn trying_many_accounts_from_one_address_is_stopped_and_others_sign_in(engine: Engine) {
        let graph = graph(engine).await;
        let member = graph.member(Role::Customer).await;
        assert_eq!(spray(&graph, ATTACKER, 20).await, 12);
        // Whatever it asks: an account that it never tried, and the right password.
        let refused = graph.log_in_from(ATTACKER, &member.email, PASSWORD).await;
        assert!(is_refused(&refused));
        assert_eq!(refused["errors"][0]["retryAfterSeconds"], json!(10));
        assert!(is_signed_in(&graph.log_in_from(HOME, &member.email, PASSWORD).await));
        graph.wait(TimeDelta::seconds(10));
        assert_eq!(spray(&graph, ATTACKER, 5).await, 1);
    }

    async fn an_account_of_ones_own_buys_no_attempts_on_others(engine: Engine) {
        let graph = graph(engine).await;
        let own = graph.member(Role::Customer).await;
        let mut checked = 0;
        for guess in 0..20 {
            let payload = graph.log_in_from(ATTACKER, &format!("guess{guess}@example.com"), WRONG).await;
            checked += usize::from(!is_refused(&payload));
            graph.log_in_from(ATTACKER, &own.email, PASSWORD).await;
        }
        assert_eq!(checked, 12);
    }

    async fn many_who_sign_in_rightly_behind_one_address_are_never_refused(engine: Engine) {
        let graph = Arc::new(graph(engine).await);
        let member = graph.member(Role::Customer).await;
        for _ in 0..10 {
            let at_once: Vec<_> = (0..3)
                .map(|_| {
                    let (graph, email) = (Arc::clone(&graph), member.email.clone());
                    tokio::spawn(async move { graph.log_in_from(HOME, &email, PASSWORD).await })
                })
                .collect();
            for payload in at_once {
                assert!(is_signed_in(&payload.await.unwrap()));
            }
        }
    }

    async fn the_addresses_of_one_64_count_as_one(engine: Engine) {
        let graph = graph(engine).await;
        let member = graph.member(Role::Customer).await;
        for host in 1..=5 {
            graph.log_in_from(&format!("2001:db8::{host}"), &member.email, WRONG).await;
        }
        assert!(is_refused(&graph.log_in_from("2001:db8::ffff:6", &member.email, PASSWORD).await));
        assert!(is_signed_in(&graph.log_in_from("2001:db8:0:1::1", &member.email, PASSWORD).await));
    }

    async fn a_botnet_is_stopped_and_the_owner_gets_in_from_where_they_were_before(engine: Engine) {
        let graph = graph(engine).await;
        let member = graph.member(Role::Customer).await;
        for address in [HOME, "2001:db8::1"] {
            assert!(is_signed_in(&graph.log_in_from(address, &member.email, PASSWORD).await));
        }
        assert_eq!(botnet(&graph, &member.email, 200).await, 20);
        assert!(is_refused(&graph.log_in_from(WORK, &member.email, PASSWORD).await));
        for address in [HOME, "2001:db8::2"] {
            assert!(is_signed_in(&graph.log_in_from(address, &member.email, PASSWORD).await));
        }
        // That the owner got in gives the botnet nothing.
        assert_eq!(botnet(&graph, &member.email, 30).await, 0);
        graph.wait(TimeDelta::seconds(60));
        assert_eq!(botnet(&graph, &member.email, 30).await, 1);
    }

    async fn signing_in_from_a_new_address_gives_back_that_attempt_and_no_other(engine: Engine) {
        let graph = graph(engine).await;
        let member = graph.member(Role::Customer).await;
        assert_eq!(botnet(&graph, &member.email, 19).await, 19);
        assert!(is_signed_in(&graph.log_in_from(WORK, &member.email, PASSWORD).await));
        assert_eq!(botnet(&graph, &member.email, 30).await, 1);
    }

    async fn an_address_is_known_for_ninety_days(engine: Engine) {
        let graph = graph(engine).await;
        let member = graph.member(Role::Customer).await;
        assert!(is_signed_in(&graph.log_in_from(HOME, &member.email, PASSWORD).await));
        for (days, known) in [(89, true), (89, true), (91, false)] {
            graph.wait(TimeDelta::days(days));
            botnet(&graph, &member.email, 30).await;
            let payload = graph.log_in_from(HOME, &member.email, PASSWORD).await;
            assert_eq!(is_signed_in(&payload), known, "{payload}");
        }
    }

    async fn of_each_account_twenty_addresses_are_known(engine: Engine) {
        let graph = graph(engine).await;
        let member = graph.member(Role::Customer).await;
        for number in 1..=22 {
            graph.wait(TimeDelta::seconds(1));
            graph.log_in_from(&format!("192.0.2.{number}"), &member.email, PASSWORD).await;
        }
        botnet(&graph, &member.email, 30).await;
        for (number, known) in [(1, false), (2, false), (3, true), (22, true)] {
            let payload = graph.log_in_from(&format!("192.0.2.{number}"), &member.email, PASSWORD).await;
            assert_eq!(is_signed_in(&payload), known, "{number}");
        }
    }

    async fn an_identifier_that_nobody_has_is_throttled_like_an_account(engine: Engine) {
        let graph = graph(engine).await;
        let member = graph.member(Role::Customer).await;
        let mut answers = Vec::new();
        for identifier in [member.email.as_str(), "nobody@example.com"] {
            let mut seen = Vec::new();
            for address in [ATTACKER, WORK] {
                for _ in 0..7 {
                    seen.push(graph.log_in_from(address, identifier, WRONG).await);
                }
            }
            for number in 0..20 {
                seen.push(graph.log_in_from(&format!("198.51.100.{number}"), identifier, WRONG).await);
            }
            answers.push(seen);
            // Forgotten, so that the addresses start anew with the other identifier.
            graph.wait(TimeDelta::hours(1));
        }
        assert_eq!(answers[0], answers[1]);
    }

    async fn the_limits_hold_across_processes(engine: Engine) {
        let graph = graph(engine).await;
        let member = graph.member(Role::Customer).await;
        assert!(is_signed_in(&graph.log_in_from(HOME, &member.email, PASSWORD).await));
        for _ in 0..5 {
            graph.log_in_from(ATTACKER, &member.email, WRONG).await;
        }
        assert_eq!(spray(&graph, WORK, 12).await, 12);
        assert_eq!(botnet(&graph, &member.email, 30).await, 15);
        let graph = graph.replica(limits());
        assert!(is_refused(&graph.log_in_from(ATTACKER, &member.email, PASSWORD).await));
        assert_eq!(spray(&graph, WORK, 1).await, 0);
        assert_eq!(botnet(&graph, &member.email, 30).await, 0);
        assert!(is_signed_in(&graph.log_in_from(HOME, &member.email, PASSWORD).await));
    }

    async fn of_forty_who_guess_at_once_no_more_than_the_limit_are_heard(engine: Engine) {
        let graph = Arc::new(graph(engine).await);
        let member = graph.member(Role::Customer).await;
        for (from_one_address, limit) in [(true, 5), (false, 15)] {
            let attempts: Vec<_> = (0..40)
                .map(|number| {
                    let (graph, email) = (Arc::clone(&graph), member.email.clone());
                    let address = if from_one_address { ATTACKER.into() } else { format!("198.51.100.{number}") };
                    tokio::spawn(async move { graph.log_in_from(&address, &email, WRONG).await })
                })
                .collect();
            let mut checked = 0;
            for attempt in attempts {
                checked += usize::from(!is_refused(&attempt.await.unwrap()));
            }
            // The five of the first round count for the account, too.
            assert_eq!(checked, limit);
        }
    }

    async fn several_log_ins_in_one_request_are_each_counted(engine: Engine) {
        let graph = graph(engine).await;
        let member = graph.member(Role::Customer).await;
        let log_in = format!(r#"logIn(input: {{ identifier: "{}", password: "{WRONG}" }}) {{ errors {{ __typename }} }}"#, member.email);
        let aliased: String = (0..8).map(|number| format!("a{number}: {log_in} ")).collect();
        let query = format!("mutation {{ {aliased} }}");
        let answer = graph.answer_from(Some(ATTACKER), None, &query, json!({})).await;
        let payloads = answer["data"].as_object().unwrap().values();
        assert_eq!(payloads.filter(|payload| is_refused(payload)).count(), 3);
    }

    async fn what_is_refused_is_cheap(engine: Engine) {
        let graph = graph(engine).await;
        let member = graph.member(Role::Customer).await;
        for _ in 0..6 {
            graph.log_in_from(ATTACKER, &member.email, WRONG).await;
        }
        spray(&graph, WORK, 13).await;
        botnet(&graph, &member.email, 30).await;
        // One who was refused before, by its pair and by its address, and one more of a botnet.
        for (address, reads) in [(ATTACKER, 1), (WORK, 1), ("198.51.100.99", 4)] {
            let _before = graph.database.take_statements();
            assert!(is_refused(&graph.log_in_from(address, &member.email, WRONG).await));
            let statements = graph.database.take_statements();
            assert_eq!(statements.len(), reads, "{statements:?}");
            assert!(statements.iter().all(|sql| sql.starts_with("SELECT")), "{statements:?}");
        }
    }

    async fn wrong_log_ins_do_not_keep_a_user_from_changing_their_password(engine: Engine) {
        let graph = graph(engine).await;
        let member = graph.member(Role::Customer).await;
        botnet(&graph, &member.email, 30).await;
        let input = json!({ "currentPassword": PASSWORD, "newPassword": "delapan kuda nil menari" });
        let payload = graph.mutate(member.token(), "changePassword", "session { user { id } } errors { __typename }", input).await;
        assert!(is_signed_in(&payload), "{payload}");
    }

    async fn a_flood_of_failures_leaves_nothing_behind_in_the_end(engine: Engine) {
        let graph = graph(engine).await;
        let member = graph.member(Role::Customer).await;
        botnet(&graph, &member.email, 20).await;
        spray(&graph, ATTACKER, 12).await;
        assert!(graph.rows().await[2].1 > 40);
        graph.wait(TimeDelta::hours(1));
        // A failure is enough to have it cleared away, but for its own three rows.
        graph.log_in_from(WORK, "nobody@example.com", WRONG).await;
        assert_eq!(graph.rows().await[2], ("login_throttles", 3));
    }
}
