//! The bundle that a command works with: `--bundle`, and which signatures it believes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::{
    bundle::{Bundle, Trust},
    engine::{self, Options},
    pipeline::Analyser,
};

/// Which bundle, and whom to trust.
#[derive(Debug, clap::Args)]
pub(super) struct BundleChoice {
    /// The model bundle, a folder with a manifest.toml
    #[arg(long, value_name = "DIR")]
    bundle: PathBuf,
    #[command(flatten)]
    trust: TrustChoice,
}

/// Whose signature on a bundle is believed.
#[derive(Debug, clap::Args)]
pub(super) struct TrustChoice {
    /// Also trust bundles signed with this minisign public key (a .pub file); may be given again
    #[arg(long = "trust", value_name = "FILE")]
    keys: Vec<PathBuf>,
    /// Accept a bundle without a signature, for bundles in development; digests are still checked where there are any
    #[arg(long)]
    unsigned: bool,
}

impl TrustChoice {
    pub(super) fn trust(&self) -> Result<Trust> {
        if self.unsigned {
            return Ok(Trust::unsigned());
        }
        self.keys.iter().try_fold(Trust::release()?, |trust, file| {
            let text = std::fs::read_to_string(file).with_context(|| format!("cannot read the public key {}", file.display()))?;
            Ok(trust.with_key(&file.display().to_string(), &text)?)
        })
    }

    /// Opens the bundle in `folder`, whose digests and signature are checked, and makes it ready: the golden case has been run and matches.
    pub(super) fn analyser_of(&self, folder: &Path) -> Result<Analyser> {
        let bundle = Bundle::open(folder, &self.trust()?)?;
        let options = Options { threads: 1, caches: engine::caches_beside(bundle.folder()), ..Options::default() };
        Ok(Analyser::load_with(bundle, &options)?)
    }
}

impl BundleChoice {
    /// Opens the bundle, whose digests and signature are checked, and makes it ready: the golden case has been run and matches.
    pub(super) fn analyser(&self) -> Result<Analyser> {
        self.analyser_of(&self.bundle)
    }

    /// As [`BundleChoice::analyser`], of another bundle under the same trust.
    pub(super) fn analyser_of(&self, folder: &Path) -> Result<Analyser> {
        self.trust.analyser_of(folder)
    }
}
