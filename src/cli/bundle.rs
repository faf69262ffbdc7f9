//! `lentigo bundle`: look into a bundle, check it as a device does at start, or seal one for release.

mod criteria;
mod plan;

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Subcommand;

use super::{Outcome, bundle_choice::TrustChoice, output::Printed};
use crate::{
    bundle::{self, Bundle, Manifest, SigningKey},
    engine::{self, Options, TensorSpec},
    pipeline::Analyser,
    system::{Metadata, Relation},
};

/// Arguments of `lentigo bundle`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Check signature, digests and manifest, load the graph and run the golden case, as a device does at start
    Verify(Opened),
    /// Print what a bundle says about itself: classes, operating points, gate limits, tensors
    Show {
        #[command(flatten)]
        opened: Opened,
        /// Print how the graph is computed on this processor instead: each step, its operator, kernel, bytes and multiply-adds
        #[arg(long)]
        plan: bool,
    },
    /// List the digests of all files in the manifest and sign it
    #[command(
        after_long_help = "Make a key pair once with `minisign -G -W` (or any minisign tool), and keep the secret key off the devices."
    )]
    Seal {
        /// The bundle's folder
        #[arg(value_name = "DIR")]
        dir: PathBuf,
        /// The minisign secret key
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// Environment variable that holds the password of the key, if it has one
        #[arg(long, value_name = "NAME")]
        password_env: Option<String>,
    },
}

#[derive(Debug, clap::Args)]
struct Opened {
    /// The bundle's folder
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    #[command(flatten)]
    trust: TrustChoice,
}

impl Opened {
    fn open(&self) -> Result<Bundle> {
        Ok(Bundle::open(&self.dir, &self.trust.trust()?)?)
    }
}

pub(super) fn run(args: &Args) -> Result<Outcome> {
    match &args.action {
        Action::Verify(opened) => verify(opened.open()?),
        Action::Show { opened, plan: false } => show(&opened.open()?),
        Action::Show { opened, plan: true } => plan::show(&opened.open()?),
        Action::Seal { dir, key, password_env } => {
            let text = std::fs::read_to_string(key).with_context(|| format!("cannot read the secret key {}", key.display()))?;
            let password = password_env
                .as_ref()
                .map(|name| std::env::var(name).with_context(|| format!("the environment variable {name} with the key's password")))
                .transpose()?;
            let id = bundle::seal(dir, &SigningKey::decode(&key.display().to_string(), &text, password)?)?;
            Printed::line(format_args!("{} {} sealed, manifest {}", id.name, id.version, id.digest))?;
            Ok(Outcome::Done)
        }
    }
}

fn verify(bundle: Bundle) -> Result<Outcome> {
    let id = bundle.id().clone();
    let signature = if bundle.is_signed() { "signature trusted" } else { "NOT signed" };
    let files = bundle.manifest().files.len();
    let options = Options { threads: 1, caches: engine::caches_beside(bundle.folder()), ..Options::default() };
    let analyser = Analyser::load_with(bundle, &options)?;
    Printed::line(format_args!(
        "{} {} ({}): {signature}, {files} files with the right digest, graph as announced, golden case met ({})",
        id.name,
        id.version,
        id.digest,
        analyser.describe_engine()
    ))?;
    Ok(Outcome::Done)
}

fn show(bundle: &Bundle) -> Result<Outcome> {
    let (id, manifest) = (bundle.id(), bundle.manifest());
    let signed = if bundle.is_signed() { "signed by a trusted key" } else { "not signed" };
    Printed::line(format_args!("{} {}, manifest {} ({signed})", id.name, id.version, id.digest))?;
    Printed::line(format_args!("  {}", manifest.summary))?;
    Printed::line(format_args!("  system      {}", manifest.system))?;
    Printed::line(format_args!("  licence     {}; trained on {}", manifest.licence, manifest.trained_on.join(", ")))?;
    Printed::line(format_args!("  graph       {}, {} bytes, {}", manifest.graph.file, bundle.graph().len(), manifest.graph.precision))?;
    let tensors = |role: &str, specs: &[TensorSpec]| {
        specs.iter().try_for_each(|spec| Printed::line(format_args!("  {role:<11} {} {:?}", spec.name, spec.shape)))
    };
    tensors("input", &manifest.graph.inputs)?;
    tensors("output", &manifest.graph.outputs)?;
    show_model(manifest)?;
    criteria::show(bundle)?;
    for point in &manifest.operating_points {
        let chosen = if point.name == manifest.decision.operating_point { "  (default)" } else { "" };
        Printed::line(format_args!("  refer at    {:.4}  {}{chosen}", point.threshold, point.name))?;
    }
    for limit in manifest.quality.to_toml().lines().skip(1) {
        Printed::line(format_args!("  gate        {limit}"))?;
    }
    for (file, digest) in &manifest.files {
        Printed::line(format_args!("  file        {} {file}", &digest[..12.min(digest.len())]))?;
    }
    Ok(Outcome::Done)
}

/// What is made of the network's answers, and what it is told beside the picture.
fn show_model(manifest: &Manifest) -> Result<()> {
    let Manifest { classes, calibration, views, mask, abstention, metadata, .. } = manifest;
    Printed::line(format_args!("  classes     {} ({})", classes.names.join(", "), classes.relation.name()))?;
    Printed::line(format_args!("  positive    {}; together {}", classes.positive.join(", "), classes.label))?;
    let formula = match classes.relation {
        Relation::Exclusive => "p = softmax(s / t + b)",
        Relation::Independent => "p = sigmoid(s / t + b)",
    };
    Printed::line(format_args!("  calibration {formula}, t = {:?}, b = {:?}", calibration.temperature, calibration.bias))?;
    let flips: Vec<&str> = views.flips.iter().map(|flip| flip.name()).collect();
    Printed::line(format_args!("  views       {} ({})", flips.len(), flips.join(", ")))?;
    if let Some(mask) = mask {
        Printed::line(format_args!("  mask        lesion at or above {}", mask.threshold))?;
    }
    if let Some(novelty) = abstention.novelty {
        let limit = abstention.novelty_max.map_or("no limit".to_owned(), |limit| format!("cannot assess above {limit}"));
        Printed::line(format_args!("  abstention  novelty by {}, {limit}", novelty.name()))?;
    }
    if let Some(limit) = abstention.disagreement_max {
        Printed::line(format_args!("  abstention  disagreement of the views, cannot assess above {limit}"))?;
    }
    if let Some(metadata) = metadata {
        let Metadata { age, sex, site } = metadata;
        Printed::line(format_args!(
            "  metadata    {} numbers: age {age:?}, sex {}, site {}",
            metadata.length(),
            sex.join(", "),
            site.join(", ")
        ))?;
    }
    Ok(())
}
