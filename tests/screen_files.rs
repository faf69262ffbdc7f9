//! `lentigo screen`: what a person or a script gets for files and folders, good and bad.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use std::fs;

use support::{
    TinyBundle, asff_tiny,
    command::{arg, json_lines, lentigo, text, with_bundle},
    pictures,
};
use tempfile::tempdir;

#[test]
fn each_image_gets_one_line_and_a_refused_one_has_reasons_but_no_number() {
    let (bundle, folder) = (TinyBundle::sealed(), tempdir().unwrap());
    let good = pictures::phantom(folder.path(), "good.png", 1);
    let bad = pictures::black(folder.path(), "black.png");
    let output = with_bundle("screen", &bundle).arg("--json").args([&good, &bad]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let lines = json_lines(&output.stdout);
    assert_eq!(lines.len(), 2);

    assert_eq!(lines[0]["file"], arg(&good));
    assert!(["refer", "no referral indicated"].contains(&lines[0]["label"].as_str().unwrap()));
    assert!((0.0..=1.0).contains(&lines[0]["probability"].as_f64().unwrap()));
    assert_eq!(lines[0]["bundle"]["name"], "asff-tiny");
    assert!(lines[0]["timings_ms"]["infer"].as_f64().unwrap() > 0.0);

    assert_eq!(lines[1]["label"], "retake");
    assert_eq!(lines[1]["reasons"][0], "too-dark");
    assert!(lines[1]["advice"][0].as_str().unwrap().contains("too dark"));
    assert!(!lines[1].to_string().contains("\"probability\""), "{}", lines[1]);
}

#[test]
fn a_folder_is_gone_through_and_what_cannot_be_read_is_named_and_skipped() {
    let (bundle, folder) = (TinyBundle::sealed(), tempdir().unwrap());
    pictures::phantom(folder.path(), "b.png", 2);
    pictures::phantom(folder.path(), "sub/a.png", 3);
    let whole = fs::read(folder.path().join("b.png")).unwrap();
    fs::write(folder.path().join("cut.png"), &whole[..whole.len() / 2]).unwrap();
    fs::write(folder.path().join("empty.jpg"), b"").unwrap();
    fs::write(folder.path().join("text.jpg"), b"not a picture").unwrap();
    let missing = folder.path().join("missing.png");
    let output = with_bundle("screen", &bundle).arg("--json").arg(folder.path()).arg(&missing).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(json_lines(&output.stdout).len(), 2);
    let errors = text(&output.stderr);
    for name in ["cut.png", "empty.jpg", "text.jpg", "missing.png"] {
        assert_eq!(errors.lines().filter(|line| line.contains(name)).count(), 1, "{name} in {errors}");
    }
}

#[test]
fn the_output_folder_gets_screens_heatmaps_and_a_table_and_equal_names_do_not_collide() {
    let (bundle, folder) = (TinyBundle::sealed(), tempdir().unwrap());
    let one = pictures::phantom(folder.path(), "left/mole.png", 4);
    let two = pictures::phantom(folder.path(), "right/mole.png", 5);
    let dark = pictures::black(folder.path(), "dark.png");
    let out = folder.path().join("results/today");
    let output = with_bundle("screen", &bundle).args(["--size", "320x240", "--out", arg(&out)]).args([&one, &two, &dark]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    for name in ["mole.screen.png", "mole.heatmap.png", "mole-2.screen.png", "mole-2.heatmap.png", "dark.screen.png"] {
        let picture = image::open(out.join(name)).unwrap();
        let expected = if name.contains("screen") { (320, 240) } else { (480, 360) };
        assert_eq!((picture.width(), picture.height()), expected, "{name}");
    }
    assert!(!out.join("dark.heatmap.png").exists());
    let table = fs::read_to_string(out.join("verdicts.csv")).unwrap();
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows.len(), 4);
    let columns = "file,label,probability,operating_point,threshold,reasons,screen,heatmap,\
        area_mm2,diameter_mm,width_mm,area_share,diameter_share,width_share,at_least,novelty,disagreement,abstention,\
        explanation,asymmetry_points,border_points,colour_points,asymmetry_level,border_level,colour_level,overall_level,score,agreement";
    assert_eq!(rows[0], columns);
    assert!(rows[3].contains(",retake,,,,too-dark"), "{}", rows[3]);
}

#[test]
fn a_bundle_that_measures_criteria_explains_its_answer_in_json_in_pictures_and_in_the_table() {
    let (bundle, folder) = (TinyBundle::cefm(), tempdir().unwrap());
    bundle.seal().unwrap();
    let (image, out) = (asff_tiny().join("input.png"), folder.path().join("out"));
    let output = with_bundle("screen", &bundle)
        .args(["--json", "--language", "pt", "--size", "320x240", "--out", arg(&out), arg(&image)])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line = &json_lines(&output.stdout)[0];
    let (explanation, criteria) = (&line["explanation"], &line["explanation"]["abc"]);
    assert!((1..=5).contains(&explanation["severity"]["overall"].as_u64().unwrap()), "{explanation}");
    assert!(explanation["agreement"].is_number() && explanation["agreement_min"].is_number() && explanation.get("embedding").is_none());
    assert!(!explanation["prototypes"].as_array().unwrap().is_empty());
    assert_eq!(criteria["border"]["segments"].as_array().unwrap().len(), 8);
    let topics: Vec<&str> =
        line["report"]["sentences"].as_array().unwrap().iter().map(|sentence| sentence["topic"].as_str().unwrap()).collect();
    assert!(["asymmetry", "border", "colour"].iter().all(|topic| topics.contains(topic)), "{topics:?}");

    let pages = line["explanation_screens"].as_array().unwrap();
    assert!(pages.len() >= 2 && pages[0].as_str().unwrap().ends_with("input.explanation.png"), "{pages:?}");
    assert!(pages[1].as_str().unwrap().ends_with("input.explanation-2.png"), "{pages:?}");
    for page in pages {
        let picture = image::open(page.as_str().unwrap()).unwrap();
        assert_eq!((picture.width(), picture.height()), (320, 240));
    }
    let mut table = csv::Reader::from_path(out.join("verdicts.csv")).unwrap();
    let names = table.headers().unwrap().clone();
    let row = table.records().next().unwrap().unwrap();
    let cell = |name: &str| row.get(names.iter().position(|column| column == name).unwrap()).unwrap();
    assert_eq!(cell("asymmetry_points"), criteria["asymmetry"]["points"].to_string());
    assert_eq!(cell("overall_level"), explanation["severity"]["overall"].to_string());
    assert!(cell("score").parse::<f64>().is_ok() && cell("explanation").ends_with("input.explanation.png"));
}

#[test]
fn a_report_stands_in_each_line_of_json_and_under_a_row_when_its_language_is_asked_for() {
    let (bundle, folder) = (TinyBundle::sealed(), tempdir().unwrap());
    let dark = pictures::black(folder.path(), "dark.png");
    let screen = |arguments: &[&str]| with_bundle("screen", &bundle).args(arguments).arg(&dark).output().unwrap();
    let lines = json_lines(&screen(&["--json", "--language", "fr"]).stdout);
    let report = &lines[0]["report"];
    assert_eq!(report["language"], "fr");
    let sentences = report["sentences"].as_array().unwrap();
    assert!(sentences.iter().all(|sentence| sentence["topic"].is_string() && sentence["numbers"].is_array()), "{report}");
    assert!(lines[0].get("explanation").is_none(), "this bundle measures no criteria");
    assert_eq!(json_lines(&screen(&["--json"]).stdout)[0]["report"]["language"], "en");

    assert_eq!(text(&screen(&[]).stdout).lines().count(), 1);
    let table = text(&screen(&["--language", "fr"]).stdout);
    let first = sentences[0]["text"].as_str().unwrap();
    assert!(table.lines().count() == 2 && table.lines().nth(1).unwrap().starts_with(&format!("  {first}")), "{table}");
    let refused = screen(&["--language", "de"]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused.stderr).contains("sw (Swahili)"), "{}", text(&refused.stderr));
}

