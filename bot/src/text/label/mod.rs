//! Labels: names and descriptions of commands and options, words on buttons, menus and modals.

mod change;
mod document;
mod feedback;

use firstmate_kb::Lang;

pub use change::*;
pub use document::*;
pub use feedback::*;

/// A label in the three written languages of the people who use Discord here.
///
/// Discord shows a person commands in the language of their client; replies know only
/// English and Chinese.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Label {
    /// English, and for everybody else.
    pub en: &'static str,
    /// Simplified Chinese.
    pub zh: &'static str,
    /// Traditional Chinese, as written in Taiwan.
    pub tw: &'static str,
}

impl Label {
    /// The label in the language of a reply.
    pub const fn of(self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Zh => self.zh,
        }
    }
}

/// `/ask`.
pub const ASK: Label = Label {
    en: "ask",
    zh: "提问",
    tw: "提問",
};
/// What `/ask` does.
pub const ASK_ABOUT: Label = Label {
    en: "Ask a question about running Kubernetes",
    zh: "提一个 Kubernetes 运维问题",
    tw: "提一個 Kubernetes 維運問題",
};
/// `/paste`.
pub const PASTE: Label = Label {
    en: "paste",
    zh: "粘贴",
    tw: "貼上",
};
/// What `/paste` does.
pub const PASTE_ABOUT: Label = Label {
    en: "Ask with a pasted log or error message: opens a box for text of several lines",
    zh: "粘贴日志或报错来提问：打开可输入多行文本的输入框",
    tw: "貼上日誌或錯誤訊息來提問：開啟可輸入多行文字的輸入框",
};
/// The option `question`.
pub const QUESTION: Label = Label {
    en: "question",
    zh: "问题",
    tw: "問題",
};
/// What `question` is.
pub const QUESTION_ABOUT: Label = Label {
    en: "The question in your own words, or an error message",
    zh: "用自己的话描述问题，或直接贴报错",
    tw: "用自己的話描述問題，或直接貼上錯誤訊息",
};
/// The option `private`.
pub const PRIVATE: Label = Label {
    en: "private",
    zh: "仅自己可见",
    tw: "僅自己可見",
};
/// What `private` does.
pub const PRIVATE_ABOUT: Label = Label {
    en: "Show the answer to me alone",
    zh: "回答只给我自己看",
    tw: "回答只給我自己看",
};
/// `/help`.
pub const HELP: Label = Label {
    en: "help",
    zh: "帮助",
    tw: "說明",
};
/// What `/help` does.
pub const HELP_ABOUT: Label = Label {
    en: "What you can ask First Mate, and how",
    zh: "大副能做什么、怎么用",
    tw: "大副能做什麼、怎麼用",
};
/// The entry in a message's menu.
pub const ASK_MENU: Label = Label {
    en: "Ask First Mate",
    zh: "问大副",
    tw: "問大副",
};
/// What the entry in a message's menu does; shown by `/help`, since Discord shows none.
pub const ASK_MENU_ABOUT: Label = Label {
    en: "Answer what the message asks",
    zh: "回答这条消息里的问题",
    tw: "回答這則訊息裡的問題",
};

