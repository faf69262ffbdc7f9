//! Finding a QR code in a camera frame.
