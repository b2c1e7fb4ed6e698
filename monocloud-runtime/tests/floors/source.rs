//! What a file of the crate names: read as tokens, so that comments and strings do not count.

use std::fs;
use std::path::Path;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

const FRAMEWORK: [&str; 5] = ["axum", "tower", "tower_layer", "tower_service", "tower_http"];

pub(crate) struct Crate {
    pub(crate) files: Vec<Source>,
}

pub(crate) struct Source {
    /// `["oidc", "token"]`; the crate's root is empty.
    pub(crate) module: Vec<String>,
    pub(crate) lines: usize,
    /// Absolute paths of the crate, in the order in which they are named.
    pub(crate) paths: Vec<Named>,
    /// Paths with no `crate` or `super` in front: of a child module, of an alias, or of other crates.
    pub(crate) relative: Vec<Named>,
}

/// A path that a file names.
#[derive(Debug)]
pub(crate) struct Named {
    pub(crate) segments: Vec<String>,
    /// What it is called from there on, where a `use` names it.
    pub(crate) alias: Option<String>,
    /// `pub use`: a sign at the door, no use.
    pub(crate) re_export: bool,
    /// In a module of tests.
    pub(crate) of_tests: bool,
}

impl Crate {
    pub(crate) fn read(src: &Path) -> Self {
        let mut paths = Vec::new();
        rust_files(src, &mut paths);
        Self::of(paths.into_iter().map(|path| {
            let text = fs::read_to_string(&path).unwrap();
            (path.strip_prefix(src).unwrap().to_str().unwrap().to_owned(), text)
        }))
    }

    pub(crate) fn of(files: impl Iterator<Item = (String, String)>) -> Self {
        let mut files: Vec<Source> = files.map(|(path, text)| Source::of(&path, &text)).collect();
        files.sort_by(|a, b| a.module.cmp(&b.module));
        Self { files }
    }
}

impl Source {
    fn of(path: &str, text: &str) -> Self {
        let mut module: Vec<String> = path
            .trim_end_matches(".rs")
            .split('/')
            .map(str::to_owned)
            .collect();
        let index = matches!(module.last().map(String::as_str), Some("mod" | "lib"));
        if index {
            module.pop();
        }
        // The file of `__private` has a name without underscores.
        if module == ["private"] {
            module = vec!["__private".to_owned()];
        }
        let mut reader = Reader {
            module: module.clone(),
            of_tests: false,
            paths: Vec::new(),
            relative: Vec::new(),
        };
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path}: {error}"));
        reader.items(&tokens.into_iter().collect::<Vec<_>>());
        Self {
            module,
            lines: text.lines().count(),
            paths: reader.paths,
            relative: reader.relative,
        }
    }

    /// The file or folder below `src` that it belongs to.
    pub(crate) fn room(&self) -> &str {
        self.module.first().map_or("lib", String::as_str)
    }

    pub(crate) fn name(&self) -> String {
        if self.module.is_empty() {
            "lib".to_owned()
        } else {
            self.module.join("::")
        }
    }

    pub(crate) fn names_the_framework(&self) -> bool {
        self.relative
            .iter()
            .any(|path| FRAMEWORK.contains(&path.segments[0].as_str()))
    }
}

