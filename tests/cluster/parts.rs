//! The processes of the control plane: started, stopped, and gone with the test however it ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

use anyhow::Context as _;
use serde_json::json;
use tokio::sync::mpsc;

use super::certificates::{Authority, Pair, by_certificate, kubeconfig};

const SERVICES: &str = "10.96.0.0/12";
const PODS: &str = "10.244.0.0/16";

/// The file of the audit log in the folder.
pub(super) const AUDIT_LOG: &str = "audit.log";

/// The socket in the folder behind which all nodes are.
pub(super) const KUBELET: &str = "kubelet.sock";

/// Who is written about in the audit log: everybody but the control plane itself, whose watches and leases would bury
/// what the tests ask for. What changes anything is kept whole.
const AUDIT: &str = r#"
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules:
  - level: Metadata
    users: ["firstmate-tests"]
    nonResourceURLs: ["/healthz"]
  - level: None
    userGroups: ["system:nodes", "system:serviceaccounts:kube-system"]
  - level: None
    users: ["system:apiserver", "system:kube-controller-manager", "system:kube-scheduler", "firstmate-tests"]
  - level: RequestResponse
    verbs: [create, update, patch, delete, deletecollection]
  - level: Metadata
"#;

/// The program `control-plane together`, and what it is told.
pub(super) struct Parts {
    pub(super) folder: PathBuf,
    pub(super) api_port: u16,
    pub(super) etcd_port: u16,
    input: ChildStdin,
    output: mpsc::UnboundedReceiver<String>,
}

impl Parts {
    pub(super) fn new(program: &Path) -> anyhow::Result<Self> {
        // The program removes it when our end of its input is closed.
        let folder = tempfile::Builder::new()
            .prefix("firstmate-cluster-")
            .tempdir()?
            .keep();
        let mut process = Command::new(program)
            .arg("together")
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the control plane")?;
        Ok(Self {
            folder,
            api_port: free_port()?,
            etcd_port: free_port()?,
            input: process.stdin.take().context("its input")?,
            output: lines(process.stdout.take().context("its output")?),
        })
    }

    /// Writes what the parts read at their start.
    pub(super) fn write_files(&self, authority: &Authority) -> anyhow::Result<()> {
        self.write("ca.crt", &authority.pem)?;
        self.write("ca.key", &authority.key)?;
        self.write_pair("server", &authority.server())?;
        let kubelet_client = authority.client("kube-apiserver-kubelet-client", Some("system:masters"));
        self.write_pair("kubelet-client", &kubelet_client)?;
        self.write_pair("front-proxy", &authority.client("front-proxy", None))?;
        let tokens = rcgen::KeyPair::generate()?;
        self.write("tokens.key", &tokens.serialize_pem())?;
        self.write("tokens.pub", &tokens.public_key_pem())?;
        for name in ["kube-controller-manager", "kube-scheduler"] {
            let user = authority.client(&format!("system:{name}"), None);
            let config = kubeconfig(&self.url(), &authority.pem, by_certificate(&user));
            self.write(&format!("{name}.kubeconfig"), &config)?;
        }
        self.write("audit.yaml", AUDIT)?;
        self.write("egress.yaml", &self.egress())
    }

