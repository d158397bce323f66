//! Lists of resources, and what a Pod asks for and may use at most, as the scheduler and kubectl reckon it.

use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{Container, ContainerStatus, Pod, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity as Written;

use crate::cluster::read::quantity::Quantity;
use crate::cluster::snapshot::resources::Resources;

type List = BTreeMap<String, Written>;

/// What is requested and what is the limit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Requests,
    Limits,
}

/// A list as the API writes it. An amount that cannot be read is kept as unknown.
pub fn read(list: Option<&List>) -> Resources {
    let amounts = list.into_iter().flatten();
    Resources(
        amounts
            .map(|(name, written)| (name.clone(), Quantity::parse(&written.0)))
            .collect(),
    )
}

/// What a Pod asks for by its spec alone, with its overhead: what kubectl adds up for a node.
pub fn requests(pod: &Pod) -> Resources {
    with_overhead_of_requests(
        pod,
        with_pod_level(pod, Side::Requests, by_spec(pod, Side::Requests)),
    )
}

/// What a Pod may use at most by its spec alone.
pub fn limits(pod: &Pod) -> Resources {
    with_overhead_of_limits(pod, with_pod_level(pod, Side::Limits, by_spec(pod, Side::Limits)))
}

/// What a Pod asks for, or still holds while it is being resized: what kubectl prints for one Pod.
pub fn effective_requests(pod: &Pod) -> Resources {
    let infeasible = is_resize_infeasible(pod);
    let allocated = aggregate(pod, |container, status| {
        let held = status.and_then(|status| status.allocated_resources.as_ref());
        held.or_else(|| spec_unless(infeasible, container, Side::Requests))
    });
    let actual = aggregate(pod, |container, status| {
        let actual = status.and_then(|status| of(status.resources.as_ref(), Side::Requests));
        let held = status.and_then(|status| status.allocated_resources.as_ref());
        actual
            .or(held)
            .or_else(|| spec_unless(infeasible, container, Side::Requests))
    });
    let mut sum = if infeasible {
        Resources::default()
    } else {
        by_spec(pod, Side::Requests)
    };
    sum.raise(&actual);
    sum.raise(&allocated);
    with_overhead_of_requests(pod, with_pod_level(pod, Side::Requests, sum))
}

/// What a Pod may use at most, or still may while it is being resized.
pub fn effective_limits(pod: &Pod) -> Resources {
    let infeasible = is_resize_infeasible(pod);
    let actual = aggregate(pod, |container, status| {
        let actual = status.and_then(|status| of(status.resources.as_ref(), Side::Limits));
        actual.or_else(|| spec_unless(infeasible, container, Side::Limits))
    });
    let mut sum = if infeasible {
        Resources::default()
    } else {
        by_spec(pod, Side::Limits)
    };
    sum.raise(&actual);
    with_overhead_of_limits(pod, with_pod_level(pod, Side::Limits, sum))
}

fn of(requirements: Option<&ResourceRequirements>, side: Side) -> Option<&List> {
    let requirements = requirements?;
    match side {
        Side::Requests => requirements.requests.as_ref(),
        Side::Limits => requirements.limits.as_ref(),
    }
}

fn spec_unless(infeasible: bool, container: &Container, side: Side) -> Option<&List> {
    if infeasible {
        return None;
    }
    of(container.resources.as_ref(), side)
}

fn by_spec(pod: &Pod, side: Side) -> Resources {
    aggregate(pod, |container, _| of(container.resources.as_ref(), side))
}

/// Adds up the containers. An init container needs its own on top of the sidecars started before it;
/// the Pod needs the most that it needs at any one time.
fn aggregate<'a>(
    pod: &'a Pod,
    list: impl Fn(&'a Container, Option<&'a ContainerStatus>) -> Option<&'a List>,
) -> Resources {
    let Some(spec) = &pod.spec else {
        return Resources::default();
    };
    let mut running = Resources::default();
    for container in &spec.containers {
        running.add(&read(list(container, status_of(pod, &container.name))));
    }
    let mut sidecars = Resources::default();
    let mut starting = Resources::default();
    for container in spec.init_containers.iter().flatten() {
        let own = read(list(container, status_of(pod, &container.name)));
        if is_sidecar(container) {
            running.add(&own);
            sidecars.add(&own);
            starting.raise(&sidecars);
        } else {
            let mut while_it_runs = own;
            while_it_runs.add(&sidecars);
            starting.raise(&while_it_runs);
        }
    }
    running.raise(&starting);
    running
}

/// True for an init container that goes on running beside the others.
pub fn is_sidecar(container: &Container) -> bool {
    container.restart_policy.as_deref() == Some("Always")
}

fn status_of<'a>(pod: &'a Pod, name: &str) -> Option<&'a ContainerStatus> {
    let status = pod.status.as_ref()?;
    let app = status.container_statuses.iter().flatten();
    let init = status.init_container_statuses.iter().flatten();
    app.chain(init).find(|status| status.name == name)
}

fn is_resize_infeasible(pod: &Pod) -> bool {
    let conditions = pod.status.iter().filter_map(|status| status.conditions.as_ref());
    conditions
        .flatten()
        .find(|condition| condition.type_ == "PodResizePending")
        .is_some_and(|condition| condition.reason.as_deref() == Some("Infeasible"))
}

/// What is set for the Pod as a whole stands in the place of what its containers add up to.
fn with_pod_level(pod: &Pod, side: Side, mut sum: Resources) -> Resources {
    let requirements = pod.spec.as_ref().and_then(|spec| spec.resources.as_ref());
    let set = read(of(requirements, side));
    let is_of_pods = |name: &str| name == "cpu" || name == "memory" || name.starts_with("hugepages-");
    sum.0
        .extend(set.0.into_iter().filter(|(name, _)| is_of_pods(name)));
    sum
}

fn overhead(pod: &Pod) -> Resources {
    read(pod.spec.as_ref().and_then(|spec| spec.overhead.as_ref()))
}

fn with_overhead_of_requests(pod: &Pod, mut sum: Resources) -> Resources {
    sum.add(&overhead(pod));
    sum
}

/// A limit grows by the overhead; what has no limit gets none by it.
fn with_overhead_of_limits(pod: &Pod, mut sum: Resources) -> Resources {
    let mut overhead = overhead(pod);
    overhead.0.retain(|name, _| {
        let limit = sum.0.get(name);
        limit.is_some_and(|limit| limit.as_ref().is_none_or(|limit| !limit.is_zero()))
    });
    sum.add(&overhead);
    sum
}
