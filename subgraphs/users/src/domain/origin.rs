//! Who asks for something, and from where.

use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
};

use stockgraph_kit::{
    caller::{Caller, ClientAddress},
    id::UserId,
};

/// Who asks for something, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Whence the request came; `None` where nobody could tell, as on the command line.
    pub address: Option<ClientAddress>,
    /// Who sent it.
    pub actor: Actor,
}

impl Origin {
    /// A part of the system, e.g. the command line, which comes from no address.
    #[must_use]
    pub fn service(name: impl Into<String>) -> Self {
        Self {
            address: None,
            actor: Actor::Service(name.into()),
        }
    }

    /// The network that the request came from.
    #[must_use]
    pub fn network(&self) -> Option<Network> {
        self.address.map(Network::of)
    }
}

/// Who does something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody who said who they are.
    Anonymous,
    /// A signed-in user.
    User(UserId),
    /// A part of the system.
    Service(String),
}

impl From<&Caller> for Actor {
    fn from(caller: &Caller) -> Self {
        match caller {
            Caller::Anonymous => Self::Anonymous,
            Caller::User { id, .. } => Self::User(*id),
            Caller::Service { name, .. } => Self::Service(name.clone()),
        }
    }
}

/// The addresses that count as one: an IPv4 address, or the /64 that an IPv6 address is in, for whoever has one of those has all of them
/// ([RFC 6177](https://www.rfc-editor.org/rfc/rfc6177)).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

/// The bits of an IPv6 address that tell hosts within a /64 from each other.
const HOST_BITS: u128 = u64::MAX as u128;

impl Network {
    /// The network of this address. An IPv4 address in IPv6 dress (`::ffff:192.0.2.1`) is that IPv4 address.
    #[must_use]
    pub fn of(address: ClientAddress) -> Self {
        Self(match address.0.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !HOST_BITS)),
            address @ IpAddr::V4(_) => address,
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            IpAddr::V4(address) => write!(f, "{address}"),
            IpAddr::V6(address) => write!(f, "{address}/64"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> String {
        Network::of(ClientAddress(text.parse().unwrap())).to_string()
    }

    #[test]
    fn each_ipv4_address_counts_alone_and_ipv6_addresses_by_their_64() {
        assert_eq!(network("192.0.2.1"), "192.0.2.1");
        assert_eq!(network("::ffff:192.0.2.1"), "192.0.2.1");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(network("2001:db8:1:2:ffff::"), "2001:db8:1:2::/64");
        assert_ne!(network("2001:db8:1:3::1"), network("2001:db8:1:2::1"));
    }
}
