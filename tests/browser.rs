//! The page of the local Discord in a real browser: every control that a person has.

use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{ChildStdout, Command, Stdio};
use std::time::Duration;

use firstmate::play::ground::Ground as _;
use thirtyfour::prelude::*;

use crate::Running;

/// How long the page may take to show what is waited for.
const PATIENCE: Duration = Duration::from_secs(90);

/// How to get a driver.
const DRIVER: &str = "Debian: apt-get install chromium chromium-driver fonts-noto-cjk";

/// A browser on the page of a sandbox of its own.
struct Page {
    driver: WebDriver,
    url: String,
    _sandbox: Running,
    _browser: Running,
    _profile: tempfile::TempDir,
}

/// An error is returned, not panicked with: it is then told in a line, not behind a page of frames.
#[tokio::test(flavor = "multi_thread")]
async fn every_control_of_the_page_works() -> WebDriverResult<()> {
    if !crate::oracle("chromedriver", DRIVER) {
        return Ok(());
    }
    let page = Page::on(&[]).await?;
    if let Err(error) = everything(&page).await {
        page.shot("failed").await;
        eprintln!("the page as it was: {}", shots().join("failed.png").display());
        return Err(error);
    }
    page.driver.clone().quit().await
}

/// The same flow on a real control plane, with the rights of `bot/deploy/rbac.yaml`, in both languages.
#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_approved_in_the_page_on_a_real_control_plane() -> WebDriverResult<()> {
    if !crate::oracle("chromedriver", DRIVER) {
        return Ok(());
    }
    let Some(ground) = crate::real::of_now("first-run").await else {
        return Ok(());
    };
    let folder = tempfile::tempdir().unwrap();
    let (kubeconfig, config) = (
        folder.path().join("kubeconfig"),
        folder.path().join("firstmate.toml"),
    );
    std::fs::write(&kubeconfig, ground.kubeconfig()).unwrap();
    let people = ["lin", "olga", "ming", "wei"].map(|name| format!("[people.{name}]\nuser = \"{name}\"\n"));
    std::fs::write(&config, people.concat()).unwrap();
    let paths = [&config, &kubeconfig].map(|path| path.to_str().unwrap().to_owned());
    let open = async |lang: &str| {
        Page::on(&["--config", &paths[0], "--kubeconfig", &paths[1], "--lang", lang]).await
    };

    let page = open("en").await?;
    page.visit("?person=olga&channel=ops").await?;
    page.say("/node cordon node:node-5 reason:disk is failing")
        .await?;
    page.see("Request 1: cordon node/node-5").await?;
    page.visit("?person=ming&channel=ops").await?;
    page.press("Approve").await?;
    page.see("Read again: as wanted").await?;
    page.shot("real-en").await;
    page.driver.clone().quit().await?;

    let page = open("zh").await?;
    page.visit("?person=olga&channel=ops").await?;
    page.choose("#language", "zh-CN").await?;
    page.say("/节点 恢复调度 节点:node-5 原因:硬盘换好了").await?;
    page.see("变更申请 1").await?;
    page.visit("?person=ming&channel=ops").await?;
    page.press("批准").await?;
    page.see("复查").await?;
    page.shot("real-zh").await;
    page.driver.clone().quit().await
}

async fn everything(page: &Page) -> WebDriverResult<()> {
    a_person_asks_and_reads(page).await?;
    a_command_is_picked_and_completed(page).await?;
    a_box_is_filled_in(page).await?;
    a_message_has_a_menu(page).await?;
    a_thread_and_the_direct_message_are_answered(page).await?;
    a_cluster_is_checked(page).await?;
    a_change_is_asked_for_approved_and_taken_back(page).await?;
    person_language_and_theme_are_switched(page).await?;
    trouble_is_made_and_survived(page).await?;
    the_page_fits_a_phone(page).await
}

