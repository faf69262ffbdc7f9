//! The folder of `lentigo screen --out`: pictures of the screens, heatmaps, and a table.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use anyhow::Result;
use serde::Serialize;

use super::{
    super::{output::OutputFolder, size::Size},
    reasons,
};
use crate::{
    case::Case,
    display::{
        png,
        scene::{self, ExplanationView, Scene, StatusBar},
    },
    explain::{lesion::Scale, overlay::overlay, report::Report},
    record::{Criteria, LesionSize, Reliability},
    verdict::Verdict,
};

/// Columns of `verdicts.csv` for what else was found; empty where it was not.
const FOUND: [&str; 20] = [
    "area_mm2",
    "diameter_mm",
    "width_mm",
    "area_share",
    "diameter_share",
    "width_share",
    "at_least",
    "novelty",
    "disagreement",
    "abstention",
    "explanation",
    "asymmetry_points",
    "border_points",
    "colour_points",
    "asymmetry_level",
    "border_level",
    "colour_level",
    "overall_level",
    "score",
    "agreement",
];

/// The cells under [`FOUND`].
fn found(case: &Case, scale: Option<Scale>, explanation: Option<&Path>) -> [String; 20] {
    let (lesion, reliability) = (LesionSize::of(case, scale), case.numbers.as_ref().and_then(Reliability::of));
    let size = |of: fn(&LesionSize) -> Option<f64>| lesion.as_ref().and_then(of).map(|value| value.to_string()).unwrap_or_default();
    let criteria = case.explanation.as_ref().map(Criteria::of);
    let criterion = |of: fn(&Criteria) -> f64| criteria.as_ref().map(|criteria| of(criteria).to_string()).unwrap_or_default();
    let measured =
        |of: fn(&Reliability) -> Option<f32>| reliability.as_ref().and_then(of).map(|value| value.to_string()).unwrap_or_default();
    [
        size(|lesion| lesion.area_mm2),
        size(|lesion| lesion.diameter_mm),
        size(|lesion| lesion.width_mm),
        size(|lesion| lesion.area_share),
        size(|lesion| lesion.diameter_share),
        size(|lesion| lesion.width_share),
        lesion.as_ref().map(|lesion| lesion.at_least.to_string()).unwrap_or_default(),
        measured(|found| found.novelty),
        measured(|found| found.disagreement),
        reliability.as_ref().and_then(|found| found.abstention.clone()).unwrap_or_default(),
        explanation.map(|path| path.display().to_string()).unwrap_or_default(),
        criterion(|criteria| criteria.asymmetry_points.into()),
        criterion(|criteria| criteria.border_points.into()),
        criterion(|criteria| criteria.colour_points.into()),
        criterion(|criteria| criteria.levels.asymmetry.number().into()),
        criterion(|criteria| criteria.levels.border.number().into()),
        criterion(|criteria| criteria.levels.colour.number().into()),
        criterion(|criteria| criteria.levels.overall.number().into()),
        criterion(|criteria| criteria.score),
        criteria.as_ref().map(|criteria| criteria.agreement.to_string()).unwrap_or_default(),
    ]
}

/// The pictures that were kept of one image.
#[derive(Debug, Default, Serialize)]
pub(super) struct Kept {
    #[serde(skip_serializing_if = "Option::is_none")]
    screen: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    heatmap: Option<PathBuf>,
    /// The pages of the explanation, from the first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    explanation_screens: Vec<PathBuf>,
}

/// The folder of `--out`.
pub(super) struct Results {
    folder: OutputFolder,
    size: Size,
    scale: Option<Scale>,
    table: csv::Writer<Vec<u8>>,
    taken: HashSet<String>,
}

impl Results {
    pub(super) fn create(folder: &Path, size: Size, scale: Option<Scale>) -> Result<Self> {
        let mut table = csv::Writer::from_writer(vec![]);
        table.write_record(
            [&["file", "label", "probability", "operating_point", "threshold", "reasons", "screen", "heatmap"][..], &FOUND].concat(),
        )?;
        Ok(Self { folder: OutputFolder::create(folder)?, size, scale, table, taken: HashSet::new() })
    }

    /// Writes screen, heatmap and explanation of one case and says where they are.
    pub(super) fn keep(&mut self, file: &Path, case: &Case, report: &Report, positive: &str) -> Result<Kept> {
        let name = self.free_name(file);
        let Size { width, height } = self.size;
        let screen = self.folder.join(format!("{name}.screen.png"));
        let scene = Scene::of(case, positive, self.scale, StatusBar::default());
        png::save(scene::draw(&scene, width, height)?.frame(), &screen)?;
        let heatmap = match case.evidence.as_ref().and_then(|evidence| overlay(&case.frame, evidence)) {
            Some(picture) => {
                let path = self.folder.join(format!("{name}.heatmap.png"));
                png::save(&picture, &path)?;
                Some(path)
            }
            None => None,
        };
        let explanation_screens = self.explain(&name, case, report)?;
        let mut cells = vec![file.display().to_string(), case.verdict.label().text().to_owned()];
        cells.extend(match &case.verdict {
            Verdict::Assessed(assessment) => {
                let point = assessment.operating_point();
                [format!("{:.6}", assessment.probability()), point.name.clone(), point.threshold.to_string()]
            }
            Verdict::Retake { .. } | Verdict::CannotAssess { .. } => [String::new(), String::new(), String::new()],
        });
        cells.push(reasons(case).iter().map(|reason| reason.code()).collect::<Vec<_>>().join("|"));
        cells.push(screen.display().to_string());
        cells.push(heatmap.as_ref().map(|path| path.display().to_string()).unwrap_or_default());
        cells.extend(found(case, self.scale, explanation_screens.first().map(PathBuf::as_path)));
        self.table.write_record(&cells)?;
        Ok(Kept { screen: Some(screen), heatmap, explanation_screens })
    }

    /// Writes the pages that explain the verdict, and says where they are; none where there is nothing to explain.
    fn explain(&self, name: &str, case: &Case, report: &Report) -> Result<Vec<PathBuf>> {
        let Some(view) = ExplanationView::of(case, report, StatusBar::default()) else { return Ok(Vec::new()) };
        let Size { width, height } = self.size;
        (0..scene::explanation_pages(&view, false, width, height)?)
            .map(|page| {
                let number = if page == 0 { String::new() } else { format!("-{}", page + 1) };
                let path = self.folder.join(format!("{name}.explanation{number}.png"));
                let scene = Scene::Explanation(ExplanationView { page, ..view });
                png::save(scene::draw(&scene, width, height)?.frame(), &path)?;
                Ok(path)
            })
            .collect()
    }

    /// The file's own name without its ending; pictures of the same name in other folders get a number.
    fn free_name(&mut self, file: &Path) -> String {
        let stem = file.file_stem().unwrap_or(file.as_os_str()).to_string_lossy().into_owned();
        let mut name = stem.clone();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{stem}-{number}");
            number += 1;
        }
        name
    }

    pub(super) fn finish(self) -> Result<()> {
        self.folder.write("verdicts.csv", &self.table.into_inner()?)?;
        Ok(())
    }
}
