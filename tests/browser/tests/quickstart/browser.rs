//! Chromium, and what a person does with it.
//!
//! Every step waits for what it needs, and panics when that does not come.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use crate::chromedriver::ChromeDriver;

const PATIENCE: Duration = Duration::from_secs(20);

/// A browser with an empty profile. It closes when this is dropped.
pub(crate) struct Browser {
    // Goes before the process that it talks to.
    driver: WebDriver,
    _chromedriver: ChromeDriver,
}

/// What a person prefers, and the screen in pixels.
#[derive(Clone, Copy)]
pub(crate) struct Look {
    pub size: (u32, u32),
    pub dark: bool,
}

impl Browser {
    pub(crate) async fn start() -> Self {
        let chromedriver = ChromeDriver::start();
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in [
            "--headless",
            // Its sandbox needs rights that root and containers do not have; it only visits loopback.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
        ] {
            capabilities.add_arg(argument).unwrap();
        }
        let driver = WebDriver::new(&chromedriver.url, capabilities).await.unwrap();
        Self {
            driver,
            _chromedriver: chromedriver,
        }
    }

    /// Goes to an address as if it were typed in.
    pub(crate) async fn open(&self, url: &str) {
        self.driver.goto(url).await.unwrap();
    }

    pub(crate) async fn click(&self, css: &str) {
        self.element(css).await.click().await.unwrap();
    }

    pub(crate) async fn fill(&self, css: &str, text: &str) {
        self.element(css).await.send_keys(text).await.unwrap();
    }

    pub(crate) async fn text(&self, css: &str) -> String {
        self.element(css).await.text().await.unwrap()
    }

    /// Whether the page has such an element by now.
    pub(crate) async fn has(&self, css: &str) -> bool {
        self.driver.query(By::Css(css)).exists().await.unwrap()
    }

    /// Chooses someone on the login page of the provider.
    pub(crate) async fn choose(&self, user: &str) {
        self.click(&format!(r#"button[name="user"][value="{user}"]"#))
            .await;
    }

    pub(crate) async fn wait_for_login(&self) {
        self.element(r#"button[name="user"]"#).await;
    }

    /// Waits until the address is this one.
    pub(crate) async fn wait_for(&self, url: &str) {
        self.wait_until(url, |current| current == url).await;
    }

    /// Waits until the address starts so.
    pub(crate) async fn wait_for_start(&self, url: &str) {
        self.wait_until(url, |current| current.starts_with(url)).await;
    }

    async fn wait_until(&self, expected: &str, arrived: impl Fn(&str) -> bool) {
        let started = Instant::now();
        loop {
            let current = self.driver.current_url().await.unwrap();
            if arrived(current.as_str()) {
                return;
            }
            if started.elapsed() > PATIENCE {
                let page = self.text("body").await;
                panic!("waited for {expected}, and am still at {current}:\n{page}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The status that the page in this tab was answered with.
    pub(crate) async fn status(&self) -> u64 {
        let script = "return performance.getEntriesByType('navigation')[0].responseStatus";
        self.script(script).await.as_u64().unwrap()
    }

    /// Status and body of what a script of this page gets.
    pub(crate) async fn fetch_json(&self, path: &str) -> (u64, Value) {
        let script = "const [path, done] = arguments;
            fetch(path).then(async answer => done([answer.status, await answer.json()]), e => done(String(e)))";
        let answer = self
            .driver
            .execute_async(script, vec![json!(path)])
            .await
            .unwrap();
        let (status, body) = answer.convert().unwrap();
        (status, body)
    }

    pub(crate) async fn script(&self, script: &str) -> Value {
        self.driver.execute(script, vec![]).await.unwrap().json().clone()
    }

    pub(crate) async fn tab(&self) -> WindowHandle {
        self.driver.window().await.unwrap()
    }

    /// Opens a tab and goes there.
    pub(crate) async fn new_tab(&self) -> WindowHandle {
        let tab = self.driver.new_tab().await.unwrap();
        self.switch_to(&tab).await;
        tab
    }

    pub(crate) async fn switch_to(&self, tab: &WindowHandle) {
        self.driver.switch_to_window(tab.clone()).await.unwrap();
    }

    pub(crate) async fn emulate(&self, look: Look) {
        let tools = self.driver.cdp();
        let (width, height) = look.size;
        let phone = width < height;
        let screen = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": phone });
        let scheme = if look.dark { "dark" } else { "light" };
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        tools
            .send_raw("Emulation.setDeviceMetricsOverride", screen)
            .await
            .unwrap();
        tools.send_raw("Emulation.setEmulatedMedia", media).await.unwrap();
    }

    /// Keeps a picture of the page in `tests/artefacts/browser`.
    pub(crate) async fn keep_picture(&self, name: &str) {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../artefacts/browser");
        std::fs::create_dir_all(&folder).unwrap();
        self.driver
            .screenshot(&folder.join(format!("{name}.png")))
            .await
            .unwrap();
    }

    async fn element(&self, css: &str) -> WebElement {
        match self
            .driver
            .query(By::Css(css))
            .wait(PATIENCE, Duration::from_millis(50))
            .first()
            .await
        {
            Ok(element) => element,
            Err(error) => {
                let url = self.driver.current_url().await.unwrap();
                let source = self.driver.source().await.unwrap();
                panic!("no {css} at {url}: {error}\n{source}")
            }
        }
    }
}