/// The option `cluster`.
pub const CLUSTER: Label = Label {
    en: "cluster",
    zh: "集群",
    tw: "叢集",
};
/// What `cluster` is.
pub const CLUSTER_ABOUT: Label = Label {
    en: "Which cluster, where there are several",
    zh: "哪个集群（有多个时）",
    tw: "哪個叢集（有多個時）",
};
/// The option `node`.
pub const NODE: Label = Label {
    en: "node",
    zh: "节点",
    tw: "節點",
};
/// What `node` is.
pub const NODE_ABOUT: Label = Label {
    en: "The node's name",
    zh: "节点名",
    tw: "節點名稱",
};
/// What `node` is where it narrows.
pub const ON_NODE_ABOUT: Label = Label {
    en: "Only Pods on this node",
    zh: "只看这个节点上的 Pod",
    tw: "只看這個節點上的 Pod",
};
/// The option `namespace`.
pub const NAMESPACE: Label = Label {
    en: "namespace",
    zh: "命名空间",
    tw: "命名空間",
};
/// What `namespace` is.
pub const NAMESPACE_ABOUT: Label = Label {
    en: "Only this namespace; left out: all",
    zh: "只看这个命名空间，不填则为全部",
    tw: "只看這個命名空間，不填則為全部",
};
/// The option `pod`.
pub const POD: Label = Label {
    en: "pod",
    zh: "pod",
    tw: "pod",
};
/// What `pod` is.
pub const POD_ABOUT: Label = Label {
    en: "namespace/name of the Pod",
    zh: "Pod：命名空间/名称",
    tw: "Pod：命名空間/名稱",
};
/// The option `container`.
pub const CONTAINER: Label = Label {
    en: "container",
    zh: "容器",
    tw: "容器",
};
/// What `container` is.
pub const CONTAINER_ABOUT: Label = Label {
    en: "Which container; left out: an unhealthy one, else the first",
    zh: "哪个容器；不填则优先看异常的容器",
    tw: "哪個容器；不填則優先看異常的容器",
};
/// The option `workload`.
pub const WORKLOAD: Label = Label {
    en: "workload",
    zh: "工作负载",
    tw: "工作負載",
};
/// What `workload` is.
pub const WORKLOAD_ABOUT: Label = Label {
    en: "namespace/name of a Deployment, StatefulSet or DaemonSet",
    zh: "Deployment、StatefulSet 或 DaemonSet：命名空间/名称",
    tw: "Deployment、StatefulSet 或 DaemonSet：命名空間/名稱",
};
/// The option `label`.
pub const SELECTOR: Label = Label {
    en: "label",
    zh: "标签",
    tw: "標籤",
};
/// What `label` is.
pub const SELECTOR_ABOUT: Label = Label {
    en: "A label selector, such as app=web",
    zh: "标签选择器，如 app=web",
    tw: "標籤選擇器，如 app=web",
};
/// The option `unhealthy`.
pub const UNHEALTHY: Label = Label {
    en: "unhealthy",
    zh: "仅异常",
    tw: "僅異常",
};
/// What `unhealthy` does.
pub const UNHEALTHY_ABOUT: Label = Label {
    en: "Only unhealthy Pods",
    zh: "只看异常的 Pod",
    tw: "只看異常的 Pod",
};
/// The option `sort`.
pub const SORT: Label = Label {
    en: "sort",
    zh: "排序",
    tw: "排序",
};
/// What `sort` is.
pub const SORT_ABOUT: Label = Label {
    en: "Highest of what first",
    zh: "按什么从高到低排",
    tw: "依什麼由高到低排",
};
/// Sorted by processor time.
pub const SORT_CPU: Label = Label {
    en: "CPU",
    zh: "CPU",
    tw: "CPU",
};
/// Sorted by memory.
pub const SORT_MEMORY: Label = Label {
    en: "memory",
    zh: "内存",
    tw: "記憶體",
};
/// The option `order`.
pub const ORDER: Label = Label {
    en: "order",
    zh: "顺序",
    tw: "順序",
};
/// What `order` is.
pub const ORDER_ABOUT: Label = Label {
    en: "Which events first",
    zh: "先看哪些事件",
    tw: "先看哪些事件",
};
/// Newest first.
pub const ORDER_NEWEST: Label = Label {
    en: "newest",
    zh: "最新的",
    tw: "最新的",
};
/// Most frequent first.
pub const ORDER_FREQUENT: Label = Label {
    en: "most frequent",
    zh: "最频繁的",
    tw: "最頻繁的",
};
/// The option `hours`.
pub const HOURS: Label = Label {
    en: "hours",
    zh: "小时",
    tw: "小時",
};
/// What `hours` is.
pub const HOURS_ABOUT: Label = Label {
    en: "How many hours back; left out: one",
    zh: "最近几小时，不填则为 1 小时",
    tw: "最近幾小時，不填則為 1 小時",
};
/// The option `previous`.
pub const PREVIOUS_LOG: Label = Label {
    en: "previous",
    zh: "重启前",
    tw: "重啟前",
};
/// What `previous` does.
pub const PREVIOUS_LOG_ABOUT: Label = Label {
    en: "What it wrote before the last restart",
    zh: "上次重启之前的日志",
    tw: "上次重啟之前的日誌",
};
/// The option `since`.
pub const SINCE: Label = Label {
    en: "since",
    zh: "最近几分钟",
    tw: "最近幾分鐘",
};
/// What `since` is.
pub const SINCE_ABOUT: Label = Label {
    en: "Only the last so many minutes",
    zh: "只看最近多少分钟",
    tw: "只看最近多少分鐘",
};
/// The option `lines`.
pub const LINES: Label = Label {
    en: "lines",
    zh: "行数",
    tw: "行數",
};
/// What `lines` is.
pub const LINES_ABOUT: Label = Label {
    en: "The last so many lines; left out: 100",
    zh: "最后多少行，不填则为 100",
    tw: "最後多少行，不填則為 100",
};
/// The option `grep`.
pub const GREP: Label = Label {
    en: "grep",
    zh: "包含",
    tw: "包含",
};
/// What `grep` is.
pub const GREP_ABOUT: Label = Label {
    en: "Only lines that contain this text",
    zh: "只看包含这段文字的行",
    tw: "只看包含這段文字的行",
};
/// The option `follow`.
pub const FOLLOW: Label = Label {
    en: "follow",
    zh: "持续刷新",
    tw: "持續更新",
};
/// What `follow` does.
pub const FOLLOW_ABOUT: Label = Label {
    en: "Read it anew every few seconds, for a minute",
    zh: "每隔几秒刷新，持续一分钟",
    tw: "每隔幾秒更新，持續一分鐘",
};
/// The option `share`.
pub const SHARE: Label = Label {
    en: "share",
    zh: "公开",
    tw: "公開",
};
/// What `share` does.
pub const SHARE_ABOUT: Label = Label {
    en: "Show it to everybody in the channel",
    zh: "让频道里所有人都看到",
    tw: "讓頻道裡所有人都看到",
};
/// `/node`.
pub const NODE_GROUP: Label = Label {
    en: "node",
    zh: "节点",
    tw: "節點",
};
/// What `/node` is about.
pub const NODE_GROUP_ABOUT: Label = Label {
    en: "One node",
    zh: "单个节点",
    tw: "單一節點",
};
/// `/top`.
pub const TOP_GROUP: Label = Label {
    en: "top",
    zh: "资源用量",
    tw: "資源用量",
};
/// What `/top` is about.
pub const TOP_GROUP_ABOUT: Label = Label {
    en: "CPU and memory in use",
    zh: "CPU 和内存用量",
    tw: "CPU 和記憶體用量",
};
/// `/pod`.
pub const POD_GROUP: Label = Label {
    en: "pod",
    zh: "pod",
    tw: "pod",
};
/// What `/pod` is about.
pub const POD_GROUP_ABOUT: Label = Label {
    en: "One Pod",
    zh: "单个 Pod",
    tw: "單一 Pod",
};
/// `/nodes` and what it does.
pub const NODES_COMMAND: (Label, Label) = (
    Label {
        en: "nodes",
        zh: "节点列表",
        tw: "節點清單",
    },
    Label {
        en: "Every node: ready, pressure, version, age; what is unusual first",
        zh: "所有节点：就绪、压力、版本、创建时间，异常的在前",
        tw: "所有節點：就緒、壓力、版本、建立時間，異常的在前",
    },
);
/// `/node describe` and what it does.
pub const NODE_DESCRIBE_COMMAND: (Label, Label) = (
    Label {
        en: "describe",
        zh: "详情",
        tw: "詳情",
    },
    Label {
        en: "Conditions, taints, lease, requests and Pods of a node",
        zh: "节点的状态、污点、租约、资源请求和 Pod",
        tw: "節點的狀態、污點、租約、資源請求和 Pod",
    },
);
/// `/node events` and what it does.
pub const NODE_EVENTS_COMMAND: (Label, Label) = (
    Label {
        en: "events",
        zh: "事件",
        tw: "事件",
    },
    Label {
        en: "What happened to a node",
        zh: "节点上发生过什么",
        tw: "節點上發生過什麼",
    },
);
/// `/top nodes` and what it does.
pub const TOP_NODES_COMMAND: (Label, Label) = (
    Label {
        en: "nodes",
        zh: "节点",
        tw: "節點",
    },
    Label {
        en: "CPU and memory in use on each node, with a chart",
        zh: "每个节点的 CPU 和内存用量，附图",
        tw: "每個節點的 CPU 和記憶體用量，附圖",
    },
);
/// `/top pods` and what it does.
pub const TOP_PODS_COMMAND: (Label, Label) = (
    Label {
        en: "pods",
        zh: "pod",
        tw: "pod",
    },
    Label {
        en: "The Pods that use most CPU or memory, with a chart",
        zh: "CPU 或内存用量最高的 Pod，附图",
        tw: "CPU 或記憶體用量最高的 Pod，附圖",
    },
);
/// `/pods` and what it does.
pub const PODS_COMMAND: (Label, Label) = (
    Label {
        en: "pods",
        zh: "pod列表",
        tw: "pod清單",
    },
    Label {
        en: "Pods with state, restarts and why",
        zh: "Pod 的状态、重启次数和原因",
        tw: "Pod 的狀態、重啟次數和原因",
    },
);
/// `/pod describe` and what it does.
pub const POD_DESCRIBE_COMMAND: (Label, Label) = (
    Label {
        en: "describe",
        zh: "详情",
        tw: "詳情",
    },
    Label {
        en: "State, containers, probes, volumes and events of a Pod",
        zh: "Pod 的状态、容器、探针、卷和事件",
        tw: "Pod 的狀態、容器、探針、磁碟區和事件",
    },
);
/// `/pod events` and what it does.
pub const POD_EVENTS_COMMAND: (Label, Label) = (
    Label {
        en: "events",
        zh: "事件",
        tw: "事件",
    },
    Label {
        en: "What happened to a Pod",
        zh: "Pod 上发生过什么",
        tw: "Pod 上發生過什麼",
    },
);
/// `/pod logs` and what it does.
pub const POD_LOGS_COMMAND: (Label, Label) = (
    Label {
        en: "logs",
        zh: "日志",
        tw: "日誌",
    },
    Label {
        en: "What a container wrote; shown to you alone unless shared",
        zh: "容器日志，默认只给自己看",
        tw: "容器日誌，預設只給自己看",
    },
);
/// `/workloads` and what it does.
pub const WORKLOADS_COMMAND: (Label, Label) = (
    Label {
        en: "workloads",
        zh: "工作负载",
        tw: "工作負載",
    },
    Label {
        en: "Deployments, StatefulSets and DaemonSets with ready counts",
        zh: "Deployment、StatefulSet、DaemonSet 的就绪数",
        tw: "Deployment、StatefulSet、DaemonSet 的就緒數",
    },
);
/// `/rollout` and what it does.
pub const ROLLOUT_COMMAND: (Label, Label) = (
    Label {
        en: "rollout",
        zh: "滚动更新",
        tw: "滾動更新",
    },
    Label {
        en: "Where a rollout stands and what it waits for",
        zh: "滚动更新到哪一步、在等什么",
        tw: "滾動更新到哪一步、在等什麼",
    },
);
/// `/services` and what it does.
pub const SERVICES_COMMAND: (Label, Label) = (
    Label {
        en: "services",
        zh: "service列表",
        tw: "service清單",
    },
    Label {
        en: "Services with ports, ready endpoints and Ingress hosts",
        zh: "Service 的端口、就绪端点和 Ingress 域名",
        tw: "Service 的連接埠、就緒端點和 Ingress 網域",
    },
);
/// `/events` and what it does.
pub const EVENTS_COMMAND: (Label, Label) = (
    Label {
        en: "events",
        zh: "warning事件",
        tw: "warning事件",
    },
    Label {
        en: "Warnings of the cluster or of a namespace",
        zh: "集群或命名空间里的 Warning 事件",
        tw: "叢集或命名空間裡的 Warning 事件",
    },
);
/// `/changes` and what it does.
pub const CHANGES_COMMAND: (Label, Label) = (
    Label {
        en: "changes",
        zh: "近期变更",
        tw: "近期變更",
    },
    Label {
        en: "What changed: rollouts, scaling, cordons, nodes, images",
        zh: "最近的变更：发布、扩缩容、停止调度、节点、镜像",
        tw: "最近的變更：發布、擴縮、停止調度、節點、映像檔",
    },
);
/// `/status` and what it does.
pub const STATUS_COMMAND: (Label, Label) = (
    Label {
        en: "status",
        zh: "大副状态",
        tw: "大副狀態",
    },
    Label {
        en: "First Mate itself: version, gateway, clusters, index",
        zh: "大副自身：版本、网关、集群、索引",
        tw: "大副自身：版本、閘道、叢集、索引",
    },
);

