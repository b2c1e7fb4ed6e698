//! The braces of a source file, and what each pair holds.

/// What stands around an item and is no place for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Block {
    Impl,
    Trait,
}

impl Block {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Impl => "impl",
            Self::Trait => "trait",
        }
    }
}

/// A source file of which only the braces are known. Places are bytes.
#[derive(Debug, Default)]
pub(super) struct Source {
    lines: Vec<String>,
    pairs: Vec<Pair>,
}

/// A pair of braces.
#[derive(Debug)]
struct Pair {
    opens: usize,
    closes: usize,
    block: Option<Block>,
}

impl Source {
    pub(super) fn read(text: &str) -> Self {
        let mut reader = Reader {
            rest: text,
            length: text.len(),
            head: None,
            open: Vec::new(),
            pairs: Vec::new(),
        };
        while !reader.rest.is_empty() {
            reader.step();
        }
        Self {
            lines: text.split_inclusive('\n').map(str::to_owned).collect(),
            pairs: reader.pairs,
        }
    }

    /// What holds the token at this line and column, both counted from one.
    pub(super) fn block_around(&self, line: usize, column: usize) -> Option<Block> {
        let before: usize = self.lines.iter().take(line - 1).map(String::len).sum();
        let text = self.lines.get(line - 1)?;
        let column: usize = text.chars().take(column - 1).map(char::len_utf8).sum();
        let at = before + column;
        let around = self
            .pairs
            .iter()
            .filter(|pair| pair.opens < at && at < pair.closes);
        around.max_by_key(|pair| pair.opens)?.block
    }
}

/// Goes through a text token by token, as far as braces need it.
struct Reader<'a> {
    rest: &'a str,
    length: usize,
    /// The word that says what the next braces hold.
    head: Option<&'a str>,
    /// Where braces opened that have not closed, and what they hold.
    open: Vec<(usize, Option<Block>)>,
    pairs: Vec<Pair>,
}

impl Reader<'_> {
    fn step(&mut self) {
        let at = self.length - self.rest.len();
        let Some(first) = self.rest.chars().next() else {
            return;
        };
        match first {
            '/' if self.rest.starts_with("//") => self.skip_past("\n"),
            '/' if self.rest.starts_with("/*") => self.skip_block_comment(),
            '"' => self.skip_string(),
            '\'' => self.skip_character_or_lifetime(),
            '{' => {
                let block = match self.head.take() {
                    Some("impl") => Some(Block::Impl),
                    Some("trait") => Some(Block::Trait),
                    _ => None,
                };
                self.open.push((at, block));
                self.skip(1);
            }
            '}' => {
                if let Some((opens, block)) = self.open.pop() {
                    self.pairs.push(Pair {
                        opens,
                        closes: at,
                        block,
                    });
                }
                self.head = None;
                self.skip(1);
            }
            ';' => {
                self.head = None;
                self.skip(1);
            }
            letter if letter.is_alphanumeric() || letter == '_' => self.read_word(),
            other => self.skip(other.len_utf8()),
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    fn skip_past(&mut self, end: &str) {
        let at = self.rest.find(end).map_or(self.rest.len(), |at| at + end.len());
        self.skip(at);
    }

    /// They nest.
    fn skip_block_comment(&mut self) {
        let mut depth = 0;
        while let Some(at) = self.rest.find(['/', '*']) {
            self.skip(at);
            if self.rest.starts_with("/*") {
                depth += 1;
                self.skip(2);
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                self.skip(2);
            } else {
                self.skip(1);
            }
            if depth == 0 {
                return;
            }
        }
        self.rest = "";
    }

    fn skip_string(&mut self) {
        self.skip(1);
        while let Some(at) = self.rest.find(['"', '\\']) {
            let ends = self.rest[at..].starts_with('"');
            self.skip(at + 1);
            if ends {
                return;
            }
            let escaped = self.rest.chars().next().map_or(0, char::len_utf8);
            self.skip(escaped);
        }
        self.rest = "";
    }

    /// `'a'`, `'\n'` and `'{'`, or `'a`.
    fn skip_character_or_lifetime(&mut self) {
        let mut characters = self.rest.char_indices().skip(1);
        match (characters.next(), characters.next()) {
            (Some((_, '\\')), Some((at, escaped))) => {
                self.skip(at + escaped.len_utf8());
                self.skip_past("'");
            }
            (_, Some((at, '\''))) => self.skip(at + 1),
            _ => self.skip(1),
        }
    }

    /// A word, or a raw string behind one of its prefixes.
    fn read_word(&mut self) {
        let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        let quotes = rest.trim_start_matches('#');
        if matches!(word, "r" | "br" | "cr") && quotes.starts_with('"') {
            let hashes = &rest[..rest.len() - quotes.len()];
            self.skip(hashes.len() + 1);
            self.skip_past(&format!("\"{hashes}"));
        } else if matches!(word, "r") && rest.starts_with('#') {
            // A raw identifier is none of the words below.
            self.skip(1);
            let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            self.skip(end.unwrap_or(self.rest.len()));
        } else if self.head.is_none()
            && matches!(
                word,
                "impl" | "trait" | "fn" | "mod" | "struct" | "enum" | "macro_rules" | "extern" | "use"
            )
        {
            self.head = Some(word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands around each `@` of `text`.
    fn around(text: &str) -> Vec<Option<Block>> {
        let source = Source::read(text);
        let mut found = Vec::new();
        for (line, text) in text.lines().enumerate() {
            for (column, _) in text.chars().enumerate().filter(|(_, c)| *c == '@') {
                found.push(source.block_around(line + 1, column + 1));
            }
        }
        found
    }

    #[test]
    fn impl_blocks_and_traits_are_found() {
        for text in [
            "impl A { @ }",
            "impl<T> A<T>\nwhere\n    T: B,\n{\n    fn a() {}\n    @\n}",
            "unsafe impl A for B { const C: u8 = { 1 }; @ }",
            "mod a { fn b() {} impl A { fn c(&self) -> &'static str { \"}\" } @ } }",
            "macro_rules! a { () => { impl A { @ } } }",
            "fn f() { impl A { @ } }",
            "const _: () = { impl A { @ } };",
            "struct A; impl A { @ }",
            "/* impl { */ impl A { @ }",
            "impl A { fn a() { match b { '{' => \"{\", '\\'' => r#\"{\"\"#, _ => 'x: loop {} } } @ }",
            "impl A<{ 1 }> { }\nimpl A { // }\n @ }",
            "use a::{b, c};\nimpl Ä { /* ü } */ @ }",
        ] {
            assert_eq!(around(text), [Some(Block::Impl)], "{text}");
        }
        for text in ["trait A { @ }", "pub trait A: B where Self: C { fn a() {} @ }"] {
            assert_eq!(around(text), [Some(Block::Trait)], "{text}");
        }
    }

    #[test]
    fn everything_else_is_none() {
        for text in [
            "@",
            "mod a { @ }",
            "fn f() -> impl A { @ }",
            "fn f(a: impl A) { @ }",
            "impl A { fn f() { @ } }",
            "impl A { fn f() { if a { @ } } }",
            "trait A { fn f() { mod b { @ } } }",
            "impl A {} @",
            "impl A { } mod b { @ }",
            "struct R { r#impl: u8 } mod b { @ }",
            "let a: impl B = c; { @ }",
            "// impl A {\n @",
            "const A: &str = \"impl A {\"; mod b { @ }",
            "const A: &str = r#\"impl \"A {\"#; mod b { @ }",
        ] {
            assert_eq!(around(text), [None], "{text}");
        }
    }
}
