//! The settings that concern clusters: where they are, who is who there, and who may check what.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Setting;
use super::read::{Reader, What};

/// A cluster, under the name that the configuration gives it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cluster {
    /// The kubeconfig; `None`: `$KUBECONFIG`, `~/.kube/config`, or the Pod's own ServiceAccount.
    pub kubeconfig: Option<Kubeconfig>,
    /// The context in it; `None`: its current one.
    pub context: Option<String>,
}

/// Where a kubeconfig is.
#[derive(Clone, PartialEq, Eq)]
pub enum Kubeconfig {
    /// In a file.
    File(PathBuf),
    /// Here: the sandbox's. No configuration can hold one, since secrets stand in it.
    Text(String),
}

impl std::fmt::Debug for Kubeconfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File(path) => path.fmt(f),
            Self::Text(_) => f.write_str("Text(…)"),
        }
    }
}

/// Whom a person on Discord is in the clusters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// Their id on Discord.
    pub id: u64,
    /// The Kubernetes user that they are.
    pub user: String,
}

/// Which Kubernetes group the members of a Discord role belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The role's id.
    pub role: u64,
    /// The group.
    pub group: String,
    /// The Kubernetes user that members without one of their own read as; `None`: they cannot read.
    pub user: Option<String>,
}

/// Who may run a check. What is empty does not narrow.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed {
    /// Members of one of these roles.
    pub roles: Vec<u64>,
    /// These people, by the names that the configuration gives them.
    pub people: Vec<String>,
    /// Only in these channels, by the names that the configuration gives them.
    pub channels: Vec<String>,
}

/// What stands for every check that has no table of its own.
pub const ALL_CHECKS: &str = "all";

pub(super) fn clusters(reader: &mut Reader) -> BTreeMap<String, Cluster> {
    let names = reader.names("clusters").into_iter();
    names
        .filter(|name| reader.is_name("clusters", name))
        .collect::<Vec<_>>()
        .into_iter()
        .map(|name| {
            let kubeconfig = reader.text(&format!("clusters.{name}.kubeconfig"));
            let cluster = Cluster {
                kubeconfig: kubeconfig.map(|path| Kubeconfig::File(reader.beside_the_file(&path))),
                context: reader.text(&format!("clusters.{name}.context")),
            };
            (name, cluster)
        })
        .collect()
}

pub(super) fn people(reader: &mut Reader) -> BTreeMap<String, Person> {
    let mut people = BTreeMap::new();
    for name in reader.names("people") {
        let user = reader.required(&format!("people.{name}.user"));
        let id = reader.id(&format!("people.{name}.id"));
        if let (Some(id), Some(user)) = (id, user) {
            // Of two tables for one person either could be the one that counts.
            let other = people.iter().find(|(_, it): &(&String, &Person)| it.id == id);
            if let Some((other, _)) = other {
                let other = format!("people.{other}.id");
                reader.fault(&format!("people.{name}.id"), What::SameAs(other));
                continue;
            }
            // Two who are one user in the cluster could not approve for each other, and no audit could tell them apart.
            let twin = people.iter().find(|(_, it): &(&String, &Person)| it.user == user);
            if let Some((twin, _)) = twin {
                let twin = format!("people.{twin}.user");
                reader.fault(&format!("people.{name}.user"), What::SameAs(twin));
                continue;
            }
            people.insert(name, Person { id, user });
        }
    }
    people
}

pub(super) fn groups(reader: &mut Reader) -> BTreeMap<String, Group> {
    let mut groups = BTreeMap::new();
    for name in reader.names("groups") {
        let group = reader.required(&format!("groups.{name}.group"));
        let user = reader.text(&format!("groups.{name}.user"));
        let role = reader.id(&format!("groups.{name}.role"));
        if let (Some(role), Some(group)) = (role, group) {
            groups.insert(name, Group { role, group, user });
        }
    }
    groups
}

