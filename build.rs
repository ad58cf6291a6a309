//! Makes cargo notice a new migration: they are embedded at compile time.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
