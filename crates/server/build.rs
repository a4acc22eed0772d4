//! Embeds every language of the pages: one folder each in `locales`, named by its code (BCP 47).

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let folder =
        Path::new(&env::var("CARGO_MANIFEST_DIR").map_err(io::Error::other)?).join("locales");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut codes = Vec::new();
    for entry in fs::read_dir(&folder)? {
        let code = entry?.file_name().into_string();
        codes.push(code.map_err(|name| io::Error::other(format!("{}", name.display())))?);
    }
    codes.sort_unstable();
    let mut table = String::from("&[");
    for code in codes {
        let path = folder.join(&code).join("page.json");
        println!("cargo::rerun-if-changed={}", path.display());
        let file = path.to_str().ok_or(io::ErrorKind::InvalidFilename)?;
        write!(table, "({code:?}, include_str!({file:?})),").map_err(io::Error::other)?;
    }
    table.push(']');
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("languages.rs"), table)
}
