//! Whatever is acknowledged is on the disk before. A killed process cannot show that, as the system
//! still has what it was given: so the calls of the process are counted from outside.

use crate::client::{Account, Client};
use crate::database::Database;
use crate::metrics::wait_for;
use crate::process::{Server, program};
use rustix::process::Signal;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A library that notes, in the order in which they happen, each sync of a file that holds events
/// and each answer that begins like an image's. Whoever writes a line to a pipe or file that is
/// opened for appending does so at once, so lines stay whole.
const LIBRARY: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

static void note(const char *what, const char *name) {
    static int log = -1;
    char line[512];
    if (log < 0) log = open(getenv("SYNC_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    int length = snprintf(line, sizeof line, "%s %s\n", what, name);
    if (write(log, line, length) != length) abort();
}

static void synced(int fd) {
    char link[64], name[256];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, name, sizeof name - 1);
    if (length < 0) return;
    name[length] = 0;
    const char *last = strrchr(name, '/');
    note("sync", last ? last + 1 : name);
}

int fsync(int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fsync");
    int done = real(fd);
    if (done == 0) synced(fd);
    return done;
}

int fdatasync(int fd) {
    int (*real)(int) = dlsym(RTLD_NEXT, "fdatasync");
    int done = real(fd);
    if (done == 0) synced(fd);
    return done;
}

static void answered(const void *bytes, size_t length) {
    if (length > 15 && !memcmp(bytes, "HTTP/1.1 200 OK", 15) && memmem(bytes, length, "image/gif", 9))
        note("answer", "image");
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
    ssize_t (*real)(int, const struct iovec *, int) = dlsym(RTLD_NEXT, "writev");
    if (count > 0) answered(parts[0].iov_base, parts[0].iov_len);
    return real(fd, parts, count);
}

ssize_t send(int fd, const void *bytes, size_t length, int flags) {
    ssize_t (*real)(int, const void *, size_t, int) = dlsym(RTLD_NEXT, "send");
    answered(bytes, length);
    return real(fd, bytes, length, flags);
}

ssize_t write(int fd, const void *bytes, size_t length) {
    ssize_t (*real)(int, const void *, size_t) = dlsym(RTLD_NEXT, "write");
    answered(bytes, length);
    return real(fd, bytes, length);
}
"#;

/// Compiles the library; `None`, with the reason in the output, where there is no compiler.
fn library(dir: &Path) -> Option<PathBuf> {
    let (source, library) = (dir.join("sync.c"), dir.join("sync.so"));
    fs::write(&source, LIBRARY).unwrap();
    let mut compile = Command::new("cc");
    compile.args(["-shared", "-fPIC", "-O1", "-w", "-o"]);
    compile.arg(&library).arg(&source).arg("-ldl");
    let Ok(status) = compile.status() else {
        eprintln!("skipped: there is no C compiler");
        return None;
    };
    assert!(status.success());
    Some(library)
}

/// How many images one client is answered in each part.
const IMAGES: u64 = 50;

/// Fetches images one after the other, so that each of them needs a sync of its own, and checks that
/// `file` was synced between each two answers.
fn check(server: &Server, account: &Account, log: &Path, file: &str, first: u64) {
    let mut client = Client::connect(server.address).unwrap();
    let lines = || fs::read_to_string(log).unwrap_or_default();
    let before = lines().len();
    for message in first..first + IMAGES {
        client
            .send("GET", &account.pixel(message), &[], "")
            .unwrap();
        assert_eq!(client.receive(false).unwrap().status, 200);
    }
    let lines = lines()[before..].to_owned();
    let (mut answers, mut is_synced) = (0, false);
    for line in lines.lines() {
        if line == format!("sync {file}") {
            is_synced = true;
        } else if line == "answer image" {
            assert!(is_synced, "an answer without a sync of {file}: {lines}");
            (answers, is_synced) = (answers + 1, false);
        }
    }
    assert_eq!(answers, IMAGES, "{lines}");
}

fn start(dir: &Path, library: &Path, database: &str) -> (Server, PathBuf) {
    let log = dir.join("sync.log");
    let server = Server::spawn(
        program()
            .args([
                "serve",
                "--listen=127.0.0.1:0",
                "--metrics-listen=127.0.0.1:0",
            ])
            .args(["--database", database, "--data-dir"])
            .arg(dir.join("data"))
            .env("LD_PRELOAD", library)
            .env("SYNC_LOG", &log),
    );
    (server, log)
}

#[test]
fn every_image_follows_a_sync_of_the_database() {
    let dir = tempfile::tempdir().unwrap();
    let Some(library) = library(dir.path()) else {
        return;
    };
    let (server, log) = start(dir.path(), &library, "sqlite:kaifu.db");
    let account = Account::create(server.address);
    check(&server, &account, &log, "kaifu.db-wal", 0);
}

#[test]
fn every_image_follows_a_sync_of_the_spool_while_postgres_is_away() {
    let Some(mut database) = Database::start() else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let Some(library) = library(dir.path()) else {
        return;
    };
    let (server, log) = start(dir.path(), &library, &database.url());
    let account = Account::create(server.address);
    database.stop(Signal::INT);
    wait_for(&server, "kaifu_database_up", 0.0);
    check(&server, &account, &log, "spool.db-wal", 0);
}
