//! What the extension may ask for.

use serde_json::{Value, json};

use crate::{assert_kept, repository};

const PERMISSIONS: [&str; 4] = [
    "storage",
    "alarms",
    "notifications",
    "declarativeNetRequestWithHostAccess",
];
const HOSTS: [&str; 3] = [
    "https://mail.google.com/*",
    "https://*.googleusercontent.com/*",
    "http://127.0.0.1:8787/*",
];
const OPTIONAL_HOSTS: [&str; 2] = ["https://*/*", "http://*/*"];
const GMAIL: [&str; 1] = ["https://mail.google.com/*"];

/// Keys that would give the extension more, and that it does without.
const ABSENT: [&str; 5] = [
    "optional_permissions",
    "externally_connectable",
    "oauth2",
    "sandbox",
    "update_url",
];

fn excess(manifest: &Value, workspace_version: &str) -> Vec<String> {
    let mut broken = Vec::new();
    let mut only = |what: &str, list: &Value, allowed: &[&str]| {
        for item in list.as_array().into_iter().flatten() {
            if !item.as_str().is_some_and(|item| allowed.contains(&item)) {
                broken.push(format!("{what}: {item} is not on the list"));
            }
        }
    };
    only("permissions", &manifest["permissions"], &PERMISSIONS);
    only("host_permissions", &manifest["host_permissions"], &HOSTS);
    only(
        "optional_host_permissions",
        &manifest["optional_host_permissions"],
        &OPTIONAL_HOSTS,
    );
    for part in ["content_scripts", "web_accessible_resources"] {
        for entry in manifest[part].as_array().into_iter().flatten() {
            only(part, &entry["matches"], &GMAIL);
            if entry["all_frames"] == true {
                only(part, &json!(["all_frames"]), &[]);
            }
        }
    }
    for key in ABSENT {
        if manifest.get(key).is_some() {
            broken.push(format!("{key}: may not be there"));
        }
    }
    let policy = &manifest["content_security_policy"]["extension_pages"];
    let scripts = policy.as_str().and_then(|policy| {
        policy
            .split(';')
            .map(str::trim)
            .find(|directive| directive.starts_with("script-src"))
    });
    if scripts != Some("script-src 'self' 'wasm-unsafe-eval'") {
        broken.push(format!(
            "content_security_policy: {scripts:?} allows other scripts than ours"
        ));
    }
    if manifest["version"] != workspace_version {
        broken.push(format!(
            "version: {} is not the crates' {workspace_version}",
            manifest["version"]
        ));
    }
    broken
}

#[test]
fn the_manifest_asks_for_no_more_than_listed() {
    let manifest = repository::read_json("manifest.json");
    assert_kept(&excess(&manifest, env!("CARGO_PKG_VERSION")));
    for permission in PERMISSIONS {
        let has = manifest["permissions"]
            .as_array()
            .unwrap()
            .contains(&json!(permission));
        assert!(
            has,
            "{permission} is on the list, and the manifest does not ask for it"
        );
    }
}

#[test]
fn each_excess_is_found() {
    let manifest = json!({
        "version": "2.0.0",
        "permissions": ["storage", "tabs"],
        "host_permissions": ["<all_urls>"],
        "optional_host_permissions": ["file:///*"],
        "oauth2": {},
        "content_scripts": [{ "matches": ["https://*/*"], "all_frames": true }],
        "web_accessible_resources": [{ "matches": ["<all_urls>"] }],
        "content_security_policy": { "extension_pages": "script-src 'self' 'unsafe-eval'" },
    });
    let expected = [
        r#"permissions: "tabs" is not on the list"#,
        r#"host_permissions: "<all_urls>" is not on the list"#,
        r#"optional_host_permissions: "file:///*" is not on the list"#,
        r#"content_scripts: "https://*/*" is not on the list"#,
        r#"content_scripts: "all_frames" is not on the list"#,
        r#"web_accessible_resources: "<all_urls>" is not on the list"#,
        "oauth2: may not be there",
        r#"content_security_policy: Some("script-src 'self' 'unsafe-eval'") allows other scripts than ours"#,
        r#"version: "2.0.0" is not the crates' 1.0.0"#,
    ];
    assert_eq!(excess(&manifest, "1.0.0"), expected);
}