async fn a_person_asks_and_reads(page: &Page) -> WebDriverResult<()> {
    page.visit("?person=lin&channel=ops").await?;
    page.say("Pod 一直 CrashLoopBackOff 怎么排查").await?;
    page.see("匹配度").await?;
    page.shot("answer-zh").await;
    // It opens where the section that was shown begins: here the first.
    page.press("完整回答").await?;
    page.see("第 1/").await?;
    page.press("下一页").await?;
    page.see("第 2/").await?;
    // The menu of sections leads back to the first page. Below it are those of the commands' objects.
    let sections = "//article//*[@aria-haspopup='listbox'][contains(., '跳到某一节')]";
    page.press_one(By::XPath(sections), usize::MAX).await?;
    page.click("[role=listbox] [role=option]").await?;
    page.see("第 1/").await?;
    page.shot("pages-zh").await;
    Ok(())
}

async fn a_command_is_picked_and_completed(page: &Page) -> WebDriverResult<()> {
    page.visit("?person=olga&channel=ops").await?;
    page.click("#message-box").await?;
    page.keys("/as").await?;
    page.find("#picker [role=option]").await?;
    page.shot("picker-en").await;
    page.keys(Key::Enter + "").await?;
    page.find("[data-option=question]").await?;
    page.keys("CrashLoop").await?;
    page.find_text("#picker [role=option]", "CrashLoopBackOff")
        .await?;
    page.shot("completion-en").await;
    page.keys(Key::Enter + "").await?;
    page.click("[data-add-option=private]").await?;
    page.keys(Key::Enter + "").await?;
    page.click("#send").await?;
    page.see("Only you can see this").await?;
    page.find_text("article", "A Pod is in CrashLoopBackOff").await?;
    Ok(())
}

async fn a_cluster_is_checked(page: &Page) -> WebDriverResult<()> {
    page.visit("?person=lin&channel=random").await?;
    page.click("#message-box").await?;
    page.keys("/节点 详情").await?;
    page.find("#picker [role=option]").await?;
    page.keys(Key::Enter + "").await?;
    page.find("[data-option=node]").await?;
    page.keys("node-4").await?;
    page.find_text("#picker [role=option]", "node-4").await?;
    page.shot("node-completion-zh").await;
    page.keys(Key::Enter + "").await?;
    page.click("#send").await?;
    page.find_text("article", "MemoryPressure").await?;
    page.visit("?person=olga&channel=random").await?;
    page.click("#message-box").await?;
    page.keys("/top nodes").await?;
    page.find("#picker [role=option]").await?;
    // Chosen and sent: nothing of it must be filled in.
    page.keys(Key::Enter + "").await?;
    page.find("#command-more").await?;
    page.keys(Key::Enter + "").await?;
    page.find("article img").await?;
    page.shot("chart-en").await;
    page.driver.set_window_rect(0, 0, 390, 844).await?;
    page.visit("?person=olga&channel=random").await?;
    page.find("article img").await?;
    page.shot("chart-phone").await;
    // The widest line that a reply may have, in a card.
    let too_wide = page.driver.execute(FORTY_COLUMNS, Vec::new()).await?;
    assert_eq!(
        too_wide.json().as_i64(),
        Some(0),
        "pixels that 40 columns are too wide"
    );
    page.driver.set_window_rect(0, 0, 1280, 860).await
}

/// Adds a line of 40 columns to the last code block of a card, and returns how far it does not fit.
const FORTY_COLUMNS: &str = r"
    const block = [...document.querySelectorAll('.embed .code-block pre')].pop();
    const line = document.createElement('span');
    line.textContent = '\n' + 'x'.repeat(40);
    (block.querySelector('code') ?? block).append(line);
    const over = block.scrollWidth - block.clientWidth;
    line.remove();
    return over;
";

