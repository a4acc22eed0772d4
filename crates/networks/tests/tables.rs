//! The tables as a server loads them: from a directory, with and without each file.

#![expect(clippy::unwrap_used, reason = "a failed step of a test ends it")]

use kaifu_core::fetch::{Country, Range, Role};
use kaifu_networks::{Files, FullBuilder, TableError, Tables};
use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;

/// A directory of its own for each test, gone afterwards.
struct Directory(PathBuf);

impl Directory {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.0.join(name), bytes).unwrap();
    }

    fn load(&self) -> Result<Tables, TableError> {
        Tables::load(&Files::within(&self.0))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[test]
fn the_built_in_table_knows_the_networks_that_rules_name() {
    let tables = Tables::built_in();
    let role = |text| tables.network(address(text)).map(|network| network.role());
    for (text, expected) in [
        ("66.249.84.1", Role::Google),
        ("::ffff:66.249.84.1", Role::Google),
        ("2a00:1450:4000::1", Role::Google),
        ("68.142.246.37", Role::Yahoo),
        ("148.163.155.69", Role::Gateway("Proofpoint")),
        ("104.47.1.254", Role::Gateway("Microsoft 365")),
        ("40.94.16.59", Role::Microsoft),
        ("172.226.2.193", Role::RelayOperator),
        ("159.254.202.42", Role::WebGateway),
        ("46.16.88.5", Role::Hosting),
        ("91.10.20.30", Role::Other),
    ] {
        assert_eq!(role(text), Some(expected), "{text}");
    }
    assert_eq!(role("127.0.0.1"), None);
    assert_eq!(role("fe80::1"), None);
}

#[test]
fn without_files_the_server_works_and_says_what_it_cannot_tell() {
    let directory = Directory::new("without_files");
    let tables = directory.load().unwrap();
    assert_eq!(tables.blind_spots().len(), 2);
    assert!(tables.is_listed_bot("theoldreader.com"));
    let network = tables.network(address("91.10.20.30")).unwrap();
    assert_eq!((network.asn, network.country), (None, None));
}

#[test]
fn files_add_what_is_not_built_in() {
    let directory = Directory::new("with_files");
    let mut builder = FullBuilder::default();
    builder.rented(address("46.16.88.0"), address("46.16.95.255"), 52030);
    builder.asn(address("91.10.0.0"), address("91.10.255.255"), 3320);
    builder.country(
        address("91.0.0.0"),
        address("91.63.255.255"),
        Country::new("DE").unwrap(),
    );
    directory.write("networks.bin", &builder.build().encode());
    directory.write("apple-relay.csv", b"172.226.2.0/24,US,US-CA,Example,\n");
    directory.write("agents.txt", b"ExampleRobot\n");
    let tables = directory.load().unwrap();
    assert!(tables.blind_spots().is_empty());
    let home = tables.network(address("91.10.20.30")).unwrap();
    assert_eq!(home.asn, Some(3320));
    assert_eq!(home.country.as_ref().map(Country::as_str), Some("DE"));
    let relay = tables.network(address("172.226.2.193")).unwrap();
    assert_eq!(relay.range, Some(Range::AppleRelay));
    // No rule names its number; its registered name says what it is.
    let rented = tables.network(address("46.16.88.5")).unwrap();
    assert_eq!((rented.asn, rented.role()), (Some(52030), Role::Hosting));
    // The built-in networks stay known where the larger table has a gap.
    assert_eq!(
        tables.network(address("66.249.84.1")).unwrap().role(),
        Role::Google
    );
    assert!(tables.is_listed_bot("ExampleRobot/1"));
    assert!(!tables.is_listed_bot("theoldreader.com"));
}

#[test]
fn the_larger_table_overrules_a_built_in_range() {
    let directory = Directory::new("overruled");
    let rented = address("46.16.88.5");
    assert_eq!(
        Tables::built_in().network(rented).unwrap().role(),
        Role::Hosting
    );
    // A household provider has bought the range.
    let mut builder = FullBuilder::default();
    builder.asn(address("46.16.88.0"), address("46.16.95.255"), 7922);
    directory.write("networks.bin", &builder.build().encode());
    let tables = directory.load().unwrap();
    assert_eq!(tables.network(rented).unwrap().role(), Role::Other);
}

#[test]
fn a_damaged_file_is_named() {
    for name in ["networks.bin", "apple-relay.csv", "agents.txt"] {
        let directory = Directory::new(&format!("damaged_{name}"));
        directory.write(name, b"\xff\xfe");
        let error = directory.load().unwrap_err();
        assert!(matches!(error, TableError::Damaged { .. }), "{error}");
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[test]
fn all_tables_stay_within_the_memory_that_the_documentation_states() {
    assert!(
        Tables::built_in().bytes() < 1280 * 1024,
        "{}",
        Tables::built_in().bytes()
    );
}
