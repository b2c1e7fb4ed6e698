//! Reads the settings of its environment, for tests of `MonoCloud::from_env`: a test cannot set variables of
//! its own process without `unsafe`.

use monocloud_runtime::MonoCloud;
use monocloud_runtime::settings::ConfigError;

fn main() -> Result<(), ConfigError> {
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(std::io::stderr)
        .init();
    let auth = MonoCloud::from_env()?;
    println!("{auth:?}");
    Ok(())
}
