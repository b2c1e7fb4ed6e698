//! All states that can be reached, the nearest first, so that what is found has the shortest story.

use std::collections::{HashSet, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::properties::{Happened, Property};
use super::world::{Action, World};

/// What was found.
#[derive(Debug)]
pub(crate) struct Explored {
    pub(crate) states: usize,
    pub(crate) happened: Happened,
    pub(crate) broken: Option<Broken>,
}

#[derive(Debug)]
pub(crate) struct Broken {
    pub(crate) property: Property,
    /// What was done, and what everything was then.
    pub(crate) story: Vec<String>,
}

/// Up to the first state or step in which something does not hold.
pub(crate) fn explore(start: &World) -> Explored {
    let mut happened = Happened::default();
    // How each state was reached first: from which, by what.
    let mut came: Vec<(usize, Option<Action>)> = vec![(0, None)];
    let mut known = HashSet::from([hash(start)]);
    let mut next = VecDeque::from([(0, start.clone())]);
    while let Some((at, world)) = next.pop_front() {
        for action in world.actions() {
            match world.after(action, &mut happened) {
                Ok(after) => {
                    if known.insert(hash(&after)) {
                        came.push((at, Some(action)));
                        next.push_back((came.len() - 1, after));
                    }
                }
                Err(property) => {
                    let story = story(start, &came, at, action);
                    return Explored {
                        states: came.len(),
                        happened,
                        broken: Some(Broken { property, story }),
                    };
                }
            }
        }
    }
    Explored {
        states: came.len(),
        happened,
        broken: None,
    }
}

fn story(start: &World, came: &[(usize, Option<Action>)], mut at: usize, last: Action) -> Vec<String> {
    let mut actions = vec![last];
    while let (before, Some(action)) = came[at] {
        actions.push(action);
        at = before;
    }
    let mut world = start.clone();
    let mut story = vec![format!("{:?}", world.tasks)];
    for action in actions.into_iter().rev() {
        story.push(format!("{action:?}"));
        if let Ok(after) = world.after(action, &mut Happened::default()) {
            world = after;
            story.push(format!("    {:?}\n    {:?}", world.tasks, world.store));
        }
    }
    story
}

/// 64 bits: that two of some million states meet is less likely than a fault of the machine.
fn hash(world: &World) -> u64 {
    let mut hasher = DefaultHasher::new();
    world.hash(&mut hasher);
    hasher.finish()
}