#[test]
fn what_is_said_of_the_patient_is_held_to_the_same_rules_as_in_the_case_form() {
    let (bundle, folder) = (TinyBundle::sealed(), tempdir().unwrap());
    let image = pictures::phantom(folder.path(), "a.png", 1);
    let screen = |arguments: &[&str]| with_bundle("screen", &bundle).arg("--json").args(arguments).arg(&image).output().unwrap();
    let good = screen(&["--age", "54", "--sex", "f", "--site", "back", "--field-mm", "20"]);
    assert_eq!(good.status.code(), Some(0), "{}", text(&good.stderr));
    for wrong in [["--age", "200"], ["--sex", "x"], ["--site", "elsewhere"], ["--field-mm", "0"]] {
        let output = screen(&wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(text(&output.stderr).contains(wrong[0]), "{}", text(&output.stderr));
    }
}

#[test]
fn a_folder_that_cannot_be_written_stops_before_any_work() {
    let (bundle, folder) = (TinyBundle::sealed(), tempdir().unwrap());
    let image = pictures::phantom(folder.path(), "a.png", 1);
    fs::write(folder.path().join("file"), b"in the way").unwrap();
    let out = folder.path().join("file/out");
    let output = with_bundle("screen", &bundle).args(["--out", arg(&out), arg(&image)]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).contains("cannot write into the output folder"), "{}", text(&output.stderr));
}

