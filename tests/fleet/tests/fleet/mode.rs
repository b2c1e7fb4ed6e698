//! Where the sessions are while the Redis is shared.

/// What `MONOCLOUD_AUTH_SESSIONS_IN` says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Mode(pub(crate) &'static str);

impl Mode {
    /// Or in cookies, so that the Redis has no session.
    pub(crate) fn is_store(self) -> bool {
        self.0 == "redis"
    }
}

/// Has each of these functions be a test in each mode.
macro_rules! in_each_mode {
    ($($test:ident),+ $(,)?) => {
        in_mode!(in_store, "redis", $($test),+);
        in_mode!(in_cookies, "cookies", $($test),+);
    };
}

macro_rules! in_mode {
    ($name:ident, $mode:literal, $($test:ident),+) => {
        mod $name {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    super::$test(crate::mode::Mode($mode)).await;
                }
            )+
        }
    };
}
