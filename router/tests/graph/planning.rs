//! Planning has its own time and its own room: what is dear to plan costs only who sends it.

use serde_json::json;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use stockgraph_router::{GraphQLRequest, RouterOptions};

use crate::doubles::{Scripted, ask, compose};
use crate::shop::shop_with_options;

#[tokio::test]
async fn planning_that_takes_too_long_is_refused_with_the_limit() {
    let options = RouterOptions {
        planning_timeout: Duration::ZERO,
        ..RouterOptions::default()
    };
    let shop = shop_with_options(options);
    let answer = ask(&shop, "{ products { name rating } }").await;
    assert_eq!(
        answer["errors"][0]["extensions"],
        json!({"code": "PLANNING_TIMEOUT", "limit": "planning_timeout_milliseconds", "maximum": 0})
    );
    assert_eq!(answer.get("data"), None);
}

#[tokio::test]
async fn many_operations_to_plan_do_not_hold_up_those_whose_plans_are_known() {
    let schema = "type Query { node: Node } type Node { node: Node a: Int }";
    let double = Scripted::always(json!({"data": {"node": {"a": 1}}}));
    let options = RouterOptions {
        planners: 1,
        planning_timeout: Duration::from_secs(600),
        ..RouterOptions::default()
    };
    let router = Arc::new(compose(vec![("only", schema, double)], options).unwrap());
    let known = "{ node { a } }";
    let data = json!({"data": {"node": {"a": 1}}});
    assert_eq!(ask(&router, known).await, data);

    let planned = Arc::new(AtomicUsize::new(0));
    let costly = (0..100).map(|n| {
        let (router, planned) = (Arc::clone(&router), Arc::clone(&planned));
        tokio::spawn(async move {
            let fields: String = (0..400).map(|i| format!("a{n}x{i}: a ")).collect();
            let request = GraphQLRequest::new(format!("{{ node {{ {fields} }} }}"));
            router.prepare(&request).await.map(|_| ()).unwrap();
            planned.fetch_add(1, Ordering::SeqCst);
        })
    });
    let costly: Vec<_> = costly.collect();
    tokio::task::yield_now().await;
    assert_eq!(ask(&router, known).await, data);
    let meanwhile = planned.load(Ordering::SeqCst);
    assert!(meanwhile < 50, "it waited for {meanwhile} of them");
    for task in costly {
        task.await.unwrap();
    }
}
