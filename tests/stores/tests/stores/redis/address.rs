//! How servers are named, and what is wrong with a name.

use monocloud_runtime::store::RedisStore;

fn read(address: &str) -> String {
    format!("{:?}", RedisStore::new(address).unwrap())
}

fn problem(address: &str) -> String {
    let error = RedisStore::new(address).unwrap_err();
    let [problem] = error.problems() else {
        panic!("{error}");
    };
    problem.clone()
}

#[test]
fn an_address_names_one_server_or_sentinels_or_a_cluster() {
    for (address, is) in [
        ("redis://localhost", "redis://localhost:6379/0"),
        ("redis://[::1]:7000/3", "redis://[::1]:7000/3"),
        ("rediss://redis.example.com/", "rediss://redis.example.com:6379/0"),
        ("redis://:secret@127.0.0.1", "redis://127.0.0.1:6379/0"),
        ("redis://user:sec%40%2Fret@127.0.0.1", "redis://127.0.0.1:6379/0"),
        ("redis://user:se@cret@127.0.0.1", "redis://127.0.0.1:6379/0"),
        (
            "redis+sentinel://user:secret@a,b:7000,c/main",
            "redis+sentinel://a:26379,b:7000,c:26379/main/0",
        ),
        (
            "rediss+sentinel://a/main/2?sentinel_user=watch&sentinel_password=secret",
            "rediss+sentinel://a:26379/main/2",
        ),
        (
            "redis+cluster://:secret@a,b:7000?replicas=0&timeout=500&prefix=site-a",
            "redis+cluster://a:6379,b:7000",
        ),
    ] {
        assert_eq!(read(address), format!("RedisStore({is})"), "{address}");
    }
}

#[test]
fn what_is_wrong_is_said_with_the_way_out_and_without_the_address() {
    for (address, says) in [
        ("", "write one like redis://"),
        ("secret", "write one like redis://"),
        ("redis://se cret@a", "a space"),
        ("http://secret", "begins with redis://"),
        ("redis+unix://secret", "begins with redis://"),
        ("redis://a#insecure", "certificates are always checked"),
        ("redis://:sec#ret@a", "%23"),
        ("redis://secret@a", "without a password"),
        ("redis://user:@a", "the password is empty"),
        ("redis://user:%FFsecret@a", "UTF-8"),
        ("redis://:sec/ret@a", "write host:port"),
        ("redis://:sec?ret@a", "write host:port"),
        ("redis://", "write host:port"),
        ("redis://a:0", "write host:port"),
        ("redis://a:65536", "write host:port"),
        ("redis://a:b:c", "write host:port"),
        ("redis://::1", "write host:port"),
        ("redis://a,b", "names one server"),
        ("redis://a/secret", "number of a database"),
        ("redis://a/-1", "number of a database"),
        ("redis+cluster://a,,b", "write host:port"),
        ("redis+cluster://a/0", "leave the path out"),
        ("redis+sentinel://a", "the name that Sentinel has"),
        ("redis+sentinel://a/main/secret", "number of a database"),
        (
            "redis+sentinel://a/main?sentinel_user=secret",
            "sentinel_password",
        ),
        ("redis://a?sentinel_password=secret", "is for redis+sentinel://"),
        ("redis://a?secret=1", "and nothing else"),
        ("redis://a?timeout=500&timeout=secret", "twice"),
        ("redis://a?timeout=", "is empty"),
        ("redis://a?timeout=99", "from 100 to 60000"),
        ("redis://a?timeout=secret", "from 100 to 60000"),
        ("redis://a?replicas=17", "from 0 to 16"),
        ("redis://a?replicas=-1", "from 0 to 16"),
        ("redis://a?prefix={secret}", "letters, digits"),
        ("redis://a?ca=secret", "write rediss"),
        ("rediss://a?cert=secret", "go together"),
    ] {
        let problem = problem(address);
        assert!(problem.contains(says), "{address}: {problem}");
        assert!(
            !problem.contains("secret") && !problem.contains("ret@"),
            "{problem}"
        );
    }
}
