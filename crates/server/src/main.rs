//! The server's program: reads the command line and hands over to the library.

use kaifu_server::cli::{Command, Options, commands, doctor, restore};
use kaifu_server::logging;
use std::process::ExitCode;

fn main() -> ExitCode {
    let options = Options::read();
    logging::start(options.log_level);
    commands::forbid_dumps();
    let outcome = match options.command {
        Command::Serve(serve) => commands::serve(*serve),
        Command::Backup { store, path } => commands::backup(&store, &path),
        Command::Restore { store, paths } => restore(&store, &paths),
        Command::Vacuum { store } => commands::vacuum(&store),
        Command::Keygen { keys, rotate } => commands::keygen(&keys, rotate),
        Command::Doctor(serve) => doctor(*serve),
        Command::Healthcheck { listen, tls } => commands::healthcheck(listen, tls.is_on()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            logging::failed(&error);
            if error.is_usage() {
                ExitCode::from(2)
            } else {
                ExitCode::FAILURE
            }
        }
    }
}
