//! The way of the data, from one frame to one case.
