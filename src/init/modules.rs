//! The list of kernel modules to load.

use std::{ffi::CString, path::PathBuf};

/// A kernel module to load.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// Its file.
    pub file: PathBuf,
    /// Its parameters: `n_devs=1 node_types=0x101`.
    pub parameters: CString,
}

/// Reads `/etc/lentigo/modules`: a module a line, in the order of loading, which must be that of their dependencies. A line is a name
/// (`vivid` is `/lib/modules/vivid.ko`) or an absolute path, and then the module's parameters; `#` begins a comment.
#[must_use]
pub fn module_lines(text: &str) -> Vec<Module> {
    let module = |line: &str| {
        let line = line.split('#').next().unwrap_or_default().trim();
        let (name, parameters) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
        let file = if name.starts_with('/') { PathBuf::from(name) } else { PathBuf::from(format!("/lib/modules/{name}.ko")) };
        // The kernel takes no zero within them; nor can a text file that a person edits have one.
        let parameters = CString::new(parameters.trim().replace('\0', "")).unwrap_or_default();
        (!name.is_empty()).then_some(Module { file, parameters })
    };
    text.lines().filter_map(module).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_line_is_a_name_or_a_path_with_parameters() {
        let text = "# the camera\n videodev \n\nvivid   n_devs=1 node_types=0x101  # loops\n/opt/a.ko.xz\tx=1\n#\n";
        let found: Vec<(String, String)> = module_lines(text)
            .into_iter()
            .map(|module| (module.file.display().to_string(), module.parameters.into_string().unwrap()))
            .collect();
        let expected = [("/lib/modules/videodev.ko", ""), ("/lib/modules/vivid.ko", "n_devs=1 node_types=0x101"), ("/opt/a.ko.xz", "x=1")];
        assert_eq!(found, expected.map(|(file, parameters)| (file.to_owned(), parameters.to_owned())));
    }

    proptest! {
        #[test]
        fn any_text_gives_at_most_one_module_a_line(text in any::<String>()) {
            prop_assert!(module_lines(&text).len() <= text.lines().count());
        }
    }
}
