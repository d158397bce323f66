//! What checks read: one function a question, each answered in plain structs.

use std::sync::Arc;

use k8s_openapi::List;
use k8s_openapi::api::apps::v1 as apps;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1 as api;
use k8s_openapi::api::discovery::v1::EndpointSlice;
use serde::Deserialize;

use super::client::{NotRead, Reader, Why};
use super::read;
use super::read::changes::{Owner, Seen};
use super::read::metrics::{InUse, NodeMetrics, PodMetrics};
use super::read::node_changes::Listed;
use super::read::service::{Around, Behind};
use super::read::top::Top;
use super::request::{self, Request, Right};
use super::snapshot::change::Change;
use super::snapshot::event::Event;
use super::snapshot::node::{Node, NodeDetail};
use super::snapshot::pod::{Pod, PodDetail};
use super::snapshot::service::Service;
use super::snapshot::usage::{NodeUsage, PodUsage, SortBy};
use super::snapshot::workload::{Rollout, Workload};
use crate::check::{self, Logs, PodFilter};
use crate::clock::Millis;

/// Where kubelets renew their leases.
pub(super) const LEASES: &str = "kube-node-lease";

/// How many rows of a list over a whole cluster are kept, the first ones.
pub const LISTED: usize = 1_000;
/// How many events of a cluster are read at once.
const EVENTS_READ: u32 = 500;
/// Warnings tell of troubles; changes are told of by the others.
const CHANGES: &str = "type=Normal";
/// How many lines are looked at for a text.
const LOG_SEARCHED: u32 = 5_000;
/// How much of a log is read. The API server counts from the first line that is wanted, so a log that reaches it
/// lacks its newest lines.
const LOG_BYTES: usize = 8_000_000;

/// What was read, and what of it could not be.
#[derive(Clone, Debug)]
pub struct Partly<T> {
    /// What was read.
    pub value: T,
    /// What could not be read, and is missing in it.
    pub missing: Vec<NotRead>,
}

/// Warnings, the oldest first.
#[derive(Clone, Debug)]
pub struct Warnings {
    /// Those that were read.
    pub events: Vec<Event>,
    /// Whether there are more of them.
    pub is_page: bool,
}

/// What Pods use.
#[derive(Clone, Debug, Default)]
pub struct Figures {
    /// The first of them.
    pub rows: Vec<PodUsage>,
    /// How many there are.
    pub all: usize,
    /// How many of these are old.
    pub stale: usize,
    /// How many Pods should have figures, but have none.
    pub without: usize,
}

/// A list of objects that the library has no type for.
#[derive(Deserialize)]
struct Items<T> {
    items: Vec<T>,
}

/// Whose name was written: one, none, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Namespace and name.
    One(String, String),
    /// Several, as `namespace/name`.
    Several(Vec<String>),
    /// None.
    None,
}

impl<T> Partly<T> {
    /// Takes a part that may be missing.
    pub fn part<P>(missing: &mut Vec<NotRead>, read: Result<P, NotRead>) -> Option<P> {
        read.map_err(|not| missing.push(not)).ok()
    }
}

