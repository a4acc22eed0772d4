//! Which variables of the environment count.

use super::options::Options;
use clap::builder::Resettable;
use clap::{Arg, ArgMatches, Command, CommandFactory as _, FromArgMatches as _};
use std::ffi::{OsStr, OsString};

/// Flags of which only one way may be chosen: one that is given on the command line has the
/// variables of the other way count for nothing.
const WAYS: [(&[&str], &[&str]); 2] = [
    (
        &["--tls-cert", "--tls-key"],
        &["acme_domain", "acme_contact"],
    ),
    (&["--acme-domain"], &["tls_cert", "tls_key"]),
];

impl Options {
    /// Reads the command line and the environment. Where they are wrong, or help is asked for, it
    /// ends the process as clap does.
    #[must_use]
    pub fn read() -> Self {
        let args: Vec<_> = std::env::args_os().collect();
        let read = matches(args, |name| std::env::var_os(name));
        let options = read.and_then(|mut matches| Self::from_arg_matches_mut(&mut matches));
        options.unwrap_or_else(|error| error.exit())
    }
}

fn matches(
    args: Vec<OsString>,
    variable: impl Fn(&OsStr) -> Option<OsString>,
) -> clap::error::Result<ArgMatches> {
    let overruled: Vec<&str> = WAYS
        .iter()
        .filter(|(flags, _)| args.iter().any(|arg| is_one_of(arg, flags)))
        .flat_map(|(_, others)| others.iter().copied())
        .collect();
    let counts = |arg: &Arg| {
        // Templates and files of variables leave empty what is not set.
        let is_empty = arg
            .get_env()
            .and_then(&variable)
            .is_some_and(|value| value.is_empty());
        !is_empty && !overruled.contains(&arg.get_id().as_str())
    };
    without_variables(Options::command(), &counts).try_get_matches_from(args)
}

fn is_one_of(arg: &OsStr, flags: &[&str]) -> bool {
    let text = arg.to_string_lossy();
    let name = text.split('=').next().unwrap_or_default();
    flags.contains(&name)
}

/// `command` with only those variables that count.
fn without_variables(command: Command, counts: &dyn Fn(&Arg) -> bool) -> Command {
    let command = command.mut_args(|arg| {
        if counts(&arg) {
            arg
        } else {
            arg.env(Resettable::<clap::builder::OsStr>::Reset)
        }
    });
    command.mut_subcommands(|command| without_variables(command, counts))
}
