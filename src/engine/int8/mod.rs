//! Int8 inference: quantised graphs as programs of fused operators.
//!
//! An ONNX file is read by tract into a typed graph in which quantised operators stay whole (`graph`); rewrite rules replace patterns of
//! them by fused operators (`rules`, `operator`); the graph is compiled into a program for one family of kernels (`compile`, [`program`],
//! [`kernels`]), kept on disk (`cache`) and run without allocating ([`run`]). What no rule takes up stays tract's and is listed in the [`Plan`].

mod cache;
mod compile;
mod engine;
mod graph;
pub mod kernels;
mod operator;
mod plan;
pub mod program;
mod rules;
pub mod run;

pub use cache::caches_beside;
pub use engine::Int8Engine;
pub(super) use engine::declared_inputs;
pub use plan::{Plan, PlanStep};
