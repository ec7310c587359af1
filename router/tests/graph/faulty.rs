//! A subgraph over HTTP that breaks in ways that can be written down, one for each request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

/// What becomes of a request.
#[derive(Clone, Debug)]
pub enum Fate {
    /// It is answered with this JSON.
    Answered(&'static str),
    /// It is answered with this status, these header lines and this body.
    With(u16, &'static str, &'static str),
    /// The connection is closed before a byte of the answer.
    CutAtOnce,
    /// The connection is closed in the middle of the body.
    CutInTheBody,
    /// It is never answered.
    Hanging,
    /// A byte of the answer comes, and then nothing.
    HangingInTheBody,
    /// The body has no end.
    Endless,
}

/// A server with a fate for each request, in their order; the last one is for all that follow.
pub struct Faulty {
    pub url: String,
    requests: Arc<AtomicUsize>,
    /// A permit for each request that was read.
    arrivals: Arc<Semaphore>,
}

impl Faulty {
    pub async fn new(fates: &[Fate]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/graphql", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let arrivals = Arc::new(Semaphore::new(0));
        let fates = fates.to_vec();
        let counters = (Arc::clone(&requests), Arc::clone(&arrivals));
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (fates, (requests, arrivals)) = (fates.clone(), counters.clone());
                tokio::spawn(async move {
                    let mut stream = stream;
                    if !read_request(&mut stream).await {
                        return;
                    }
                    let number = requests.fetch_add(1, Ordering::SeqCst);
                    let fate = fates.get(number).or(fates.last()).unwrap().clone();
                    arrivals.add_permits(1);
                    suffer(&mut stream, &fate).await;
                });
            }
        });
        Faulty {
            url,
            requests,
            arrivals,
        }
    }

    /// How many requests have come.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    /// Waits until one more request has come.
    pub async fn arrival(&self) {
        self.arrivals.acquire().await.unwrap().forget();
    }
}

/// Reads a request with its body; false if there is none.
async fn read_request(stream: &mut TcpStream) -> bool {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|it| it.strip_prefix("content-length: "));
            let length: usize = length.map_or(0, |it| it.parse().unwrap());
            if body.len() >= length {
                return true;
            }
        }
        match stream.read(&mut part).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&part[..read]),
            _ => return false,
        }
    }
}

/// Errors are those of a client that has gone away, which is what some tests are about.
async fn suffer(stream: &mut TcpStream, fate: &Fate) {
    let whole = |status: u16, headers: &str, body: &str| {
        format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}",
            body.len()
        )
    };
    const HALF: &str =
        "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 90\r\n\r\n{\"data\":";
    match fate {
        Fate::Answered(body) => drop(stream.write_all(whole(200, "", body).as_bytes()).await),
        Fate::With(status, headers, body) => {
            drop(
                stream
                    .write_all(whole(*status, headers, body).as_bytes())
                    .await,
            );
        }
        Fate::CutAtOnce => {}
        Fate::CutInTheBody => drop(stream.write_all(HALF.as_bytes()).await),
        Fate::Hanging => std::future::pending().await,
        Fate::HangingInTheBody => {
            drop(stream.write_all(HALF.as_bytes()).await);
            std::future::pending::<()>().await;
        }
        Fate::Endless => {
            let head = "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n";
            let mut sent = stream.write_all(head.as_bytes()).await;
            while sent.is_ok() {
                sent = stream.write_all(&[b' '; 64 * 1024]).await;
            }
        }
    }
}
