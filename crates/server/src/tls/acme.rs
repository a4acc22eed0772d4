//! Ordering a certificate ([RFC 8555](https://www.rfc-editor.org/rfc/rfc8555)).

use super::chain;
use super::https::Https;
use super::provider;
use super::resolver::Resolver;
use crate::settings::Acme;
use instant_acme::{
    Account, AccountCredentials, AuthorizationStatus, ChallengeType, Identifier, NewAccount,
    NewOrder, Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::sign::CertifiedKey;
use std::time::Duration;

/// How long the authority may take to look at us, and then to issue.
const PATIENCE: RetryPolicy = RetryPolicy::new().timeout(Duration::from_secs(90));

/// Why there is no certificate.
#[derive(Debug, thiserror::Error)]
pub(super) enum OrderError {
    #[error("{}", chain(.0))]
    Acme(#[from] instant_acme::Error),
    /// The authority did not get the right answer at the domain's address.
    #[error("{domain}: {reason}")]
    Refused { domain: String, reason: String },
    #[error("the authority has no tls-alpn-01 challenge for {0}")]
    NoChallenge(String),
    #[error("cannot answer the challenge: {0}")]
    Answer(#[from] rcgen::Error),
    #[error("cannot answer the challenge: {0}")]
    Key(#[from] rustls::Error),
    #[error("{0}")]
    System(#[from] std::io::Error),
}

impl OrderError {
    /// Whether the authority has forgotten our account, as test authorities do.
    pub(super) fn is_unknown_account(&self) -> bool {
        let Self::Acme(instant_acme::Error::Api(problem)) = self else {
            return false;
        };
        problem.r#type.as_deref() == Some("urn:ietf:params:acme:error:accountDoesNotExist")
    }
}

/// The account behind `credentials`.
pub(super) async fn known_account(credentials: AccountCredentials) -> Result<Account, OrderError> {
    let builder = Account::builder_with_http(Box::new(Https::new()?));
    Ok(builder.from_credentials(credentials).await?)
}

/// A new account, and the credentials to come back with.
pub(super) async fn new_account(
    settings: &Acme,
) -> Result<(Account, AccountCredentials), OrderError> {
    let builder = Account::builder_with_http(Box::new(Https::new()?));
    let account = NewAccount {
        contact: &contacts(settings),
        terms_of_service_agreed: true,
        only_return_existing: false,
    };
    let directory = settings.directory.clone();
    Ok(builder.create(&account, directory, None).await?)
}

/// Tells the authority whom it may write to now.
pub(super) async fn update_contacts(account: &Account, settings: &Acme) -> Result<(), OrderError> {
    Ok(account.update_contacts(&contacts(settings)).await?)
}

fn contacts(settings: &Acme) -> Vec<&str> {
    settings.contacts.iter().map(String::as_str).collect()
}

/// Orders a certificate for `domains`, and returns the key and the chain in PEM.
pub(super) async fn order(
    account: &Account,
    domains: &[String],
    resolver: &Resolver,
) -> Result<String, OrderError> {
    let identifiers: Vec<_> = domains.iter().cloned().map(Identifier::Dns).collect();
    let mut order = account.new_order(&NewOrder::new(&identifiers)).await?;
    answer_challenges(&mut order, resolver).await?;
    if order.state().status != OrderStatus::Ready
        && order.poll_ready(&PATIENCE).await? != OrderStatus::Ready
    {
        return Err(refusal(&mut order).await?);
    }
    let key = order.finalize().await?;
    let chain = order.poll_certificate(&PATIENCE).await?;
    Ok(format!("{key}{chain}"))
}

async fn answer_challenges(order: &mut Order, resolver: &Resolver) -> Result<(), OrderError> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        let domain = authorization.identifier().to_string();
        if authorization.status == AuthorizationStatus::Valid {
            continue;
        }
        let Some(mut challenge) = authorization.challenge(ChallengeType::TlsAlpn01) else {
            return Err(OrderError::NoChallenge(domain));
        };
        let digest = challenge.key_authorization().digest();
        let certificate = challenge_certificate(&domain, digest.as_ref())?;
        resolver.answer(domain, certificate);
        challenge.set_ready().await?;
    }
    Ok(())
}

/// What shows that the domain's address is ours, as RFC 8737 wants it.
fn challenge_certificate(domain: &str, digest: &[u8]) -> Result<CertifiedKey, OrderError> {
    let mut params = CertificateParams::new(vec![domain.to_owned()])?;
    params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest)];
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let key = provider().key_provider.load_private_key(key.into())?;
    // Unlike other ways to get there, this one lets its critical extension pass.
    Ok(CertifiedKey::new(vec![certificate.der().clone()], key))
}

/// What the authority says of the first domain whose address is not ours.
async fn refusal(order: &mut Order) -> Result<OrderError, OrderError> {
    let mut authorizations = order.authorizations();
    while let Some(authorization) = authorizations.next().await {
        let mut authorization = authorization?;
        let state = authorization.refresh().await?;
        let problem = state.challenges.iter().find_map(|it| it.error.as_ref());
        if let Some(problem) = problem {
            return Ok(OrderError::Refused {
                domain: state.identifier().to_string(),
                reason: problem.to_string(),
            });
        }
    }
    Ok(OrderError::Refused {
        domain: "the order".to_owned(),
        reason: "refused without a reason".to_owned(),
    })
}
