//! Which addresses of the internet are somebody's own.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// What an address is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressClass {
    /// Anybody may be reached there.
    Public,
    /// Special, for the reason in words: never called unless configured.
    Special(&'static str),
}

/// Blocks of IPv4 that are not for calling strangers, from the IANA special-purpose registry, and two more
/// that clouds use for their own metadata.
const V4_BLOCKS: &[([u8; 4], u8, &str)] = &[
    ([0, 0, 0, 0], 8, "this network"),
    ([10, 0, 0, 0], 8, "private"),
    ([100, 64, 0, 0], 10, "shared by carriers"),
    ([127, 0, 0, 0], 8, "loopback"),
    ([168, 63, 129, 16], 32, "a cloud's own services"),
    ([169, 254, 0, 0], 16, "link-local"),
    ([172, 16, 0, 0], 12, "private"),
    ([192, 0, 0, 0], 24, "protocol assignments"),
    ([192, 0, 2, 0], 24, "documentation"),
    ([192, 31, 196, 0], 24, "a sink for lost names"),
    ([192, 52, 193, 0], 24, "multicast relays"),
    ([192, 88, 99, 0], 24, "a relay to IPv6"),
    ([192, 168, 0, 0], 16, "private"),
    ([192, 175, 48, 0], 24, "a sink for lost names"),
    ([198, 18, 0, 0], 15, "benchmarks"),
    ([198, 51, 100, 0], 24, "documentation"),
    ([203, 0, 113, 0], 24, "documentation"),
    ([224, 0, 0, 0], 4, "multicast"),
    ([240, 0, 0, 0], 4, "reserved or broadcast"),
];

/// Blocks inside the global unicast range of IPv6 that are nevertheless special.
const V6_BLOCKS: &[([u16; 2], u8, &str)] = &[
    ([0x2001, 0x0000], 23, "protocol assignments"),
    ([0x2001, 0x0db8], 32, "documentation"),
    ([0x2002, 0x0000], 16, "a tunnel to IPv4"),
    ([0x3fff, 0x0000], 20, "documentation"),
];

/// What `address` is for. An IPv4 address inside an IPv6 one counts as the IPv4 address.
#[must_use]
pub fn classify(address: IpAddr) -> AddressClass {
    match address {
        IpAddr::V4(v4) => classify_v4(v4),
        IpAddr::V6(v6) => classify_v6(v6),
    }
}

fn classify_v4(address: Ipv4Addr) -> AddressClass {
    let bits = address.to_bits();
    let inside = |block: &[u8; 4], length: u8| (bits ^ u32::from_be_bytes(*block)).checked_shr(32 - u32::from(length)).unwrap_or(0) == 0;
    V4_BLOCKS
        .iter()
        .find(|(block, length, _)| inside(block, *length))
        .map_or(AddressClass::Public, |(_, _, reason)| AddressClass::Special(reason))
}

fn classify_v6(address: Ipv6Addr) -> AddressClass {
    let segments = address.segments();
    let last_v4 = || Ipv4Addr::from_bits((u32::from(segments[6]) << 16) | u32::from(segments[7]));
    if address.is_loopback() {
        return AddressClass::Special("loopback");
    }
    if address.is_unspecified() {
        return AddressClass::Special("unspecified");
    }
    // ::ffff:a.b.c.d is the IPv4 address itself; 64:ff9b::a.b.c.d is how a network without IPv4 writes it.
    if segments[..6] == [0, 0, 0, 0, 0, 0xffff] || segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
        return classify_v4(last_v4());
    }
    if address.is_multicast() {
        return AddressClass::Special("multicast");
    }
    if segments[0] & 0xfe00 == 0xfc00 {
        return AddressClass::Special("unique local");
    }
    if segments[0] & 0xffc0 == 0xfe80 {
        return AddressClass::Special("link-local");
    }
    // Only 2000::/3 is handed out for calling strangers.
    if segments[0] & 0xe000 != 0x2000 {
        return AddressClass::Special("reserved");
    }
    let bits = (u32::from(segments[0]) << 16) | u32::from(segments[1]);
    let inside = |block: &[u16; 2], length: u8| {
        let block = (u32::from(block[0]) << 16) | u32::from(block[1]);
        (bits ^ block).checked_shr(32 - u32::from(length)).unwrap_or(0) == 0
    };
    V6_BLOCKS
        .iter()
        .find(|(block, length, _)| inside(block, *length))
        .map_or(AddressClass::Public, |(_, _, reason)| AddressClass::Special(reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges_of_every_block() {
        let special = [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "168.63.129.16",
            "169.254.0.0",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.255",
            "192.88.99.1",
            "192.168.0.0",
            "192.168.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::2",
            "::127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:10.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "fc00::1",
            "fdff::1",
            "fd00:ec2::254",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
            "4000::1",
        ];
        for text in special {
            assert!(matches!(classify(text.parse().expect("an address")), AddressClass::Special(_)), "{text} must be special");
        }
        let public = [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2606:4700::1111",
            "2001:200::1",
            "2a00:1450::1",
            "::ffff:1.1.1.1",
            "64:ff9b::1.1.1.1",
            "3ffe::1",
        ];
        for text in public {
            assert_eq!(classify(text.parse().expect("an address")), AddressClass::Public, "{text} must be public");
        }
    }
}
