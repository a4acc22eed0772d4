//! What lies in the data directory: keys, database, certificate, backups, and the room for more.

use super::Finding;
use crate::clock::Clock;
use crate::data_dir::{is_open_to_others, last_backup, parent_of, room};
use crate::keys::server_keys;
use crate::settings::{Database, Encryption, Settings};
use crate::tls::{self, Validity};
use kaifu_core::backend::BackendUrl;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

const DAY: i64 = 24 * 60 * 60 * 1_000;

/// How many days before its end a certificate should have been renewed.
const RENEWED: i64 = 7;

/// After how many days without a backup one is due.
const BACKUP: i64 = 7;

/// Looks at keys, database, disk, backups and certificate.
pub(super) fn look(settings: &Settings) -> Vec<Finding> {
    let mut findings = vec![key(settings), database(settings), disk(settings)];
    findings.push(backup(settings));
    findings.extend(certificate(settings));
    findings
}

fn key(settings: &Settings) -> Finding {
    const ABOUT: &str = "server key";
    let path = &settings.key_file;
    let shown = path.display();
    let (file, folder) = match (
        std::fs::metadata(path),
        std::fs::metadata(&settings.data_dir),
    ) {
        (Ok(file), Ok(folder)) => (file, folder),
        (Err(error), _) if error.kind() == io::ErrorKind::NotFound => {
            return if has_database(settings) {
                Finding::fault(
                    ABOUT,
                    format!(
                        "{shown} is missing beside a database: put the key file in place from a \
                         backup or another server, as no email sent so far is tracked without it"
                    ),
                )
            } else {
                Finding::warning(
                    ABOUT,
                    format!("{shown} does not exist yet; a start makes it"),
                )
            };
        }
        (Err(error), _) | (_, Err(error)) => {
            return Finding::fault(ABOUT, format!("{shown}: {error}"));
        }
    };
    match server_keys::read(path) {
        Err(error) => Finding::fault(ABOUT, error.to_string()),
        Ok(_) if file.mode() & 0o077 != 0 => Finding::warning(
            ABOUT,
            format!("{shown} can be read by others: chmod 600 it"),
        ),
        Ok(_) if file.uid() != folder.uid() => Finding::fault(
            ABOUT,
            format!(
                "{shown} belongs to the user {}, the data directory to {}: the server may not be \
                 able to read it",
                file.uid(),
                folder.uid()
            ),
        ),
        Ok(_) if is_open_to_others(parent_of(path)) => Finding::warning(
            ABOUT,
            format!(
                "others can put a file in the place of {shown}: chmod go-w {}",
                parent_of(path).display()
            ),
        ),
        Ok(keys) => Finding::good(ABOUT, format!("{shown} holds {}", count(keys.len(), "key"))),
    }
}

fn has_database(settings: &Settings) -> bool {
    match &settings.database {
        Database::Sqlite(path) => settings.data_dir.join(path).exists(),
        Database::Postgres(_) => settings.data_dir.join("spool.db").exists(),
    }
}