    pub(super) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.api_port)
    }

    pub(super) async fn start_storage(&mut self) -> anyhow::Result<()> {
        let client = format!("http://127.0.0.1:{}", self.etcd_port);
        let peer = format!("http://127.0.0.1:{}", free_port()?);
        let flags = [
            format!("--data-dir={}", self.path("etcd")),
            format!("--listen-client-urls={client}"),
            format!("--advertise-client-urls={client}"),
            format!("--listen-peer-urls={peer}"),
            format!("--initial-advertise-peer-urls={peer}"),
            format!("--initial-cluster=default={peer}"),
            "--unsafe-no-fsync".to_owned(),
            "--log-level=warn".to_owned(),
        ];
        self.order("start", "etcd", &flags).await
    }

    pub(super) async fn start_server(&mut self) -> anyhow::Result<()> {
        let flags = [
            format!("--etcd-servers=http://127.0.0.1:{}", self.etcd_port),
            // Readable, and writable by who has no protobuf.
            "--storage-media-type=application/json".to_owned(),
            "--bind-address=127.0.0.1".to_owned(),
            "--advertise-address=127.0.0.1".to_owned(),
            format!("--secure-port={}", self.api_port),
            // The Service `kubernetes` cannot have an endpoint on this machine alone.
            "--endpoint-reconciler-type=none".to_owned(),
            "--authorization-mode=Node,RBAC".to_owned(),
            "--enable-admission-plugins=NodeRestriction".to_owned(),
            "--allow-privileged=true".to_owned(),
            format!("--service-cluster-ip-range={SERVICES}"),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            format!("--service-account-signing-key-file={}", self.path("tokens.key")),
            format!("--service-account-key-file={}", self.path("tokens.pub")),
            format!("--client-ca-file={}", self.path("ca.crt")),
            format!("--tls-cert-file={}", self.path("server.crt")),
            format!("--tls-private-key-file={}", self.path("server.key")),
            format!("--kubelet-client-certificate={}", self.path("kubelet-client.crt")),
            format!("--kubelet-client-key={}", self.path("kubelet-client.key")),
            format!("--requestheader-client-ca-file={}", self.path("ca.crt")),
            "--requestheader-allowed-names=front-proxy".to_owned(),
            "--requestheader-username-headers=X-Remote-User".to_owned(),
            "--requestheader-group-headers=X-Remote-Group".to_owned(),
            "--requestheader-extra-headers-prefix=X-Remote-Extra-".to_owned(),
            format!("--proxy-client-cert-file={}", self.path("front-proxy.crt")),
            format!("--proxy-client-key-file={}", self.path("front-proxy.key")),
            format!("--egress-selector-config-file={}", self.path("egress.yaml")),
            format!("--audit-policy-file={}", self.path("audit.yaml")),
            format!("--audit-log-path={}", self.path(AUDIT_LOG)),
            "--event-ttl=24h".to_owned(),
            "--profiling=false".to_owned(),
        ];
        self.order("start", "kube-apiserver", &flags).await
    }

    /// The controllers and the scheduler.
    pub(super) async fn start_controllers(&mut self) -> anyhow::Result<()> {
        let flags = [
            format!("--kubeconfig={}", self.path("kube-controller-manager.kubeconfig")),
            "--use-service-account-credentials".to_owned(),
            format!("--service-account-private-key-file={}", self.path("tokens.key")),
            format!("--root-ca-file={}", self.path("ca.crt")),
            format!("--cluster-signing-cert-file={}", self.path("ca.crt")),
            format!("--cluster-signing-key-file={}", self.path("ca.key")),
            // Figures of use are written once: an autoscaler would act on a load that never changes.
            "--controllers=*,-horizontal-pod-autoscaler-controller".to_owned(),
            "--allocate-node-cidrs".to_owned(),
            format!("--cluster-cidr={PODS}"),
            "--leader-elect=false".to_owned(),
            "--secure-port=0".to_owned(),
            // Its default is a folder of the system, which it would make.
            format!("--flex-volume-plugin-dir={}", self.path("plugins")),
        ];
        self.order("start", "kube-controller-manager", &flags).await?;
        let flags = [
            format!("--kubeconfig={}", self.path("kube-scheduler.kubeconfig")),
            "--leader-elect=false".to_owned(),
            "--secure-port=0".to_owned(),
        ];
        self.order("start", "kube-scheduler", &flags).await
    }

    pub(super) async fn stop_controllers(&mut self) -> anyhow::Result<()> {
        self.order("stop", "kube-controller-manager", &[]).await?;
        self.order("stop", "kube-scheduler", &[]).await
    }

    /// Tells the program and waits until it has done so.
    async fn order(&mut self, verb: &str, part: &str, flags: &[String]) -> anyhow::Result<()> {
        let mut line = vec![verb.to_owned(), part.to_owned()];
        line.extend_from_slice(flags);
        self.input.write_all(format!("{}\n", json!(line)).as_bytes())?;
        let done = match verb {
            "start" => format!("started {part}"),
            _ => format!("stopped {part}"),
        };
        while let Some(said) = self.output.recv().await {
            if said == done {
                return Ok(());
            }
            anyhow::ensure!(
                !said.starts_with("ended "),
                "{said}\n{}",
                last_words(&self.folder)
            );
        }
        anyhow::bail!("the control plane is gone")
    }

    /// Everything that the API server sends to nodes goes to our kubelet, whatever addresses the nodes have.
    fn egress(&self) -> String {
        json!({
            "apiVersion": "apiserver.k8s.io/v1beta1",
            "kind": "EgressSelectorConfiguration",
            "egressSelections": [{
                "name": "cluster",
                "connection": {
                    "proxyProtocol": "HTTPConnect",
                    "transport": { "uds": { "udsName": self.path(KUBELET) } },
                },
            }],
        })
        .to_string()
    }

    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> anyhow::Result<()> {
        std::fs::write(self.folder.join(name), text).with_context(|| name.to_owned())
    }

    fn write_pair(&self, name: &str, pair: &Pair) -> anyhow::Result<()> {
        self.write(&format!("{name}.crt"), &pair.certificate)?;
        self.write(&format!("{name}.key"), &pair.key)
    }
}

fn lines(output: ChildStdout) -> mpsc::UnboundedReceiver<String> {
    let (sender, receiver) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

/// The ends of the parts' logs, for an error.
pub(super) fn last_words(folder: &Path) -> String {
    let mut words = String::new();
    for part in [
        "etcd",
        "kube-apiserver",
        "kube-controller-manager",
        "kube-scheduler",
    ] {
        let log = std::fs::read_to_string(folder.join(format!("{part}.log"))).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        let last = lines[lines.len().saturating_sub(8)..].join("\n  ");
        words += &format!("{part}:\n  {last}\n");
    }
    words
}

fn free_port() -> anyhow::Result<u16> {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
    Ok(listener.local_addr()?.port())
}
