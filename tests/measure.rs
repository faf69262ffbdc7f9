//! `lentigo measure`: criteria of phantoms through the binary, and what it says of what cannot be measured.
#![allow(clippy::unwrap_used, reason = "a test may stop")]

mod support;

use std::{fs, path::Path};

use lentigo::{display::png, explain::abc::Abc, frame::Frame};
use support::{
    TinyBundle,
    command::{arg, json_lines, lentigo, text, with_bundle},
    pictures,
};
use tempfile::{TempDir, tempdir};

/// A brown disc of radius 60 in the middle of 256 x 256, `disc.png` and `disc-mask.png`; also a mask of another size and one without a lesion.
fn disc() -> TempDir {
    let folder = tempdir().unwrap();
    let is_inside = |x: u32, y: u32| (f64::from(x) - 127.5).hypot(f64::from(y) - 127.5) < 60.0;
    let save = |name: &str, side: u32, pixel: &dyn Fn(u32, u32) -> [u8; 3]| {
        png::save(&Frame::from_fn(side, side, pixel).unwrap(), &folder.path().join(name)).unwrap();
    };
    save("disc.png", 256, &|x, y| if is_inside(x, y) { [120, 70, 45] } else { [214, 172, 152] });
    save("disc-mask.png", 256, &|x, y| [if is_inside(x, y) { 255 } else { 0 }; 3]);
    save("small-mask.png", 128, &|_, _| [255; 3]);
    save("empty-mask.png", 256, &|_, _| [0; 3]);
    folder
}

fn file(folder: &TempDir, name: &str) -> String {
    arg(&folder.path().join(name)).to_owned()
}

#[test]
fn a_disc_gives_one_line_with_every_key_in_order() {
    let folder = disc();
    let output = lentigo(&["measure", "--json", &file(&folder, "disc.png"), "--mask", &file(&folder, "disc-mask.png")]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line = text(&output.stdout);
    let names: Vec<&str> = ["file"].into_iter().chain(Abc::KEYS).chain([Abc::ASYMMETRY, Abc::SCORE, "cut_off"]).collect();
    let places: Vec<usize> =
        names.iter().map(|name| line.find(&format!("\"{name}\":")).unwrap_or_else(|| panic!("{name} in {line}"))).collect();
    assert!(places.is_sorted(), "{line}");
    let values = &json_lines(&output.stdout)[0];
    assert!((values["border_compactness"].as_f64().unwrap() - 1.0).abs() < 0.01, "{values}");
    assert!(values["asymmetry_shape_major"].as_f64().unwrap() < 0.01, "{values}");
    assert_eq!(values["cut_off"], false);

    let table = lentigo(&["measure", &file(&folder, "disc.png"), "--mask", &file(&folder, "disc-mask.png")]).output().unwrap();
    assert!(text(&table.stdout).lines().any(|line| line.trim_start().starts_with("border_compactness ")), "{}", text(&table.stdout));
}

#[test]
fn a_table_gives_a_line_a_row_and_says_what_is_wrong_with_each() {
    let folder = disc();
    pictures::phantom_with_mask(folder.path(), "phantom.png", "phantom-mask.png", 3);
    fs::write(folder.path().join("broken.png"), b"no picture").unwrap();
    let table = "file,mask,dataset,split\ndisc.png,disc-mask.png,one,val\nphantom.png,phantom-mask.png,one,val\ndisc.png,small-mask.png,one,val\n\
disc.png,empty-mask.png,one,val\ndisc.png,,one,val\nbroken.png,disc-mask.png,one,val\ndisc.png,disc-mask.png,one,train\n";
    fs::write(folder.path().join("index.csv"), table).unwrap();
    let output =
        lentigo(&["measure", "--json", "--index", &file(&folder, "index.csv"), "--dataset", "one", "--split", "val"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let lines = json_lines(&output.stdout);
    assert_eq!(lines.len(), 6);
    assert!(lines[..2].iter().all(|line| line["score"].is_f64() && line.get("error").is_none()), "{lines:?}");
    for (line, error) in
        lines[2..].iter().zip(["128x128, its picture 256x256", "nothing in the picture is lesion", "names no mask", "broken.png"])
    {
        assert!(line["error"].as_str().unwrap().contains(error) && line.get("score").is_none(), "{line} {error}");
    }
    assert!(text(&output.stderr).contains("small-mask.png") && text(&output.stderr).contains("broken.png"));
}

#[test]
fn what_is_asked_wrongly_is_refused_with_what_would_be_right() {
    let folder = disc();
    let picture = file(&folder, "disc.png");
    let refused = |args: &[&str], code: i32, message: &str| {
        let output = lentigo(&[&["measure"], args].concat()).output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{args:?}: {}", text(&output.stderr));
        assert!(text(&output.stderr).contains(message), "{args:?}: {}", text(&output.stderr));
    };
    refused(&[&picture], 3, "--mask MASK");
    refused(&[&picture, "--masks", "network"], 3, "--bundle");
    refused(&[&picture, "--mask", &picture, "--index", "index.csv"], 2, "--index");
    refused(&["--split", "val"], 2, "--index");
    refused(&[], 2, "PICTURE");
    fs::write(folder.path().join("no-files.csv"), "image\na.png\n").unwrap();
    refused(&["--index", &file(&folder, "no-files.csv")], 3, "no column 'file'");
}

#[test]
fn a_bundle_whose_network_draws_no_lesion_is_refused() {
    let (bundle, folder) = (TinyBundle::sealed(), disc());
    let output = with_bundle("measure", &bundle).args(["--masks", "network", &file(&folder, "disc.png")]).output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stderr).contains("does not draw the lesion"), "{}", text(&output.stderr));
}

#[test]
fn a_network_that_draws_lesions_is_measured_as_on_the_device() {
    let folder = disc();
    pictures::phantom(folder.path(), "phantom.png", 5);
    let bundle = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/bundles/multitask-edge");
    let call = ["measure", "--json", "--masks", "network", "--bundle", arg(&bundle), &file(&folder, "phantom.png")];
    let output = lentigo(&call).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let line = &json_lines(&output.stdout)[0];
    assert!(line["size_area_share"].as_f64().is_some_and(|share| (0.01..0.9).contains(&share)), "{line}");
}
