//! The table of floors in CONTRIBUTING.md.

/// Rooms with their floors, from the ground up.
pub(crate) struct Plan {
    floors: Vec<Vec<String>>,
}

impl Plan {
    /// Reads the rows below the heading. Rows with the same first cell are one floor; the face of the
    /// crate and what stands beside the house come last.
    pub(crate) fn read(text: &str) -> Self {
        let mut floors: Vec<(String, Vec<String>)> = Vec::new();
        let rows = text
            .lines()
            .skip_while(|line| *line != "## The floors")
            .skip(1)
            .take_while(|line| !line.starts_with("## "))
            .filter(|line| line.starts_with('|'))
            .skip(2);
        for row in rows {
            let mut cells = row.trim_matches('|').split('|');
            let (floor, rooms) = (cells.next().unwrap().trim(), cells.next().unwrap());
            let rooms = rooms.split('`').skip(1).step_by(2);
            let rooms = rooms.map(|room| room.split(['/', '.']).next().unwrap().to_owned());
            match floors.iter_mut().find(|(known, _)| known == floor) {
                Some((_, known)) => known.extend(rooms),
                None => floors.push((floor.to_owned(), rooms.collect())),
            }
        }
        assert!(
            !floors.is_empty(),
            "CONTRIBUTING.md has a table below `## The floors`"
        );
        Self {
            floors: floors.into_iter().map(|(_, rooms)| rooms).collect(),
        }
    }

    pub(crate) fn rooms(&self) -> impl Iterator<Item = &str> {
        self.floors.iter().flatten().map(String::as_str)
    }

    /// `None` is below the ground: no room of this crate.
    pub(crate) fn floor(&self, room: &str) -> Option<usize> {
        self.floors
            .iter()
            .position(|rooms| rooms.iter().any(|known| known == room))
    }
}
