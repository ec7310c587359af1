//! `logIn`, and its throttle.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::json;
use stockgraph_kit::on_both_engines;
use stockgraph_users::domain::role::Role;

use crate::graph::{PASSWORD, TestGraph, config, errors, text};

on_both_engines! {
    async fn an_e_mail_address_or_a_phone_number_signs_in(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let input = json!({ "email": "ayu@example.com", "phoneNumber": "081234567890", "password": PASSWORD });
        let user = graph.register(input).await["user"].take();
        for identifier in [
            "ayu@example.com",
            " AYU@EXAMPLE.COM ",
            "081234567890",
            "+62 812-3456-7890",
            "+6281234567890",
        ] {
            let payload = graph.log_in(identifier, PASSWORD).await;
            assert_eq!(payload["session"]["user"]["id"], user["id"], "{identifier}");
            assert_eq!(graph.me(payload["session"]["accessToken"].as_str()).await, user);
        }
    }

    async fn an_unknown_identifier_and_a_wrong_password_are_told_alike(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let wrong = graph.log_in(&member.email, "tujuh gajah di bawah awan").await;
        assert_eq!(errors(&wrong), ["InvalidCredentials"]);
        for (identifier, password) in [
            ("nobody@example.com", PASSWORD),
            ("081200000000", PASSWORD),
            ("nonsense", PASSWORD),
            ("", ""),
            (&member.email, &"x".repeat(100_000)),
        ] {
            assert_eq!(graph.log_in(identifier, password).await, wrong, "{identifier}");
        }
    }

    async fn after_too_many_failures_one_must_wait(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        for identifier in [member.email.as_str(), "nobody@example.com", "nonsense"] {
            for _ in 0..5 {
                let payload = graph.log_in(identifier, "wrong password").await;
                assert_eq!(errors(&payload), ["InvalidCredentials"], "{identifier}");
            }
            let payload = graph.log_in(identifier, PASSWORD).await;
            assert_eq!(errors(&payload), ["TooManyAttempts"], "{identifier}");
            assert_eq!(payload["errors"][0]["retryAfterSeconds"], json!(60));
        }
        graph.wait(TimeDelta::seconds(59));
        let payload = graph.log_in(&member.email, PASSWORD).await;
        assert_eq!(payload["errors"][0]["retryAfterSeconds"], json!(1));
        graph.wait(TimeDelta::seconds(1));
        assert!(graph.log_in(&member.email, PASSWORD).await["session"].is_object());
    }

    async fn the_throttle_of_one_account_leaves_the_others_alone(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (one, other) = (graph.member(Role::Customer).await, graph.member(Role::Customer).await);
        for _ in 0..6 {
            graph.log_in(&one.email, "wrong password").await;
        }
        assert!(graph.log_in(&other.email, PASSWORD).await["session"].is_object());
    }

    async fn both_identifiers_of_an_account_are_counted_together_and_signing_in_forgets(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let input = json!({ "email": "ayu@example.com", "phoneNumber": "081234567890", "password": PASSWORD });
        graph.register(input).await;
        for _ in 0..2 {
            graph.log_in("ayu@example.com", "wrong password").await;
            graph.log_in("081234567890", "wrong password").await;
        }
        assert!(graph.log_in("081234567890", PASSWORD).await["session"].is_object());
        for _ in 0..5 {
            let payload = graph.log_in("081234567890", "wrong password").await;
            assert_eq!(errors(&payload), ["InvalidCredentials"]);
        }
        let payload = graph.log_in("ayu@example.com", PASSWORD).await;
        assert_eq!(errors(&payload), ["TooManyAttempts"]);
    }

    async fn the_throttle_holds_across_processes_and_attempts_at_once(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        for _ in 0..2 {
            graph.log_in(&member.email, "wrong password").await;
        }
        let graph = Arc::new(graph.replica(config()));
        let attempts: Vec<_> = (0..20)
            .map(|_| {
                let (graph, email) = (Arc::clone(&graph), member.email.clone());
                tokio::spawn(async move { graph.log_in(&email, "wrong password").await })
            })
            .collect();
        let mut tried = 0;
        for attempt in attempts {
            tried += usize::from(errors(&attempt.await.unwrap()) == ["InvalidCredentials"]);
        }
        assert_eq!(tried, 3);
    }

    async fn the_rights_of_a_token_are_those_of_the_role(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let query = "{ users { totalCount } }";
        let customer = graph.member(Role::Customer).await;
        assert_eq!(graph.code(customer.token(), query, json!({})).await, "FORBIDDEN");
        assert_eq!(graph.code(None, query, json!({})).await, "UNAUTHENTICATED");
        for role in [Role::Staff, Role::Admin] {
            let member = graph.member(role).await;
            graph.data(member.token(), query, json!({})).await;
        }
    }

    async fn a_hash_of_older_costs_is_renewed_and_the_password_stays(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let mut dearer = config();
        dearer.passwords.iterations = 2;
        let graph = graph.replica(dearer);
        let update = "UPDATE \"users\"";
        let renewals = |statements: Vec<String>| {
            statements.iter().filter(|sql| sql.starts_with(update)).count()
        };
        for expected in [1, 0] {
            let _before = graph.database.take_statements();
            let payload = graph.log_in(&member.email, PASSWORD).await;
            assert!(payload["session"].is_object());
            assert_eq!(renewals(graph.database.take_statements()), expected);
        }
    }

    async fn what_is_over_is_cleared_away(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        graph.log_in("nobody@example.com", PASSWORD).await;
        let first = graph.log_in(&member.email, PASSWORD).await["session"].take();
        graph.wait(TimeDelta::days(31));
        graph.log_in(&member.email, PASSWORD).await;
        let rows = graph.rows().await;
        // The session just opened, with its token; nothing of the two before, nor of the failure.
        assert_eq!(rows, [("sessions", 1), ("refresh_tokens", 1), ("login_throttles", 0)]);
        assert!(!graph.goes_on(text(&first, "refreshToken")).await);
    }
}
