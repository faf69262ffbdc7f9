//! Int8 inference: quantised graphs as programs of fused operators.

pub mod kernels;
pub mod program;
pub mod run;
