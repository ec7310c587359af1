//! Access tokens of sessions that are over.

use chrono::TimeDelta;
use serde_json::{Value, json};
use stockgraph_kit::{
    id::{Id, SessionId},
    on_both_engines,
};
use stockgraph_users::domain::role::Role;

use crate::graph::{PASSWORD, TestGraph, config, text};

const ME: &str = "{ me { id } }";

async fn session(graph: &TestGraph, email: &str) -> Value {
    graph.log_in(email, PASSWORD).await["session"].take()
}

async fn is_refused(graph: &TestGraph, session: &Value) -> bool {
    let token = text(session, "accessToken");
    let answer = graph.answer(Some(token), ME, json!({})).await;
    let Some(error) = answer["errors"].get(0) else {
        assert!(answer["data"]["me"].is_object(), "{answer}");
        return false;
    };
    assert_eq!(error["extensions"]["code"], json!("UNAUTHENTICATED"));
    true
}

on_both_engines! {
    async fn logging_out_refuses_the_access_tokens_of_the_session_and_of_no_other(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let (one, other) = (session(&graph, &member.email).await, session(&graph, &member.email).await);
        let refreshed = graph.refresh(text(&one, "refreshToken")).await["session"].take();
        assert!(!is_refused(&graph, &one).await && !is_refused(&graph, &refreshed).await);
        let input = json!({ "refreshToken": refreshed["refreshToken"] });
        graph.mutate(None, "logOut", "loggedOut", input).await;
        assert!(is_refused(&graph, &one).await && is_refused(&graph, &refreshed).await);
        assert!(!is_refused(&graph, &other).await);
    }

    async fn using_a_refresh_token_again_refuses_all_that_it_led_to(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let (one, other) = (session(&graph, &member.email).await, session(&graph, &member.email).await);
        let refreshed = graph.refresh(text(&one, "refreshToken")).await["session"].take();
        graph.refresh(text(&one, "refreshToken")).await;
        assert!(is_refused(&graph, &one).await && is_refused(&graph, &refreshed).await);
        assert!(!is_refused(&graph, &other).await);
    }

    async fn a_new_password_refuses_the_access_tokens_of_all_earlier_sessions(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (member, bystander) = (graph.member(Role::Customer).await, graph.member(Role::Customer).await);
        let (one, other) = (session(&graph, &member.email).await, session(&graph, &member.email).await);
        let input = json!({ "currentPassword": PASSWORD, "newPassword": "delapan kuda nil menari" });
        let payload = graph.mutate(one["accessToken"].as_str(), "changePassword", "session { accessToken }", input).await;
        assert!(is_refused(&graph, &one).await && is_refused(&graph, &other).await);
        assert!(!is_refused(&graph, &payload["session"]).await);
        assert!(!is_refused(&graph, &json!({ "accessToken": bystander.token })).await);
    }

    async fn locking_an_account_refuses_its_access_tokens_and_unlocking_does_not_bring_them_back(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let (admin, member) = (graph.member(Role::Admin).await, graph.member(Role::Customer).await);
        let session = session(&graph, &member.email).await;
        for active in [false, true] {
            let input = json!({ "userId": member.id.to_string(), "active": active });
            graph.mutate(admin.token(), "setUserActive", "user { id }", input).await;
            assert!(is_refused(&graph, &session).await);
        }
        assert!(!is_refused(&graph, &json!({ "accessToken": admin.token })).await);
    }

    async fn other_processes_can_ask_which_sessions_were_revoked(engine: Engine) {
        let graph = TestGraph::new(engine).await;
        let member = graph.member(Role::Customer).await;
        let mut revoked = Vec::new();
        for _ in 0..2 {
            let session = session(&graph, &member.email).await;
            let input = json!({ "refreshToken": session["refreshToken"] });
            graph.wait(TimeDelta::seconds(10));
            graph.mutate(None, "logOut", "loggedOut", input.clone()).await;
            revoked.push((sid(text(&session, "accessToken")), graph.clock.now()));
            // What is over already is not revoked anew.
            graph.wait(TimeDelta::seconds(1));
            graph.mutate(None, "logOut", "loggedOut", input).await;
        }
        let graph = graph.replica(config());
        let since = async |instant| graph.users.revoked_sessions(instant).await.unwrap();
        assert_eq!(since(revoked[0].1).await, revoked);
        assert_eq!(since(revoked[1].1).await, revoked[1..]);
        assert_eq!(since(graph.clock.now()).await, []);
    }
}

/// The session that an access token names.
fn sid(token: &str) -> SessionId {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
    let claims = token.split('.').nth(1).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    SessionId::parse(text(&claims, "sid")).unwrap()
}
