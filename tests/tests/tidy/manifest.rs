//! What the extension may ask for.

use serde_json::{Map, Value, json};

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

/// The keys that a manifest of ours may have, and those of its parts.
const KEYS: [&str; 16] = [
    "manifest_version",
    "name",
    "description",
    "version",
    "default_locale",
    "minimum_chrome_version",
    "permissions",
    "host_permissions",
    "optional_host_permissions",
    "background",
    "content_scripts",
    "web_accessible_resources",
    "content_security_policy",
    "action",
    "options_ui",
    "icons",
];
const ACTION_KEYS: [&str; 3] = ["default_title", "default_popup", "default_icon"];
const OPTIONS_KEYS: [&str; 2] = ["page", "open_in_tab"];

/// What our pages may load: nothing but what comes with the extension, and answers of servers.
const POLICY: &str = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; object-src 'self'; connect-src 'self' https: http:; img-src 'self' data:";

/// The parts that run somewhere, or let others in: whole, as each of their keys gives something away.
fn fixed_parts() -> Vec<(&'static str, Value)> {
    let gmail = "https://mail.google.com/*";
    vec![
        (
            "background",
            json!({ "service_worker": "background.js", "type": "module" }),
        ),
        (
            "content_scripts",
            json!([
                { "matches": [gmail], "js": ["content/page.js"], "run_at": "document_start", "world": "MAIN" },
                {
                    "matches": [gmail],
                    "css": ["content/toggle.css"],
                    "js": ["content/kaifu_gmail.js", "content/boot.js"],
                    "run_at": "document_start",
                    "all_frames": false,
                },
            ]),
        ),
        (
            "web_accessible_resources",
            json!([
                {
                    "resources": [
                        "content/kaifu_gmail_bg.wasm", "content/kaifu_gmail_js.js",
                        "content/kaifu_panel.js", "content/kaifu_panel_bg.wasm", "content/kaifu_panel_js.js",
                    ],
                    "matches": [gmail],
                    "use_dynamic_url": true,
                },
                // A server's page leads there, and servers are anywhere. Its address is drawn anew each
                // time the browser starts, so that no website can find out whether it exists.
                {
                    "resources": ["own.html"],
                    "matches": ["https://*/*", "http://*/*"],
                    "use_dynamic_url": true,
                },
            ]),
        ),
        (
            "content_security_policy",
            json!({ "extension_pages": POLICY }),
        ),
    ]
}

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
    let mut keys = |what: &str, part: &Value, allowed: &[&str]| {
        for key in part.as_object().into_iter().flat_map(Map::keys) {
            if !allowed.contains(&key.as_str()) {
                broken.push(format!("{what}: the key {key} is not on the list"));
            }
        }
    };
    keys("manifest", manifest, &KEYS);
    keys("action", &manifest["action"], &ACTION_KEYS);
    keys("options_ui", &manifest["options_ui"], &OPTIONS_KEYS);
    for (part, expected) in fixed_parts() {
        if manifest[part] != expected {
            broken.push(format!("{part}: {} is not what is allowed", manifest[part]));
        }
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

type Change = fn(&mut Value);

/// The manifest with one change.
fn changed(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut manifest = repository::read_json("manifest.json");
    change(&mut manifest);
    excess(&manifest, env!("CARGO_PKG_VERSION"))
}

fn push(list: &mut Value, item: &str) {
    list.as_array_mut().expect("a list").push(json!(item));
}

#[test]
fn each_excess_is_found() {
    let lists = [
        ("permissions", "tabs"),
        ("host_permissions", "<all_urls>"),
        ("optional_host_permissions", "file:///*"),
    ];
    for (list, item) in lists {
        let broken = changed(|manifest| push(&mut manifest[list], item));
        assert_eq!(broken, [format!("{list}: \"{item}\" is not on the list")]);
    }
    let keys = [
        "devtools_page",
        "declarative_net_request",
        "oauth2",
        "externally_connectable",
        "optional_permissions",
        "sandbox",
    ];
    for key in keys {
        let broken = changed(|manifest| manifest[key] = json!({}));
        assert_eq!(
            broken,
            [format!("manifest: the key {key} is not on the list")]
        );
    }
    let changes: [(&str, Change); 7] = [
        ("content_scripts", |it| {
            it[0]["all_frames"] = json!(true);
        }),
        ("content_scripts", |it| {
            it[1]["matches"][0] = json!("https://*/*");
        }),
        ("content_scripts", |it| {
            push(&mut it[1]["js"], "content/more.js");
        }),
        ("content_scripts", |it| {
            let first = it[0].clone();
            it.as_array_mut().unwrap().push(first);
        }),
        ("web_accessible_resources", |it| {
            push(&mut it[0]["resources"], "popup.html");
        }),
        ("background", |it| {
            it["service_worker"] = json!("other.js");
        }),
        ("content_security_policy", |it| {
            it["extension_pages"] = json!("script-src 'self' 'unsafe-eval'");
        }),
    ];
    for (part, change) in changes {
        let broken = changed(|manifest| change(&mut manifest[part]));
        assert_eq!(broken.len(), 1, "{broken:?}");
        assert!(broken[0].starts_with(part), "{broken:?}");
    }
    let broken = changed(|manifest| manifest["action"]["theme_icons"] = json!([]));
    assert_eq!(broken, ["action: the key theme_icons is not on the list"]);
    let broken = changed(|manifest| manifest["version"] = json!("9.9.9"));
    assert_eq!(broken.len(), 1, "{broken:?}");
}
