//! The addresses that a download may use without being allowed by name: public ones.
//!
//! Pure. IANA lists what is not public in its IPv4 and IPv6 Special-Purpose
//! Address Registries (RFC 6890) and Multicast registries; IPv6 outside `2000::/3` is unassigned.
//! Everything that carries an IPv4 address inside an IPv6 one is refused as a whole.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use thiserror::Error;

/// Why an address is not public.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// "This network": 0.0.0.0/8, ::.
    #[error("an unspecified address")]
    Unspecified,
    /// RFC 1918.
    #[error("a private address")]
    Private,
    /// 127.0.0.0/8, `::1`.
    #[error("a loopback address")]
    Loopback,
    /// RFC 3927, RFC 4291, and site-local (RFC 3879).
    #[error("a link-local address")]
    LinkLocal,
    /// Where clouds hand a machine its credentials.
    #[error("a cloud's metadata address")]
    Metadata,
    /// RFC 6598 (CGNAT).
    #[error("a carrier's shared address")]
    Shared,
    /// RFC 4193.
    #[error("a unique-local address")]
    UniqueLocal,
    /// An IPv4 address inside an IPv6 one: mapped, compatible, translated, NAT64, 6to4, Teredo.
    #[error("an IPv6 address that stands for an IPv4 one")]
    Embedded,
    /// RFC 5771, RFC 4291.
    #[error("a multicast address")]
    Multicast,
    /// 255.255.255.255.
    #[error("a broadcast address")]
    Broadcast,
    /// RFC 5737, RFC 3849, RFC 9637.
    #[error("an address for documentation")]
    Documentation,
    /// RFC 2544, RFC 5180.
    #[error("an address for benchmarks")]
    Benchmarking,
    /// Set aside for protocols, for later, or not assigned at all.
    #[error("a reserved address")]
    Reserved,
}

/// `Ok` for a globally reachable address; otherwise the kind of address.
pub fn is_public(address: IpAddr) -> Result<(), Refusal> {
    let refusal = match address {
        IpAddr::V4(v4) => refusal_v4(v4),
        IpAddr::V6(v6) => refusal_v6(v6),
    };
    refusal.map_or(Ok(()), Err)
}

/// The first match decides, so what is narrower stands first.
#[rustfmt::skip]
const V4: &[([u8; 4], u32, Refusal)] = &[
    ([169, 254, 169, 254], 32, Refusal::Metadata), // AWS, Google, Azure and most others
    ([168, 63, 129, 16],   32, Refusal::Metadata), // Azure's "WireServer", inside public space
    ([100, 100, 100, 200], 32, Refusal::Metadata), // Alibaba
    ([192, 0, 0, 192],     32, Refusal::Metadata), // Oracle
    ([255, 255, 255, 255], 32, Refusal::Broadcast),
    ([0, 0, 0, 0],          8, Refusal::Unspecified),
    ([10, 0, 0, 0],         8, Refusal::Private),
    ([100, 64, 0, 0],      10, Refusal::Shared),
    ([127, 0, 0, 0],        8, Refusal::Loopback),
    ([169, 254, 0, 0],     16, Refusal::LinkLocal),
    ([172, 16, 0, 0],      12, Refusal::Private),
    ([192, 0, 0, 0],       24, Refusal::Reserved), // IETF protocol assignments
    ([192, 0, 2, 0],       24, Refusal::Documentation),
    ([192, 88, 99, 0],     24, Refusal::Reserved), // once 6to4 relays
    ([192, 168, 0, 0],     16, Refusal::Private),
    ([198, 18, 0, 0],      15, Refusal::Benchmarking),
    ([198, 51, 100, 0],    24, Refusal::Documentation),
    ([203, 0, 113, 0],     24, Refusal::Documentation),
    ([224, 0, 0, 0],        4, Refusal::Multicast),
    ([240, 0, 0, 0],        4, Refusal::Reserved),
];

/// As [`V4`].
#[rustfmt::skip]
const V6: &[([u16; 8], u32, Refusal)] = &[
    ([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254],  128, Refusal::Metadata), // AWS
    ([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254],   128, Refusal::Metadata), // Google
    ([0, 0, 0, 0, 0, 0, 0, 0],               128, Refusal::Unspecified),
    ([0, 0, 0, 0, 0, 0, 0, 1],               128, Refusal::Loopback),
    ([0, 0, 0, 0, 0, 0, 0, 0],                96, Refusal::Embedded), // v4-compatible
    ([0, 0, 0, 0, 0, 0xffff, 0, 0],           96, Refusal::Embedded), // v4-mapped
    ([0, 0, 0, 0, 0xffff, 0, 0, 0],           96, Refusal::Embedded), // v4-translated, RFC 7915
    ([0x64, 0xff9b, 0, 0, 0, 0, 0, 0],        96, Refusal::Embedded), // NAT64, RFC 6052
    ([0x64, 0xff9b, 1, 0, 0, 0, 0, 0],        48, Refusal::Embedded), // local NAT64, RFC 8215
    ([0x2001, 0, 0, 0, 0, 0, 0, 0],           32, Refusal::Embedded), // Teredo, RFC 4380
    ([0x2001, 2, 0, 0, 0, 0, 0, 0],           48, Refusal::Benchmarking),
    ([0x2001, 0, 0, 0, 0, 0, 0, 0],           23, Refusal::Reserved), // IETF protocol assignments
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0],       32, Refusal::Documentation),
    ([0x2002, 0, 0, 0, 0, 0, 0, 0],           16, Refusal::Embedded), // 6to4, RFC 3056
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0],           20, Refusal::Documentation),
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0],            7, Refusal::UniqueLocal),
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0],           10, Refusal::LinkLocal),
    ([0xfec0, 0, 0, 0, 0, 0, 0, 0],           10, Refusal::LinkLocal), // site-local, deprecated
    ([0xff00, 0, 0, 0, 0, 0, 0, 0],            8, Refusal::Multicast),
];

