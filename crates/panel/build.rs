//! Packs the style sheet: what only people read weighs in the program.

use std::path::Path;
use std::{env, fs};

const SHEET: &str = "src/panel.css";

fn main() {
    println!("cargo::rerun-if-changed={SHEET}");
    let sheet = fs::read_to_string(SHEET).expect("the style sheet stands beside the code");
    let lines = sheet.lines().map(str::trim);
    let lines = lines.filter(|line| !line.starts_with("/*"));
    let packed: String = lines.collect();
    let packed = packed
        .replace(": ", ":")
        .replace(" {", "{")
        .replace(";}", "}");
    let folder = env::var_os("OUT_DIR").expect("cargo names a folder for what is made");
    let result = Path::new(&folder).join("panel.css");
    fs::write(result, packed).expect("cargo's folder takes files");
}