async fn a_change_is_asked_for_approved_and_taken_back(page: &Page) -> WebDriverResult<()> {
    page.visit("?person=olga&channel=random").await?;
    page.click("#message-box").await?;
    // As the README writes it, in one go.
    page.keys("/node cordon node:node-5 reason:disk is failing")
        .await?;
    page.keys(Key::Enter + "").await?;
    page.see("Request 1: cordon node/node-5").await?;
    page.shot("change-asked").await;
    page.visit("?person=ming&channel=random").await?;
    page.press("Reject").await?;
    page.find("dialog[open]").await?;
    page.shot("change-rejecting").await;
    page.keys(Key::Escape + "").await?;
    page.press("Approve").await?;
    page.see("Done").await?;
    page.shot("change-done").await;
    page.visit("?person=olga&channel=random").await?;
    page.press("Undo: resume scheduling on node-5").await?;
    page.find("dialog[open]").await?;
    page.keys("disk replaced").await?;
    page.press("Submit").await?;
    page.see("Request 2: uncordon node/node-5").await?;
    page.driver.set_window_rect(0, 0, 390, 844).await?;
    page.visit("?person=wei&channel=random").await?;
    page.press("Approve").await?;
    page.see("Taken back by request 2").await?;
    page.shot("change-phone").await;
    page.driver.set_window_rect(0, 0, 1280, 860).await.map(drop)
}

async fn a_box_is_filled_in(page: &Page) -> WebDriverResult<()> {
    page.click("#message-box").await?;
    page.keys("/paste ").await?;
    page.find("#command").await?;
    page.click("#send").await?;
    page.find("#modal[open] textarea").await?;
    page.shot("modal-en").await;
    page.click("#modal textarea").await?;
    page.keys("the image cannot be pulled\nErrImagePull").await?;
    page.press("Submit").await?;
    page.find_text("article", "ImagePullBackOff or ErrImagePull")
        .await?;
    Ok(())
}

async fn a_message_has_a_menu(page: &Page) -> WebDriverResult<()> {
    page.visit("?person=olga&channel=random").await?;
    // Without the mention the bot is not asked; the menu asks it.
    page.click("#mention").await?;
    page.say("my Pods are Evicted").await?;
    page.find_text("article", "my Pods are Evicted").await?;
    page.open_menu_of_the_first_message().await?;
    page.item("Apps").await?;
    page.item("Ask First Mate").await?;
    page.find_text("article", "Pods are Evicted: why").await?;
    page.shot("menu-en").await;
    Ok(())
}

async fn a_thread_and_the_direct_message_are_answered(page: &Page) -> WebDriverResult<()> {
    page.click("[data-channel=dm]").await?;
    page.say("a Pod stays Pending").await?;
    page.find_text("article", "FailedScheduling").await?;
    page.click("[data-channel=random]").await?;
    page.open_menu_of_the_first_message().await?;
    page.item("Create thread").await?;
    page.find("#modal[open] input, dialog[open] input").await?;
    page.keys("evictions").await?;
    page.press("Create").await?;
    page.find_text(".channel[aria-current]", "evictions").await?;
    Ok(())
}

async fn person_language_and_theme_are_switched(page: &Page) -> WebDriverResult<()> {
    page.choose("#person", "ming").await?;
    page.find("html[lang=zh-CN]").await?;
    page.choose("#language", "zh-TW").await?;
    page.find("html[lang=zh-TW]").await?;
    page.click("[data-channel=ops]").await?;
    page.click("#message-box").await?;
    page.keys("/").await?;
    page.find_text("#picker [role=option]", "提問").await?;
    page.shot("picker-tw").await;
    page.keys(Key::Escape + "").await?;
    let before = page.background().await?;
    page.click("#theme").await?;
    page.shot("theme-tw").await;
    assert_ne!(page.background().await?, before, "the theme stayed");
    // What only another person sees is not here.
    assert!(
        page.driver
            .find_all(By::Css("article.ephemeral"))
            .await?
            .is_empty()
    );
    Ok(())
}

