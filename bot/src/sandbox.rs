//! `firstmate sandbox`: the real bot on a local Discord, or a transcript played there.
#![expect(clippy::print_stderr, reason = "the command line speaks to the terminal")]

use std::io::Read as _;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;

use anyhow::Context as _;
use firstmate::app::App;
use firstmate::clock::Clock;
use firstmate::config::{Config, Kubeconfig, StoreUrl, Token};
use firstmate::discord::Endpoint;
use firstmate::play::stage::{LOCAL, RIGHTS, Stage, local_config};
use firstmate::play::{self, parse};
use firstmate::text::terminal;
use firstmate_kb::Lang;
use firstmate_sandbox::cluster::{self, Cluster};
#[cfg(feature = "openapi")]
use firstmate_sandbox::discord::Opinion;
use firstmate_sandbox::discord::{Discord, Settings as Local};
use tempfile::NamedTempFile;

use crate::{DONE, FAILED, Settings, USAGE, block_on, log_to_stderr, print, stop_signal};

/// Where the page is unless another place is asked for.
const USUAL_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 4000);
/// Any port that nobody uses.
const FREE_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    settings: Settings,
    /// Where the page is served, on this machine only; without it port 4000, or a free one if that is taken
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Start the local services alone and print a configuration for `firstmate run`
    #[arg(long)]
    no_bot: bool,
    /// What is there in the local cluster and what happens in it; see --list-scenarios
    #[arg(long, value_name = "NAME", default_value = "first-run")]
    scenario: String,
    /// Print the scenarios and exit
    #[arg(long)]
    list_scenarios: bool,
    /// Vary the names in the local cluster
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
    /// Write a kubeconfig of the local cluster's administrator, for kubectl
    #[arg(long, value_name = "FILE")]
    kubeconfig_out: Option<PathBuf>,
    /// Show your own cluster instead, read-only, as the user of this kubeconfig
    #[arg(long, value_name = "FILE")]
    kubeconfig: Option<PathBuf>,
    /// The context in that kubeconfig, if not its current one
    #[arg(long, value_name = "NAME", requires = "kubeconfig")]
    context: Option<String>,
    /// Keep requests and their audit in this folder; otherwise they are gone when the sandbox stops
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Write one JSON line for each request that the local services receive
    #[arg(long, value_name = "FILE")]
    request_log: Option<PathBuf>,
    /// Hold every request against Discord's OpenAPI document
    #[cfg(feature = "openapi")]
    #[arg(long, value_name = "FILE")]
    openapi: Option<PathBuf>,
    /// Play a transcript, print it and exit; - is standard input
    #[arg(long, value_name = "FILE")]
    play: Option<PathBuf>,
    /// Compare with the replies in the transcript; exit 1 if they differ
    #[arg(long, requires = "play")]
    check: bool,
}

pub(crate) fn run(args: Args, lang: Lang) -> anyhow::Result<u8> {
    if args.list_scenarios {
        for about in cluster::engine::list()? {
            let words = if lang == Lang::En { about.en } else { about.zh };
            print(&format!("{:16} {words}\n", about.name))?;
        }
        return Ok(DONE);
    }
    match &args.play {
        Some(file) => block_on(play(&args, file, lang)),
        None => block_on(serve(args, lang)),
    }
}

async fn serve(args: Args, lang: Lang) -> anyhow::Result<u8> {
    if let Some(file) = &args.kubeconfig
        && let Err(error) = std::fs::File::open(file)
    {
        let file = file.display().to_string();
        eprintln!("{}", terminal::no_kubeconfig(lang, &file, &error.to_string()));
        return Ok(USAGE);
    }
    let stop = stop_signal();
    log_to_stderr("info");
    let local = args.local()?;
    let discord = match Discord::start(local.clone()).await {
        Err(_) if args.listen.is_none() => {
            Discord::start(Local {
                listen: FREE_PORT,
                ..local
            })
            .await?
        }
        other => other?,
    };
    let ground = match &args.kubeconfig {
        Some(_) => None,
        None => Some(args.cluster(&args.scenario, args.seed, firstmate_sandbox::Clock::system())?),
    };
    if let (Some(file), Some(cluster)) = (&args.kubeconfig_out, &ground) {
        write_secret(file, &cluster.kubeconfig("admin"))?;
    }
    let address = format!("{}\n", discord.page_url());
    if args.no_bot {
        print(&address)?;
        // There as long as the cluster is.
        let kubeconfig = ground.as_ref().map(temporary_kubeconfig).transpose()?;
        let kubeconfig = kubeconfig.as_ref().map(NamedTempFile::path);
        print(&configuration(&discord, kubeconfig)?)?;
        stop.await;
        return Ok(DONE);
    }
    let config = args.config(&discord, ground.as_ref(), lang)?;
    if args.kubeconfig.is_some() && config.people.is_empty() {
        eprintln!("{}", terminal::sandbox_reads_only(lang));
    }
    let endpoint = Endpoint::Local {
        address: discord.tls_addr(),
        certificate: discord.ca_der(),
    };
    let token = Token::new(discord.token());
    let app = Arc::new(App::open(config, Clock::system()).await?);
    let mut running = pin!(run_again_and_again(&app, &endpoint, &token, stop, lang));
    // Whoever reads the address may ask at once: what is asked before the bot is there is never answered.
    tokio::select! {
        ended = &mut running => return ended.map(|()| DONE),
        () = discord.online() => {}
    }
    print(&address)?;
    eprintln!("{}", terminal::sandbox_hint(lang));
    running.await?;
    Ok(DONE)
}

