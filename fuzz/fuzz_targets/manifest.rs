//! Any text is either a manifest whose parts fit together, or an error with words; never a crash.

#![no_main]

use lentigo::bundle::Manifest;

libfuzzer_sys::fuzz_target!(|text: &str| match Manifest::parse(text) {
    Ok(manifest) => {
        assert!(manifest.operating_point(&manifest.decision.operating_point).is_some());
        assert_eq!(manifest.classes.names[manifest.classes.positive_index()], manifest.classes.positive);
        let size = manifest.prepare.size as usize;
        assert_eq!(manifest.graph.inputs[0].shape, [1, 3, size, size]);
        assert!(manifest.calibration.probability(0.0).is_finite());
    }
    Err(error) => assert!(!error.to_string().is_empty()),
});