fn rust_files(folder: &Path, files: &mut Vec<std::path::PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

struct Reader {
    /// Grows inside inline modules.
    module: Vec<String>,
    of_tests: bool,
    paths: Vec<Named>,
    relative: Vec<Named>,
}

impl Reader {
    fn items(&mut self, tokens: &[TokenTree]) {
        let mut at = 0;
        while at < tokens.len() {
            at += match &tokens[at] {
                TokenTree::Ident(word) if *word == "mod" => self.inline_module(&tokens[at..]),
                TokenTree::Ident(word) if *word == "use" => self.use_item(tokens, at),
                TokenTree::Ident(word) if *word == "pub" => visibility(&tokens[at..]),
                TokenTree::Ident(_) => self.path(&tokens[at..]),
                TokenTree::Punct(_) if starts_path(&tokens[at..]) => 2,
                TokenTree::Group(group) => {
                    self.items(&group.stream().into_iter().collect::<Vec<_>>());
                    1
                }
                _ => 1,
            };
        }
    }

    /// `mod name { … }`; gives how many tokens it read.
    fn inline_module(&mut self, tokens: &[TokenTree]) -> usize {
        let [_, TokenTree::Ident(name), TokenTree::Group(body), ..] = tokens else {
            return 1;
        };
        let outside = self.of_tests;
        self.module.push(name.to_string());
        self.of_tests |= *name == "tests";
        self.items(&body.stream().into_iter().collect::<Vec<_>>());
        self.module.pop();
        self.of_tests = outside;
        3
    }

    fn use_item(&mut self, tokens: &[TokenTree], at: usize) -> usize {
        let length = tokens[at..]
            .iter()
            .position(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ';'))
            .unwrap_or(tokens.len() - at);
        let public = |token: &TokenTree| matches!(token, TokenTree::Ident(word) if *word == "pub");
        let restricted = at > 1
            && matches!(&tokens[at - 1], TokenTree::Group(group) if group.delimiter() == Delimiter::Parenthesis)
            && public(&tokens[at - 2]);
        let re_export = restricted || at > 0 && public(&tokens[at - 1]);
        self.use_tree(&[], &tokens[at + 1..at + length], re_export);
        length
    }

    fn use_tree(&mut self, prefix: &[String], tokens: &[TokenTree], re_export: bool) {
        let mut segments = prefix.to_vec();
        let mut alias = None;
        let mut words = tokens.iter().peekable();
        while let Some(token) = words.next() {
            match token {
                TokenTree::Ident(word) if *word == "as" => {
                    alias = words.next().map(ToString::to_string);
                }
                TokenTree::Ident(word) if *word == "self" && !segments.is_empty() => {}
                TokenTree::Ident(word) => segments.push(word.to_string()),
                TokenTree::Group(group) => {
                    let inner: Vec<TokenTree> = group.stream().into_iter().collect();
                    let comma =
                        |token: &TokenTree| matches!(token, TokenTree::Punct(p) if p.as_char() == ',');
                    for branch in inner.split(comma).filter(|branch| !branch.is_empty()) {
                        self.use_tree(&segments, branch, re_export);
                    }
                    return;
                }
                _ => {}
            }
        }
        let alias = alias.or_else(|| segments.last().cloned());
        self.name(segments, alias, re_export);
    }

    /// `word` or `word::word::…`; gives how many tokens it read.
    fn path(&mut self, tokens: &[TokenTree]) -> usize {
        let mut segments = vec![tokens[0].to_string()];
        let mut at = 1;
        while starts_path(&tokens[at..]) {
            match tokens.get(at + 2) {
                Some(TokenTree::Ident(word)) => segments.push(word.to_string()),
                // Where it ends is for who expands the macro to say.
                Some(TokenTree::Punct(punct)) if punct.as_char() == '$' => return at + 3,
                _ => break,
            }
            at += 3;
        }
        if segments.len() > 1 {
            self.name(segments, None, false);
        }
        at
    }

    fn name(&mut self, segments: Vec<String>, alias: Option<String>, re_export: bool) {
        let mut named = Named {
            segments,
            alias,
            re_export,
            of_tests: self.of_tests,
        };
        let mut from = match named.segments[0].as_str() {
            "crate" => Vec::new(),
            "self" | "super" => self.module.clone(),
            _ => return self.relative.push(named),
        };
        let supers = named.segments.iter().take_while(|word| *word == "super").count();
        from.truncate(from.len().saturating_sub(supers));
        let rest = named.segments.split_off(supers.max(1));
        from.extend(rest);
        named.segments = from;
        self.paths.push(named);
    }
}

/// How long `pub` or `pub(in some::path)` is: it says who may come in, and goes nowhere.
fn visibility(tokens: &[TokenTree]) -> usize {
    let restricted = matches!(tokens.get(1), Some(TokenTree::Group(group))
        if group.delimiter() == Delimiter::Parenthesis
            && matches!(group.stream().into_iter().next(), Some(TokenTree::Ident(word))
                if ["in", "crate", "super", "self"].contains(&&*word.to_string())));
    if restricted { 2 } else { 1 }
}

/// Whether `::` comes next.
fn starts_path(tokens: &[TokenTree]) -> bool {
    let colon = |token: Option<&TokenTree>| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == ':');
    colon(tokens.first()) && colon(tokens.get(1))
}
