//! Writes a thousand routes down, once as a table and once as axum has them: no macro makes paths out of numbers.

use std::env;
use std::fs;
use std::path::Path;

const ROUTES: usize = 1_000;

fn main() {
    let each = |line: fn(usize) -> String| (0..ROUTES).map(line).collect::<String>();
    let lines = each(|number| format!("        public GET \"/part/{number}/{{id}}\" => crate::plain,\n"));
    let routes = each(|number| format!("        .route(\"/part/{number}/{{id}}\", get(crate::plain))\n"));
    let source = format!(
        "/// Of the library.\npub fn table(auth: &MonoCloud) -> Router {{\n    monocloud_routes! {{ auth,\n{lines}    }}\n}}\n\n\
         /// Of axum.\npub fn routes() -> Router {{\n    Router::new()\n{routes}}}\n"
    );
    let directory = env::var("OUT_DIR").expect("Cargo says where");
    fs::write(Path::new(&directory).join("thousand.rs"), source).expect("it can be written");
    println!("cargo::rerun-if-changed=build.rs");
}
