//! Noticing that something is stuck, starting it anew, and telling whoever watches the device that it makes progress.
