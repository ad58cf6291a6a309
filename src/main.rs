//! The program's entry.

use std::process::ExitCode;

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    // Before anything speaks TLS. It fails only where a provider is installed already, which does as well.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    iam_gateway::cli::run()
}