fn database(settings: &Settings) -> Finding {
    const ABOUT: &str = "database";
    let Database::Sqlite(path) = &settings.database else {
        return Finding::good(
            ABOUT,
            "PostgreSQL; whether it answers is asked of the server",
        );
    };
    let path = settings.data_dir.join(path);
    match std::fs::metadata(&path) {
        Ok(file) => {
            let size = bytes(file.len());
            Finding::good(ABOUT, format!("{}, {size}", path.display()))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Finding::warning(
            ABOUT,
            format!("{} does not exist yet; a start makes it", path.display()),
        ),
        Err(error) => Finding::fault(ABOUT, format!("{}: {error}", path.display())),
    }
}

fn disk(settings: &Settings) -> Finding {
    const ABOUT: &str = "disk";
    let path = &settings.data_dir;
    let room = match room(path) {
        Ok(room) => room,
        Err(error) => return Finding::fault(ABOUT, format!("{}: {error}", path.display())),
    };
    let text = format!(
        "{} of {} are free at {}",
        bytes(room.free),
        bytes(room.total),
        path.display()
    );
    if room.free < 50_000_000 {
        Finding::fault(ABOUT, format!("{text}: events will be lost"))
    } else if room.free < 1_000_000_000 && room.free < room.total / 10 {
        Finding::warning(ABOUT, format!("{text}: make room"))
    } else {
        Finding::good(ABOUT, text)
    }
}

fn backup(settings: &Settings) -> Finding {
    const ABOUT: &str = "last backup";
    if matches!(settings.database, Database::Postgres(_)) {
        return Finding::warning(
            ABOUT,
            "PostgreSQL is backed up by its own tools, so when is not known here",
        );
    }
    let Some(at) = last_backup(&settings.data_dir) else {
        return Finding::warning(ABOUT, "none was ever made with kaifu-server backup");
    };
    let days = Clock::default().now().since(at) / DAY;
    let text = format!("{} ago", count(usize::try_from(days).unwrap_or(0), "day"));
    if days >= BACKUP {
        Finding::warning(ABOUT, text)
    } else {
        Finding::good(ABOUT, text)
    }
}

fn certificate(settings: &Settings) -> Option<Finding> {
    const ABOUT: &str = "certificate";
    let kept = match &settings.encryption {
        Encryption::None => return None,
        Encryption::Files { certificate, key } => tls::validity(certificate, key),
        Encryption::Acme(acme) => {
            let path = tls::kept_certificate(acme, &settings.data_dir);
            if !path.exists() {
                return Some(Finding::warning(
                    ABOUT,
                    "none was ordered so far; the server's log says why",
                ));
            }
            tls::validity(&path, &path)
        }
    };
    Some(match kept {
        Ok(validity) => judged(&validity, settings),
        Err(error) => Finding::fault(ABOUT, error.to_string()),
    })
}

fn judged(validity: &Validity, settings: &Settings) -> Finding {
    const ABOUT: &str = "certificate";
    let days = (validity.not_after * 1_000 - Clock::default().now().0) / DAY;
    let host = settings.public_url.as_ref().map(BackendUrl::host);
    let lacks = host.filter(|host| !validity.names.iter().any(|name| covers(name, host)));
    match lacks {
        Some(host) => Finding::fault(
            ABOUT,
            format!("it is for {}, not for {host}", validity.names.join(", ")),
        ),
        None if days < 0 => Finding::fault(ABOUT, "it has expired"),
        None if days < RENEWED => Finding::fault(
            ABOUT,
            format!("it expires in {days} days and should have been renewed"),
        ),
        None => Finding::good(ABOUT, format!("it expires in {days} days")),
    }
}

/// Whether a certificate's `name` stands for `host` (RFC 6125).
fn covers(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(rest) => host
            .split_once('.')
            .is_some_and(|(_, parent)| parent == rest),
        None => name == host,
    }
}

fn count(count: usize, what: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {what}{plural}")
}

fn bytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes / 1_000),
        1_000_000..1_000_000_000 => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} GB", bytes / 1_000_000_000),
    }
}

/// The newest time at which one of the server's own files was changed, in seconds since 1970.
pub(super) fn newest_change(folder: &Path) -> Option<i64> {
    let files = std::fs::read_dir(folder).ok()?;
    let times = files.filter_map(|file| Some(file.ok()?.metadata().ok()?.mtime()));
    times.max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_certificates_cover_hosts() {
        for (name, host, expected) in [
            ("kaifu.example.org", "kaifu.example.org", true),
            ("example.org", "kaifu.example.org", false),
            ("*.example.org", "kaifu.example.org", true),
            ("*.example.org", "example.org", false),
            ("*.example.org", "a.kaifu.example.org", false),
        ] {
            assert_eq!(covers(name, host), expected, "{name} {host}");
        }
    }
}