async fn trouble_is_made_and_survived(page: &Page) -> WebDriverResult<()> {
    page.visit("?person=olga&channel=ask").await?;
    page.click("#trouble").await?;
    page.shot("trouble-en").await;
    page.click("[data-item=drop]").await?;
    page.find("#bot-state.online").await?;
    page.say("a node is NotReady").await?;
    page.find_text("article", "NotReady: how do I bring it back")
        .await?;
    Ok(())
}

async fn the_page_fits_a_phone(page: &Page) -> WebDriverResult<()> {
    // What is beside the messages in a wide window does not lie over them in a narrow one.
    page.driver.set_window_rect(0, 0, 1280, 844).await?;
    page.visit("?person=lin&channel=ops").await?;
    page.find("body.members-open").await?;
    page.driver.set_window_rect(0, 0, 390, 844).await?;
    page.find("body:not(.members-open)").await?;
    for (person, name) in [("lin", "phone-zh"), ("olga", "phone-en")] {
        page.driver.set_window_rect(0, 0, 390, 844).await?;
        page.visit(&format!("?person={person}&channel=ops")).await?;
        page.find("article").await?;
        let wide = page
            .driver
            .execute(
                "return document.documentElement.scrollWidth - window.innerWidth",
                Vec::new(),
            )
            .await?;
        assert!(
            wide.json().as_i64().unwrap() <= 0,
            "{name}: the page is {} pixels too wide",
            wide.json()
        );
        page.shot(name).await;
    }
    Ok(())
}

impl Page {
    /// On a sandbox with these options.
    async fn on(options: &[&str]) -> WebDriverResult<Self> {
        let mut sandbox = Command::new(env!("CARGO_BIN_EXE_firstmate"))
            .args(["sandbox", "--listen", "127.0.0.1:0"])
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(sandbox.stdout.take().unwrap())
            .read_line(&mut url)
            .unwrap();
        // It chooses the port itself: one that is looked for here may be another's when it listens.
        let mut browser = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let port = port_of(browser.stdout.as_mut().unwrap());
        let (sandbox, browser) = (Running(sandbox), Running(browser));
        let profile = tempfile::tempdir().unwrap();
        let driver = connect(port, profile.path()).await?;
        driver.set_window_rect(0, 0, 1280, 860).await?;
        Ok(Self {
            driver,
            url: url.trim().to_owned(),
            _sandbox: sandbox,
            _browser: browser,
            _profile: profile,
        })
    }

    async fn visit(&self, query: &str) -> WebDriverResult<()> {
        self.driver.goto(format!("{}{query}", self.url)).await?;
        self.find("body.ready").await?;
        self.find("#bot-state.online").await.map(drop)
    }

    async fn find(&self, css: &str) -> WebDriverResult<WebElement> {
        self.driver
            .query(By::Css(css))
            .wait(PATIENCE, Duration::from_millis(20))
            .first()
            .await
    }

    /// The last element that fits and holds the text.
    async fn find_text(&self, css: &str, text: &str) -> WebDriverResult<WebElement> {
        let text = text.to_owned();
        let fits = move |element: WebElement| {
            let text = text.clone();
            // An element that was drawn anew meanwhile is looked for again.
            async move { Ok(element.text().await.is_ok_and(|shown| shown.contains(&text))) }
        };
        let query = self
            .driver
            .query(By::Css(css))
            .wait(PATIENCE, Duration::from_millis(20))
            .with_filter(fits);
        let mut found = query.all_from_selector_required().await?;
        Ok(found.pop().unwrap())
    }

    /// Waits until a message holds the text.
    async fn see(&self, text: &str) -> WebDriverResult<()> {
        self.find_text("article", text).await.map(drop)
    }

    async fn click(&self, css: &str) -> WebDriverResult<()> {
        self.press_one(By::Css(css), 0).await
    }

