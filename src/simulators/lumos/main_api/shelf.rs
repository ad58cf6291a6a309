//! Things found by id, in the order in which they were made.

use std::collections::HashMap;

use uuid::Uuid;

#[derive(Clone)]
pub(super) struct Shelf<T> {
    things: HashMap<Uuid, T>,
    order: Vec<Uuid>,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Shelf {
            things: HashMap::new(),
            order: Vec::new(),
        }
    }
}

impl<T> Shelf<T> {
    /// Puts a thing at the end; one that is there already stays in its place.
    pub(super) fn put(&mut self, id: Uuid, thing: T) {
        if self.things.insert(id, thing).is_none() {
            self.order.push(id);
        }
    }

    pub(super) fn find(&self, id: Uuid) -> Option<&T> {
        self.things.get(&id)
    }

    /// By an id as it stands in a path.
    pub(super) fn find_text(&self, id: &str) -> Option<&T> {
        self.find(Uuid::try_parse(id).ok()?)
    }

    pub(super) fn find_mut(&mut self, id: Uuid) -> Option<&mut T> {
        self.things.get_mut(&id)
    }

    pub(super) fn find_text_mut(&mut self, id: &str) -> Option<&mut T> {
        self.find_mut(Uuid::try_parse(id).ok()?)
    }

    pub(super) fn take(&mut self, id: Uuid) -> Option<T> {
        let thing = self.things.remove(&id)?;
        self.order.retain(|other| *other != id);
        Some(thing)
    }

    /// Keeps only those.
    pub(super) fn retain(&mut self, keep: impl Fn(&T) -> bool) {
        self.things.retain(|_, thing| keep(thing));
        self.order.retain(|id| self.things.contains_key(id));
    }

    /// All ids, in order.
    pub(super) fn ids(&self) -> &[Uuid] {
        &self.order
    }

    /// The things of these ids.
    pub(super) fn of<'a>(&'a self, ids: &'a [Uuid]) -> impl Iterator<Item = &'a T> {
        ids.iter().filter_map(|id| self.things.get(id))
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &T> {
        self.of(&self.order)
    }

    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.things.values_mut()
    }
}