/// All that is assigned as global unicast today.
const GLOBAL_UNICAST_V6: (Ipv6Addr, u32) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

fn refusal_v4(address: Ipv4Addr) -> Option<Refusal> {
    let within = |net: [u8; 4], prefix: u32| {
        (address.to_bits() ^ Ipv4Addr::from(net).to_bits()).leading_zeros() >= prefix
    };
    V4.iter().find(|(net, prefix, _)| within(*net, *prefix)).map(|(_, _, refusal)| *refusal)
}

fn refusal_v6(address: Ipv6Addr) -> Option<Refusal> {
    let within =
        |net: Ipv6Addr, prefix: u32| (address.to_bits() ^ net.to_bits()).leading_zeros() >= prefix;
    let listed = V6.iter().find(|(net, prefix, _)| within(Ipv6Addr::from(*net), *prefix));
    match listed {
        Some((_, _, refusal)) => Some(*refusal),
        None if within(GLOBAL_UNICAST_V6.0, GLOBAL_UNICAST_V6.1) => None,
        None => Some(Refusal::Reserved),
    }
}

#[cfg(test)]
mod tests {
    use super::{Refusal::*, *};

    #[test]
    fn every_special_block_is_refused_by_its_name_to_its_edges() {
        for (text, refusal) in [
            ("0.0.0.0", Unspecified),
            ("0.255.255.255", Unspecified),
            ("10.0.0.0", Private),
            ("10.255.255.255", Private),
            ("100.64.0.0", Shared),
            ("100.127.255.255", Shared),
            ("100.100.100.200", Metadata),
            ("127.0.0.1", Loopback),
            ("127.255.255.255", Loopback),
            ("168.63.129.16", Metadata),
            ("169.254.0.0", LinkLocal),
            ("169.254.169.254", Metadata),
            ("169.254.255.255", LinkLocal),
            ("172.16.0.0", Private),
            ("172.31.255.255", Private),
            ("192.0.0.8", Reserved),
            ("192.0.0.192", Metadata),
            ("192.0.2.1", Documentation),
            ("192.88.99.1", Reserved),
            ("192.168.0.0", Private),
            ("192.168.255.255", Private),
            ("198.18.0.0", Benchmarking),
            ("198.19.255.255", Benchmarking),
            ("198.51.100.7", Documentation),
            ("203.0.113.255", Documentation),
            ("224.0.0.1", Multicast),
            ("239.255.255.255", Multicast),
            ("240.0.0.0", Reserved),
            ("255.255.255.254", Reserved),
            ("255.255.255.255", Broadcast),
            ("::", Unspecified),
            ("::1", Loopback),
            ("::2", Embedded),
            ("::8.8.8.8", Embedded),
            ("::ffff:127.0.0.1", Embedded),
            ("::ffff:8.8.8.8", Embedded),
            ("::ffff:0:8.8.8.8", Embedded),
            ("64:ff9b::a9fe:a9fe", Embedded),
            ("64:ff9b:1::1", Embedded),
            ("64:ff9b:1:ffff::1", Embedded),
            ("64:ff9b:2::1", Reserved),
            ("100::1", Reserved),
            ("2001::1", Embedded),
            ("2001:0:53aa:64c:0:1234:5601:203", Embedded),
            ("2001:2::1", Benchmarking),
            ("2001:10::1", Reserved),
            ("2001:20::1", Reserved),
            ("2001:1ff:ffff::", Reserved),
            ("2001:db8::1", Documentation),
            ("2002:7f00:1::1", Embedded),
            ("2002:808:808::1", Embedded),
            ("3fff:fff::1", Documentation),
            ("4000::1", Reserved),
            ("5f00::1", Reserved),
            ("fc00::1", UniqueLocal),
            ("fd12:3456::1", UniqueLocal),
            ("fd00:ec2::254", Metadata),
            ("fd20:ce::254", Metadata),
            ("fe80::1", LinkLocal),
            ("febf:ffff::1", LinkLocal),
            ("fec0::1", LinkLocal),
            ("ff02::1", Multicast),
            ("ffff::1", Multicast),
        ] {
            assert_eq!(is_public(text.parse().unwrap()), Err(refusal), "{text}");
        }
    }

    #[test]
    fn their_public_neighbours_are_not() {
        for text in [
            "1.0.0.0",
            "8.8.8.8",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "203.0.112.255",
            "223.255.255.255",
            "2000::",
            "2001:200::1",
            "2001:4860:4860::8888",
            "2003::1",
            "2606:4700::1111",
            "3ffe:ffff::1",
            "3fff:1000::1",
        ] {
            assert_eq!(is_public(text.parse().unwrap()), Ok(()), "{text}");
        }
    }
}
