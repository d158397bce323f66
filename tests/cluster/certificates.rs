//! Certificates and kubeconfigs: one authority for a run, and everybody's proof of who they are.

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use serde_json::json;
use std::time::Duration;

/// Signs for everybody in one run.
pub(super) struct Authority {
    pub(super) pem: String,
    /// The controller manager is given it, to sign with.
    pub(super) key: String,
    issuer: Issuer<'static, KeyPair>,
}

/// A certificate with its key, both as PEM.
pub(crate) struct Pair {
    pub(crate) certificate: String,
    pub(crate) key: String,
}

impl Authority {
    pub(super) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "First Mate tests");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let certificate = params.self_signed(&key).unwrap();
        Self {
            pem: certificate.pem(),
            key: key.serialize_pem(),
            issuer: Issuer::new(params, key),
        }
    }

    /// The API server takes the common name for the user and the organisation for a group.
    pub(super) fn client(&self, user: &str, group: Option<&str>) -> Pair {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, user);
        if let Some(group) = group {
            params.distinguished_name.push(DnType::OrganizationName, group);
        }
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(params)
    }

    /// The same for the next so many seconds alone.
    pub(super) fn short_lived(&self, user: &str, seconds: u64) -> Pair {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, user);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let now = Duration::from_secs(super::now().as_second().unsigned_abs());
        params.not_after = rcgen::date_time_ymd(1970, 1, 1) + now + Duration::from_secs(seconds);
        self.sign(params)
    }

    /// For a server on this machine.
    pub(super) fn server(&self) -> Pair {
        let mut params =
            CertificateParams::new(vec!["127.0.0.1".to_owned(), "localhost".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "127.0.0.1");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(params)
    }

    fn sign(&self, mut params: CertificateParams) -> Pair {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        let key = KeyPair::generate().unwrap();
        Pair {
            certificate: params.signed_by(&key, &self.issuer).unwrap().pem(),
            key: key.serialize_pem(),
        }
    }
}

/// A kubeconfig with everything in it. JSON is YAML, too.
pub(super) fn kubeconfig(server: &str, ca: &str, user: serde_json::Value) -> String {
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "real",
        "clusters": [{ "name": "real", "cluster": { "server": server, "certificate-authority-data": base64(ca) } }],
        "contexts": [{ "name": "real", "context": { "cluster": "real", "user": "user" } }],
        "users": [{ "name": "user", "user": user }],
    });
    serde_json::to_string_pretty(&config).unwrap()
}

/// The user of a kubeconfig who proves it with a certificate.
pub(crate) fn by_certificate(pair: &Pair) -> serde_json::Value {
    json!({
        "client-certificate-data": base64(&pair.certificate),
        "client-key-data": base64(&pair.key),
    })
}

fn base64(text: &str) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(text)
}
