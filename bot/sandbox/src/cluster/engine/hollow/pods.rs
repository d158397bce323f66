//! The Pods of a hollow kubelet: taken in, looked after, stopped, thrown off.

use std::sync::Arc;

use serde_json::Value;

use super::container::Place;
use super::habits::{Exit, Habits};
use super::kubelet::Kubelet;
use super::pod::{Pod, Stage};
use crate::cluster::api::kinds::PODS;
use crate::cluster::engine::object::{
    controller, is_finished, is_going, items, name, namespace, text, uid, workload,
};
use crate::cluster::engine::world::{Wake, World};

impl Kubelet {
    /// The Pod to evict: the one of this workload, or any that is not of the system.
    pub(crate) fn victim(&self, whose: &str) -> Option<Arc<Value>> {
        let mut running = self.pods.values().filter(|pod| pod.stage == Stage::Running);
        let wanted = running.clone().find(|pod| is_of(&pod.object, whose));
        let is_plain = |pod: &&Pod| {
            let owner = controller(&pod.object).map_or("", |owner| text(&owner["kind"]));
            namespace(&pod.object) != "kube-system" && owner == "ReplicaSet"
        };
        let pod = wanted.or_else(|| running.find(is_plain));
        pod.map(|pod| Arc::clone(&pod.object))
    }

    /// Evicts a Pod from the node.
    pub(crate) fn evict(
        &mut self,
        world: &mut World,
        habits: &Habits,
        key: &str,
        message: &str,
    ) -> anyhow::Result<()> {
        let (node, host) = (self.spec.name.clone(), self.address.clone());
        let Some(pod) = self.pods.get_mut(key) else {
            return Ok(());
        };
        let object = Arc::clone(&pod.object);
        let mut place = Place {
            world: &mut *world,
            node: &node,
            pod: &object,
            habits,
            images: &mut self.images,
        };
        pod.evict(&mut place, message)?;
        pod.write(world, &host)
    }

    /// A container of a workload on this node ends.
    pub(crate) fn end_container(
        &mut self,
        world: &mut World,
        habits: &Habits,
        (whose, container): (&str, Option<&str>),
        exit: &Exit,
    ) -> anyhow::Result<bool> {
        let Some(key) = self
            .pods
            .iter()
            .find(|(_, pod)| is_of(&pod.object, whose) && pod.stage == Stage::Running)
        else {
            return Ok(false);
        };
        let key = key.0.clone();
        let (node, host) = (self.spec.name.clone(), self.address.clone());
        if let Some(pod) = self.pods.get_mut(&key) {
            let object = Arc::clone(&pod.object);
            let place = Place {
                world: &mut *world,
                node: &node,
                pod: &object,
                habits,
                images: &mut self.images,
            };
            pod.end_container(&place, container, exit);
            pod.write(world, &host)?;
        }
        self.schedule(world, &key);
        Ok(true)
    }

    /// The Pods that are bound to the node now.
    pub(super) fn pods_of(&self, world: &World) -> anyhow::Result<Vec<Arc<Value>>> {
        let mut pods = world.list(PODS)?;
        pods.retain(|pod| pod["spec"]["nodeName"] == self.spec.name.as_str());
        Ok(pods)
    }

    /// Looks at the Pods that are bound to the node now.
    pub(crate) fn sync(
        &mut self,
        world: &mut World,
        pods: &[Arc<Value>],
        habits: &Habits,
    ) -> anyhow::Result<()> {
        let gone = |key: &String| !pods.iter().any(|pod| uid(pod) == key);
        self.pods.retain(|key, _| !gone(key));
        for object in pods {
            match self.pods.get_mut(uid(object)) {
                None => self.admit(world, object, habits)?,
                Some(pod) => {
                    let news = is_going(object) && !is_going(&pod.object);
                    pod.object = Arc::clone(object);
                    if news {
                        self.stop(world, uid(object), habits)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn admit(&mut self, world: &mut World, object: &Arc<Value>, habits: &Habits) -> anyhow::Result<()> {
        let key = uid(object).to_owned();
        if is_going(object) {
            return world.delete(PODS, (namespace(object), name(object)), Some(0));
        }
        let known = items(&object["status"]["containerStatuses"]);
        let was_started = is_finished(object) || known.iter().any(|status| !status["containerID"].is_null());
        let mut pod = if was_started {
            Pod::adopt(object, habits, world.now)
        } else {
            Pod::admit(object, habits, world.now, world.dice)
        };
        if pod.stage != Stage::Over {
            pod.write(world, &self.address)?;
        }
        self.pods.insert(key.clone(), pod);
        self.schedule(world, &key);
        Ok(())
    }

    fn stop(&mut self, world: &mut World, key: &str, habits: &Habits) -> anyhow::Result<()> {
        let node = self.spec.name.clone();
        if let Some(pod) = self.pods.get_mut(key) {
            let object = Arc::clone(&pod.object);
            let mut place = Place {
                world: &mut *world,
                node: &node,
                pod: &object,
                habits,
                images: &mut self.images,
            };
            pod.stop(&mut place)?;
        }
        self.schedule(world, key);
        Ok(())
    }

    /// Does what is due for a Pod.
    pub(crate) fn wake_pod(&mut self, world: &mut World, key: &str, habits: &Habits) -> anyhow::Result<()> {
        if !self.up {
            return Ok(());
        }
        let fresh_address = self.next_address();
        let (node, host) = (self.spec.name.clone(), self.address.clone());
        let Some(pod) = self.pods.get_mut(key) else {
            return Ok(());
        };
        match pod.stage {
            Stage::Over => return Ok(()),
            Stage::Sandbox { until } if until <= world.now => {
                let address = if pod.is_on_host() {
                    host.clone()
                } else {
                    fresh_address
                };
                pod.begin(address, world.now);
                self.addresses += 1;
            }
            Stage::Stopping { until } if until <= world.now => {
                let key = (namespace(&pod.object).to_owned(), name(&pod.object).to_owned());
                return world.delete(PODS, (&key.0, &key.1), Some(0));
            }
            Stage::Sandbox { .. } | Stage::Stopping { .. } => {}
            Stage::Running => {
                let object = Arc::clone(&pod.object);
                let mut place = Place {
                    world: &mut *world,
                    node: &node,
                    pod: &object,
                    habits,
                    images: &mut self.images,
                };
                pod.run(&mut place)?;
            }
        }
        pod.write(world, &host)?;
        self.schedule(world, key);
        Ok(())
    }

    fn next_address(&self) -> String {
        format!("{}.{}", self.network, 1 + self.addresses % 250)
    }

    fn schedule(&self, world: &mut World, key: &str) {
        if let Some(at) = self.pods.get(key).and_then(Pod::next_at) {
            world.wake(at, Wake::Pod(self.spec.name.clone(), key.to_owned()));
        }
    }

    pub(super) fn schedule_all(&self, world: &mut World) {
        for key in self.pods.keys() {
            self.schedule(world, key);
        }
    }
}

/// Whether a Pod is of the workload `namespace/name`.
fn is_of(pod: &Value, whose: &str) -> bool {
    whose.split_once('/') == Some((namespace(pod), workload(pod)))
}
