//! What is about stores: what they do wrong, and what several processes do with one.

mod callback;
mod callback_twice;
mod cookies_ended;
mod cookies_logged;
mod cookies_refresh;
mod cookies_silence;
mod faulty;
mod fleet;
mod limits;
mod lists;
mod logout;
mod logout_half_way;
mod logout_jti;
mod reads;
mod reads_changed;
mod refresh;
mod refresh_faults;
mod refresh_others;
mod rotation;
mod settings;
mod sign_out;
mod user_info;
mod writes;

pub(crate) async fn eventually(happened: impl AsyncFn() -> bool) {
    for _ in 0..2_400 {
        if happened().await {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("it did not happen");
}
