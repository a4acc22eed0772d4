//! The API's description agrees with the server.

use crate::client::{Account, ask, press_button};
use crate::process::Server;
use serde_json::Value;
use std::collections::BTreeSet;

const METHODS: [&str; 8] = [
    "get", "head", "post", "put", "patch", "delete", "options", "trace",
];

fn document(server: &Server) -> Value {
    let answer = ask(server.address, "GET", "/v1/openapi.json", &[], "");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    serde_json::from_slice(&answer.body).unwrap()
}

#[test]
fn the_document_names_every_route_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let document = document(&server);
    let documented: BTreeSet<&str> = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let table = include_str!("../../src/router.rs");
    let (for_everyone, _) = table.split_once("fn for_operators").unwrap();
    let routed: BTreeSet<&str> = for_everyone
        .split(".route(")
        .skip(1)
        .map(|rest| match rest.split('"').nth(1).unwrap() {
            "/p/{*name}" => "/p/{token}.gif",
            path => path,
        })
        .collect();
    assert_eq!(documented, routed);
    assert!(routed.len() >= 12, "{routed:?}");
}

#[test]
fn the_document_names_every_method_and_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    for (path, methods) in document(&server)["paths"].as_object().unwrap() {
        let target = path.replace("{token}", "x");
        for method in METHODS {
            // An address that can be got has a head as well, which need not be said.
            if method == "head" && methods.get("get").is_some() {
                continue;
            }
            let upper = method.to_uppercase();
            let status = ask(server.address, &upper, &target, &[], "").status;
            assert_eq!(
                status != 405,
                methods.get(method).is_some(),
                "{upper} {path}: {status}"
            );
            if let Some(operation) = methods.get(method) {
                let known = operation["responses"].get(status.to_string()).is_some();
                assert!(known, "{upper} {path} answers {status}");
            }
        }
    }
    drop(account);
}

/// Looks up what a reference such as `#/components/schemas/Event` points to.
fn resolve<'a>(document: &'a Value, schema: &'a Value) -> &'a Value {
    schema["$ref"].as_str().map_or(schema, |reference| {
        document.pointer(reference.trim_start_matches('#')).unwrap()
    })
}

/// Checks `value` against the part of JSON Schema that the document uses.
fn check(document: &Value, schema: &Value, value: &Value, place: &str) {
    let schema = resolve(document, schema);
    if let Some(values) = schema["enum"].as_array() {
        assert!(values.contains(value), "{place}: {value}");
    }
    match schema["type"].as_str() {
        Some("object") => {
            let object = value.as_object().unwrap();
            for name in schema["required"].as_array().into_iter().flatten() {
                assert!(
                    object.contains_key(name.as_str().unwrap()),
                    "{place}: {name}"
                );
            }
            for (name, value) in object {
                let property = &schema["properties"][name];
                assert!(property.is_object(), "{place}: {name} is not described");
                check(document, property, value, &format!("{place}.{name}"));
            }
        }
        Some("array") => {
            for value in value.as_array().unwrap() {
                check(document, &schema["items"], value, place);
            }
        }
        Some("integer") => {
            let minimum = schema["minimum"].as_i64().unwrap_or(i64::MIN);
            assert!(value.as_i64().unwrap() >= minimum, "{place}: {value}");
        }
        Some("string") => assert!(value.is_string(), "{place}: {value}"),
        other => assert!(schema["enum"].is_array(), "{place}: {other:?}"),
    }
}

#[test]
fn answers_have_the_shapes_that_the_document_promises() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let account = Account::create(server.address);
    for agent in ["", "curl/8", "Mozilla/5.0 (via ggpht.com GoogleImageProxy)"] {
        let headers = [("user-agent", agent)];
        ask(server.address, "GET", &account.pixel(1), &headers, "");
    }
    let path = format!("{}/read", account.receipt(1));
    press_button(server.address, &path, &[]);
    let document = document(&server);
    let none = [];
    let bearer = account.authorization();
    for (method, path, target, headers, body) in [
        ("POST", "/v1/accounts", "/v1/accounts", &none[..], "{}"),
        ("POST", "/v1/accounts", "/v1/accounts", &none, "[]"),
        ("GET", "/v1/events", "/v1/events", &bearer, ""),
        ("GET", "/v1/events", "/v1/events?limit=0", &bearer, ""),
        ("GET", "/v1/events", "/v1/events", &none, ""),
        ("DELETE", "/v1/account", "/v1/account", &none, ""),
        ("GET", "/healthz", "/healthz", &none, ""),
        ("GET", "/readyz", "/readyz", &none, ""),
    ] {
        let answer = ask(server.address, method, target, headers, body);
        let status = answer.status.to_string();
        let operation = &document["paths"][path][method.to_lowercase()];
        let response = resolve(&document, &operation["responses"][&status]);
        let schema = &response["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{method} {target} {status}");
        let body = serde_json::from_slice(&answer.body).unwrap();
        check(&document, schema, &body, target);
    }
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    fn walk(document: &Value, value: &Value, found: &mut usize) {
        if value["$ref"].is_string() {
            resolve(document, value);
            *found += 1;
        }
        match value {
            Value::Object(map) => map.values().for_each(|value| walk(document, value, found)),
            Value::Array(list) => list.iter().for_each(|value| walk(document, value, found)),
            _ => {}
        }
    }
    let dir = tempfile::tempdir().unwrap();
    let document = document(&Server::start(dir.path()));
    let mut found = 0;
    walk(&document, &document, &mut found);
    assert!(found > 20, "{found}");
}

#[test]
fn the_document_is_a_page_as_well() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let answer = ask(server.address, "GET", "/docs", &[], "");
    assert_eq!(answer.status, 200);
    let text = answer.text();
    for path in document(&server)["paths"].as_object().unwrap().keys() {
        assert!(text.contains(path.as_str()), "{path}");
    }
    for shape in ["NewAccount", "EventsPage", "repeats"] {
        assert!(text.contains(shape), "{shape}");
    }
    assert!(!text.contains("<script") && !text.contains("https://"));
}
