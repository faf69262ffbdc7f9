//! The serial console: line editing, commands, access levels, staged settings. It asks the device through [`Link`](crate::device::Link) only.
