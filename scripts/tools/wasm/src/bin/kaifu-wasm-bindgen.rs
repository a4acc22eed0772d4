//! `wasm-bindgen`: writes the JavaScript around a WebAssembly module. It knows the options that wasm-pack
//! and the build give it and no others, as the command's own library would bring its test runner along.

use clap::{Parser, ValueEnum};
use std::path::PathBuf;
use wasm_bindgen_cli_support::Bindgen;

#[derive(Parser)]
#[command(name = "wasm-bindgen", version = wasm_bindgen_shared::version())]
struct Arguments {
    input: PathBuf,
    #[arg(long)]
    target: Target,
    #[arg(long)]
    out_dir: PathBuf,
    #[arg(long)]
    out_name: String,
    #[arg(long, required = true)]
    no_typescript: bool,
}

#[derive(Clone, ValueEnum)]
enum Target {
    NoModules,
    Web,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut bindgen = Bindgen::new();
    match arguments.target {
        Target::NoModules => bindgen.no_modules(true)?,
        Target::Web => bindgen.web(true)?,
    };
    bindgen
        .input_path(&arguments.input)
        .out_name(&arguments.out_name)
        .typescript(!arguments.no_typescript)
        .omit_default_module_path(false)
        .generate(&arguments.out_dir)
}
