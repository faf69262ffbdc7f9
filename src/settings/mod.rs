//! Settings that a technician stages and commits: the keys of the board file, changed over the console, kept in the state folder.
