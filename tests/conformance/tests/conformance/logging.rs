//! Collects all that is logged on this thread: by `tracing`, with spans and fields, and by the `log` crate, which
//! some of the dependencies use.

use std::cell::RefCell;
use std::io;
use std::sync::{Arc, LazyLock, Mutex, Once};

use tracing::subscriber::DefaultGuard;
use tracing::{Dispatch, Event, Subscriber};
use tracing_subscriber::Registry;
use tracing_subscriber::fmt::format::FmtSpan;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

thread_local! {
    static COLLECTOR: RefCell<Option<Log>> = const { RefCell::new(None) };
}

/// What was logged since [`collect`], until it is dropped.
pub(crate) struct Collected {
    log: Log,
    _guard: DefaultGuard,
}

#[derive(Clone, Default)]
struct Log {
    text: Arc<Mutex<Vec<u8>>>,
    events: Arc<Mutex<Vec<String>>>,
}

/// A runtime on this thread runs its tasks on it, so all of an app on it is heard.
pub(crate) fn collect() -> Collected {
    static LOG: Once = Once::new();
    // While there is but one subscriber, a thread without any could switch an event off for all.
    static OTHERS: LazyLock<[Dispatch; 2]> =
        LazyLock::new(|| [(); 2].map(|()| Dispatch::new(Registry::default())));
    LazyLock::force(&OTHERS);
    LOG.call_once(|| {
        log::set_logger(&ByLogCrate).unwrap();
        log::set_max_level(log::LevelFilter::Trace);
    });
    let log = Log::default();
    COLLECTOR.set(Some(log.clone()));
    let writer = log.clone();
    let format = tracing_subscriber::fmt::layer()
        .with_ansi(false)
        .without_time()
        .with_span_events(FmtSpan::FULL)
        .with_writer(move || writer.clone());
    let subscriber = Registry::default().with(format).with(log.clone());
    Collected {
        log,
        _guard: tracing::subscriber::set_default(subscriber),
    }
}

impl Collected {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.log.text.lock().unwrap().clone()).unwrap()
    }

    /// Names and levels of the library's own events, in their order.
    pub(crate) fn events(&self) -> Vec<String> {
        std::mem::take(&mut *self.log.events.lock().unwrap())
    }
}

/// The library's own lines; the browser's are in the log of these tests, too.
pub(crate) fn failures(text: &str) -> String {
    let own = |line: &&str| line.contains("the request failed");
    text.lines().filter(own).collect::<Vec<_>>().join("\n")
}

impl Drop for Collected {
    fn drop(&mut self) {
        COLLECTOR.set(None);
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<S: Subscriber> Layer<S> for Log {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        if metadata.target().starts_with("monocloud") {
            let event = format!("{} {}", metadata.level(), metadata.name());
            self.events.lock().unwrap().push(event);
        }
    }
}

struct ByLogCrate;

impl log::Log for ByLogCrate {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        // Not while the thread's values are being destroyed.
        let _ = COLLECTOR.try_with(|collector| {
            if let Some(log) = &*collector.borrow() {
                let line = format!("{} {} {}\n", record.level(), record.target(), record.args());
                log.text.lock().unwrap().extend_from_slice(line.as_bytes());
            }
        });
    }

    fn flush(&self) {}
}