/// The button that shows the whole answer.
pub const FULL: Label = Label {
    en: "Full answer",
    zh: "完整回答",
    tw: "完整回答",
};
/// The button back by a page.
pub const PREVIOUS: Label = Label {
    en: "Previous",
    zh: "上一页",
    tw: "上一頁",
};
/// The button on by a page.
pub const NEXT: Label = Label {
    en: "Next",
    zh: "下一页",
    tw: "下一頁",
};
/// The menu of an answer's sections.
pub const SECTIONS: Label = Label {
    en: "Jump to a section",
    zh: "跳到某一节",
    tw: "跳到某一節",
};
/// The button to the document.
pub const SOURCE: Label = Label {
    en: "Source",
    zh: "来源",
    tw: "來源",
};
/// The title of the box for a long question.
pub const ASK_BOX: Label = Label {
    en: "Ask First Mate",
    zh: "问大副",
    tw: "問大副",
};
/// The field of the box for a long question.
pub const ASK_FIELD: Label = Label {
    en: "Question",
    zh: "问题",
    tw: "問題",
};
/// What stands in the empty field.
pub const ASK_HINT: Label = Label {
    en: "Your question, or the error message as it is",
    zh: "问题描述，或原样粘贴报错",
    tw: "問題描述，或原樣貼上錯誤訊息",
};

