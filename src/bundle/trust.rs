//! Whose signature makes a bundle trusted: the keys that are built in, and those that the caller adds.

use std::path::Path;

use minisign_verify::{Error as VerifyError, PublicKey, Signature};

use super::BundleError;

/// Public keys of releases, built into every binary. See `models/README.md` for who holds the secret ones.
const RELEASE_KEYS: [(&str, &str); 1] = [("lentigo-release.pub", include_str!("../../models/keys/lentigo-release.pub"))];

/// The keys whose signature is accepted.
#[derive(Debug, Clone)]
pub struct Trust {
    keys: Vec<PublicKey>,
    signature_needed: bool,
}

impl Trust {
    /// Bundles signed by a release key.
    ///
    /// # Errors
    /// [`BundleError::Key`] when a key that is built in is damaged, which a test excludes.
    pub fn release() -> Result<Self, BundleError> {
        RELEASE_KEYS.iter().try_fold(Self::none(), |trust, (name, text)| trust.with_key(name, text))
    }

    /// No key at all: a start for [`Trust::with_key`].
    #[must_use]
    pub fn none() -> Self {
        Self { keys: vec![], signature_needed: true }
    }

    /// Also bundles signed by this key: the text of a minisign public key file; `name` is for messages.
    ///
    /// # Errors
    /// [`BundleError::Key`] when `text` is no public key.
    pub fn with_key(mut self, name: &str, text: &str) -> Result<Self, BundleError> {
        let key = PublicKey::decode(text).map_err(|cause| BundleError::Key {
            name: name.to_owned(),
            kind: "public",
            detail: cause.to_string(),
        })?;
        self.keys.push(key);
        Ok(self)
    }

    /// Any bundle, signed or not. For development only: a device must never be given this.
    ///
    /// Digests still count where the manifest lists them.
    #[must_use]
    pub fn unsigned() -> Self {
        Self { keys: vec![], signature_needed: false }
    }

    /// Whether a bundle must be signed at all.
    #[must_use]
    pub fn needs_signature(&self) -> bool {
        self.signature_needed
    }

    /// Checks `signature`, the text of the file at `at`, over the bytes of the manifest at `manifest_path`.
    pub(super) fn verify(&self, manifest: &[u8], manifest_path: &Path, signature: &str, at: &Path) -> Result<(), BundleError> {
        let damaged = |detail: String| BundleError::SignatureDamaged { path: at.to_owned(), detail };
        let signature = Signature::decode(signature).map_err(|cause| damaged(cause.to_string()))?;
        let mut answer = BundleError::Untrusted { path: at.to_owned() };
        for key in &self.keys {
            match key.verify(manifest, &signature, false) {
                Ok(()) => return Ok(()),
                // The identifier only hints at which key it may be: go on with the others.
                Err(VerifyError::UnexpectedKeyId) => {}
                Err(VerifyError::InvalidSignature) => answer = BundleError::Altered { path: manifest_path.to_owned() },
                Err(cause) => answer = damaged(cause.to_string()),
            }
        }
        Err(answer)
    }
}
