//! Things by id in the order in which they came: any page of them costs what the page is long, however many there are.

use std::{collections::HashMap, ops::Range};

use uuid::Uuid;

/// An ordered collection with an id for each member.
#[derive(Clone)]
pub struct Roll<T> {
    items: HashMap<Uuid, (u64, T)>,
    /// Ascending by the first, the place that an item got when it came.
    order: Vec<(u64, Uuid)>,
    next: u64,
}

impl<T> Default for Roll<T> {
    fn default() -> Self {
        Roll {
            items: HashMap::new(),
            order: Vec::new(),
            next: 0,
        }
    }
}

impl<T> Roll<T> {
    pub fn len(&self) -> usize {
        self.order.len()
    }

    pub fn contains(&self, id: Uuid) -> bool {
        self.items.contains_key(&id)
    }

    pub fn get(&self, id: Uuid) -> Option<&T> {
        self.items.get(&id).map(|(_, item)| item)
    }

    pub fn get_mut(&mut self, id: Uuid) -> Option<&mut T> {
        self.items.get_mut(&id).map(|(_, item)| item)
    }

    /// Puts an item last; one that is there already is replaced in its place.
    pub fn insert(&mut self, id: Uuid, item: T) {
        if let Some((_, old)) = self.items.get_mut(&id) {
            *old = item;
            return;
        }
        self.order.push((self.next, id));
        self.items.insert(id, (self.next, item));
        self.next += 1;
    }

    pub fn remove(&mut self, id: Uuid) -> Option<T> {
        let (place, item) = self.items.remove(&id)?;
        if let Ok(at) = self.order.binary_search(&(place, id)) {
            self.order.remove(at);
        }
        Some(item)
    }

    /// These of them, counted from the first.
    pub fn rows(&self, rows: Range<usize>) -> impl Iterator<Item = (Uuid, &T)> {
        let ids = self.order.get(rows).unwrap_or_default();
        ids.iter()
            .filter_map(|(_, id)| self.get(*id).map(|item| (*id, item)))
    }

    pub fn iter(&self) -> impl Iterator<Item = (Uuid, &T)> {
        self.rows(0..self.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stay_in_order_when_some_go_and_some_come() {
        let ids: Vec<Uuid> = (0..5).map(Uuid::from_u128).collect();
        let mut roll = Roll::default();
        for (n, id) in ids.iter().enumerate() {
            roll.insert(*id, n);
        }
        assert_eq!(roll.remove(ids[1]), Some(1));
        assert_eq!(roll.remove(ids[1]), None);
        roll.insert(ids[3], 33);
        roll.insert(ids[1], 11);
        let all: Vec<usize> = roll.iter().map(|(_, n)| *n).collect();
        assert_eq!(all, [0, 2, 33, 4, 11]);
        let page: Vec<Uuid> = roll.rows(1..3).map(|(id, _)| id).collect();
        assert_eq!(page, [ids[2], ids[3]]);
        assert_eq!(roll.rows(4..9).count(), 0);
    }
}
