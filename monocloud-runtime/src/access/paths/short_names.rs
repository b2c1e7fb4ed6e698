//! Short names: on Windows, a file has a second one of eight characters and three, which only its file system knows.

/// Of the name before the dot, and of the extension behind it.
const LONGEST: (usize, usize) = (8, 3);

/// Whether a name in the path has the form of a short one: `ADMINI~1` may be `administration`.
pub(super) fn has_short_name(path: &str) -> bool {
    path.contains('~') && path.split('/').any(is_short_name)
}

fn is_short_name(name: &str) -> bool {
    let (name, extension) = name.split_once('.').unwrap_or((name, ""));
    // The long name may have a `~` of its own.
    let Some((start, number)) = name.rsplit_once('~') else {
        return false;
    };
    !start.is_empty()
        && !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && name.chars().count() <= LONGEST.0
        && extension.chars().count() <= LONGEST.1
}

#[cfg(test)]
mod tests {
    use super::has_short_name;
    use crate::access::paths::Readings;

    /// However it is written.
    fn is_found(path: &str) -> bool {
        let readings = Readings::of(path);
        readings.map_or(cfg!(windows), |readings| readings.iter().any(has_short_name))
    }

    #[test]
    fn a_short_name_is_found_wherever_it_stands_and_however_it_is_written() {
        for path in [
            "/ADMINI~1",
            "/admini~1/x",
            "/x/admin~12.txt",
            "/a~1",
            "/a1b2c~10.x",
            "/12ab34~1.htm",
            "/x/SECRET~1.",
            "/A~DMIN~1",
            "/%41dmini%7e1",
            "/admini%257E%31",
            "\\x\\ADMINI~1\\y",
            "/x;v=1/admini~1;v=2",
            "/admini~1::$INDEX_ALLOCATION",
            "/admini~1%20",
            "/\u{ff21}dmini\u{ff5e}\u{ff11}",
            "/gr\u{fc}\u{df}e~1",
        ] {
            assert!(is_found(path), "{path}");
        }
    }

    #[test]
    fn other_names_with_a_tilde_are_let_alone() {
        for path in [
            "/",
            "/~mira",
            "/~1",
            "/x~",
            "/draft~",
            "/draft~final",
            "/draft~2nd",
            "/administration~1",
            "/admini~1.html",
            "/admini~1.tar.gz",
            "/x~1y/",
        ] {
            assert!(!is_found(path), "{path}");
        }
    }
}