impl Reader<'_> {
    /// Every node, as a list shows it.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn nodes(&self) -> Result<Vec<Node>, NotRead> {
        let (request, mut nodes) = (Request::of(request::LIST_NODES), Vec::new());
        let take = |node: api::Node| nodes.push(read::node::node(&node).listed());
        self.pages(&request, take).await?;
        Ok(nodes)
    }

    /// The reboots of all nodes, as far as the cluster remembers.
    ///
    /// # Errors
    /// If the events cannot be read.
    pub async fn reboots(&self) -> Result<Vec<Event>, NotRead> {
        let request = Request::of(request::LIST_EVENTS).fields("involvedObject.kind=Node,reason=Rebooted");
        let events: List<api::Event> = self.read(&request).await?;
        Ok(read::event::events(&events.items))
    }

    /// One node with its lease, its Pods and its events.
    ///
    /// # Errors
    /// If the node itself cannot be read.
    pub async fn node(&self, name: &str) -> Result<Partly<(NodeDetail, Vec<Event>)>, NotRead> {
        let (get_node, get_lease, list_pods) = (
            Request::of(request::GET_NODE).named(name),
            Request::of(request::GET_LEASE).within(Some(LEASES)).named(name),
            Request::of(request::LIST_PODS).fields(format!(
                "spec.nodeName={name},status.phase!=Succeeded,status.phase!=Failed"
            )),
        );
        let (node, lease, pods, events) = tokio::join!(
            self.read::<api::Node>(&get_node),
            self.read::<Lease>(&get_lease),
            self.read::<List<api::Pod>>(&list_pods),
            self.events_about("Node", "", name),
        );
        let (node, mut missing) = (node?, Vec::new());
        let lease = Partly::<()>::part(&mut missing, lease);
        let pods = Partly::<()>::part(&mut missing, pods);
        let mut events = Partly::<()>::part(&mut missing, events).unwrap_or_default();
        let detail = read::node::describe(
            &node,
            lease.as_ref(),
            pods.as_ref().map(|pods| pods.items.as_slice()),
        );
        read::event::of_this_one(&mut events, name, &detail.node.uid, detail.node.created);
        Ok(Partly {
            value: (detail, events),
            missing,
        })
    }

    /// One node, without what stands beside it.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn node_alone(&self, name: &str) -> Result<Node, NotRead> {
        let node: api::Node = self.read(&Request::of(request::GET_NODE).named(name)).await?;
        Ok(read::node::node(&node))
    }

    /// The events of a node by kind and name, whatever their uid, less those older than the node.
    ///
    /// # Errors
    /// If the events cannot be read. A node that is gone has events all the same.
    pub async fn node_events(&self, name: &str) -> Result<Partly<(Option<Node>, Vec<Event>)>, NotRead> {
        let get_node = Request::of(request::GET_NODE).named(name);
        let (node, events) = tokio::join!(
            self.read::<api::Node>(&get_node),
            self.events_about("Node", "", name)
        );
        let (mut events, mut missing) = (events?, Vec::new());
        let is_gone = matches!(
            &node,
            Err(NotRead {
                why: Why::NotFound,
                ..
            })
        );
        let node = match node {
            Err(_) if is_gone && !events.is_empty() => None,
            Err(not) if is_gone => return Err(not),
            other => Partly::<()>::part(&mut missing, other),
        };
        let node = node.as_ref().map(read::node::node);
        if let Some(node) = &node {
            read::event::of_this_one(&mut events, name, &node.uid, node.created);
        }
        Ok(Partly {
            value: (node, events),
            missing,
        })
    }

    /// The events about one object, by kind and name.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn events_about(&self, kind: &str, namespace: &str, name: &str) -> Result<Vec<Event>, NotRead> {
        let request = Request::of(request::LIST_EVENTS)
            .within(Some(namespace))
            .fields(format!("involvedObject.kind={kind},involvedObject.name={name}"));
        let events: List<api::Event> = self.read(&request).await?;
        Ok(read::event::events(&events.items))
    }

    /// The warnings of a namespace, or of all: the first page of them.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn warnings(&self, namespace: Option<&str>) -> Result<Warnings, NotRead> {
        let request = Request::of(request::LIST_EVENTS)
            .within(namespace)
            .fields("type!=Normal")
            .with("limit", Some(EVENTS_READ.to_string()));
        let events: List<api::Event> = self.read(&request).await?;
        Ok(Warnings {
            events: read::event::events(&events.items),
            is_page: events.metadata.continue_.is_some_and(|more| !more.is_empty()),
        })
    }

    /// Pods of a namespace, a node or with labels.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn pods(&self, filter: &PodFilter) -> Result<Vec<Pod>, NotRead> {
        let node = filter.node.as_ref().map(|node| format!("spec.nodeName={node}"));
        let request = Request::of(request::LIST_PODS)
            .within(filter.namespace.as_deref())
            .with("fieldSelector", node)
            .with("labelSelector", filter.label.clone());
        let mut pods = Vec::new();
        let take = |pod: api::Pod| pods.push(read::pod::pod(&pod));
        self.pages(&request, take).await?;
        Ok(pods)
    }

    /// Pods as the API has them, less what only they themselves need.
    async fn slim_pods(&self, request: &Request) -> Result<Vec<api::Pod>, NotRead> {
        let mut pods = Vec::new();
        self.pages(request, |pod| pods.push(read::pod::slim(pod))).await?;
        Ok(pods)
    }

    /// One Pod.
    ///
    /// # Errors
    /// If it cannot be read.
    pub async fn pod(&self, namespace: &str, name: &str) -> Result<PodDetail, NotRead> {
        let request = Request::of(request::GET_POD).within(Some(namespace)).named(name);
        Ok(read::pod_detail::describe(&self.read(&request).await?))
    }

    /// The Pod that `written` means: `namespace/name`, a name that is somewhere, or the hash of either.
    ///
    /// # Errors
    /// If the Pods cannot be read.
    pub async fn find_pod(&self, written: &str) -> Result<Found, NotRead> {
        if let Some((namespace, name)) = written.split_once('/') {
            return Ok(Found::One(namespace.to_owned(), name.to_owned()));
        }
        let found = self.all_pods(|rows| match written.starts_with('~') {
            true => rows.whose(|path| check::means(written, path)),
            false => rows.named(None, &[written]),
        });
        let names = found.await?.into_iter();
        Ok(Found::among(names, written))
    }

    /// The last lines of what a container wrote, and whether the newest of them are missing.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn log(
        &self,
        namespace: &str,
        container: &str,
        logs: &Logs,
    ) -> Result<(Arc<String>, bool), NotRead> {
        // To find lines that hold a text, more than the wanted number must be looked at.
        let lines = match logs.grep {
            Some(_) => LOG_SEARCHED,
            None => logs.lines,
        };
        let request = Request::of(request::GET_LOG)
            .within(Some(namespace))
            .named(&logs.pod)
            .with("container", Some(container.to_owned()))
            .with("previous", logs.previous.then(|| "true".to_owned()))
            .with(
                "sinceSeconds",
                logs.since.map(|minutes| (minutes * 60).to_string()),
            )
            .with("tailLines", Some(lines.to_string()))
            .with("limitBytes", Some(LOG_BYTES.to_string()));
        let text = self.text(&request).await?;
        let is_cut = text.len() >= LOG_BYTES;
        Ok((text, is_cut))
    }

    /// Deployments, StatefulSets and DaemonSets of a namespace, or of all.
    ///
    /// # Errors
    /// If none of the three can be read.
    pub async fn workloads(&self, namespace: Option<&str>) -> Result<Partly<Vec<Workload>>, NotRead> {
        let of = |right| Request::of(right).within(namespace);
        let (deployments, stateful, daemons) = (
            of(request::LIST_DEPLOYMENTS),
            of(request::LIST_STATEFUL_SETS),
            of(request::LIST_DAEMON_SETS),
        );
        let mut value = [Vec::new(), Vec::new(), Vec::new()];
        let [of_deployments, of_stateful, of_daemons] = &mut value;
        let (deployments, stateful, daemons) = tokio::join!(
            self.pages(&deployments, |it| of_deployments
                .push(read::workload::deployment(&it))),
            self.pages(&stateful, |it| of_stateful
                .push(read::workload::stateful_set(&it))),
            self.pages(&daemons, |it| of_daemons.push(read::workload::daemon_set(&it))),
        );
        let mut missing = Vec::new();
        for read in [deployments, stateful, daemons] {
            Partly::<()>::part(&mut missing, read);
        }
        if missing.len() == 3 {
            return Err(missing.remove(0));
        }
        let value = value.into_iter().flatten().collect();
        Ok(Partly { value, missing })
    }

    /// The workload that `written` means: `namespace/name`, `namespace/kind/name`, a name that is somewhere, or
    /// the hash of one of these. The second part of what is found is `kind/name`.
    ///
    /// # Errors
    /// If the workloads cannot be read.
    pub async fn find_workload(&self, written: &str) -> Result<Found, NotRead> {
        if let [namespace, kind, name] = written.split('/').collect::<Vec<_>>()[..] {
            return Ok(Found::One(namespace.to_owned(), format!("{kind}/{name}")));
        }
        let namespace = written.split_once('/').map(|(namespace, _)| namespace);
        let read = self.workloads(namespace).await?;
        let is_meant = |it: &&Workload| {
            let kind = it.kind.word().to_lowercase();
            written == it.name
                || check::means(written, &format!("{}/{}", it.namespace, it.name))
                || check::means(written, &format!("{}/{kind}/{}", it.namespace, it.name))
        };
        let found: Vec<&Workload> = read.value.iter().filter(is_meant).collect();
        let kind_and_name = |it: &Workload| format!("{}/{}", it.kind.word().to_lowercase(), it.name);
        match (found.as_slice(), read.missing.first()) {
            ([], Some(not)) => Err(not.clone()),
            ([], None) => Ok(Found::None),
            ([one], _) => Ok(Found::One(one.namespace.clone(), kind_and_name(one))),
            (several, _) => Ok(Found::Several(
                several
                    .iter()
                    .map(|it| format!("{}/{}", it.namespace, kind_and_name(it)))
                    .collect(),
            )),
        }
    }

    /// Where the rollout of `kind/name` stands.
    ///
    /// # Errors
    /// If the workload cannot be read.
    pub async fn rollout(&self, namespace: &str, kind_and_name: &str) -> Result<Partly<Rollout>, NotRead> {
        let (kind, name) = kind_and_name
            .split_once('/')
            .unwrap_or(("deployment", kind_and_name));
        let by_name = |right| {
            Request::of(right)
                .within(Some(namespace))
                .fields(format!("metadata.name={name}"))
        };
        let (pods, sets, revisions) = (
            Request::of(request::LIST_PODS).within(Some(namespace)),
            Request::of(request::LIST_REPLICA_SETS).within(Some(namespace)),
            Request::of(request::LIST_REVISIONS).within(Some(namespace)),
        );
        let mut missing = Vec::new();
        let pods = self.slim_pods(&pods);
        let value = match kind {
            "deployment" => {
                let request = by_name(request::LIST_DEPLOYMENTS);
                let (it, sets, pods) = tokio::join!(
                    self.one::<apps::Deployment>(&request, name),
                    self.read::<List<apps::ReplicaSet>>(&sets),
                    pods
                );
                let sets = items(Partly::<()>::part(&mut missing, sets));
                let pods = Partly::<()>::part(&mut missing, pods).unwrap_or_default();
                read::rollout::of_deployment(&it?, &sets, &pods)
            }
            "statefulset" => {
                let request = by_name(request::LIST_STATEFUL_SETS);
                let (it, kept, pods) = tokio::join!(
                    self.one::<apps::StatefulSet>(&request, name),
                    self.read::<List<apps::ControllerRevision>>(&revisions),
                    pods
                );
                let kept = items(Partly::<()>::part(&mut missing, kept));
                let pods = Partly::<()>::part(&mut missing, pods).unwrap_or_default();
                read::rollout::of_stateful_set(&it?, &kept, &pods)
            }
            _ => {
                let request = by_name(request::LIST_DAEMON_SETS);
                let (it, kept, pods) = tokio::join!(
                    self.one::<apps::DaemonSet>(&request, name),
                    self.read::<List<apps::ControllerRevision>>(&revisions),
                    pods
                );
                let kept = items(Partly::<()>::part(&mut missing, kept));
                let pods = Partly::<()>::part(&mut missing, pods).unwrap_or_default();
                read::rollout::of_daemon_set(&it?, &kept, &pods)
            }
        };
        Ok(Partly { value, missing })
    }

    /// The only object of a list that was narrowed to one name.
    async fn one<T>(&self, request: &Request, name: &str) -> Result<T, NotRead>
    where
        T: k8s_openapi::ListableResource + serde::de::DeserializeOwned + Send + 'static,
    {
        let list: List<T> = self.read(request).await?;
        list.items.into_iter().next().ok_or_else(|| NotRead {
            right: request.right,
            namespace: request.namespace.clone(),
            name: name.to_owned(),
            why: Why::NotFound,
        })
    }

    /// What the nodes use.
    ///
    /// # Errors
    /// If there is no metrics API, or it cannot be read.
    pub async fn node_usage(&self, sort: SortBy) -> Result<Partly<Vec<NodeUsage>>, NotRead> {
        let request = self.metrics(request::LIST_NODE_METRICS).await?;
        let nodes = Request::of(request::LIST_NODES);
        let (mut used, mut available) = (Vec::new(), read::metrics::Available::default());
        let (metrics, nodes) = tokio::join!(
            self.each(&request, |it: NodeMetrics| used.push(InUse::of(&it))),
            self.pages(&nodes, |node| available.take(&node, false))
        );
        metrics?;
        let mut missing = Vec::new();
        Partly::<()>::part(&mut missing, nodes);
        let value = read::metrics::node_rows(available, used, sort);
        Ok(Partly { value, missing })
    }

    /// What Pods use: those of a namespace, or the first of all.
    ///
    /// # Errors
    /// If there is no metrics API, or it cannot be read.
    pub async fn pod_usage(
        &self,
        namespace: Option<&str>,
        sort: SortBy,
        now: Millis,
    ) -> Result<Partly<Figures>, NotRead> {
        let request = self.metrics(request::LIST_POD_METRICS).await?.within(namespace);
        let Some(_) = namespace else {
            return self.first_pod_usage(&request, sort, now).await;
        };
        let pods = Request::of(request::LIST_PODS).within(namespace);
        let (metrics, pods) = tokio::join!(self.read::<Items<PodMetrics>>(&request), self.slim_pods(&pods));
        let (metrics, mut missing) = (metrics?.items, Vec::new());
        let without = pods.map(|pods| read::metrics::missed(&metrics, &pods, now));
        let rows = read::metrics::pods(&metrics, sort);
        let value = Figures {
            all: rows.len(),
            stale: rows.iter().filter(|row| row.is_stale(now)).count(),
            without: Partly::<()>::part(&mut missing, without).unwrap_or_default(),
            rows,
        };
        Ok(Partly { value, missing })
    }

    /// All of a cluster would be too much to hold, and so would its Pods: these are asked what is known of them.
    async fn first_pod_usage(
        &self,
        request: &Request,
        sort: SortBy,
        now: Millis,
    ) -> Result<Partly<Figures>, NotRead> {
        let mut top = Top::new(sort, LISTED, now);
        self.each(request, |metrics: PodMetrics| top.take(&metrics))
            .await?;
        let mut missing = Vec::new();
        let without = self.all_pods(|rows| top.missed(rows)).await;
        let (all, stale) = top.counts();
        let value = Figures {
            all,
            stale,
            without: Partly::<()>::part(&mut missing, without).unwrap_or_default(),
            rows: top.into_rows(),
        };
        Ok(Partly { value, missing })
    }

    /// A request to the metrics API in the version that is served; the newer one, as kubectl prefers it.
    async fn metrics(&self, right: Right) -> Result<Request, NotRead> {
        let group = self.group(right).await?;
        let has_v1 = group.versions.iter().any(|version| version.version == "v1");
        let request = Request::of(right);
        Ok(if has_v1 { request.version("v1") } else { request })
    }

    /// Services of a namespace, or of all, with what is behind and before them.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn services(&self, namespace: Option<&str>) -> Result<Partly<Vec<Service>>, NotRead> {
        let of = |right| Request::of(right).within(namespace);
        let (services, slices, ingresses, pods) = (
            of(request::LIST_SERVICES),
            of(request::LIST_ENDPOINT_SLICES),
            of(request::LIST_INGRESSES),
            of(request::LIST_PODS),
        );
        // The Pods of a whole cluster would be too many; those of one namespace say why a Service has no endpoints.
        let pods = async {
            match namespace {
                Some(_) => Some(self.slim_pods(&pods).await),
                None => None,
            }
        };
        let (mut listed, mut routes, mut behind) = (Vec::new(), Vec::new(), Behind::default());
        let (services, slices, ingresses, pods) = tokio::join!(
            self.pages(&services, |it| listed.push(read::slim::service(it))),
            self.pages(&slices, |slice: EndpointSlice| behind.take(&slice)),
            self.pages(&ingresses, |it| routes.push(read::slim::ingress(it))),
            pods,
        );
        services?;
        let mut missing = Vec::new();
        let slices = Partly::<()>::part(&mut missing, slices);
        let ingresses = Partly::<()>::part(&mut missing, ingresses);
        let pods = pods.and_then(|pods| Partly::<()>::part(&mut missing, pods));
        let around = Around {
            behind: slices.map(|_| &behind),
            pods: pods.as_deref(),
            ingresses: ingresses.map(|_| routes.as_slice()),
        };
        let value = listed
            .iter()
            .map(|it| read::service::service(it, around))
            .collect();
        Ok(Partly { value, missing })
    }

    /// What changed since a time, newest first, in a namespace or everywhere; nodes only where it is everywhere.
    ///
    /// # Errors
    /// If nothing of it can be read.
    pub async fn changes(
        &self,
        namespace: Option<&str>,
        since: Millis,
    ) -> Result<Partly<Vec<Change>>, NotRead> {
        let of = |right| Request::of(right).within(namespace);
        let requests = [
            request::LIST_DEPLOYMENTS,
            request::LIST_REPLICA_SETS,
            request::LIST_STATEFUL_SETS,
            request::LIST_DAEMON_SETS,
            request::LIST_REVISIONS,
        ]
        .map(of);
        let [of_deployments, of_sets, of_stateful, of_daemons, of_revisions] = &requests;
        let of_events = of(request::LIST_EVENTS)
            .with("limit", Some(EVENTS_READ.to_string()))
            .fields(CHANGES);
        let of_nodes = Request::of(request::LIST_NODES);
        let mut seen = Seen::default();
        let read = tokio::join!(
            self.pages(of_deployments, |it: apps::Deployment| seen
                .deployments
                .push(Owner::of(&it.metadata))),
            self.pages(of_sets, |it| seen.replica_sets.take_set(&it)),
            self.pages(of_stateful, |it: apps::StatefulSet| seen
                .stateful_sets
                .push(Owner::of(&it.metadata))),
            self.pages(of_daemons, |it: apps::DaemonSet| seen
                .daemon_sets
                .push(Owner::of(&it.metadata))),
            self.pages(of_revisions, |it| seen.revisions.take_kept(&it)),
            self.read::<List<api::Event>>(&of_events),
            async {
                match namespace {
                    Some(_) => Ok(String::new()),
                    None => self.pages(&of_nodes, |it| seen.nodes.push(Listed::of(&it))).await,
                }
            },
        );
        let mut missing = Vec::new();
        for read in [read.0, read.1, read.2, read.3, read.4] {
            Partly::<()>::part(&mut missing, read);
        }
        seen.events = items(Partly::<()>::part(&mut missing, read.5));
        Partly::<()>::part(&mut missing, read.6);
        if missing.len() > requests.len() {
            return Err(missing.remove(0));
        }
        Ok(Partly {
            value: read::changes::since(&seen, since),
            missing,
        })
    }

    /// That there is a node of this name.
    ///
    /// # Errors
    /// If there is none, or it cannot be read.
    pub async fn has_node(&self, name: &str) -> Result<(), NotRead> {
        let request = Request::of(request::GET_NODE).named(name);
        self.read::<api::Node>(&request).await.map(drop)
    }

    /// The node that `written` means: a name, or the hash of one.
    ///
    /// # Errors
    /// If the nodes cannot be read.
    pub async fn find_node(&self, written: &str) -> Result<String, NotRead> {
        if !written.starts_with('~') {
            return Ok(written.to_owned());
        }
        let found = self.all_nodes(|names| names.iter().find(|name| check::means(written, name)).cloned());
        found.await?.ok_or_else(|| NotRead {
            right: request::GET_NODE,
            namespace: String::new(),
            name: written.to_owned(),
            why: Why::NotFound,
        })
    }
}

fn items<T: k8s_openapi::ListableResource>(list: Option<List<T>>) -> Vec<T> {
    list.map(|list| list.items).unwrap_or_default()
}

impl Found {
    /// Those of `names` that `written` means, by whole or by bare name.
    pub fn among(names: impl Iterator<Item = (String, String)>, written: &str) -> Self {
        let mut found: Vec<(String, String)> = names
            .filter(|(namespace, name)| {
                written == name || check::means(written, &format!("{namespace}/{name}"))
            })
            .collect();
        match found.len() {
            0 => Self::None,
            1 => found
                .pop()
                .map_or(Self::None, |(namespace, name)| Self::One(namespace, name)),
            _ => Self::Several(
                found
                    .into_iter()
                    .map(|(namespace, name)| format!("{namespace}/{name}"))
                    .collect(),
            ),
        }
    }
}
