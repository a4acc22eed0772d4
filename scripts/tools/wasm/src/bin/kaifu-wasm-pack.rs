//! `wasm-pack`: builds a crate for the browser, without asking whether there is a newer version of itself.

use clap::Parser as _;

fn main() -> anyhow::Result<()> {
    let arguments = wasm_pack::Cli::parse();
    wasm_pack::PBAR.set_log_level(arguments.log_level);
    if arguments.quiet {
        wasm_pack::PBAR.set_quiet(true);
    }
    wasm_pack::command::run_wasm_pack(arguments.cmd)
}
