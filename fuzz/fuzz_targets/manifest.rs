//! Any text is either a manifest whose parts fit together, or an error with words; never a crash.

#![no_main]

use lentigo::bundle::Manifest;

libfuzzer_sys::fuzz_target!(|text: &str| match Manifest::parse(text) {
    Ok(manifest) => {
        assert!(manifest.operating_point(&manifest.decision.operating_point).is_some());
        let count = manifest.classes.names.len();
        assert!((0..count).any(|class| manifest.classes.is_positive(class)));
        let size = manifest.prepare.size as usize;
        assert_eq!(manifest.graph.inputs[0].shape, [1, 3, size, size]);
        assert!(manifest.calibration.referral(&vec![0.0; count], &manifest.classes).is_finite());
        assert!(!manifest.views.flips.is_empty());
    }
    Err(error) => assert!(!error.to_string().is_empty()),
});
