//! Whom emails went to. There is no rate and no rank: who stands first is who was detected last.

use super::part::{heading, leads, time};
use crate::model::Model;
use kaifu_core::report::Which;
use kaifu_l10n::Words;
use kaifu_protocol::report::{Contact, Report};
use maud::{Markup, html};

/// The recipients.
pub(super) fn people(report: &Report, model: &Model, words: &impl Words) -> Markup {
    html! {
        section {
            (heading("report_people", "report_people_note", words))
            (table(&report.people, Which::Person, "report_person", (model, words)))
        }
    }
}

/// Their domains.
pub(super) fn domains(report: &Report, model: &Model, words: &impl Words) -> Markup {
    html! {
        section {
            (heading("report_domains", "report_domains_note", words))
            (table(&report.domains, Which::Domain, "report_domain", (model, words)))
        }
    }
}

fn table(
    contacts: &[Contact],
    which: fn(String) -> Which,
    title: &str,
    (model, words): (&Model, &impl Words),
) -> Markup {
    html! {
        @if !contacts.is_empty() {
            table.contacts {
                thead {
                    tr {
                        th scope="col" { (words.text(title)) }
                        th.number scope="col" { (words.text("report_emails")) }
                        th.number scope="col" { (words.text("report_detected")) }
                        th.number scope="col" { (words.text("report_last_detected")) }
                    }
                }
                tbody {
                    @for contact in contacts {
                        tr {
                            th scope="row" {
                                (leads(&which(contact.key.clone()), model, &name(contact)))
                            }
                            td.number { (contact.emails) }
                            td.number { (contact.opened) }
                            td.number { (time(contact.last_at, model.now, words)) }
                        }
                    }
                }
            }
        }
    }
}

fn name(contact: &Contact) -> Markup {
    html! {
        bdi title=(contact.key) {
            @if contact.name.is_empty() { (contact.key) } @else { (contact.name) }
        }
    }
}
