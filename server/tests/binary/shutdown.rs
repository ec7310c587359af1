//! A stop behind a load balancer: the process says that it is going, and answers whatever still comes.

use serde_json::Value;

use super::Running;

async fn ready(client: &reqwest::Client, running: &Running) -> (u16, Value) {
    let url = running.url.replace("/graphql", "/ready");
    let answer = client.get(url).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

#[tokio::test]
async fn a_process_that_is_about_to_stop_says_so_and_goes_on_until_it_does() {
    stockgraph_server::use_ring();
    let mut running = Running::start(&[
        ("STOCKGRAPH_DEMO__SEED", "false"),
        ("STOCKGRAPH_SERVER__SHUTDOWN_DELAY_SECONDS", "3600"),
    ]);
    let client = reqwest::Client::new();
    let (status, told) = ready(&client, &running).await;
    assert_eq!(status, 200, "{told}");
    assert_eq!(told["databases"].as_array().unwrap().len(), 4);

    running.signal("-TERM");
    let status = loop {
        let (status, told) = ready(&client, &running).await;
        if told["stopping"] == true {
            break status;
        }
    };
    assert_eq!(status, 503);
    // What a load balancer had already sent is answered, and asked to come by another way next time.
    let ask = client
        .post(&running.url)
        .header("content-type", "application/json")
        .body(r#"{"query":"{ products(first: 1) { totalCount } }"}"#);
    let answer = ask.send().await.unwrap();
    assert_eq!(answer.headers()["connection"], "close");
    let answer: Value = answer.json().await.unwrap();
    assert_eq!(answer["data"]["products"]["totalCount"], 0);

    // The second signal leaves out the rest of the delay.
    running.signal("-TERM");
    assert!(running.child.wait().unwrap().success());
}
