//! The same thousand routes in a table and in a router of axum.

use axum::Router;
use axum::routing::get;
use monocloud_runtime::{MonoCloud, monocloud_routes};

include!(concat!(env!("OUT_DIR"), "/thousand.rs"));
