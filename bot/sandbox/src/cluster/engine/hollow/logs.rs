//! What containers wrote, made up when somebody asks. The same question at the same time has the same answer,
//! and at a later time the same lines and more.

use serde_json::Value;

use super::habits::{Habits, Voice};
use crate::cluster::engine::dice::Dice;
use crate::cluster::engine::object::{items, name, text, time};

/// A line and when it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    /// Milliseconds since 1970.
    pub(crate) at: u64,
    /// Without the end of the line.
    pub(crate) text: String,
}

/// Older lines were rotated away.
const KEPT_FOR: u64 = 6 * 3_600_000;
const MOST_LINES: u64 = 4000;

/// From when to when a container ran.
struct Life {
    start: u64,
    end: u64,
    id: String,
}

/// What a container of a Pod wrote until `now`, or the one before it. The error is the kubelet's sentence.
pub(crate) fn lines(
    pod: &Value,
    container: &str,
    previous: bool,
    now: u64,
    (habits, dice): (&Habits, Dice),
) -> Result<Vec<Line>, String> {
    let life = life(pod, container, previous, now)?;
    let specs = items(&pod["spec"]["containers"])
        .iter()
        .chain(items(&pod["spec"]["initContainers"]));
    let spec = specs.into_iter().find(|spec| spec["name"] == container);
    let voice = spec.map_or(Voice::Plain, |spec| habits.of(pod, spec).logs);
    let writer = Writer {
        voice,
        dice,
        id: &life.id,
        pod: name(pod),
    };
    let mut lines = writer.first(life.start);
    let interval = writer.interval();
    let begin = life.start + 2500;
    let oldest = life
        .end
        .saturating_sub(KEPT_FOR)
        .max(life.end.saturating_sub(MOST_LINES * interval));
    let first = oldest.saturating_sub(begin) / interval;
    let last = life.end.saturating_sub(begin) / interval;
    if first > 0 {
        lines.clear();
    }
    for number in first..last {
        let at =
            begin + number * interval + dice.between(0, interval - 1, &["at", &life.id, &number.to_string()]);
        lines.extend(writer.line(number, at));
    }
    lines.retain(|line| line.at <= life.end);
    Ok(lines)
}

fn life(pod: &Value, container: &str, previous: bool, now: u64) -> Result<Life, String> {
    let named = format!("container {container:?} in pod {:?}", name(pod));
    let statuses = items(&pod["status"]["containerStatuses"]).iter();
    let mut statuses = statuses.chain(items(&pod["status"]["initContainerStatuses"]));
    let Some(status) = statuses.find(|status| status["name"] == container) else {
        return Err(format!("{named} is not available"));
    };
    let (state, last) = (&status["state"], &status["lastState"]["terminated"]);
    let ended = |end: &Value| Life {
        start: time(&end["startedAt"]).unwrap_or(now),
        end: time(&end["finishedAt"]).unwrap_or(now) + 999,
        id: text(&end["containerID"]).to_owned(),
    };
    if previous {
        return if last.is_object() {
            Ok(ended(last))
        } else {
            Err(format!("previous terminated {named} not found"))
        };
    }
    if let Some(started) = time(&state["running"]["startedAt"]) {
        return Ok(Life {
            start: started,
            end: now,
            id: text(&status["containerID"]).to_owned(),
        });
    }
    if state["terminated"].is_object() {
        return Ok(ended(&state["terminated"]));
    }
    if last.is_object() {
        return Ok(ended(last));
    }
    Err(match text(&state["waiting"]["reason"]) {
        "ErrImagePull" => format!("{named} is waiting to start: image can't be pulled"),
        "ImagePullBackOff" => format!("{named} is waiting to start: trying and failing to pull image"),
        reason => format!("{named} is waiting to start: {reason}"),
    })
}

/// Who writes, and from which container.
struct Writer<'a> {
    voice: Voice,
    dice: Dice,
    id: &'a str,
    pod: &'a str,
}

