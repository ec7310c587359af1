//! `refreshSession` and `logOut`.

use std::sync::Arc;

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::on_both_engines;
use stockgraph_users::domain::role::Role;

use crate::graph::{PASSWORD, TestGraph, errors, text};

async fn session(graph: &TestGraph) -> Value {
    let member = graph.member(Role::Customer).await;
    graph.log_in(&member.email, PASSWORD).await["session"].take()
}

async fn log_out(graph: &TestGraph, token: &str) -> Value {
    graph
        .mutate(
            None,
            "logOut",
            "loggedOut",
            json!({ "refreshToken": token }),
        )
        .await["loggedOut"]
        .take()
}

on_both_engines! {
    async fn a_refresh_token_gives_new_tokens_of_both_kinds(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let old = session(&graph).await;
        graph.wait(TimeDelta::minutes(20));
        let code = graph.code(old["accessToken"].as_str(), "{ me { id } }", json!({})).await;
        assert_eq!(code, "UNAUTHENTICATED");
        let new = graph.refresh(text(&old, "refreshToken")).await["session"].take();
        assert_eq!(new["user"], old["user"]);
        assert_ne!(new["refreshToken"], old["refreshToken"]);
        assert_eq!(text(&new, "accessTokenExpiresAt"), "2027-01-15T08:35:00Z");
        assert_eq!(text(&new, "refreshTokenExpiresAt"), "2027-02-14T08:20:00Z");
        assert_eq!(graph.me(new["accessToken"].as_str()).await["id"], new["user"]["id"]);
    }

    async fn a_session_that_is_refreshed_in_time_goes_on(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let mut session = session(&graph).await;
        for _ in 0..3 {
            graph.wait(TimeDelta::days(29));
            session = graph.refresh(text(&session, "refreshToken")).await["session"].take();
        }
        graph.wait(TimeDelta::days(30));
        let payload = graph.refresh(text(&session, "refreshToken")).await;
        assert_eq!(errors(&payload), ["SessionRevoked"]);
    }

    async fn using_a_token_again_revokes_the_session_and_no_other(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let stolen = graph.log_in(&member.email, PASSWORD).await["session"].take();
        let other = graph.log_in(&member.email, PASSWORD).await["session"].take();
        let stolen = text(&stolen, "refreshToken");
        let next = graph.refresh(stolen).await["session"].take();
        let payload = graph.refresh(stolen).await;
        assert_eq!(errors(&payload), ["SessionRevoked"]);
        assert_eq!(payload["session"], Value::Null);
        assert!(!graph.goes_on(text(&next, "refreshToken")).await);
        assert!(graph.goes_on(text(&other, "refreshToken")).await);
    }

    async fn of_many_who_use_one_token_at_once_one_is_served_and_the_session_ends(engine: Engine) {
        let graph = Arc::new(TestGraph::new(engine).await);
        let token = text(&session(&graph).await, "refreshToken").to_owned();
        let attempts: Vec<_> = (0..8)
            .map(|_| {
                let (graph, token) = (Arc::clone(&graph), token.clone());
                tokio::spawn(async move { graph.refresh(&token).await })
            })
            .collect();
        let mut served = Vec::new();
        for attempt in attempts {
            let payload = attempt.await.unwrap();
            match payload["session"]["refreshToken"].as_str() {
                Some(token) => served.push(token.to_owned()),
                None => assert_eq!(errors(&payload), ["SessionRevoked"]),
            }
        }
        assert_eq!(served.len(), 1);
        assert!(!graph.goes_on(&served[0]).await);
    }

    async fn what_is_no_refresh_token_refreshes_nothing(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let session = session(&graph).await;
        for token in ["", "nonsense", text(&session, "accessToken"), &"A".repeat(43)] {
            assert_eq!(errors(&graph.refresh(token).await), ["SessionRevoked"], "{token}");
        }
    }

    async fn the_database_does_not_know_the_token_itself(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let session = session(&graph).await;
        let token = text(&session, "refreshToken");
        let dump = graph.dump("refresh_tokens").await;
        assert!(!dump.is_empty() && !dump.contains(token), "{dump}");
    }

    async fn logging_out_ends_the_session_and_no_other(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let one = graph.log_in(&member.email, PASSWORD).await["session"].take();
        let other = graph.log_in(&member.email, PASSWORD).await["session"].take();
        let first = text(&one, "refreshToken");
        let second = graph.refresh(first).await["session"].take();
        // An older token of the session ends it, too.
        assert_eq!(log_out(&graph, first).await, json!(true));
        assert!(!graph.goes_on(text(&second, "refreshToken")).await);
        assert!(graph.goes_on(text(&other, "refreshToken")).await);
        assert_eq!(log_out(&graph, first).await, json!(true));
        assert_eq!(log_out(&graph, "nonsense").await, json!(false));
        assert_eq!(log_out(&graph, &"A".repeat(43)).await, json!(false));
    }


    async fn whatever_ended_a_session_its_tokens_are_refused_alike(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let admin = graph.member(Role::Admin).await;
        let unknown = graph.refresh(&"A".repeat(43)).await;
        assert_eq!(errors(&unknown), ["SessionRevoked"]);
        assert_eq!(text(&unknown["errors"][0], "message"), "This session is over; sign in again.");
        let signed_in = async || {
            let member = graph.member(Role::Customer).await;
            let session = graph.log_in(&member.email, PASSWORD).await["session"].take();
            (member, text(&session, "refreshToken").to_owned())
        };
        let (_, used) = signed_in().await;
        assert!(graph.goes_on(&used).await);
        let (_, logged_out) = signed_in().await;
        log_out(&graph, &logged_out).await;
        let (member, changed) = signed_in().await;
        let input = json!({ "currentPassword": PASSWORD, "newPassword": "delapan kuda nil menari" });
        graph.mutate(member.token(), "changePassword", "session { user { id } }", input).await;
        let (member, locked) = signed_in().await;
        let input = json!({ "userId": member.id.to_string(), "active": false });
        graph.mutate(admin.token(), "setUserActive", "user { id }", input).await;
        let (_, expired) = signed_in().await;
        for (why, token) in [("used", used), ("logged out", logged_out), ("password changed", changed), ("locked", locked)] {
            assert_eq!(graph.refresh(&token).await, unknown, "{why}");
        }
        graph.wait(TimeDelta::days(30));
        assert_eq!(graph.refresh(&expired).await, unknown);
    }

    async fn a_token_is_good_until_the_very_instant_of_its_expiry(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (early, late) = (session(&graph).await, session(&graph).await);
        graph.wait(TimeDelta::days(30) - TimeDelta::milliseconds(1));
        assert!(graph.goes_on(text(&early, "refreshToken")).await);
        graph.wait(TimeDelta::milliseconds(1));
        assert!(!graph.goes_on(text(&late, "refreshToken")).await);
    }

    async fn of_two_who_refresh_at_the_same_moment_one_is_served_and_both_must_sign_in_anew(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        for _ in 0..5 {
            let session = session(&graph).await;
            let token = text(&session, "refreshToken");
            let (one, other) = tokio::join!(graph.refresh(token), graph.refresh(token));
            let served: Vec<_> = [&one, &other].into_iter().filter(|it| it["session"].is_object()).collect();
            assert_eq!(served.len(), 1, "{one} {other}");
            assert!(!graph.goes_on(text(&served[0]["session"], "refreshToken")).await);
        }
    }

    async fn logging_out_wins_over_a_refresh_at_the_same_moment(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        for _ in 0..5 {
            let session = session(&graph).await;
            let token = text(&session, "refreshToken");
            let (out, refreshed) = tokio::join!(log_out(&graph, token), graph.refresh(token));
            assert_eq!(out, json!(true));
            if let Some(token) = refreshed["session"]["refreshToken"].as_str() {
                assert!(!graph.goes_on(token).await);
            }
        }
    }

    async fn a_session_that_has_expired_is_over_for_whoever_logs_out(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let session = session(&graph).await;
        graph.wait(TimeDelta::days(31));
        assert_eq!(log_out(&graph, text(&session, "refreshToken")).await, json!(true));
    }
}