/// Who may run which check; `known` are the names that there are.
pub(super) fn checks(reader: &mut Reader, known: &[String]) -> BTreeMap<String, Allowed> {
    let mut checks = BTreeMap::new();
    for name in reader.names("checks") {
        let key = format!("checks.{name}");
        let allowed = Allowed {
            roles: reader.ids(&format!("{key}.roles")),
            people: reader.names_of(&format!("{key}.people"), "people"),
            channels: reader.names_of(&format!("{key}.channels"), "channels"),
        };
        if name == ALL_CHECKS || known.contains(&name) {
            checks.insert(name, allowed);
        } else {
            reader.none_of(&key, known);
        }
    }
    checks
}

/// The settings of this part, in the order of the example file.
pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        key: "roles.operator",
        default: "[]",
        about: (
            "Ids of the roles that may run checks and ask for changes; empty: nobody.",
            "允许执行检查、申请变更的身份组 ID；留空则没有人可以。",
        ),
    },
    Setting {
        key: "roles.approver",
        default: "[]",
        about: (
            "Ids of the roles that may approve changes, which are mentioned when one waits; empty: nobody.",
            "允许审批变更的身份组 ID，有申请等待时会提及它们；留空则没有人可以。",
        ),
    },
    Setting {
        key: "clusters.*.kubeconfig",
        default: "\"\"",
        about: (
            "One table a cluster, under a name of your choice: [clusters.prod]. Its kubeconfig; empty: $KUBECONFIG, ~/.kube/config, or the Pod's own ServiceAccount.",
            "每个集群一节，名字自取：[clusters.prod]。kubeconfig 路径；留空依次用 $KUBECONFIG、~/.kube/config、Pod 自身的 ServiceAccount。",
        ),
    },
    Setting {
        key: "clusters.*.context",
        default: "\"\"",
        about: (
            "The context in the kubeconfig; empty: its current one.",
            "kubeconfig 中的 context；留空用 current-context。",
        ),
    },
    Setting {
        key: "people.*.id",
        default: "\"\"",
        about: (
            "One table a person: [people.ming]. The id on Discord, in quotes. As soon as anybody is mapped, only mapped people can check.",
            "每人一节：[people.ming]。Discord 用户 ID，加引号。一旦有人配置了映射，未映射的人就不能执行检查。",
        ),
    },
    Setting {
        key: "people.*.user",
        default: "\"\"",
        about: (
            "The Kubernetes user that this person is, and nobody else: reads run as that user.",
            "此人对应的 Kubernetes 用户，不能与他人共用：读取集群时以该用户身份进行。",
        ),
    },
    Setting {
        key: "groups.*.role",
        default: "\"\"",
        about: (
            "One table a group: [groups.sre]. The id of the Discord role whose members belong to it.",
            "每个用户组一节：[groups.sre]。该组成员对应的 Discord 身份组 ID。",
        ),
    },
    Setting {
        key: "groups.*.group",
        default: "\"\"",
        about: ("The Kubernetes group.", "Kubernetes 用户组。"),
    },
    Setting {
        key: "groups.*.user",
        default: "\"\"",
        about: (
            "The Kubernetes user that members read as who have none of their own; empty: they cannot read.",
            "成员没有自己的 Kubernetes 用户时，以哪个用户身份读取；留空则不能读取。",
        ),
    },
    Setting {
        key: "checks.*.roles",
        default: "[]",
        about: (
            "One table a check, by its name: [checks.pod-logs]; [checks.all] holds for the others. Ids of the roles that may run it; neither roles nor people: the operators.",
            "每个检查一节，用检查名：[checks.pod-logs]；[checks.all] 适用于其余检查。允许执行的身份组 ID；roles 与 people 都不填则为 operator。",
        ),
    },
    Setting {
        key: "checks.*.people",
        default: "[]",
        about: (
            "People who may run it too, by their names in [people].",
            "另外允许的人，写 [people] 里的名字。",
        ),
    },
    Setting {
        key: "checks.*.channels",
        default: "[]",
        about: (
            "Only in these channels, by their names in [channels]; empty: everywhere.",
            "仅限这些频道，写 [channels] 里的名字；留空则不限。",
        ),
    },
];
