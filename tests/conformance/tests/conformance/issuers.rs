//! Tokens, answers and documents in the forms of well-known issuers, as far as these say more than the specification
//! asks for, or otherwise.

use monocloud_runtime::testing::SigningAlg;
use serde_json::{Value, json};

use crate::rp::Setup;

/// What an issuer adds to the claims of the ID token, to the token answer, to its metadata, and to userinfo.
struct Form {
    name: &'static str,
    id_token: Value,
    answer: Value,
    metadata: Value,
    user_info: Value,
}

fn forms() -> Vec<Form> {
    vec![
        Form {
            name: "a directory in the cloud, first version",
            id_token: json!({"ver": "1.0", "amr": ["pwd", "rsa"], "ipaddr": "192.0.2.1", "onprem_sid": "S-1-5-21", "pwd_exp": "79600", "puid": "10037FFE", "roles": [], "acct": 0}),
            answer: json!({"expires_in": "3599", "ext_expires_in": "3599", "expires_on": "1388444763", "not_before": "1388440863", "resource": "https://graph.example.test", "scope": "openid", "refresh_token": null}),
            metadata: json!({"tenant_region_scope": null, "cloud_instance_name": "x", "kerberos_endpoint": "", "request_uri_parameter_supported": "false", "frontchannel_logout_supported": 1}),
            user_info: json!({"family_name": null, "email": "", "picture": "https://graph.example.test/v1.0/me/photo/$value"}),
        },
        Form {
            name: "a directory in the cloud, with too many groups",
            id_token: json!({"ver": "2.0", "rh": "0.A", "uti": "x", "aio": "x", "hasgroups": true, "_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": {"endpoint": "https://graph.example.test/x"}}, "xms_edov": "1", "email": ["a@example.test"]}),
            answer: json!({"ext_expires_in": 3599, "client_info": "eyJ1aWQiOiIifQ"}),
            metadata: json!({"http_logout_supported": true, "rbac_url": "https://x.example.test", "device_authorization_endpoint": "not a url"}),
            user_info: json!({}),
        },
        Form {
            name: "federation services on premises",
            id_token: json!({"upn": "mira@example.test", "unique_name": "EX\\mira", "sid": "S-1-5-21-36", "pwd_exp": 5, "apptype": "Confidential", "auth_time": "2025-12-23T10:59:07.841Z", "amr": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport", "group": ["A", "B"], "scp": "openid"}),
            answer: json!({"resource": "urn:microsoft:userinfo", "refresh_token_expires_in": 604_799, "scope": "openid", "token_type": "bearer"}),
            metadata: json!({"access_token_issuer": "http://sts.example.test/adfs/services/trust", "as_access_token_token_binding_supported": true, "microsoft_multi_refresh_token": true, "capabilities": ["winhello_cert"], "op_id_token_token_binding_supported": null, "end_session_endpoint": null}),
            user_info: json!({}),
        },
        Form {
            name: "a server of realms",
            id_token: json!({"typ": "ID", "session_state": "x", "acr": "1", "email_verified": false, "realm_access": {"roles": ["admin"]}, "resource_access": {"account": {"roles": ["manage-account"]}}, "groups": ["/admin", "/a/b"], "allowed-origins": ["*"], "address": {}, "jti": "x", "auth_time": 0}),
            answer: json!({"refresh_expires_in": 0, "not-before-policy": 0, "session_state": "x", "scope": "openid email profile"}),
            metadata: json!({"mtls_endpoint_aliases": {"token_endpoint": "x"}, "tls_client_certificate_bound_access_tokens": true, "claims_parameter_supported": "yes"}),
            user_info: json!({"address": {}, "email_verified": "false"}),
        },
        Form {
            name: "user pools",
            id_token: json!({"cognito:groups": ["admin"], "cognito:username": "mira", "cognito:roles": ["arn:x"], "event_id": "x", "origin_jti": "x", "token_use": "id", "identities": [{"userId": "1", "primary": "true", "dateCreated": "1700000000000"}], "custom:roles": "[admin, editor]", "email_verified": "true", "phone_number_verified": "True"}),
            answer: json!({"scope": null}),
            metadata: json!({"end_session_endpoint": null, "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"]}),
            user_info: json!({"email_verified": "true", "phone_number": "", "address": "Lisbon"}),
        },
        Form {
            name: "a fruit",
            id_token: json!({"email_verified": "true", "is_private_email": "true", "nonce_supported": true, "real_user_status": 2, "transfer_sub": null, "org_id": {}}),
            answer: json!({"expires_in": 3600, "refresh_token": "r"}),
            metadata: json!({"userinfo_endpoint": null, "end_session_endpoint": "", "revocation_endpoint": "/auth/revoke"}),
            user_info: json!({}),
        },
        Form {
            name: "a network of jobs",
            id_token: json!({"locale": {"country": "US", "language": "en"}, "email_verified": "true"}),
            answer: json!({"scope": "email,openid,profile", "expires_in": 5_183_999}),
            metadata: json!({"claims_supported": "sub,name", "subject_types_supported": "pairwise", "end_session_endpoint": null}),
            user_info: json!({"locale": {"country": "US", "language": "en"}, "updated_at": null}),
        },
        Form {
            name: "a service of streams",
            id_token: json!({"preferred_username": "mira", "updated_at": "2025-12-23T10:59:07.841Z", "picture": null}),
            answer: json!({"scope": ["openid", "user:read:email"], "nonce": "x"}),
            metadata: json!({"scopes_supported": "openid", "id_token_signing_alg_values_supported": "RS256", "token_endpoint_auth_methods_supported": "client_secret_post client_secret_basic"}),
            user_info: json!({"updated_at": "2025-12-23T10:59:07.841Z", "sub": "mira", "exp": 1, "iss": "x", "aud": "other"}),
        },
        Form {
            name: "a place for chats",
            id_token: json!({"https://slack.com/team_image_default": true, "https://slack.com/user_id": "U1", "date_email_verified": 1_622_000_000, "auth_time": 1, "locale": "en-US"}),
            answer: json!({"ok": true, "state": "", "error": null, "authed_user": {"id": "U1"}, "expires_in": null}),
            metadata: json!({"ui_locales_supported": null, "backchannel_logout_supported": "nope"}),
            user_info: json!({"ok": true, "https://slack.com/team_id": "T1", "email_verified": 1}),
        },
        Form {
            name: "a force of sales",
            id_token: json!({"custom_attributes": {"a": "1"}, "address": {"country": null}, "zoneinfo": "Europe/Lisbon", "is_app_installed": true, "at_hash": null, "amr": []}),
            answer: json!({"signature": "x", "instance_url": "https://x.my.example.test", "id": "https://login.example.test/id/x/y", "issued_at": "1700000000000", "sfdc_community_id": null}),
            metadata: json!({"frontchannel_logout_session_supported": null, "check_session_iframe": "", "claims_supported": {}}),
            user_info: json!({"urls": {"rest": "https://x/{version}"}, "photos": {}, "updated_at": "2025-12-23T10:59:07.000+0000", "utcOffset": -28_800_000, "active": true, "mobile_phone_verified": "false", "address": {}}),
        },
        Form {
            name: "a forge",
            id_token: json!({"sub_legacy": "x", "groups_direct": ["a/b"], "https://gitlab.org/claims/groups/owner": ["a"], "email_verified": null}),
            answer: json!({"created_at": 1_700_000_000, "refresh_token": "r", "scope": "openid read_user"}),
            metadata: json!({"response_modes_supported": ["query", null], "claims_supported": []}),
            user_info: json!({"groups": ["admin"], "website": "", "profile": null}),
        },
    ]
}

