//! Placeholder head, replaced by its area.
