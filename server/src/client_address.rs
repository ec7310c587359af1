//! Where a request comes from, for limits that count by address.

use std::net::{IpAddr, SocketAddr};

use axum::{
    Router,
    extract::{ConnectInfo, Request},
    middleware::{self, Next},
};
use http::{HeaderMap, HeaderName, HeaderValue};
use ipnet::IpNet;
use stockgraph_kit::caller::ClientAddress;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Puts the client's address into every request's [`ClientAddress::HEADER`], whatever the client says there. `proxies` are the networks
/// whose `X-Forwarded-For` counts.
pub fn told_by(proxies: Vec<IpNet>, routes: Router) -> Router {
    routes.layer(middleware::from_fn(
        move |mut request: Request, next: Next| {
            let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
            let peer = peer.map(|ConnectInfo(peer)| peer.ip());
            let headers = request.headers_mut();
            let address = peer.map(|peer| client_address(peer, headers, &proxies));
            headers.remove(ClientAddress::HEADER);
            let value = address.and_then(|it| HeaderValue::try_from(it.to_string()).ok());
            if let Some(value) = value {
                headers.insert(ClientAddress::HEADER, value);
            }
            next.run(request)
        },
    ))
}

/// The first address, from our side, that is no trusted proxy's. What stands further left was written by whoever that is.
fn client_address(peer: IpAddr, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let trusted = |address: &IpAddr| proxies.iter().any(|network| network.contains(address));
    let mut client = peer.to_canonical();
    let forwarded = headers.get_all(X_FORWARDED_FOR).iter();
    let forwarded: Vec<&str> = forwarded
        .flat_map(|value| value.to_str().unwrap_or_default().split(','))
        .collect();
    let mut hops = forwarded.into_iter().rev();
    while trusted(&client) {
        match hops.next().map(read) {
            Some(Some(address)) => client = address,
            // Nobody further is named, or by what is no address: the last one that is known.
            Some(None) | None => break,
        }
    }
    client
}

/// An address, with or without a port.
fn read(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let address = text.parse().or_else(|_| {
        let with_port: Result<SocketAddr, _> = text.parse();
        with_port.map(|address| address.ip())
    });
    address.ok().map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(peer: &str, forwarded: &[&str]) -> String {
        let proxies = ["127.0.0.0/8", "10.0.0.0/8", "::1/128"].map(|net| net.parse().unwrap());
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(X_FORWARDED_FOR, value.parse().unwrap());
        }
        client_address(peer.parse().unwrap(), &headers, &proxies).to_string()
    }

    #[test]
    fn a_stranger_is_who_connects_whatever_they_say() {
        assert_eq!(of("203.0.113.7", &[]), "203.0.113.7");
        assert_eq!(of("203.0.113.7", &["198.51.100.1"]), "203.0.113.7");
    }

    #[test]
    fn a_trusted_proxy_tells_who_connected_to_it() {
        assert_eq!(of("127.0.0.1", &["203.0.113.7"]), "203.0.113.7");
        assert_eq!(of("::1", &["2001:db8::7"]), "2001:db8::7");
        assert_eq!(of("127.0.0.1", &["203.0.113.7, 10.1.2.3"]), "203.0.113.7");
        assert_eq!(of("127.0.0.1", &["203.0.113.7", "10.1.2.3"]), "203.0.113.7");
    }

    #[test]
    fn what_a_client_forged_before_the_proxy_counts_for_nothing() {
        assert_eq!(of("127.0.0.1", &["1.1.1.1, 203.0.113.7"]), "203.0.113.7");
        assert_eq!(
            of("127.0.0.1", &["10.9.9.9, 203.0.113.7, 10.1.2.3"]),
            "203.0.113.7"
        );
    }

    #[test]
    fn without_more_to_go_by_it_is_the_last_that_is_known() {
        assert_eq!(of("127.0.0.1", &[]), "127.0.0.1");
        assert_eq!(of("127.0.0.1", &["unknown"]), "127.0.0.1");
        assert_eq!(of("127.0.0.1", &["nonsense, 10.1.2.3"]), "10.1.2.3");
        assert_eq!(of("127.0.0.1", &["10.1.2.3"]), "10.1.2.3");
    }

    #[test]
    fn addresses_have_one_form() {
        assert_eq!(of("::ffff:203.0.113.7", &[]), "203.0.113.7");
        assert_eq!(of("127.0.0.1", &["203.0.113.7:1234"]), "203.0.113.7");
        assert_eq!(of("::1", &["[2001:db8::7]:443"]), "2001:db8::7");
    }
}
