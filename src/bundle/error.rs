//! What can go wrong between a folder and a trusted bundle.

use std::path::PathBuf;

use thiserror::Error;

use super::manifest::ManifestError;

/// Why a folder is no usable bundle. Each message names the file, what is wrong, and the next step.
#[derive(Debug, Error)]
pub enum BundleError {
    /// A file or folder cannot be read.
    #[error("{}: cannot be read: {cause}. Check that it is there and that you may read it", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// A file cannot be written while sealing.
    #[error("{}: cannot be written: {cause}. The bundle is not sealed; make room or take another folder, and seal again", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The folder holds no manifest.
    #[error("{}: this is no bundle, it holds no manifest.toml. Name the folder that does", path.display())]
    NoManifest {
        /// The folder.
        path: PathBuf,
    },
    /// Something in the folder is neither a file nor a folder.
    #[error("{}: links, devices and pipes have no place in a bundle. Put a plain file there", path.display())]
    NotAFile {
        /// What it is.
        path: PathBuf,
    },
    /// A file is larger than any that belongs here, or there are too many.
    #[error("{}: {detail}. This is no bundle, or it is damaged: install it again", path.display())]
    TooLarge {
        /// The file or folder.
        path: PathBuf,
        /// What is too large.
        detail: String,
    },
    /// There is no signature beside the manifest.
    #[error("{}: there is no signature. Install a signed bundle, or sign this one with `lentigo bundle seal`", path.display())]
    Unsigned {
        /// Where it would be.
        path: PathBuf,
    },
    /// The signature file is no signature.
    #[error("{}: the signature is damaged ({detail}). Install the bundle again", path.display())]
    SignatureDamaged {
        /// The signature file.
        path: PathBuf,
        /// What the verifier said.
        detail: String,
    },
    /// The signature is by a key that is not trusted here.
    #[error("{}: signed by a key that this device does not trust. Install a bundle from your supplier, or add the signer's public key", path.display())]
    Untrusted {
        /// The signature file.
        path: PathBuf,
    },
    /// The signature is by a trusted key, but for other bytes.
    #[error("{}: the signature does not fit: the manifest or the signature was changed after signing. Install the bundle again", path.display())]
    Altered {
        /// The manifest.
        path: PathBuf,
    },
    /// The manifest cannot be right.
    #[error("{}: {cause}", path.display())]
    Manifest {
        /// The manifest.
        path: PathBuf,
        /// What is wrong.
        cause: ManifestError,
    },
    /// The manifest lists no files at all.
    #[error("{}: lists no [files]. Seal the bundle with `lentigo bundle seal`", path.display())]
    NotSealed {
        /// The manifest.
        path: PathBuf,
    },
    /// A listed file is not there.
    #[error("{}: is missing, the manifest lists it. Install the bundle again", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A file that the manifest does not list.
    #[error("{}: does not belong to the bundle, the manifest does not list it. Remove it or install the bundle again", path.display())]
    Unlisted {
        /// The file.
        path: PathBuf,
    },
    /// A file has other bytes than the manifest says.
    #[error("{}: damaged: its SHA-256 is {found}, the manifest says {expected}. Install the bundle again", path.display())]
    Digest {
        /// The file.
        path: PathBuf,
        /// Digest in the manifest.
        expected: String,
        /// Digest of the bytes.
        found: String,
    },
    /// The golden case cannot be read.
    #[error("{}: the golden case cannot be read: {detail}. Install the bundle again", path.display())]
    Golden {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// The prototypes cannot be read.
    #[error("{}: the prototypes cannot be read: {detail}. Install the bundle again", path.display())]
    Prototypes {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// A key cannot be used.
    #[error("{name}: cannot be used as a {kind} key: {detail}. Name a key file of minisign")]
    Key {
        /// Where it came from.
        name: String,
        /// `public` or `secret`.
        kind: &'static str,
        /// What is wrong.
        detail: String,
    },
}