/// The button to the description.
pub const DESCRIBE_BUTTON: Label = Label {
    en: "Describe",
    zh: "详情",
    tw: "詳情",
};
/// The button to the events.
pub const EVENTS_BUTTON: Label = Label {
    en: "Events",
    zh: "事件",
    tw: "事件",
};
/// The button to the Pods.
pub const PODS_BUTTON: Label = Label {
    en: "Pods",
    zh: "Pod",
    tw: "Pod",
};
/// The button to what nodes use.
pub const TOP_NODES_BUTTON: Label = Label {
    en: "Top nodes",
    zh: "节点用量",
    tw: "節點用量",
};
/// The button to what Pods use.
pub const TOP_PODS_BUTTON: Label = Label {
    en: "Top Pods",
    zh: "Pod 用量",
    tw: "Pod 用量",
};
/// The button to the log.
pub const LOGS_BUTTON: Label = Label {
    en: "Logs",
    zh: "日志",
    tw: "日誌",
};
/// The button to the log before the last restart.
pub const PREVIOUS_LOGS_BUTTON: Label = Label {
    en: "Previous logs",
    zh: "重启前日志",
    tw: "重啟前日誌",
};
/// The button to the Pods that are not well.
pub const UNHEALTHY_BUTTON: Label = Label {
    en: "Only unhealthy",
    zh: "只看异常",
    tw: "只看異常",
};
/// The button to the nodes.
pub const NODES_BUTTON: Label = Label {
    en: "Nodes",
    zh: "节点",
    tw: "節點",
};
/// The button to the rollout.
pub const ROLLOUT_BUTTON: Label = Label {
    en: "Rollout",
    zh: "滚动更新",
    tw: "滾動更新",
};
/// The button that reads anew.
pub const AGAIN_BUTTON: Label = Label {
    en: "Refresh",
    zh: "刷新",
    tw: "重新整理",
};
/// The button to the warnings.
pub const WARNINGS_BUTTON: Label = Label {
    en: "Warnings",
    zh: "Warning 事件",
    tw: "Warning 事件",
};