#[test]
fn a_full_disk_is_an_error_with_a_name_and_leaves_no_half_picture() {
    let (bundle, folder) = (TinyBundle::sealed(), tempdir().unwrap());
    let image = pictures::phantom(folder.path(), "a.png", 1);
    let out = folder.path().join("out");
    let key = bundle.dir().with_extension("pub");
    fs::write(&key, bundle.public_key()).unwrap();
    // A file size limit of one block of 512 bytes stands in for the full disk.
    let output = assert_cmd::Command::new("sh")
        .args(["-c", "ulimit -f 1 && exec \"$@\"", "sh", env!("CARGO_BIN_EXE_lentigo"), "screen"])
        .args(["--bundle", arg(bundle.dir()), "--trust", arg(&key), "--out", arg(&out), arg(&image)])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(3), "{output:?}");
    assert!(text(&output.stderr).contains("a.screen.png"), "{}", text(&output.stderr));
    assert_eq!(fs::read_dir(&out).unwrap().count(), 0);
}

#[test]
fn a_wrong_command_line_is_usage_and_a_wrong_bundle_is_not() {
    assert_eq!(lentigo(&["screen"]).output().unwrap().status.code(), Some(2));
    assert_eq!(lentigo(&["screen", "--bundle", "x", "--size", "9x9", "y"]).output().unwrap().status.code(), Some(2));
    let output = lentigo(&["screen", "--bundle", "/nowhere", "a.png"]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("/nowhere"));
}

#[test]
fn a_bundle_that_was_changed_gives_no_verdict() {
    let (bundle, folder) = (TinyBundle::sealed(), tempdir().unwrap());
    let image = pictures::phantom(folder.path(), "a.png", 1);
    bundle.edit("manifest.toml", "temperature = ", "temperature = 1");
    let output = with_bundle("screen", &bundle).arg(&image).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(output.stdout.is_empty());
    assert!(text(&output.stderr).contains("manifest.toml"), "{}", text(&output.stderr));
}

#[test]
fn a_reader_who_leaves_early_is_no_error() {
    let (bundle, folder) = (TinyBundle::sealed(), tempdir().unwrap());
    for seed in 0..3 {
        pictures::phantom(folder.path(), &format!("{seed}.png"), seed);
    }
    let key = bundle.dir().with_extension("pub");
    fs::write(&key, bundle.public_key()).unwrap();
    let script = format!(
        "{} screen --json --bundle {} --trust {} {} 2>{}; echo $? > {}",
        env!("CARGO_BIN_EXE_lentigo"),
        arg(bundle.dir()),
        arg(&key),
        arg(folder.path()),
        arg(&folder.path().join("stderr")),
        arg(&folder.path().join("code")),
    );
    assert_cmd::Command::new("sh").args(["-c", &format!("( {script} ) | true")]).assert().success();
    assert_eq!(fs::read_to_string(folder.path().join("code")).unwrap(), "0\n");
    assert_eq!(fs::read_to_string(folder.path().join("stderr")).unwrap(), "");
}
