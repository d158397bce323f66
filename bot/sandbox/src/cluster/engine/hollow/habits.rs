//! How containers behave that are never run: when they are ready, what they use, when they end, what they
//! write; and which images there are to pull.

use serde::Deserialize;
use serde_json::Value;

use crate::cluster::engine::amount::{span, units};
use crate::cluster::engine::dice::Dice;
use crate::cluster::engine::object::{namespace, text, workload};

/// A span of time in a scenario, as `5h20m`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) u64);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let written = String::deserialize(from)?;
        let wrong =
            || serde::de::Error::custom(format!("`{written}` is no span of time like 5h20m, 90s or 63d"));
        span(&written).map(Self).ok_or_else(wrong)
    }
}

/// What containers do, by whose they are. The first that fits counts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Habit {
    /// Whose containers: `namespace/workload`.
    pub(crate) of: String,
    /// Which of them; all where it is not said.
    pub(crate) container: Option<String>,
    /// Only with this image.
    pub(crate) image: Option<String>,
    /// How long it takes from the start until a readiness probe succeeds.
    pub(crate) ready: Option<Span>,
    /// The readiness probe never succeeds and says this.
    pub(crate) unready: Option<String>,
    /// Processor use, as `120m`.
    pub(crate) cpu: Option<String>,
    /// Memory use, as `180Mi`.
    pub(crate) memory: Option<String>,
    /// How it ends by itself.
    pub(crate) exit: Option<Exit>,
    /// The kind of lines it writes.
    #[serde(default)]
    pub(crate) logs: Voice,
}

/// How a container ends by itself.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Exit {
    /// How long after its start, about.
    pub(crate) after: Span,
    /// Its exit code.
    pub(crate) code: i64,
    /// The reason that the runtime gives; `Error` or `Completed` where it is not said.
    pub(crate) reason: Option<String>,
    /// It is the liveness probe that ends it, and it says this.
    pub(crate) liveness: Option<String>,
}

impl Exit {
    pub(crate) fn reason(&self) -> &str {
        match &self.reason {
            Some(reason) => reason,
            None if self.code == 0 => "Completed",
            None => "Error",
        }
    }
}

/// The kind of lines that a container writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Voice {
    /// A line now and then.
    #[default]
    Plain,
    /// Requests of a web server.
    Web,
    /// A service that writes JSON, with tokens in it.
    Json,
    /// A Java service, in colours, with stack traces.
    Java,
    /// A service that writes Chinese.
    Chinese,
    /// A database.
    Database,
    /// Components of Kubernetes.
    Klog,
    /// It tells why it cannot start.
    Failing,
}

/// An image and what happens when it is pulled.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Image {
    /// Its name with its tag.
    pub(crate) name: String,
    /// Its size, as `48Mi`.
    pub(crate) size: Option<String>,
    /// How long it takes to pull it.
    pub(crate) pull: Option<Span>,
    /// It cannot be pulled, and the runtime says this.
    pub(crate) error: Option<String>,
}

/// All that a scenario says about containers and images.
#[derive(Clone, Debug, Default)]
pub(crate) struct Habits {
    pub(crate) containers: Vec<Habit>,
    pub(crate) images: Vec<Image>,
}

impl Habits {
    /// How a container of a Pod behaves.
    pub(crate) fn of(&self, pod: &Value, container: &Value) -> Habit {
        let whose = format!("{}/{}", namespace(pod), workload(pod));
        let image = text(&container["image"]);
        let fits = |habit: &&Habit| {
            habit.of == whose
                && habit
                    .container
                    .as_deref()
                    .is_none_or(|wanted| container["name"] == wanted)
                && habit.image.as_deref().is_none_or(|wanted| image == wanted)
        };
        self.containers.iter().find(fits).cloned().unwrap_or_default()
    }

    fn image(&self, name: &str) -> Option<&Image> {
        self.images.iter().find(|image| image.name == name)
    }

    /// Bytes of an image.
    pub(crate) fn size(&self, image: &str, dice: Dice) -> u64 {
        let written = self
            .image(image)
            .and_then(|image| image.size.as_deref())
            .map(units);
        let made_up = dice.between(21_000_000, 190_000_000, &["image size", image]);
        written
            .and_then(|bytes| u64::try_from(bytes).ok())
            .unwrap_or(made_up)
    }

    /// How long a pull takes, in ms, and what goes wrong with it.
    pub(crate) fn pull(&self, image: &str, dice: Dice) -> (u64, Option<String>) {
        let found = self.image(image);
        let error = found.and_then(|image| image.error.clone());
        let written = found.and_then(|image| image.pull).map(|span| span.0);
        let usual = if error.is_some() {
            700
        } else {
            300 + self.size(image, dice) / 25_000
        };
        (written.unwrap_or(usual), error)
    }
}

/// The identifier of an image, as containerd reports it.
pub(crate) fn digest(image: &str, dice: Dice) -> String {
    let repository = image
        .rsplit_once(':')
        .filter(|(_, tag)| !tag.contains('/'))
        .map_or(image, |(name, _)| name);
    format!("{repository}@sha256:{}", dice.hex(64, &["image", image]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_first_habit_that_fits_counts() {
        let habit = |of: &str, image: Option<&str>, cpu: &str| Habit {
            of: of.to_owned(),
            image: image.map(str::to_owned),
            cpu: Some(cpu.to_owned()),
            ..Habit::default()
        };
        let habits = Habits {
            containers: vec![
                habit("shop/web", Some("web:2"), "2"),
                habit("shop/web", None, "1"),
            ],
            images: Vec::new(),
        };
        let pod = json!({"metadata": {"namespace": "shop", "name": "web"}});
        let cpu = |image: &str| habits.of(&pod, &json!({"name": "app", "image": image})).cpu;
        assert_eq!(cpu("web:2").as_deref(), Some("2"));
        assert_eq!(cpu("web:1").as_deref(), Some("1"));
    }

    #[test]
    fn an_image_is_known_by_its_digest() {
        let dice = Dice::new(1);
        assert!(
            digest("registry.example.com:5000/web:1.2", dice)
                .starts_with("registry.example.com:5000/web@sha256:")
        );
        assert!(
            digest("registry.example.com:5000/web", dice)
                .starts_with("registry.example.com:5000/web@sha256:")
        );
    }
}
