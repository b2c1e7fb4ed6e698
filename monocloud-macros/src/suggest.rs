//! Finds the name that was meant, and lists names for people to read.

/// The candidate that `typed` was most likely meant to be, if any is close enough.
///
/// Case, `-` and `_` do not count, so `returnUrl` finds `return_url`. Otherwise one slip for every
/// three letters is forgiven: a wrong, missing, extra or swapped letter.
pub(crate) fn nearest<'a>(typed: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (distance(typed, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= allowed(typed.len(), candidate.len()))
        .min()
        .map(|(_, candidate)| candidate)
}

/// `` `a`, `b`, `c` ``, sorted.
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names: Vec<&str> = names.into_iter().collect();
    names.sort_unstable();
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

/// ``; did you mean `x`?``, or nothing.
pub(crate) fn did_you_mean(name: Option<&str>) -> String {
    name.map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}

fn simplified(name: &str) -> Vec<char> {
    name.chars()
        .filter(|c| !matches!(c, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

fn allowed(typed: usize, candidate: usize) -> usize {
    match typed.max(candidate) {
        0..=2 => 0,
        longest => (longest / 3).max(1),
    }
}

/// The number of slips between two names: Levenshtein's, with swaps of neighbours as one.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let (a, b) = (simplified(a), simplified(b));
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut cost = (last[j] + usize::from(x != y))
                .min(last[j + 1] + 1)
                .min(row[j] + 1);
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                cost = cost.min(before_last[j - 1] + 1);
            }
            row.push(cost);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_meant() {
        let groups = ["admin", "editor", "finance"];
        for (typed, meant) in [
            ("admn", "admin"),
            ("Admin", "admin"),
            ("amdin", "admin"),
            ("admins", "admin"),
            ("edtior", "editor"),
            ("fi-nance", "finance"),
        ] {
            assert_eq!(nearest(typed, groups), Some(meant), "{typed}");
        }
        assert_eq!(nearest("returnUrl", ["return_url"]), Some("return_url"));
    }

    #[test]
    fn does_not_guess_wildly() {
        for typed in ["", "ops", "root", "x"] {
            assert_eq!(nearest(typed, ["admin", "editor"]), None, "{typed}");
        }
        assert_eq!(nearest("qa", ["hr", "it"]), None);
        assert_eq!(nearest("admin", []), None);
    }

    #[test]
    fn measures_slips() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("abc", ""), 3);
        assert_eq!(distance("abc", "acb"), 1);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn lists_in_order() {
        assert_eq!(list(["b", "a_b", "a"]), "`a`, `a_b`, `b`");
        assert_eq!(list([]), "");
    }
}
