//! The proxies in front of us, and the address of a caller behind them.

use std::net::IpAddr;
use std::str::FromStr;

/// The networks of the proxies whose `X-Forwarded-For` is believed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

/// A network, as CIDR has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                u32::from(own).checked_shr(32 - u32::from(self.bits)).unwrap_or_default()
                    == u32::from(other).checked_shr(32 - u32::from(self.bits)).unwrap_or_default()
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                u128::from(own).checked_shr(128 - u32::from(self.bits)).unwrap_or_default()
                    == u128::from(other).checked_shr(128 - u32::from(self.bits)).unwrap_or_default()
            }
            _ => false,
        }
    }
}

impl FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("'{text}' is not a network such as 10.0.0.0/8, 2001:db8::/32 or 127.0.0.1");
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse::<IpAddr>().map_err(|_| wrong())?.to_canonical();
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most { Err(wrong()) } else { Ok(Self { address, bits }) }
    }
}

impl TrustedProxies {
    /// Reads a list of networks in CIDR notation; an address without a length is itself alone.
    ///
    /// # Errors
    /// With the entry that is not a network.
    pub fn of<S: AsRef<str>>(list: &[S]) -> Result<Self, String> {
        list.iter().map(|one| one.as_ref().trim().parse()).collect::<Result<_, _>>().map(Self)
    }

    /// Whether none is named.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this is one of them.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// The caller's address: read from the right of what proxies noted, the first that is not a trusted proxy's.
    #[must_use]
    pub fn caller<'a>(&self, peer: IpAddr, forwarded: impl DoubleEndedIterator<Item = &'a str>) -> IpAddr {
        let mut caller = peer;
        let mut hops = forwarded.flat_map(|line| line.split(',')).collect::<Vec<_>>().into_iter().rev();
        while self.trusts(caller) {
            // What no proxy of ours can have written is not believed, nor is anything before it.
            match hops.next().and_then(address_of) {
                Some(next) => caller = next,
                None => return caller,
            }
        }
        caller
    }
}

/// An address as proxies write it: with or without a port, IPv6 perhaps in brackets.
fn address_of(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(hop, |(inner, _)| inner);
    bare.parse().ok().or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn networks_are_read_and_contain_what_they_should() {
        let proxies = TrustedProxies::of(&["10.0.0.0/8", " 2001:db8::/32", "127.0.0.1"]).expect("networks");
        for (address, trusted) in [
            ("10.1.2.3", true),
            ("::ffff:10.1.2.3", true),
            ("11.0.0.1", false),
            ("127.0.0.1", true),
            ("127.0.0.2", false),
            ("2001:db8:ffff::1", true),
            ("2001:db9::1", false),
        ] {
            assert_eq!(proxies.trusts(ip(address)), trusted, "{address}");
        }
        assert!(TrustedProxies::of(&["0.0.0.0/0"]).expect("all").trusts(ip("8.8.8.8")));
        for wrong in ["10.0.0.0/33", "ten", "10.0.0.0/", "", "::/129"] {
            assert!(TrustedProxies::of(&[wrong]).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_caller_is_the_last_that_no_proxy_of_ours_is() {
        let proxies = TrustedProxies::of(&["10.0.0.0/8"]).expect("networks");
        let caller = |peer: &str, lines: &[&str]| proxies.caller(ip(peer), lines.iter().copied()).to_string();
        assert_eq!(caller("198.51.100.7", &["1.1.1.1"]), "198.51.100.7", "who is no proxy is not believed");
        assert_eq!(caller("10.0.0.1", &["203.0.113.9"]), "203.0.113.9");
        assert_eq!(caller("10.0.0.1", &["6.6.6.6, 203.0.113.9, 10.0.0.2"]), "203.0.113.9", "forged entries are to the left");
        assert_eq!(caller("10.0.0.1", &["6.6.6.6", "203.0.113.9"]), "203.0.113.9", "several headers are one list");
        assert_eq!(caller("10.0.0.1", &["6.6.6.6, nonsense"]), "10.0.0.1");
        assert_eq!(caller("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(caller("10.0.0.1", &["[2001:db8::1]:443"]), "2001:db8::1");
        assert_eq!(caller("10.0.0.1", &["203.0.113.9:5555"]), "203.0.113.9");
    }
}
