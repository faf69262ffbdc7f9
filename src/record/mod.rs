//! Records of cases.