fn extend(members: &mut serde_json::Map<String, Value>, more: &Value) {
    members.extend(more.as_object().unwrap().clone());
}

#[tokio::test]
async fn the_forms_of_well_known_issuers_sign_in() {
    for form in forms() {
        let rp = Setup::new().alg(SigningAlg::Es256).start().await;
        let Form {
            name,
            id_token,
            answer,
            metadata,
            user_info,
        } = form;
        rp.provider
            .tamper_id_token(move |_, claims| extend(claims, &id_token));
        rp.provider
            .tamper_token_response(move |members| extend(members.as_object_mut().unwrap(), &answer));
        rp.provider
            .tamper_metadata(move |members| extend(members.as_object_mut().unwrap(), &metadata));
        rp.provider
            .tamper_userinfo(move |members| extend(members.as_object_mut().unwrap(), &user_info));
        let page = rp.sign_in().await;
        assert_eq!(page.status, 200, "{name}: {page:?}");
        assert!(page.body.starts_with("dashboard of "), "{name}: {page:?}");
        let user = rp.agent.visit(&rp.app.at("/api/auth/userinfo")).await;
        assert_eq!(
            (user.status.as_u16(), &user.json()["sub"]),
            (200, &json!("mira")),
            "{name}"
        );
        let out = rp.agent.visit(&rp.app.at("/api/auth/signout")).await;
        assert!(!rp.has_session(), "{name}: {out:?}");
    }
}
