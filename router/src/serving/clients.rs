//! How many streams each client holds open, by its address, so that none takes the room of all.

use http::HeaderMap;
use rustc_hash::FxHashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use super::streaming::PerClient;

/// The streams of all clients. Clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Clients(Arc<Mutex<FxHashMap<IpAddr, usize>>>);

/// The place of one stream, which is free again when this is dropped.
#[derive(Debug)]
pub(super) struct Held {
    clients: Clients,
    client: Option<IpAddr>,
}

impl Clients {
    /// A place for one more stream of whoever sends these headers; `None` if there are as many as may be. Who cannot be told from
    /// others, and this machine itself, have no bound of their own.
    pub fn hold(&self, headers: &HeaderMap, bound: Option<&PerClient>) -> Option<Held> {
        let client = bound.and_then(|bound| client(headers, bound));
        if let (Some(client), Some(bound)) = (client, bound) {
            let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            let count = held.entry(client).or_default();
            if *count >= bound.most {
                return None;
            }
            *count += 1;
        }
        Some(Held {
            clients: self.clone(),
            client,
        })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let Some(client) = self.client else {
            return;
        };
        let clients = &self.clients.0;
        let mut held = clients.lock().unwrap_or_else(PoisonError::into_inner);
        match held.get_mut(&client) {
            Some(count) if *count > 1 => *count -= 1,
            // Nobody who is gone is remembered.
            _ => {
                held.remove(&client);
            }
        }
    }
}

/// The client's address, or the network of 64 bits in which an IPv6 client has all addresses to choose from.
fn client(headers: &HeaderMap, bound: &PerClient) -> Option<IpAddr> {
    /// The bits of a network, of which a client cannot have many.
    const NETWORK: u128 = u128::MAX << 64;
    let told = headers.get(&bound.address)?.to_str().ok()?;
    let address: IpAddr = told.parse().ok()?;
    let address = address.to_canonical();
    if address.is_loopback() {
        return None;
    }
    Some(match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & NETWORK).into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderName, HeaderValue};

    #[test]
    fn a_client_is_an_address_or_a_network_and_makes_room_by_going() {
        let name = HeaderName::from_static("x-address");
        let bound = PerClient {
            address: name.clone(),
            most: 2,
        };
        let clients = Clients::default();
        let hold = |address: &str| {
            let value = HeaderValue::try_from(address).unwrap();
            let headers = HeaderMap::from_iter([(name.clone(), value)]);
            clients.hold(&headers, Some(&bound))
        };
        let first = hold("192.0.2.1").unwrap();
        let second = hold("::ffff:192.0.2.1").unwrap();
        assert!(hold("192.0.2.1").is_none());
        let others: Vec<_> = ["192.0.2.2", "2001:db8::1", "2001:db8::ffff:0:0:2"]
            .map(|address| hold(address).unwrap())
            .into();
        assert!(hold("2001:db8::3").is_none());
        assert!(hold("2001:db8:0:1::3").is_some());
        drop(first);
        let third = hold("192.0.2.1").unwrap();
        assert!(hold("192.0.2.1").is_none());
        let own: Vec<_> = (0..10).map(|_| hold("127.0.0.1").unwrap()).collect();
        drop((second, third, others, own));
        assert!(clients.0.lock().unwrap().is_empty());
    }
}