/// A real bot ends where Discord rejects it. Here somebody only pressed a button of the page's trouble menu, and
/// wants to see what happens, not to lose the page.
async fn run_again_and_again(
    app: &Arc<App>,
    endpoint: &Endpoint,
    token: &Token,
    stop: impl Future<Output = ()>,
    lang: Lang,
) -> anyhow::Result<()> {
    let (ended, stopped) = tokio::sync::watch::channel(false);
    let stopping = async {
        stop.await;
        let _ = ended.send(true);
    };
    let running = async {
        loop {
            let mut stopped = stopped.clone();
            let stop = async move { drop(stopped.wait_for(|stopped| *stopped).await) };
            let ended = firstmate::run(Arc::clone(app), endpoint.clone(), token.clone(), None, stop).await;
            match ended {
                Err(error) if error.is::<firstmate::discord::connect::Rejected>() => {
                    eprintln!("{}", terminal::sandbox_restart(lang, &error.to_string()));
                }
                other => return other,
            }
        }
    };
    let (result, ()) = tokio::join!(running, stopping);
    result
}

async fn play(args: &Args, file: &Path, lang: Lang) -> anyhow::Result<u8> {
    let text = read(file)?;
    let play = match parse::parse(&text) {
        Ok(play) => play,
        Err(error) => {
            eprintln!("{}: {error}", file.display());
            return Ok(USAGE);
        }
    };
    let folder = file.parent().unwrap_or(Path::new("")).to_owned();
    let local = Local {
        clock: firstmate_sandbox::Clock::manual(firstmate_sandbox::START_MS),
        listen: FREE_PORT,
        ..args.local()?
    };
    let clock = local.clock.clone();
    let mut stage = Stage::open(local, file, &play::settings(&play)).await?;
    stage.configure(|config| args.settings.lay_over(config));
    if let Some(scenario) = &play.head.scenario {
        stage.stand_on(Arc::new(args.cluster(
            scenario,
            play.head.seed.or(args.seed),
            clock,
        )?));
    }
    stage.start_bot().await?;
    let happened = match play::play(&mut stage, &play, &folder).await {
        Ok(happened) => happened,
        Err(error) => {
            eprintln!("{}: {error}", file.display());
            return Ok(FAILED);
        }
    };
    stage.stop_bot().await?;
    if !args.check {
        print(&happened)?;
        return Ok(DONE);
    }
    let differences = differences(&play::written(&play), &happened);
    print(&differences)?;
    if differences.is_empty() {
        return Ok(DONE);
    }
    eprintln!(
        "{}",
        terminal::transcript_differs(lang, &file.display().to_string())
    );
    Ok(FAILED)
}

impl Args {
    fn local(&self) -> anyhow::Result<Local> {
        Ok(Local {
            listen: self.listen.unwrap_or(USUAL_PORT),
            #[cfg(feature = "openapi")]
            opinion: self.opinion()?,
            request_log: self.request_log.clone(),
            ..Local::default()
        })
    }

    #[cfg(feature = "openapi")]
    fn opinion(&self) -> anyhow::Result<Option<Opinion>> {
        let document = self.openapi.as_deref().map(firstmate_openapi::Document::load);
        let opinion = |document: firstmate_openapi::Document| {
            Opinion::new(move |method, path, body| document.check(method, path, body))
        };
        Ok(document.transpose()?.map(opinion))
    }

    fn cluster(
        &self,
        scenario: &str,
        seed: Option<u64>,
        clock: firstmate_sandbox::Clock,
    ) -> anyhow::Result<Cluster> {
        let cluster = Cluster::start(cluster::Settings {
            clock,
            scenario: scenario.to_owned(),
            seed,
            request_log: self.request_log.clone(),
            ..cluster::Settings::default()
        })?;
        cluster.apply(RIGHTS)?;
        Ok(cluster)
    }

