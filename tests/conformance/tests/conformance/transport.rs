//! Each endpoint of the issuer with each fault of the transport: what cannot be used is 502, what cannot be
//! reached or is late is 503.

use std::time::Duration;

use monocloud_runtime::testing::{Endpoint, Fault};

use crate::rp::{Rp, Setup, assert_error_page, failures_are_forgotten};

/// A late answer takes this long to be given up, and the others have more time, however busy the machine is.
async fn start(fault: &Fault) -> Rp {
    let late = matches!(fault, Fault::Slow(..) | Fault::Trickle(..));
    let limit = Duration::from_secs(if late { 1 } else { 20 });
    Setup::new()
        .settings(move |settings| settings.response_timeout(limit))
        .start()
        .await
}

/// The faults of one endpoint, and the status that the browser sees for each.
fn faults(endpoint: Endpoint) -> Vec<(Fault, u16)> {
    vec![
        (Fault::Garbage(endpoint), 502),
        (Fault::Huge(endpoint), 502),
        (Fault::Redirect(endpoint), 502),
        (Fault::Status(endpoint, 400), 502),
        (Fault::Status(endpoint, 401), 502),
        (Fault::Status(endpoint, 404), 502),
        (Fault::Status(endpoint, 500), 503),
        (Fault::Status(endpoint, 502), 503),
        (Fault::Status(endpoint, 503), 503),
        (Fault::Status(endpoint, 429), 503),
        (Fault::Disconnect(endpoint), 503),
        (Fault::Slow(endpoint, Duration::from_secs(30)), 503),
        (Fault::Trickle(endpoint, Duration::from_millis(50)), 503),
    ]
}

async fn each_fault_at_the_callback(endpoint: Endpoint) {
    for (fault, status) in faults(endpoint) {
        let rp = start(&fault).await;
        rp.provider.fault(fault.clone());
        let page = rp.sign_in().await;
        assert_eq!(page.status.as_u16(), status, "{fault:?}: {page:?}");
        rp.assert_refused(&page, status);
        // No redirect was followed, and no call was made again in haste.
        assert_eq!(rp.calls(endpoint), 1, "{fault:?}");
        if endpoint != Endpoint::Userinfo {
            assert_eq!(rp.calls(Endpoint::Userinfo), 0, "{fault:?}");
        }
    }
}

#[tokio::test]
async fn discovery() {
    for (fault, status) in faults(Endpoint::Discovery) {
        let rp = start(&fault).await;
        rp.provider.fault(fault.clone());
        let page = rp.begin(&rp.agent).await;
        assert_eq!(page.status.as_u16(), status, "{fault:?}: {page:?}");
        assert_error_page(&page);
        assert_eq!(rp.pending(), 0, "{fault:?}");
        assert_eq!(rp.calls(Endpoint::Discovery), 1, "{fault:?}");
        assert_eq!(rp.calls(Endpoint::Authorize), 0, "{fault:?}");
        // A failure is not kept for long. The call that was too late ends a moment after the answer that did not
        // wait for it.
        rp.provider.clear_faults();
        tokio::time::sleep(Duration::from_millis(200)).await;
        failures_are_forgotten().await;
        let page = rp.sign_in().await;
        rp.assert_signed_in(&page);
    }
}

#[tokio::test]
async fn jwks() {
    each_fault_at_the_callback(Endpoint::Jwks).await;
}

#[tokio::test]
async fn token() {
    each_fault_at_the_callback(Endpoint::Token).await;
}

#[tokio::test]
async fn userinfo() {
    each_fault_at_the_callback(Endpoint::Userinfo).await;
}

/// An answer of exactly as much as is allowed is read, one byte more is not.
#[tokio::test]
async fn bodies_are_read_up_to_one_mebibyte() {
    const MEBIBYTE: usize = 1024 * 1024;
    for (size, status) in [(MEBIBYTE, 200), (MEBIBYTE + 1, 502)] {
        let rp = Rp::start().await;
        rp.provider.tamper_metadata(move |metadata| {
            metadata["padding"] = "".into();
            let rest = size - metadata.to_string().len();
            metadata["padding"] = "x".repeat(rest).into();
        });
        let page = rp.sign_in().await;
        assert_eq!(page.status.as_u16(), status, "{size}");
    }
}
