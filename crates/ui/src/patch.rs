//! Brings a part of the page into a new shape, touching only what differs.
//!
//! Elements that stay keep the focus, the scroll position and what the user has selected. Children with `data-message` are matched by its value, all
//! others by their place.

use wasm_bindgen::{JsCast as _, JsValue};
use web_sys::{Element, FocusOptions, HtmlElement, HtmlTemplateElement, Node};

/// Makes the content of `target` what `html` says.
///
/// # Errors
///
/// What the browser throws.
pub fn patch(target: &Element, html: &str) -> Result<(), JsValue> {
    let document = target.owner_document().ok_or(JsValue::NULL)?;
    let template: HtmlTemplateElement = document.create_element("template")?.unchecked_into();
    template.set_inner_html(html);
    let focused = document.active_element();
    patch_children(target, &template.content())?;
    // An element that moves to another place loses the focus.
    if let Some(focused) = focused
        && focused.is_connected()
        && document.active_element().as_ref() != Some(&focused)
        && let Some(focused) = focused.dyn_ref::<HtmlElement>()
    {
        let options = FocusOptions::new();
        options.set_prevent_scroll(true);
        focused.focus_with_options(&options)?;
    }
    Ok(())
}

fn patch_children(old: &Node, new: &Node) -> Result<(), JsValue> {
    let wanted = children(new);
    let keys: Vec<String> = wanted.iter().filter_map(key).collect();
    for child in children(old) {
        if key(&child).is_some_and(|key| !keys.contains(&key)) {
            old.remove_child(&child)?;
        }
    }
    let mut next = old.first_child();
    for child in wanted {
        match counterpart(&child, old, next.as_ref()) {
            Some(kept) => {
                if next.as_ref() == Some(&kept) {
                    next = kept.next_sibling();
                } else {
                    old.insert_before(&kept, next.as_ref())?;
                }
                patch_node(&kept, &child)?;
            }
            None => {
                old.insert_before(&child, next.as_ref())?;
            }
        }
    }
    while let Some(surplus) = next {
        next = surplus.next_sibling();
        old.remove_child(&surplus)?;
    }
    Ok(())
}

/// The node among the children of `old`, from `next` on, that is to become `child`.
fn counterpart(child: &Node, old: &Node, next: Option<&Node>) -> Option<Node> {
    match key(child) {
        Some(wanted) => children(old)
            .into_iter()
            .find(|node| key(node).as_ref() == Some(&wanted)),
        None => next
            .filter(|node| key(node).is_none() && node.node_name() == child.node_name())
            .cloned(),
    }
}

fn patch_node(old: &Node, new: &Node) -> Result<(), JsValue> {
    let (Some(old), Some(new)) = (old.dyn_ref::<Element>(), new.dyn_ref::<Element>()) else {
        if old.node_value() != new.node_value() {
            old.set_node_value(new.node_value().as_deref());
        }
        return Ok(());
    };
    if old.is_equal_node(Some(new)) {
        return Ok(());
    }
    for name in attribute_names(old) {
        if !new.has_attribute(&name) {
            old.remove_attribute(&name)?;
        }
    }
    for name in attribute_names(new) {
        let value = new.get_attribute(&name);
        if old.get_attribute(&name) != value {
            old.set_attribute(&name, &value.unwrap_or_default())?;
        }
    }
    patch_children(old, new)
}

fn attribute_names(element: &Element) -> impl Iterator<Item = String> {
    element
        .get_attribute_names()
        .into_iter()
        .filter_map(|name| name.as_string())
}

fn children(parent: &Node) -> Vec<Node> {
    let nodes = parent.child_nodes();
    (0..nodes.length())
        .filter_map(|index| nodes.item(index))
        .collect()
}

fn key(node: &Node) -> Option<String> {
    node.dyn_ref::<Element>()?.get_attribute("data-message")
}
