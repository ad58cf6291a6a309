//! Rows in the order in which they were made, found by id. Their keys never change, so page tokens survive what comes and goes.

use std::collections::{BTreeMap, HashMap};

/// Something with an id.
pub(super) trait Row {
    fn id(&self) -> &str;
}

#[derive(Clone)]
pub(super) struct Table<T> {
    rows: BTreeMap<u64, T>,
    keys: HashMap<String, u64>,
    next: u64,
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Table {
            rows: BTreeMap::new(),
            keys: HashMap::new(),
            next: 0,
        }
    }
}

impl<T: Row> Table<T> {
    /// Adds a row and gives its key; a row of the same id makes place.
    pub(super) fn add(&mut self, row: T) -> u64 {
        let key = self.next;
        self.next += 1;
        if let Some(old) = self.keys.insert(row.id().to_owned(), key) {
            self.rows.remove(&old);
        }
        self.rows.insert(key, row);
        key
    }

    pub(super) fn key(&self, id: &str) -> Option<u64> {
        self.keys.get(id).copied()
    }

    pub(super) fn at(&self, key: u64) -> Option<&T> {
        self.rows.get(&key)
    }

    pub(super) fn at_mut(&mut self, key: u64) -> Option<&mut T> {
        self.rows.get_mut(&key)
    }

    pub(super) fn find(&self, id: &str) -> Option<&T> {
        self.at(self.key(id)?)
    }

    pub(super) fn find_mut(&mut self, id: &str) -> Option<&mut T> {
        self.at_mut(self.key(id)?)
    }

    /// A row in the place of the one of the same id, or a new one.
    pub(super) fn put(&mut self, row: T) {
        match self.key(row.id()) {
            Some(key) => {
                self.rows.insert(key, row);
            }
            None => {
                self.add(row);
            }
        }
    }

    /// Keeps the rows that it says yes to.
    pub(super) fn retain(&mut self, mut keep: impl FnMut(&mut T) -> bool) {
        self.rows.retain(|_, row| keep(row));
        let rows = &self.rows;
        self.keys.retain(|_, key| rows.contains_key(key));
    }

    pub(super) fn remove(&mut self, id: &str) -> Option<T> {
        self.rows.remove(&self.keys.remove(id)?)
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &T> {
        self.rows.values()
    }

    pub(super) fn rows_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.rows.values_mut()
    }

    /// The newest rows first, under keys that go up as the rows go back in time: those of this key and above.
    pub(super) fn newest_from(&self, start: u64) -> impl Iterator<Item = (u64, &T)> {
        // The greatest key is nobody's, for a listing that is over.
        const NEWEST: u64 = u64::MAX - 1;
        let end = NEWEST.checked_sub(start).map_or(0, |key| key + 1);
        let rows = self.rows.range(..end).rev();
        rows.map(|(key, row)| (NEWEST - key, row))
    }

    /// The rows of this key and above.
    pub(super) fn from(&self, start: u64) -> impl Iterator<Item = (u64, &T)> {
        self.rows.range(start..).map(|(key, row)| (*key, row))
    }
}
