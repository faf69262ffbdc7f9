//! A model bundle: a signed folder with manifest, graphs, golden case and card.
//!
//! [`Bundle::open`] is the only way in. It reads every file once, checks the signature over the very bytes of the manifest
//! that it then reads, and the digests over the very bytes that it hands out: nothing is read a second time after it was checked.
//! `models/README.md` tells what is in a bundle, how to seal one and who holds the keys.

mod check;
mod criteria;
mod error;
mod folder;
mod golden;
mod manifest;
mod seal;
mod trust;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use crate::case::BundleId;

pub use criteria::{ClinicalSpec, Prototype, PrototypesSpec};
pub use error::BundleError;
pub use golden::{Expected, Golden};
pub use manifest::{Decision, FORMAT, GoldenSpec, Manifest, ManifestError, MaskSpec, Views};
pub use seal::{SigningKey, seal};
pub use trust::Trust;

use folder::{MANIFEST, SIGNATURE};

/// A bundle whose signature, digests and manifest have been checked.
#[derive(Debug, Clone)]
pub struct Bundle {
    manifest: Manifest,
    id: BundleId,
    graph: Vec<u8>,
    clinical_graph: Option<Vec<u8>>,
    prototypes: Vec<Prototype>,
    golden: Golden,
    signed: bool,
    folder: PathBuf,
}

impl Bundle {
    /// Opens the bundle in the folder `dir`.
    ///
    /// # Errors
    /// [`BundleError`] for a folder that is no bundle, a signature that is missing, damaged, not trusted or not of this manifest,
    /// a manifest that cannot be right or is of a later format, and a file that is missing, damaged or not listed.
    pub fn open(dir: &Path, trust: &Trust) -> Result<Self, BundleError> {
        let path = dir.join(MANIFEST);
        let Some((text, bytes)) = folder::read_text(&path)? else { return Err(missing_manifest(dir)) };
        let signature_path = dir.join(SIGNATURE);
        if trust.needs_signature() {
            let Some((signature, _)) = folder::read_text(&signature_path)? else {
                return Err(BundleError::Unsigned { path: signature_path });
            };
            trust.verify(&bytes, &path, &signature, &signature_path)?;
        }
        let manifest = Manifest::parse(&text).map_err(|cause| BundleError::Manifest { path: path.clone(), cause })?;
        if manifest.files.is_empty() && trust.needs_signature() {
            return Err(BundleError::NotSealed { path });
        }
        let contents = read_listed(dir, &manifest)?;
        let id = identify(&manifest, &bytes);
        Self::assemble(dir, manifest, id, contents, trust.needs_signature())
    }

    /// Takes what is needed out of `contents`, the bytes of each file by its path in the bundle.
    fn assemble(
        dir: &Path,
        manifest: Manifest,
        id: BundleId,
        mut contents: BTreeMap<String, Vec<u8>>,
        signed: bool,
    ) -> Result<Self, BundleError> {
        let mut take = |relative: &str| contents.remove(relative).ok_or_else(|| BundleError::Missing { path: dir.join(relative) });
        let graph = take(&manifest.graph.file)?;
        let clinical_graph = manifest.clinical.as_ref().map(|clinical| take(&clinical.graph)).transpose()?;
        let prototypes = match &manifest.prototypes {
            Some(PrototypesSpec { file }) => {
                criteria::decode_prototypes(&take(file)?).map_err(|detail| BundleError::Prototypes { path: dir.join(file), detail })?
            }
            None => Vec::new(),
        };
        let (input, expected) = (take(&manifest.golden.input)?, take(&manifest.golden.expected)?);
        let unreadable = |relative: &str| {
            let path = dir.join(relative);
            move |detail| BundleError::Golden { path, detail }
        };
        let golden = Golden {
            input: golden::decode_picture(&input).map_err(unreadable(&manifest.golden.input))?,
            expected: golden::decode_expected(&expected, manifest.classes.names.len()).map_err(unreadable(&manifest.golden.expected))?,
            tolerance: manifest.golden.tolerance,
        };
        Ok(Self { manifest, id, graph, clinical_graph, prototypes, golden, signed, folder: dir.to_owned() })
    }

    /// What the bundle says about itself.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Name, version and digest, for records.
    #[must_use]
    pub fn id(&self) -> &BundleId {
        &self.id
    }

    /// The folder that it was read from.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The bytes of the graph, whose digest was checked.
    #[must_use]
    pub fn graph(&self) -> &[u8] {
        &self.graph
    }

    /// The bytes of the clinical head's graph, whose digest was checked; of a bundle that measures criteria.
    #[must_use]
    pub fn clinical_graph(&self) -> Option<&[u8]> {
        self.clinical_graph.as_deref()
    }

    /// Embeddings that stand for levels of severity, at least one a level; of a bundle that measures criteria.
    #[must_use]
    pub fn prototypes(&self) -> &[Prototype] {
        &self.prototypes
    }

    /// The case with the known answer.
    #[must_use]
    pub fn golden(&self) -> &Golden {
        &self.golden
    }

    /// Whether a trusted key signed it; `false` when it was opened with [`Trust::unsigned`].
    #[must_use]
    pub fn is_signed(&self) -> bool {
        self.signed
    }
}

/// Reads every file in the folder and holds it to the manifest's list.
fn read_listed(dir: &Path, manifest: &Manifest) -> Result<BTreeMap<String, Vec<u8>>, BundleError> {
    let found = folder::list(dir)?;
    let needed: Vec<&String> = manifest.named_files().into_iter().map(|(_, path)| path).collect();
    if manifest.files.is_empty() {
        let read = |relative: &String| Ok(folder::read(&dir.join(relative))?.map(|bytes| (relative.clone(), bytes)));
        return needed.into_iter().filter_map(|relative| read(relative).transpose()).collect();
    }
    if let Some(extra) = found.iter().find(|relative| !manifest.files.contains_key(*relative)) {
        return Err(BundleError::Unlisted { path: dir.join(extra) });
    }
    let mut contents = BTreeMap::new();
    for (relative, expected) in &manifest.files {
        let path = dir.join(relative);
        let bytes = if found.contains(relative) { folder::read(&path)? } else { None };
        let Some(bytes) = bytes else { return Err(BundleError::Missing { path }) };
        let digest = folder::digest(&bytes);
        if digest != *expected {
            return Err(BundleError::Digest { path, expected: expected.clone(), found: digest });
        }
        if needed.contains(&relative) {
            contents.insert(relative.clone(), bytes);
        }
    }
    Ok(contents)
}

fn missing_manifest(dir: &Path) -> BundleError {
    match std::fs::metadata(dir) {
        Ok(_) => BundleError::NoManifest { path: dir.to_owned() },
        Err(cause) => BundleError::Read { path: dir.to_owned(), cause },
    }
}

fn identify(manifest: &Manifest, bytes: &[u8]) -> BundleId {
    let digest = folder::digest(bytes).chars().take(12).collect();
    BundleId { name: manifest.name.clone(), version: manifest.version.clone(), digest }
}
