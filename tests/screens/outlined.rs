//! Phantoms whose lesion a network is made to have seen: where it truly is, as a coarse grid, with made-up evidence over it.

use std::sync::OnceLock;

use lentigo::{
    capture::phantom::{Fitzpatrick, Phantom},
    case::Evidence,
    explain::lesion::{Millimetres, Scale, measure},
    frame::{Frame, Heatmap, Mask, Region},
};

/// A picture with the lesion in it and its size.
pub(crate) struct Outlined {
    pub(crate) frame: Frame,
    pub(crate) evidence: Evidence,
    pub(crate) size: Millimetres,
}

/// Cells of the network's mask along a side, and of its heatmap.
const GRID: u32 = 56;
const MAP: u32 = 7;
/// Width of the field.
const FIELD_MM: f64 = 20.0;

impl Outlined {
    /// A ragged lesion with evidence, on fair skin. Like the others drawn once for all tests, because drawing is what takes time.
    pub(crate) fn on_light_skin() -> &'static Self {
        static DRAWN: OnceLock<Outlined> = OnceLock::new();
        DRAWN.get_or_init(|| Self::new(Phantom::patient(2), true))
    }

    /// A ragged lesion with evidence, on the darkest skin.
    pub(crate) fn on_dark_skin() -> &'static Self {
        static DRAWN: OnceLock<Outlined> = OnceLock::new();
        let mut phantom = Phantom::patient(6);
        phantom.skin.tone = Fitzpatrick::VI;
        DRAWN.get_or_init(|| Self::new(phantom, true))
    }

    /// A lesion that goes on beyond the field, without evidence for anything.
    pub(crate) fn cut_off() -> &'static Self {
        static DRAWN: OnceLock<Outlined> = OnceLock::new();
        let mut phantom = Phantom::patient(4);
        phantom.lesion.centre = [0.34, -0.2];
        DRAWN.get_or_init(|| Self::new(phantom, false))
    }

    fn new(phantom: Phantom, has_evidence: bool) -> Self {
        let (width, height) = (448, 336);
        let rendered = phantom.render(width, height).expect("a phantom");
        let region = Region::centre_square(width, height);
        let membership = coverage(&rendered.mask, region, GRID);
        let lesion = Heatmap::new(GRID, GRID, membership).expect("a small map");
        let hills = coverage(&rendered.mask, region, MAP);
        let lopsided = |at: usize| if has_evidence { 1.0 - 0.12 * (at % MAP as usize) as f32 } else { 0.0 };
        let heatmap =
            Heatmap::new(MAP, MAP, hills.iter().enumerate().map(|(at, cell)| cell * lopsided(at)).collect()).expect("a small map");
        let measures = measure(&lesion, region).expect("a lesion");
        let size = Scale::of_field(FIELD_MM).expect("a width").apply(&measures, width, height);
        Self { frame: rendered.frame, evidence: Evidence { region, heatmap: Some(heatmap), lesion: Some(lesion) }, size }
    }
}

/// The share of each of `cells` x `cells` cells of `region` that is lesion.
fn coverage(mask: &Mask, region: Region, cells: u32) -> Vec<f32> {
    let edge = |at: u32| at * region.width / cells;
    let share = |cell: u32| {
        let (columns, rows) = (edge(cell % cells)..edge(cell % cells + 1), edge(cell / cells)..edge(cell / cells + 1));
        let all = columns.len() * rows.len();
        let inside = rows.flat_map(|y| columns.clone().map(move |x| (x, y)));
        let inside = inside.filter(|(x, y)| mask.inside()[((region.y + y) * mask.width() + region.x + x) as usize]).count();
        inside as f32 / all as f32
    };
    (0..cells * cells).map(share).collect()
}