    fn config(&self, discord: &Discord, ground: Option<&Cluster>, lang: Lang) -> anyhow::Result<Config> {
        let file = self.settings.config.as_deref().unwrap_or(Path::new(""));
        let text = Config::text(self.settings.config.as_deref())?;
        // Whoever starts it reads the public replies, unless a configuration says otherwise.
        let code = if lang == Lang::Zh { "zh" } else { "en" };
        let language = format!("[discord]\nlanguage = \"{code}\"\n");
        let mapped = Config::people_named(file, &text)?;
        // Whom one's own mapping leaves out is nobody there, and must not stand in the way of who has their name there.
        let mut nobody = String::new();
        if self.kubeconfig.is_some() {
            let people = local_config(discord, file, &[])?.people;
            for name in people.keys().filter(|name| !mapped.contains(*name)) {
                nobody += &format!("[people.{name}]\nuser = \"nobody-{name}\"\n");
            }
        }
        let mut config = local_config(discord, file, &[language, nobody, text])?;
        self.settings.lay_over(&mut config);
        config.store.url = match &self.state {
            Some(folder) => {
                std::fs::create_dir_all(folder).with_context(|| format!("make {}", folder.display()))?;
                StoreUrl::new(&format!("sqlite:{}", folder.join("firstmate.db").display()))
            }
            None => StoreUrl::new("sqlite::memory:"),
        };
        let kubeconfig = match (&self.kubeconfig, ground) {
            (Some(file), _) => Kubeconfig::File(file.clone()),
            (None, Some(cluster)) => Kubeconfig::Text(cluster.kubeconfig("firstmate")),
            (None, None) => return Ok(config),
        };
        let local = firstmate::config::Cluster {
            kubeconfig: Some(kubeconfig),
            context: self.context.clone(),
        };
        if self.kubeconfig.is_some() {
            // The people of the local Discord are nobody there; without a mapping of one's own everybody reads as
            // the kubeconfig's user.
            config.people.retain(|name, _| mapped.contains(name));
            config.clusters.insert(LOCAL.to_owned(), local);
        } else {
            config.clusters.entry(LOCAL.to_owned()).or_insert(local);
        }
        Ok(config)
    }
}

/// A kubeconfig holds a key: nobody else may read it.
fn write_secret(file: &Path, text: &str) -> anyhow::Result<()> {
    std::fs::write(file, text).with_context(|| format!("write {}", file.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600))
            .with_context(|| format!("close {} to others", file.display()))?;
    }
    Ok(())
}

/// The bot's kubeconfig of the local cluster, in a file that only the owner may read and that is removed when dropped.
fn temporary_kubeconfig(cluster: &Cluster) -> anyhow::Result<NamedTempFile> {
    let file = tempfile::Builder::new()
        .prefix("firstmate-sandbox-")
        .suffix(".yaml")
        .tempfile()
        .context("make a file for the kubeconfig")?;
    std::fs::write(file.path(), cluster.kubeconfig("firstmate"))
        .with_context(|| format!("write {}", file.path().display()))?;
    Ok(file)
}

/// A configuration with which `firstmate run` works on the local services; `kubeconfig` is that of the cluster, if
/// there is one.
fn configuration(discord: &Discord, kubeconfig: Option<&Path>) -> anyhow::Result<String> {
    let config = local_config(discord, Path::new(""), &[])?;
    let mut text = format!(
        "[discord]\ntoken = \"{}\"\nendpoint = \"{}\"\n\n# Beside another First Mate the usual port is taken.\n[health]\nlisten = \"\"\n",
        discord.token(),
        discord.plain_url()
    );
    if let Some(file) = kubeconfig {
        text.push_str(&format!(
            "\n[clusters.{LOCAL}]\nkubeconfig = {:?}\n",
            file.display().to_string()
        ));
        for (name, person) in &config.people {
            text.push_str(&format!(
                "\n[people.{name}]\nid = \"{}\"\nuser = \"{}\"\n",
                person.id, person.user
            ));
        }
        let roles: Vec<String> = config
            .checks
            .values()
            .flat_map(|all| &all.roles)
            .map(|id| format!("\"{id}\""))
            .collect();
        text.push_str(&format!("\n[checks.all]\nroles = [{}]\n", roles.join(", ")));
        let ids = |roles: &[u64]| {
            roles
                .iter()
                .map(|id| format!("\"{id}\""))
                .collect::<Vec<_>>()
                .join(", ")
        };
        text.push_str(&format!(
            "\n[roles]\noperator = [{}]\napprover = [{}]\nauthor = [{}]\nreviewer = [{}]\n",
            ids(&config.roles.operator),
            ids(&config.roles.approver),
            ids(&config.roles.author),
            ids(&config.roles.reviewer)
        ));
    }
    for (name, channel) in config.channels {
        text.push_str(&format!("\n[channels.{name}]\nid = \"{}\"\n", channel.id));
    }
    Ok(text)
}

fn read(file: &Path) -> anyhow::Result<String> {
    let mut text = String::new();
    if file == Path::new("-") {
        std::io::stdin()
            .read_to_string(&mut text)
            .context("read the transcript from standard input")?;
    } else {
        text = std::fs::read_to_string(file).with_context(|| format!("read {}", file.display()))?;
    }
    Ok(text)
}

/// The lines that differ, with their numbers.
fn differences(wanted: &str, happened: &str) -> String {
    let mut text = String::new();
    let (wanted, happened): (Vec<&str>, Vec<&str>) = (wanted.lines().collect(), happened.lines().collect());
    for at in 0..wanted.len().max(happened.len()) {
        let (want, have) = (wanted.get(at), happened.get(at));
        if want != have {
            text.extend(want.map(|line| format!("{}: - {line}\n", at + 1)));
            text.extend(have.map(|line| format!("{}: + {line}\n", at + 1)));
        }
    }
    text
}
