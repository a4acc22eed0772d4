//! A client that speaks TLS, and certificates for servers to show.

use crate::client::{Account, Answer, Client, PATIENCE};
use kaifu_protocol::api::NewAccount;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use std::io;
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The name under which the tests reach a server.
pub(crate) const NAME: &str = "kaifu.example.org";

pub(crate) type Secure = StreamOwned<ClientConnection, TcpStream>;

/// An authority whose certificates its clients trust.
pub(crate) struct Root {
    certificate: rcgen::Certificate,
    issuer: Issuer<'static, KeyPair>,
}

impl Root {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self {
            certificate: params.self_signed(&key).unwrap(),
            issuer: Issuer::new(params, key),
        }
    }

    pub(crate) fn pem(&self) -> String {
        self.certificate.pem()
    }

    /// Writes a new certificate for `name` and its key to `dir`, and gives their paths.
    pub(crate) fn issue(&self, name: &str, dir: &Path) -> [PathBuf; 2] {
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let paths = ["cert.pem", "key.pem"].map(|file| dir.join(file));
        std::fs::write(&paths[0], certificate.pem()).unwrap();
        std::fs::write(&paths[1], key.serialize_pem()).unwrap();
        paths
    }

    pub(crate) fn trust(&self) -> ClientConfig {
        trust(&self.pem())
    }
}

/// A client's settings that trust the certificates in `pem` and nobody else.
pub(crate) fn trust(pem: &str) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(pem.as_bytes()) {
        roots.add(root.unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config
}

/// Connects to `name` at `address` and finishes the handshake.
pub(crate) fn connect(
    address: SocketAddr,
    name: &str,
    config: &ClientConfig,
) -> io::Result<Client<Secure>> {
    let stream = handshake(address, name, config)?;
    Ok(Client::over(stream))
}

pub(crate) fn handshake(
    address: SocketAddr,
    name: &str,
    config: &ClientConfig,
) -> io::Result<Secure> {
    let mut tcp = TcpStream::connect_timeout(&address, PATIENCE)?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let config = Arc::new(config.clone());
    let mut connection = ClientConnection::new(config, name).map_err(io::Error::other)?;
    while connection.is_handshaking() {
        connection.complete_io(&mut tcp)?;
    }
    Ok(StreamOwned::new(connection, tcp))
}

pub(crate) fn ask(
    client: &mut Client<Secure>,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    client.send(method, target, headers, body).unwrap();
    client.receive(method == "HEAD").unwrap()
}

pub(crate) fn create_account(client: &mut Client<Secure>) -> Account {
    let answer = ask(client, "POST", "/v1/accounts", &[], "{}");
    assert_eq!(answer.status, 201, "{answer:?}");
    let account: NewAccount = serde_json::from_slice(&answer.body).unwrap();
    Account::from(account)
}
