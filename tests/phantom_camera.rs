//! The simulated camera: what it shows, in which order, and when it ends.

use std::time::{Duration, Instant};

use lentigo::{
    capture::{
        Camera, CaptureError,
        phantom::{Phantom, PhantomCamera, PhantomSettings, Shot},
    },
    frame::Frame,
};

fn small() -> PhantomSettings {
    PhantomSettings { width: 96, height: 64, repeat: false, ..PhantomSettings::default() }
}

fn frames(camera: &mut PhantomCamera, count: usize) -> Result<Vec<Frame>, CaptureError> {
    (0..count).map(|_| Ok(camera.capture()?.frame)).collect()
}

/// Mean absolute difference of two frames, 8-bit levels.
fn difference(a: &Frame, b: &Frame) -> f64 {
    a.pixels().iter().zip(b.pixels()).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>() / a.pixels().len() as f64
}

#[test]
fn patients_come_in_order_the_even_ones_first_out_of_focus() -> Result<(), Box<dyn std::error::Error>> {
    let mut camera = PhantomCamera::open(&PhantomSettings { patients: vec![1, 2, 3], ..small() })?;
    let mut seen = Vec::new();
    let end = loop {
        match camera.capture() {
            Ok(captured) => {
                assert_eq!((captured.frame.width(), captured.frame.height()), (96, 64));
                assert!(camera.truth().is_some_and(|truth| truth.lesion));
                seen.push(camera.phantom().cloned().ok_or("no phantom")?);
            }
            Err(error) => break error,
        }
    };
    assert!(matches!(end, CaptureError::Finished { .. }), "{end}");
    let expected = [Phantom::patient(1), Phantom::patient(2).out_of_focus(), Phantom::patient(2), Phantom::patient(3)];
    assert_eq!(seen, expected);
    assert!(matches!(camera.capture(), Err(CaptureError::Finished { .. })));
    Ok(())
}

#[test]
fn a_script_is_shown_frame_by_frame_and_repeats_when_asked() -> Result<(), Box<dyn std::error::Error>> {
    let shot = |phantom: &Phantom, frames| Shot { phantom: phantom.clone(), frames };
    let (a, b) = (Phantom::regular(1), Phantom::irregular(1));
    let script = vec![shot(&a, 2), shot(&Phantom::regular(2), 0), shot(&b, 1)];
    let mut camera = PhantomCamera::open(&PhantomSettings { script, repeat: true, ..small() })?;
    let mut next = || {
        camera.capture().unwrap();
        camera.phantom().cloned().unwrap()
    };
    let seen = [next(), next(), next(), next(), next(), next()];
    assert_eq!(seen, [&a, &a, &b, &a, &a, &b].map(Clone::clone));
    Ok(())
}

#[test]
fn sequence_and_time_only_grow() -> Result<(), Box<dyn std::error::Error>> {
    let mut camera = PhantomCamera::open(&PhantomSettings { repeat: true, ..small() })?;
    let mut last = (0, Duration::ZERO);
    for _ in 0..8 {
        let captured = camera.capture().unwrap();
        assert!(captured.sequence > last.0 && captured.taken_at > last.1);
        last = (captured.sequence, captured.taken_at);
    }
    Ok(())
}

#[test]
fn the_same_settings_show_the_same_frames_and_the_hand_trembles_between_them() -> Result<(), Box<dyn std::error::Error>> {
    let settings = PhantomSettings { patients: vec![1], frames: 6, width: 320, height: 240, tremor: 6.0, ..small() };
    let first = frames(&mut PhantomCamera::open(&settings)?, 6)?;
    assert_eq!(first, frames(&mut PhantomCamera::open(&settings)?, 6)?);
    assert_ne!(first, frames(&mut PhantomCamera::open(&PhantomSettings { seed: 2, ..settings.clone() })?, 6)?);
    // With a still hand only the noise changes; a trembling one moves the picture by more than that.
    let still = frames(&mut PhantomCamera::open(&PhantomSettings { tremor: 0.0, ..settings })?, 6)?;
    let moved = |frames: &[Frame]| frames.windows(2).map(|pair| difference(&pair[0], &pair[1])).fold(0.0, f64::max);
    assert!(moved(&still) > 0.5 && moved(&first) > 1.1 * moved(&still), "{} {}", moved(&still), moved(&first));
    Ok(())
}

#[test]
fn a_frame_rate_paces_the_camera_and_a_late_caller_gets_no_burst() -> Result<(), Box<dyn std::error::Error>> {
    let mut camera = PhantomCamera::open(&PhantomSettings { fps: 50.0, patients: vec![1], frames: 9, ..small() })?;
    camera.capture().unwrap();
    std::thread::sleep(Duration::from_millis(70));
    let start = Instant::now();
    frames(&mut camera, 4)?;
    // The first of the four is due at once, the others 20 ms apart.
    assert!(start.elapsed() >= Duration::from_millis(58), "{:?}", start.elapsed());
    Ok(())
}

#[test]
fn settings_that_cannot_work_are_refused_when_the_camera_is_opened() {
    let refused = |settings: PhantomSettings, words: &str| {
        let message = PhantomCamera::open(&settings).unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    };
    refused(PhantomSettings { fps: -1.0, ..small() }, "fps is -1, but must be 0.1 to 240");
    refused(PhantomSettings { fps: f32::NAN, ..small() }, "fps is NaN");
    refused(PhantomSettings { fps: 1e-30, ..small() }, "must be 0.1 to 240");
    refused(PhantomSettings { tremor: 21.0, ..small() }, "tremor is 21, but must be 0 to 20");
    refused(PhantomSettings { frames: 0, ..small() }, "frames is 0, but must be 1 to 100000");
    refused(PhantomSettings { width: 0, ..small() }, "0x64");
    refused(PhantomSettings { patients: vec![], ..small() }, "nothing to show");
    let mut phantom = Phantom::regular(1);
    phantom.optics.blur = -1.0;
    refused(PhantomSettings { script: vec![Shot { phantom, frames: 1 }], ..small() }, "optics.blur is -1");
}

#[test]
fn settings_come_from_toml_with_unknown_keys_refused() -> Result<(), Box<dyn std::error::Error>> {
    let text =
        "width = 64\nheight = 48\nfps = 30.0\n\n[[script]]\nframes = 3\n[script.phantom]\nseed = 5\n[script.phantom.optics]\nblur = 12.0\n";
    let settings: PhantomSettings = toml::from_str(text)?;
    let mut camera = PhantomCamera::open(&settings)?;
    camera.capture()?;
    assert_eq!(camera.phantom().map(|phantom| (phantom.seed, phantom.optics.blur)), Some((5, 12.0)));
    assert_eq!(camera.describe(), "phantom camera, 64x48 at 30 frames a second");
    assert!(toml::from_str::<PhantomSettings>("heigth = 48").unwrap_err().to_string().contains("unknown field `heigth`"));
    Ok(())
}

#[test]
fn a_frame_of_one_pixel_works_with_the_worst_tremor() -> Result<(), Box<dyn std::error::Error>> {
    let settings = PhantomSettings { width: 1, height: 1, tremor: 20.0, ..small() };
    assert_eq!(frames(&mut PhantomCamera::open(&settings)?, 4)?.len(), 4);
    Ok(())
}