/// The button that sorts by frequency.
pub const FREQUENT_BUTTON: Label = Label {
    en: "Most frequent",
    zh: "最频繁的",
    tw: "最頻繁的",
};
/// The button that sorts by time.
pub const NEWEST_BUTTON: Label = Label {
    en: "Newest",
    zh: "最新的",
    tw: "最新的",
};
/// The button to the Pods that are not well.
pub const UNHEALTHY_PODS_BUTTON: Label = Label {
    en: "Unhealthy Pods",
    zh: "异常 Pod",
    tw: "異常 Pod",
};

/// The button that sorts by memory.
pub const BY_MEMORY_BUTTON: Label = Label {
    en: "By memory",
    zh: "按内存",
    tw: "依記憶體",
};
/// The button that sorts by processor time.
pub const BY_CPU_BUTTON: Label = Label {
    en: "By CPU",
    zh: "按 CPU",
    tw: "依 CPU",
};
/// The button to the workloads.
pub const WORKLOADS_BUTTON: Label = Label {
    en: "Workloads",
    zh: "工作负载",
    tw: "工作負載",
};

/// Every label of a control, by which a transcript names it in any language.
pub const CONTROLS: &[Label] = &[
    ASK_MENU,
    FULL,
    PREVIOUS,
    NEXT,
    SECTIONS,
    SOURCE,
    ASK_BOX,
    ASK_FIELD,
    DESCRIBE_BUTTON,
    EVENTS_BUTTON,
    PODS_BUTTON,
    TOP_NODES_BUTTON,
    TOP_PODS_BUTTON,
    LOGS_BUTTON,
    PREVIOUS_LOGS_BUTTON,
    UNHEALTHY_BUTTON,
    NODES_BUTTON,
    ROLLOUT_BUTTON,
    AGAIN_BUTTON,
    WARNINGS_BUTTON,
    BY_MEMORY_BUTTON,
    BY_CPU_BUTTON,
    WORKLOADS_BUTTON,
    FREQUENT_BUTTON,
    NEWEST_BUTTON,
    UNHEALTHY_PODS_BUTTON,
    APPROVE,
    REJECT,
    REASON_FIELD,
    SAVE_MENU,
    HELPFUL,
    UNHELPFUL,
    QUESTION_FIELD,
    SHORT_FIELD,
    DETAILS_FIELD,
];
