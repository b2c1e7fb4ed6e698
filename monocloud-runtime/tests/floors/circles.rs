//! Files that use each other, directly or by way of others.

use std::collections::{BTreeMap, BTreeSet};

use super::source::{Crate, Named, Source};

/// Each circle once, as the files on it. `mod` and `pub use` lines are signs at the door, and tests
/// may look at the whole house.
pub(crate) fn circles(krate: &Crate) -> Vec<String> {
    let graph = Graph::of(krate);
    let mut circles = Vec::new();
    let mut done = BTreeSet::new();
    for start in graph.edges.keys() {
        if done.contains(start) {
            continue;
        }
        let ring: BTreeSet<usize> = graph
            .reached_from(*start)
            .into_iter()
            .filter(|other| graph.reached_from(*other).contains(start))
            .collect();
        if !ring.is_empty() {
            let names: Vec<String> = ring.iter().map(|file| krate.files[*file].name()).collect();
            circles.push(format!("in a circle: {}", names.join(", ")));
            done.extend(ring);
        }
    }
    circles
}

struct Graph<'a> {
    krate: &'a Crate,
    by_module: BTreeMap<&'a [String], usize>,
    edges: BTreeMap<usize, BTreeSet<usize>>,
}

impl<'a> Graph<'a> {
    fn of(krate: &'a Crate) -> Self {
        let by_module = krate
            .files
            .iter()
            .enumerate()
            .map(|(at, file)| (&*file.module, at))
            .collect();
        let mut graph = Self {
            krate,
            by_module,
            edges: BTreeMap::new(),
        };
        for (at, file) in krate.files.iter().enumerate() {
            let mut used = graph.used_by(file);
            used.remove(&at);
            graph.edges.insert(at, used);
        }
        graph
    }

    fn used_by(&self, file: &Source) -> BTreeSet<usize> {
        let of_the_house = |path: &&Named| !path.re_export && !path.of_tests;
        let aliases: BTreeMap<&str, &[String]> = file
            .paths
            .iter()
            .filter_map(|path| Some((path.alias.as_deref()?, &*path.segments)))
            .collect();
        let absolute = file
            .paths
            .iter()
            .filter(of_the_house)
            .map(|path| path.segments.clone());
        let relative = file.relative.iter().filter(of_the_house).filter_map(|path| {
            let (first, rest) = path.segments.split_first()?;
            let start = match aliases.get(first.as_str()) {
                Some(alias) => alias.to_vec(),
                None => [&*file.module, std::slice::from_ref(first)].concat(),
            };
            let known = aliases.contains_key(first.as_str()) || self.by_module.contains_key(&*start);
            known.then(|| [&*start, rest].concat())
        });
        absolute
            .chain(relative)
            .filter_map(|path| self.file_of(&path, 8))
            .collect()
    }

    /// The file in which a path ends, through re-exports.
    fn file_of(&self, path: &[String], hops: usize) -> Option<usize> {
        let mut length = path.len();
        let file = loop {
            if let Some(file) = self.by_module.get(&path[..length]) {
                break *file;
            }
            length = length.checked_sub(1)?;
        };
        let source = &self.krate.files[file];
        let Some(name) = path.get(length).filter(|_| hops > 0) else {
            return Some(file);
        };
        let signs = source.paths.iter().chain(&source.relative);
        let sign = signs
            .filter(|sign| sign.re_export && sign.alias.as_ref() == Some(name))
            .find_map(|sign| {
                let within = [&*source.module, &*sign.segments].concat();
                let target = if source
                    .relative
                    .iter()
                    .any(|relative| std::ptr::eq(relative, sign))
                {
                    within
                } else {
                    sign.segments.clone()
                };
                self.file_of(&target, hops - 1).filter(|found| *found != file)
            });
        sign.or(Some(file))
    }

    fn reached_from(&self, start: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut next: Vec<usize> = self.edges[&start].iter().copied().collect();
        while let Some(file) = next.pop() {
            if reached.insert(file) {
                next.extend(&self.edges[&file]);
            }
        }
        reached
    }
}
