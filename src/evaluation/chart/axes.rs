//! Lines over two axes with a legend.

use std::ops::Range;

use plotters::{
    coord::Shift,
    prelude::*,
    style::text_anchor::{HPos, Pos, VPos},
};

use super::{super::metrics::Point, COLOURS, FONT};

/// What a chart of lines shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Lines {
    /// Over the chart.
    pub(super) title: String,
    /// Under the horizontal axis.
    pub(super) across: String,
    /// Beside the vertical axis.
    pub(super) up: String,
    /// Range of the horizontal axis; falling for an axis that runs backwards.
    pub(super) x: Range<f64>,
    /// Range of the vertical axis.
    pub(super) y: Range<f64>,
    /// Lines in the order of the legend.
    pub(super) series: Vec<Series>,
    /// What guessing would give, dashed.
    pub(super) guess: Vec<Point>,
    /// Points with a name beside them.
    pub(super) marks: Vec<(String, Point)>,
}

/// One line.
#[derive(Debug, Clone, Default)]
pub(super) struct Series {
    /// As the legend has it.
    pub(super) name: String,
    /// From left to right.
    pub(super) points: Vec<Point>,
}

const WIDTH: u32 = 560;
const HEIGHT: u32 = 480;
/// Height of one line of the legend, which stands under the chart so that it hides nothing.
const ENTRY: u32 = 18;

type Failure<'a> = DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws them.
pub(super) fn lines(lines: &Lines) -> Result<String, String> {
    let mut svg = String::new();
    let height = HEIGHT + ENTRY * lines.series.len() as u32 + 6;
    let draw = |svg: &mut String| -> Result<(), String> {
        let whole = SVGBackend::with_string(svg, (WIDTH, height)).into_drawing_area();
        let told = |cause: Failure<'_>| cause.to_string();
        whole.fill(&WHITE).map_err(told)?;
        let (chart, legend) = whole.split_vertically(HEIGHT);
        draw_chart(&chart, lines).map_err(told)?;
        draw_legend(&legend, &lines.series).map_err(told)?;
        whole.present().map_err(told)
    };
    draw(&mut svg)?;
    Ok(svg)
}

fn draw_chart<'a>(area: &Area<'a>, lines: &Lines) -> Result<(), Failure<'a>> {
    let mut chart = ChartBuilder::on(area)
        .margin(12)
        .margin_right(22)
        .caption(&lines.title, (FONT, 17))
        .x_label_area_size(42)
        .y_label_area_size(54)
        .build_cartesian_2d(lines.x.clone(), lines.y.clone())?;
    chart
        .configure_mesh()
        .x_desc(&lines.across)
        .y_desc(&lines.up)
        .axis_desc_style((FONT, 15))
        .label_style((FONT, 13))
        .x_labels(11)
        .y_labels(11)
        .x_label_formatter(&|x| format!("{x:.1}"))
        .y_label_formatter(&|y| format!("{y:.2}"))
        .light_line_style(TRANSPARENT)
        .bold_line_style(BLACK.mix(0.12))
        .draw()?;
    let guess = lines.guess.iter().map(|point| (point.x, point.y));
    chart.draw_series(DashedLineSeries::new(guess, 5, 4, BLACK.mix(0.5).into()))?;
    for (series, colour) in lines.series.iter().zip(COLOURS.iter().cycle()) {
        chart.draw_series(LineSeries::new(series.points.iter().map(|point| (point.x, point.y)), colour.stroke_width(2)))?;
    }
    let small = (FONT, 12).into_font().color(&BLACK);
    for (name, point) in &lines.marks {
        let at = (point.x, point.y);
        let mark = EmptyElement::at(at) + Circle::new((0, 0), 4, BLACK.filled()) + Text::new(name.clone(), (9, 3), small.clone());
        chart.draw_series(std::iter::once(mark))?;
    }
    Ok(())
}

fn draw_legend<'a>(area: &Area<'a>, series: &[Series]) -> Result<(), Failure<'a>> {
    let style = (FONT, 13).into_font().color(&BLACK).pos(Pos::new(HPos::Left, VPos::Center));
    for (line, (series, colour)) in series.iter().zip(COLOURS.iter().cycle()).enumerate() {
        let y = (line as u32 * ENTRY + ENTRY / 2) as i32;
        area.draw(&PathElement::new(vec![(66, y), (90, y)], colour.stroke_width(3)))?;
        area.draw(&Text::new(series.name.clone(), (98, y), style.clone()))?;
    }
    Ok(())
}
