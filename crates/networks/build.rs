//! Packs the built-in table of networks, which is kept as text to be read and compared: a server
//! that starts need not parse it, and the program is smaller by what the text has in addition.

use std::fs;
use std::net::IpAddr;
use std::path::Path;

const TABLE: &str = "data/named-networks.csv";

fn main() {
    println!("cargo::rerun-if-changed={TABLE}");
    let text = fs::read_to_string(TABLE).expect("the table is there");
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let fields: Vec<&str> = line.split(',').collect();
        let &[first, last, number] = fields.as_slice() else {
            panic!("{TABLE}: {line}: not three fields");
        };
        let address = |text: &str| text.parse::<IpAddr>().expect("an address");
        let number: u32 = number.parse().expect("a number");
        match (address(first), address(last)) {
            (IpAddr::V4(first), IpAddr::V4(last)) => {
                v4.extend(first.octets());
                v4.extend(last.octets());
                v4.extend(number.to_be_bytes());
            }
            (IpAddr::V6(first), IpAddr::V6(last)) => {
                v6.extend(first.octets());
                v6.extend(last.octets());
                v6.extend(number.to_be_bytes());
            }
            _ => panic!("{TABLE}: {line}: two families"),
        }
    }
    let out = std::env::var_os("OUT_DIR").expect("cargo gives a directory");
    for (name, rows) in [("named.v4", v4), ("named.v6", v6)] {
        fs::write(Path::new(&out).join(name), rows).expect("the directory can be written to");
    }
}
