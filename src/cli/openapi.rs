//! `iam-gateway openapi`: the document of the HTTP surface, written or compared.

use std::path::PathBuf;

use super::Failure;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Where the document is kept.
    #[arg(value_name = "FILE", default_value = "openapi/openapi.json")]
    path: PathBuf,
    /// Write nothing; fail when the file is not what this build would write.
    #[arg(long)]
    check: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let document = crate::http::document_text();
    let path = args.path.display();
    if !args.check {
        std::fs::write(&args.path, document)
            .map_err(|error| Failure::Failed(format!("can't write {path}: {error}")))?;
        return Ok(());
    }
    let kept = std::fs::read_to_string(&args.path)
        .map_err(|error| Failure::Failed(format!("can't read {path}: {error}")))?;
    if kept == document {
        return Ok(());
    }
    Err(Failure::Failed(format!(
        "{path} is not what this build serves; run `iam-gateway openapi {path}` and look at the difference"
    )))
}
