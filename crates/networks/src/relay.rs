//! Apple's list of the addresses at which iCloud Private Relay comes out.

use crate::Ranges;
use std::net::IpAddr;

/// Reads the list as Apple publishes it at <https://mask-api.icloud.com/egress-ip-ranges.csv>: on
/// each line a prefix, then a country, region and city, which say where the relay pretends to be and
/// are therefore not used.
///
/// # Errors
///
/// What is wrong with the first line that is not of this form, or that there is none.
pub fn read_relay(text: &str) -> Result<Ranges<()>, &'static str> {
    let mut ranges = Vec::new();
    for line in text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
    {
        let prefix = line.split(',').next().unwrap_or_default().trim();
        let (first, last) = parse_prefix(prefix).ok_or("a line does not begin with a prefix")?;
        ranges.push((first, last, ()));
    }
    if ranges.is_empty() {
        return Err("it is empty");
    }
    Ok(Ranges::new(ranges))
}

/// The first and last address of a prefix such as `192.0.2.0/24`.
pub(crate) fn parse_prefix(text: &str) -> Option<(IpAddr, IpAddr)> {
    let (address, length) = text.split_once('/')?;
    let length: u32 = length.parse().ok()?;
    match address.parse().ok()? {
        IpAddr::V4(address) if length <= 32 => {
            let hosts = u32::MAX.checked_shr(length).unwrap_or(0);
            let first = address.to_bits() & !hosts;
            Some((IpAddr::V4(first.into()), IpAddr::V4((first | hosts).into())))
        }
        IpAddr::V6(address) if length <= 128 => {
            let hosts = u128::MAX.checked_shr(length).unwrap_or(0);
            let first = address.to_bits() & !hosts;
            Some((IpAddr::V6(first.into()), IpAddr::V6((first | hosts).into())))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read() {
        let list = "192.0.2.0/31,US,US-CA,EXAMPLE,\n2001:db8:1::/64,JP,JP-13,Tokyo,\n\n";
        let relay = read_relay(list).unwrap();
        for (address, found) in [
            ("192.0.2.0", true),
            ("192.0.2.1", true),
            ("192.0.2.2", false),
            ("2001:db8:1::ffff", true),
            ("2001:db8:1:1::", false),
        ] {
            assert_eq!(
                relay.get(address.parse().unwrap()).is_some(),
                found,
                "{address}"
            );
        }
    }

    #[test]
    fn another_file_is_refused() {
        for text in [
            "",
            "<html>",
            "192.0.2.0/33,US",
            "192.0.2.0,US",
            "2001:db8::/129",
        ] {
            assert!(read_relay(text).is_err(), "{text}");
        }
    }
}