impl Writer<'_> {
    /// Milliseconds between two lines.
    fn interval(&self) -> u64 {
        match self.voice {
            Voice::Web => 2300,
            Voice::Json | Voice::Chinese => 4700,
            Voice::Java => 6100,
            Voice::Failing => 900,
            Voice::Database => 61_000,
            Voice::Plain | Voice::Klog => 47_000,
        }
    }

    fn pick(&self, number: u64, what: &str, from: &[&'static str]) -> &'static str {
        let place = self.dice.roll(&[what, self.id, &number.to_string()]) % from.len().max(1) as u64;
        usize::try_from(place)
            .ok()
            .and_then(|place| from.get(place))
            .copied()
            .unwrap_or_default()
    }

    fn number(&self, number: u64, what: &str, low: u64, high: u64) -> u64 {
        self.dice
            .between(low, high, &[what, self.id, &number.to_string()])
    }

    /// The lines of a start.
    fn first(&self, start: u64) -> Vec<Line> {
        let texts: &[&str] = match self.voice {
            Voice::Web => &["listening on :8080", "loaded 14 routes from /etc/web/routes.yaml"],
            Voice::Json => &[
                r#"{"level":"info","msg":"starting","version":"2.4.0","config":"/etc/app/config.yaml"}"#,
                r#"{"level":"debug","msg":"connecting","dsn":"postgres://shop:Tr0ub4dor-and-3@postgres.data.svc:5432/shop?sslmode=disable"}"#,
                r#"{"level":"info","msg":"listening","addr":":8080"}"#,
            ],
            Voice::Java => &[
                "\u{1b}[32mINFO\u{1b}[0m  main  Starting application using Java 21.0.5 with PID 1",
                "\u{1b}[32mINFO\u{1b}[0m  main  Max heap 640 MiB, container limit 512 MiB",
                "\u{1b}[32mINFO\u{1b}[0m  main  Started in 2.114 seconds",
            ],
            Voice::Chinese => &[
                "服务启动中，读取配置 /etc/app/config.yaml",
                "数据库连接成功，开始监听 :8080",
            ],
            Voice::Database => &[
                "LOG:  starting PostgreSQL 17.2 on x86_64-pc-linux-gnu",
                "LOG:  database system is ready to accept connections",
            ],
            Voice::Klog => &["starting", "caches are synced"],
            Voice::Plain => &["started"],
            Voice::Failing => &["reading configuration from /etc/app/config.yaml"],
        };
        let at = |index: usize| start + 120 + 640 * u64::try_from(index).unwrap_or_default();
        texts
            .iter()
            .enumerate()
            .map(|(index, text)| Line {
                at: at(index),
                text: (*text).to_owned(),
            })
            .collect()
    }

    /// The line with this number; some come with more lines.
    fn line(&self, number: u64, at: u64) -> Vec<Line> {
        let texts = match self.voice {
            Voice::Web => vec![self.request(number)],
            Voice::Json => vec![self.json(number)],
            Voice::Java => self.java(number),
            Voice::Chinese => vec![self.chinese(number)],
            Voice::Database => vec![self.database(number)],
            Voice::Klog => vec![self.klog(number, at)],
            Voice::Failing => vec![
                "dial tcp 10.96.41.7:5432: connect: connection refused, password=hunter2-hunter2 user=ledger"
                    .to_owned(),
            ],
            Voice::Plain => vec![format!(
                "{}: tick {number}, {} items in the queue",
                self.pod,
                self.number(number, "items", 0, 40)
            )],
        };
        texts.into_iter().map(|text| Line { at, text }).collect()
    }

    fn request(&self, number: u64) -> String {
        let path = self.pick(
            number,
            "path",
            &[
                "/",
                "/cart",
                "/api/items?page=2",
                "/api/items/4711",
                "/login",
                "/static/app.css",
            ],
        );
        let status = self.pick(
            number,
            "status",
            &["200", "200", "200", "200", "304", "404", "200", "502"],
        );
        let agent = self.pick(
            number,
            "agent",
            &[
                "Mozilla/5.0",
                "curl/8.11.0",
                "kube-probe/1.37",
                "bot @everyone ``` <script>",
            ],
        );
        let took = self.number(number, "took", 2, 180);
        let host = self.number(number, "host", 2, 250);
        format!(r#"10.244.1.{host} "GET {path} HTTP/1.1" {status} {took}ms "{agent}""#)
    }

    fn json(&self, number: u64) -> String {
        let took = self.number(number, "took", 3, 900);
        if self.number(number, "token", 0, 30) == 0 {
            let token = self.dice.hex(43, &["token", self.id, &number.to_string()]);
            return format!(
                r#"{{"level":"debug","msg":"upstream call","header":{{"Authorization":"Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJvcmRlcnMifQ.{token}"}},"ms":{took}}}"#
            );
        }
        let level = self.pick(number, "level", &["info", "info", "info", "info", "warn"]);
        let message = self.pick(
            number,
            "message",
            &[
                "order placed",
                "cart updated",
                "stock checked",
                "payment accepted",
            ],
        );
        format!(
            r#"{{"level":"{level}","msg":"{message}","order":{},"ms":{took}}}"#,
            self.number(number, "order", 10_000, 99_999)
        )
    }

    fn java(&self, number: u64) -> Vec<String> {
        let used = (214 + number * 4).min(507);
        if number % 9 == 4 {
            return vec![
                "\u{1b}[31mERROR\u{1b}[0m worker-3  Model cache is over its size, keeping 18233 entries"
                    .to_owned(),
                "java.lang.IllegalStateException: cache is full".to_owned(),
                "    at com.example.recommend.ModelCache.put(ModelCache.java:88)".to_owned(),
                "    at com.example.recommend.Worker.run(Worker.java:41)".to_owned(),
            ];
        }
        vec![format!(
            "\u{1b}[33mWARN\u{1b}[0m  gc  Pause Young {used}M->{}M(512M) {}ms",
            used - 9,
            self.number(number, "ms", 4, 95)
        )]
    }

    fn chinese(&self, number: u64) -> String {
        let what = self.pick(
            number,
            "what",
            &[
                "订单已创建",
                "库存同步完成",
                "短信发送成功",
                "缓存命中率偏低",
                "第三方支付回调超时，稍后重试",
            ],
        );
        format!(
            "{what}，订单号 {}，耗时 {} 毫秒",
            self.number(number, "order", 100_000, 999_999),
            self.number(number, "ms", 3, 700)
        )
    }

    fn database(&self, number: u64) -> String {
        let buffers = self.number(number, "buffers", 20, 900);
        match number % 2 {
            0 => "LOG:  checkpoint starting: time".to_owned(),
            _ => format!("LOG:  checkpoint complete: wrote {buffers} buffers (5.4%); 0 WAL file(s) added"),
        }
    }

    fn klog(&self, number: u64, at: u64) -> String {
        let second = at / 1000 % 86_400;
        let clock = format!(
            "{:02}:{:02}:{:02}.{:06}",
            second / 3600,
            second / 60 % 60,
            second % 60,
            at % 1000 * 1000
        );
        let message = self.pick(
            number,
            "message",
            &["Synced", "Reconciled endpoints", "Watch closed, reopening"],
        );
        format!(
            "I {clock}       1 controller.go:214] \"{message}\" count={}",
            self.number(number, "count", 1, 60)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const START: u64 = 1_767_225_600_000;

    fn pod(state: &Value, last: &Value) -> Value {
        json!({
            "metadata": {"name": "web-1", "namespace": "shop", "uid": "u"},
            "spec": {"containers": [{"name": "app", "image": "web:1"}]},
            "status": {"containerStatuses": [{"name": "app", "containerID": "containerd://a", "state": state, "lastState": last}]},
        })
    }

    fn read(pod: &Value, previous: bool, now: u64) -> Result<Vec<Line>, String> {
        lines(pod, "app", previous, now, (&Habits::default(), Dice::new(1)))
    }

    #[test]
    fn later_there_are_the_same_lines_and_more() {
        let running = pod(
            &json!({"running": {"startedAt": "2026-01-01T00:00:00Z"}}),
            &json!({}),
        );
        let early = read(&running, false, START + 300_000).unwrap();
        let late = read(&running, false, START + 600_000).unwrap();
        assert!(early.len() >= 4, "{early:?}");
        assert_eq!(late[..early.len()], early[..]);
        assert!(late.len() > early.len());
        assert!(late.is_sorted_by_key(|line| line.at));
    }

    #[test]
    fn what_is_not_there_is_said_in_the_words_of_a_kubelet() {
        let waiting = pod(&json!({"waiting": {"reason": "ImagePullBackOff"}}), &json!({}));
        assert_eq!(
            read(&waiting, false, START).unwrap_err(),
            r#"container "app" in pod "web-1" is waiting to start: trying and failing to pull image"#
        );
        assert_eq!(
            read(&waiting, true, START).unwrap_err(),
            r#"previous terminated container "app" in pod "web-1" not found"#
        );
    }

    #[test]
    fn the_container_before_has_its_own_lines() {
        let ended = json!({"terminated": {
            "containerID": "containerd://old",
            "startedAt": "2026-01-01T00:00:00Z",
            "finishedAt": "2026-01-01T00:05:00Z",
        }});
        let crashed = pod(&json!({"waiting": {"reason": "CrashLoopBackOff"}}), &ended);
        let before = read(&crashed, true, START + 900_000).unwrap();
        assert_eq!(before, read(&crashed, false, START + 900_000).unwrap());
        assert!(before.iter().all(|line| line.at < START + 301_000));
    }
}
