//! Sealing: lists the digest of every file in the manifest and signs it. Never changes another line of the manifest.

use std::{collections::BTreeMap, fmt::Write, io::Cursor, path::Path};

use minisign::{KeyPair, PublicKey, SecretKey, SecretKeyBox};

use crate::case::BundleId;

use super::{
    Bundle, BundleError, Manifest, ManifestError, Trust,
    folder::{self, MANIFEST, SIGNATURE},
    identify, missing_manifest,
};

/// A secret key that signs bundles. It never leaves the machine of the person who releases them.
pub struct SigningKey(SecretKey);

impl SigningKey {
    /// Reads the text of a minisign secret key file; `name` is for messages, `password` for a key that has one.
    ///
    /// # Errors
    /// [`BundleError::Key`] when it is no secret key, or the password is missing or wrong.
    pub fn decode(name: &str, text: &str, password: Option<String>) -> Result<Self, BundleError> {
        let unusable = |cause: minisign::PError| BundleError::Key { name: name.to_owned(), kind: "secret", detail: cause.to_string() };
        let sealed = SecretKeyBox::from_string(text).map_err(unusable)?;
        // Without a password minisign would ask on the terminal; the unencrypted door gives an error instead.
        let key = match password {
            Some(password) => sealed.into_secret_key(Some(password)),
            None => sealed.into_unencrypted_secret_key(),
        };
        key.map(Self).map_err(unusable)
    }

    /// A fresh key without a password.
    ///
    /// # Errors
    /// [`BundleError::Key`] when the system gives no randomness.
    pub fn generate() -> Result<Self, BundleError> {
        KeyPair::generate_unencrypted_keypair().map(|pair| Self(pair.sk)).map_err(|cause| unusable(&cause))
    }

    /// The text of the secret key file. Keep it off every device.
    ///
    /// # Errors
    /// [`BundleError::Key`] when the key cannot be written as text.
    pub fn secret_text(&self) -> Result<String, BundleError> {
        self.0.to_box(None).map(SecretKeyBox::into_string).map_err(|cause| unusable(&cause))
    }

    /// The text of the public key file, for [`Trust::with_key`].
    ///
    /// # Errors
    /// [`BundleError::Key`] when the key holds no public part.
    pub fn public_text(&self) -> Result<String, BundleError> {
        PublicKey::from_secret_key(&self.0).and_then(|key| key.to_box()).map(|key| key.into_string()).map_err(|cause| unusable(&cause))
    }
}

impl std::fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SigningKey(..)")
    }
}

/// Seals the bundle in the folder `dir`: writes the `[files]` table and the signature, then opens the result as a device would.
///
/// # Errors
/// [`BundleError`] as [`Bundle::open`], and when a file cannot be written.
pub fn seal(dir: &Path, key: &SigningKey) -> Result<BundleId, BundleError> {
    let path = dir.join(MANIFEST);
    let Some((text, _)) = folder::read_text(&path)? else { return Err(missing_manifest(dir)) };
    folder::remove_leftovers(dir);
    let mut contents = BTreeMap::new();
    for relative in folder::list(dir)? {
        let path = dir.join(&relative);
        let bytes = folder::read(&path)?.ok_or(BundleError::Missing { path })?;
        contents.insert(relative, bytes);
    }
    let sealed = with_files(&text, &contents).map_err(|cause| BundleError::Manifest { path: path.clone(), cause })?;
    let manifest = Manifest::parse(&sealed).map_err(|cause| BundleError::Manifest { path: path.clone(), cause })?;
    let id = identify(&manifest, sealed.as_bytes());
    // What no device could open is not signed.
    let Bundle { manifest, id, .. } = Bundle::assemble(dir, manifest, id, contents, false)?;
    let comment = format!("lentigo bundle {} {}", manifest.name, manifest.version);
    let public = PublicKey::from_secret_key(&key.0).map_err(|cause| unusable(&cause))?;
    let signature = minisign::sign(Some(&public), &key.0, Cursor::new(&sealed), Some(&comment), None).map_err(|cause| unusable(&cause))?;
    folder::replace(&path, sealed.as_bytes())?;
    folder::replace(&dir.join(SIGNATURE), signature.into_string().as_bytes())?;
    let trust = Trust::none().with_key("the sealing key", &key.public_text()?)?;
    Bundle::open(dir, &trust)?;
    Ok(id)
}

/// The manifest's text with its `[files]` table replaced, or put at its end; every other line stays as it is.
fn with_files(text: &str, contents: &BTreeMap<String, Vec<u8>>) -> Result<String, ManifestError> {
    let mut without = String::new();
    let mut inside = false;
    for line in text.lines() {
        let header = line.trim_start();
        if header.starts_with('[') {
            inside = header.split('#').next().is_some_and(|header| header.trim() == "[files]");
        }
        if !inside {
            without.push_str(line);
            without.push('\n');
        }
    }
    let mut sealed = format!("{}\n\n[files]\n", without.trim_end());
    for (path, bytes) in contents {
        let path = toml::Value::String(path.clone());
        let _ = writeln!(sealed, "{path} = \"{}\"", folder::digest(bytes));
    }
    // A text in several lines can look like a header: then the two readings differ and nothing is written.
    let rest = |text: &str| -> Option<toml::Table> {
        let mut table: toml::Table = toml::from_str(text).ok()?;
        table.remove("files");
        Some(table)
    };
    if rest(&sealed).is_some() && rest(&sealed) == rest(text) {
        return Ok(sealed);
    }
    // The reader's own complaint is the better one, if it has any.
    Manifest::parse(text)?;
    Err(ManifestError::Value { key: "files".to_owned(), detail: "cannot be replaced; remove the [files] table by hand".to_owned() })
}

fn unusable(cause: &minisign::PError) -> BundleError {
    BundleError::Key { name: "the signing key".to_owned(), kind: "secret", detail: cause.to_string() }
}
