//! What the adapter's pure parts come to together.

mod any_answer;
