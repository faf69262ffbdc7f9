//! What was said against what was seen, with how often it was said.

use plotters::{coord::Shift, prelude::*};

use super::{
    super::metrics::{Bin, CALIBRATION_BINS},
    COLOURS, FONT,
};

const WIDTH: u32 = 560;
const HEIGHT: u32 = 620;
const COUNTS: u32 = 190;

type Failure<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// A reliability diagram (DeGroot and Fienberg 1983) over the number of images in each bin.
pub(super) fn reliability(title: &str, what: &str, bins: &[Bin; CALIBRATION_BINS]) -> Result<String, String> {
    let mut svg = String::new();
    let draw = |svg: &mut String| -> Result<(), String> {
        let whole = SVGBackend::with_string(svg, (WIDTH, HEIGHT)).into_drawing_area();
        let told = |cause: Failure<'_>| cause.to_string();
        whole.fill(&WHITE).map_err(told)?;
        let (upper, lower) = whole.split_vertically(HEIGHT - COUNTS);
        draw_gap(&upper, title, what, bins).map_err(told)?;
        draw_counts(&lower, what, bins).map_err(told)?;
        whole.present().map_err(told)
    };
    draw(&mut svg)?;
    Ok(svg)
}

fn edges(bin: usize) -> (f64, f64) {
    let width = 1.0 / CALIBRATION_BINS as f64;
    (bin as f64 * width, (bin + 1) as f64 * width)
}

fn draw_gap<'a>(area: &Area<'a>, title: &str, what: &str, bins: &[Bin]) -> Result<(), Failure<'a>> {
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .margin_right(22)
        .caption(title, (FONT, 17))
        .x_label_area_size(22)
        .y_label_area_size(62)
        .build_cartesian_2d(0.0..1.0, 0.0..1.0)?;
    chart
        .configure_mesh()
        .y_desc(format!("share for which {what} is true"))
        .axis_desc_style((FONT, 15))
        .label_style((FONT, 13))
        .x_labels(11)
        .y_labels(11)
        .x_label_formatter(&|x| format!("{x:.1}"))
        .y_label_formatter(&|y| format!("{y:.1}"))
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.12))
        .draw()?;
    chart.draw_series(DashedLineSeries::new([(0.0, 0.0), (1.0, 1.0)], 5, 4, BLACK.mix(0.5).into()))?;
    let filled = || bins.iter().filter(|bin| bin.n > 0.0);
    // From each point to where it should be.
    chart
        .draw_series(filled().map(|bin| PathElement::new(vec![(bin.said, bin.seen), (bin.said, bin.said)], COLOURS[1].stroke_width(2))))?;
    chart.draw_series(LineSeries::new(filled().map(|bin| (bin.said, bin.seen)), COLOURS[0].stroke_width(2)))?;
    chart.draw_series(filled().map(|bin| Circle::new((bin.said, bin.seen), 4, COLOURS[0].filled())))?;
    Ok(())
}

fn draw_counts<'a>(area: &Area<'a>, what: &str, bins: &[Bin]) -> Result<(), Failure<'a>> {
    let most = bins.iter().map(|bin| bin.n).fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .margin_top(0)
        .margin_right(22)
        .x_label_area_size(42)
        .y_label_area_size(62)
        .build_cartesian_2d(0.0..1.0, 0.0..most * 1.2)?;
    chart
        .configure_mesh()
        .x_desc(format!("probability of {what}, mean of each of {CALIBRATION_BINS} bins"))
        .y_desc("images")
        .axis_desc_style((FONT, 15))
        .label_style((FONT, 13))
        .x_labels(11)
        .y_labels(4)
        .x_label_formatter(&|x| format!("{x:.1}"))
        .y_label_formatter(&|y| format!("{y:.0}"))
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.12))
        .draw()?;
    let bars = bins.iter().enumerate().filter(|(_, bin)| bin.n > 0.0);
    chart.draw_series(bars.clone().map(|(at, bin)| {
        let (left, right) = edges(at);
        Rectangle::new([(left + 0.004, 0.0), (right - 0.004, bin.n)], COLOURS[5].filled())
    }))?;
    let centred = (FONT, 11).into_font().color(&BLACK).pos(plotters::style::text_anchor::Pos::new(
        plotters::style::text_anchor::HPos::Center,
        plotters::style::text_anchor::VPos::Bottom,
    ));
    chart.draw_series(bars.map(|(at, bin)| {
        let (left, right) = edges(at);
        Text::new(format!("{:.0}", bin.n), ((left + right) / 2.0, bin.n + most * 0.02), centred.clone())
    }))?;
    Ok(())
}