    /// Presses the element at `at` of those that fit, or else the last.
    async fn press_one(&self, by: By, at: usize) -> WebDriverResult<()> {
        patiently(async || {
            let query = self
                .driver
                .query(by.clone())
                .wait(PATIENCE, Duration::from_millis(20));
            let found = query.and_clickable().all_from_selector_required().await?;
            let element = found.get(at).unwrap_or(&found[found.len() - 1]);
            element.scroll_into_view().await?;
            element.click().await
        })
        .await
    }

    /// Presses the last button with this accessible name.
    async fn press(&self, name: &str) -> WebDriverResult<()> {
        self.press_one(
            By::XPath(format!(
                "//button[normalize-space()='{name}' or @aria-label='{name}']"
            )),
            usize::MAX,
        )
        .await
    }

    /// What a mouse does: moves onto the message, which shows its tools, and presses the last of them.
    async fn open_menu_of_the_first_message(&self) -> WebDriverResult<()> {
        patiently(async || {
            let message = self.find("article").await?;
            message.scroll_into_view().await?;
            let mouse = self.driver.action_chain();
            mouse.move_to_element_center(&message).perform().await
        })
        .await?;
        self.click("article .more").await
    }

    async fn item(&self, name: &str) -> WebDriverResult<()> {
        patiently(async || self.find_text("[role=menuitem]", name).await?.click().await).await
    }

    async fn say(&self, text: &str) -> WebDriverResult<()> {
        self.click("#message-box").await?;
        self.keys(text).await?;
        self.keys(Key::Enter + "").await
    }

    /// Types wherever the focus is.
    async fn keys(&self, keys: impl Into<TypingData>) -> WebDriverResult<()> {
        let keys = keys.into().to_string();
        patiently(async || self.driver.active_element().await?.send_keys(&keys).await).await
    }

    async fn choose(&self, css: &str, value: &str) -> WebDriverResult<()> {
        patiently(async || {
            let element = self.find(css).await?;
            let menu = thirtyfour::components::SelectElement::new(&element).await?;
            menu.select_by_value(value).await
        })
        .await
    }

    async fn background(&self) -> WebDriverResult<String> {
        self.find("body").await?.css_value("background-color").await
    }

    async fn shot(&self, name: &str) {
        std::fs::create_dir_all(shots()).unwrap();
        let _ = self.driver.screenshot(&shots().join(format!("{name}.png"))).await;
    }
}

/// Where the screenshots are kept, for people to look at.
fn shots() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("page")
}

/// Does it until it works: what was found may be drawn anew before it is used.
async fn patiently(act: impl AsyncFn() -> WebDriverResult<()>) -> WebDriverResult<()> {
    let mut last = Ok(());
    let trying = async {
        loop {
            last = act().await;
            if last.is_ok() {
                return;
            }
        }
    };
    // Longer than one try waits for what it looks for, so that there is an error to tell.
    let _ = tokio::time::timeout(2 * PATIENCE, trying).await;
    last
}

/// The port that chromedriver says it listens on.
fn port_of(said: &mut ChildStdout) -> u16 {
    let lines = BufReader::new(said).lines().map_while(Result::ok);
    let mut found = lines
        .filter_map(|line| line.rsplit_once(" on port ").map(|(_, port)| port.to_owned()))
        .filter_map(|port| port.trim_end_matches('.').parse().ok());
    // The first line repeats the 0 that was asked for.
    found
        .find(|port| *port > 0)
        .expect("chromedriver says where it listens")
}

async fn connect(port: u16, profile: &std::path::Path) -> WebDriverResult<WebDriver> {
    let mut wanted = DesiredCapabilities::chrome();
    let profile = format!("--user-data-dir={}", profile.display());
    let flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-dev-shm-usage",
        &profile,
    ];
    for flag in flags {
        wanted.add_arg(flag).unwrap();
    }
    WebDriver::new(format!("http://127.0.0.1:{port}"), wanted).await
}
