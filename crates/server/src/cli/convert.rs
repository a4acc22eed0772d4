//! From what was asked for to what a server works with.

use super::options::{ServeOptions, TlsOptions};
use crate::clock::Clock;
use crate::failure::Failure;
use crate::settings::{Acme, Encryption, Operator, Settings};
use std::time::Duration;

impl TryFrom<ServeOptions> for Settings {
    type Error = Failure;

    fn try_from(options: ServeOptions) -> Result<Self, Failure> {
        let TlsOptions {
            acme_domain: domains,
            tls_cert,
            tls_key,
        } = options.tls;
        let own_url = domains.first().map(|domain| domain.url().clone());
        let public_url = options.public_url.or(own_url);
        let encryption = match (tls_cert, tls_key) {
            (Some(certificate), Some(key)) => Encryption::Files { certificate, key },
            _ if domains.is_empty() => Encryption::None,
            _ => Encryption::Acme(Acme {
                domains: domains
                    .iter()
                    .map(|domain| domain.url().host().to_owned())
                    .collect(),
                contacts: options.acme_contact,
                directory: options.acme_directory,
            }),
        };
        let redirect = match (options.redirect_listen, &public_url) {
            (None, _) => None,
            (Some(listen), Some(url)) if url.is_secure() => Some((listen, url.clone())),
            (Some(_), _) => return Err(Failure::RedirectWhere),
        };
        Ok(Self {
            database: options.store.database()?,
            needs_standby: options.require_synchronous_standby,
            key_file: options.store.keys.path(),
            data_dir: options.store.keys.data_dir.data_dir,
            operator: Operator {
                host: public_url.as_ref().map(|url| url.host().to_owned()),
                name: options.operator,
                privacy: options.privacy_url,
            },
            public_url,
            retention: Duration::from_hours(u64::from(options.retention_days) * 24),
            accounts_per_hour: options.accounts_per_hour,
            errors_per_minute: options.errors_per_minute,
            trusted_proxies: options.trusted_proxies,
            metrics_listen: options.metrics_listen,
            links: options.links,
            encryption,
            redirect,
            clock: Clock::default(),
            limits: options.shares.limits(),
        })
    }
}
