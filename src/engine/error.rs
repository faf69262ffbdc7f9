//! What can go wrong between the bytes of a graph and its outputs.

use thiserror::Error;

use super::int8::kernels::UnknownFamily;

/// Why a graph cannot be loaded or run.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum EngineError {
    /// The bytes are no graph, or one with operators that this engine does not have.
    #[error("{graph} cannot be loaded: {detail}. The file is damaged or was made for another version: install the bundle again")]
    Unreadable {
        /// File name of the graph.
        graph: String,
        /// What the loader said.
        detail: String,
    },
    /// The graph and the manifest name different inputs or outputs.
    #[error(
        "{graph} has the {side}s {found} where the manifest lists {expected}. Manifest and graph do not belong together: install the bundle again"
    )]
    Names {
        /// File name of the graph.
        graph: String,
        /// `input` or `output`.
        side: &'static str,
        /// Names in the manifest.
        expected: String,
        /// Names in the graph.
        found: String,
    },
    /// An input or output has another shape or type than the manifest says.
    #[error(
        "{side} {name} of {graph} is {found} where the manifest says {expected}. Manifest and graph do not belong together: install the bundle again"
    )]
    Shape {
        /// File name of the graph.
        graph: String,
        /// `input` or `output`.
        side: &'static str,
        /// Name of the input or output.
        name: String,
        /// Shape and type in the manifest.
        expected: String,
        /// Shape and type in the graph.
        found: String,
    },
    /// A tensor was given that the graph cannot take.
    #[error("the graph takes {expected}, it was given {found}")]
    Input {
        /// What the manifest asks for.
        expected: String,
        /// What was given.
        found: String,
    },
    /// The board file or `LENTIGO_KERNELS` asks for kernels that this processor cannot run.
    #[error(transparent)]
    Kernels(#[from] UnknownFamily),
    /// The system refuses the threads that inference is to run on.
    #[error("{count} threads cannot be started: {detail}. Ask for fewer in the board file")]
    Threads {
        /// How many were asked for.
        count: usize,
        /// What the system said.
        detail: String,
    },
    /// The graph failed while running.
    #[error("the network failed: {detail}. Start again; if it comes back, install the bundle again")]
    Run {
        /// What the engine said.
        detail: String,
    },
}
