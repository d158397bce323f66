//! What `--help` says in Chinese. In English it says what stands beside the arguments in the source.

/// What help looks like; clap's own has English headings.
pub const TEMPLATE: &str = "{about-with-newline}\n用法：{usage}\n\n{all-args}";
/// Above the subcommands.
pub const COMMANDS: &str = "命令";
/// Above arguments without a name.
pub const ARGUMENTS: &str = "参数";
/// Above the others.
pub const OPTIONS: &str = "选项";

/// What a subcommand does, by its path without the program's name; empty: the program.
pub fn about(path: &str) -> Option<&'static str> {
    Some(match path {
        "" => "面向 Kubernetes 运维人员的 Discord 机器人",
        "run" => "运行机器人；日志写到 stderr",
        "ask" => "用文档回答一个问题",
        "kb" => "管理文档：测量、检查、导出",
        "kb evaluate" => "测量问题找到文档的准确度和速度",
        "kb lint" => "检查文档目录里的问题；有问题时退出码为 1",
        "kb export" => "把聊天中批准的文档写成 Markdown；遇到别人写的文件时退出码为 1",
        "audit" => "校验或导出变更的审计记录",
        "audit verify" => "查找被改动、删除、调换顺序或截断的记录；有问题时退出码为 1",
        "audit export" => "按顺序输出全部记录，每行一个 JSON 对象",
        "check" => "检查令牌、intent、频道、文档和集群，并输出邀请链接",
        "sandbox" => "在本地 Discord 上运行机器人，不需要账号",
        "redact" => "去掉标准输入中的敏感信息，其余内容逐行写到标准输出",
        "docs" => "把自动生成的参考文档写入目录",
        path if path.ends_with("help") => "显示帮助，或指定子命令的帮助",
        _ => return None,
    })
}

/// What an argument of a subcommand is for.
pub fn argument(path: &str, id: &str) -> Option<&'static str> {
    Some(match (path, id) {
        (_, "help") => "显示帮助",
        (_, "version") => "显示版本",
        (_, "lang") => "终端输出的语言：zh 或 en；不填则按系统区域设置",
        (_, "config") => "配置文件",
        ("docs", "dir") => "目标目录",
        (_, "docs") => "文档目录，可多次指定",
        (_, "no_bundled") => "不使用随程序附带的文档",
        ("kb evaluate", "dir") => "含有 corpus.jsonl、queries.jsonl 和 qrels.tsv 的目录",
        ("kb lint", "dirs") => "文档目录",
        ("kb lint", "report") => "说明每个文件是怎样理解的",
        ("kb export", "dir") => "目标目录，例如某个 Git 仓库里的；别人写的或改过的文件原样保留",
        ("check" | "ask" | "audit verify" | "kb evaluate" | "kb lint", "json") => "输出一个 JSON 对象",
        ("ask", "question") => "问题",
        ("audit verify", "anchor") => "之前留存的哈希，必须是其中某条记录的",
        (_, "store") => {
            "存储位置，代替配置里的：sqlite:文件；带密码的地址最好用环境变量 FIRSTMATE_STORE__URL"
        }
        ("sandbox", id) => return sandbox(id),
        _ => return None,
    })
}

fn sandbox(id: &str) -> Option<&'static str> {
    Some(match id {
        "listen" => "页面地址，仅限本机；不填则用 4000 端口，被占用时任选一个空闲端口",
        "no_bot" => "只启动本地服务，并输出供 `firstmate run` 使用的配置",
        "scenario" => "本地集群里有什么、会发生什么，见 --list-scenarios（默认 first-run）",
        "list_scenarios" => "列出全部场景后退出",
        "seed" => "换一套本地集群里的名字",
        "kubeconfig_out" => "把本地集群管理员的 kubeconfig 写入文件，供 kubectl 使用",
        "kubeconfig" => "改为显示你自己的集群，以该 kubeconfig 的用户身份只读",
        "context" => "使用该 kubeconfig 里的哪个 context；不填则用当前的",
        "state" => "把变更申请和审计记录保存在此目录；不填则退出后丢弃",
        "request_log" => "本地服务每收到一个请求，就写一行 JSON",
        "openapi" => "用 Discord 的 OpenAPI 文档核对每个请求",
        "play" => "播放一份对话记录，输出结果后退出；- 为标准输入",
        "check" => "与记录中的回复比较，不一致时退出码为 1",
        _ => return None,
    })
}
