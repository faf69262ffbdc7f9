//! `lentigo evaluate`: runs a labelled set through a bundle and writes predictions, figures and charts.

mod criteria;
mod examine;
mod pictures;
mod print;
mod summary;
mod table;

use std::path::PathBuf;

use anyhow::Result;

use super::{
    Outcome,
    bundle_choice::BundleChoice,
    labelled_set::LabelledSet,
    output::{OutputFolder, Printed},
};
use crate::evaluation::{chart, hide::Hide};

use examine::{Examination, examine};
use summary::Summary;

/// Arguments of `lentigo evaluate`.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "The table needs the column file. It may have: dataset, split, lesion_id, isic_id, dx (a class name), \
mask (an image, light where the lesion is), age, sex, site, one 0/1 column a label (malignant, melanoma, seborrheic_keratosis; empty: unknown), \
and ratings of the criteria. \
The quality gate and abstention are reported but drop no row here.\n\n\
predictions.csv: file, one calibrated probability a class (of two that exclude each other the positive one), quality (pass or the reasons), \
latency_ms (CPU time), referral (probability), novelty, disagreement, abstained (empty, novelty or disagreement), mask_jaccard, mask_dice, \
cam_in_lesion (share of the evidence on the mask's lesion), class (of more than two: the likeliest, or the likeliest if all were equally common \
where the bundle says how common they are).\n\
Of a bundle that measures criteria also severity_* (levels 1 to 5), read_* (the network's reading), agreement (cosine of the picture with its \
criteria), nearest_prototype (its level), and every measured number as lentigo measure names it.\n\
summary.json: figures with 95 % intervals, drawn by lesion. accuracy and balanced_accuracy take the likelier side; \
sensitivity and specificity are at the operating point. classes: the named class against dx. independent: each class against its own column. \
criteria: Spearman's correlation of what is measured (the number that levels come from), of the ABCD rule's points and of the network's \
reading with the mean of the raters (columns abc_asymmetry, abc_border, abc_colour: a|b|c), beside the raters' own agreement (each with the \
mean of the others) and its share of that; and beside experts (ph2_asymmetry, ph2_colours). alignment: mean cosine of pictures with \
their own criteria and with others', recall of the own criteria among all, and the nearest prototype's level beside the measured one. \
\"too few\": fewer than 10 images of a class that the figure is about.\n\
roc.svg, pr.svg, reliability.svg, coverage.svg: charts of the same.\n\n\
Examples:\n  lentigo evaluate --bundle DIR --index index.csv --dataset ham10000 --split val --out DIR\n  \
lentigo evaluate --bundle DIR --index index.csv --dataset isic2017 --dataset ham10000:nv,mel --split val --out DIR\n  \
lentigo evaluate --bundle INT8 --against FP32 --unsigned --index index.csv --out DIR\n  \
lentigo evaluate --bundle DIR --index index.csv --hide lesion --out DIR")]
pub(super) struct Args {
    #[command(flatten)]
    bundle: BundleChoice,
    #[command(flatten)]
    set: LabelledSet,
    /// Also run this bundle on the same images and say how far the figures are apart
    #[arg(long, value_name = "DIR")]
    against: Option<PathBuf>,
    /// Do not tell the bundle age, sex and site
    #[arg(long)]
    without_metadata: bool,
    /// Paint over one part of every image in the mean colour of the rest; images without a mask are left out
    #[arg(long, value_name = "PART")]
    hide: Option<Part>,
    /// Folder for predictions.csv, summary.json and the charts
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

/// What `--hide` paints over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// The lesion, with a rim of 3 % of the image's shorter side
    Lesion,
    /// Everything but the lesion and that rim
    Surroundings,
}

impl From<Part> for Hide {
    fn from(part: Part) -> Self {
        match part {
            Part::Lesion => Self::Lesion,
            Part::Surroundings => Self::Surroundings,
        }
    }
}

pub(super) fn run(args: &Args) -> Result<Outcome> {
    let rows = args.set.rows()?;
    let out = OutputFolder::create(&args.out)?;
    let mut examinations = vec![Examination::new(args.bundle.analyser()?)];
    if let Some(other) = &args.against {
        examinations.push(Examination::new(args.bundle.analyser_of(other)?));
    }

    let pictures = pictures::Source { set: &args.set, hide: args.hide.map(Hide::from) };
    let troubles = examine(&rows, &pictures, !args.without_metadata, &mut examinations);

    let mut written = vec![];
    for (examination, name) in examinations.iter().zip(["predictions.csv", "predictions-against.csv"]) {
        written.push(out.write(name, &table::predictions(examination)?)?);
    }
    let summary = Summary::new(args, &examinations, &troubles);
    written.push(out.write("summary.json", serde_json::to_string_pretty(&summary)?.as_bytes())?);
    for chart in chart::charts(&examinations[0].question, &examinations[0].answers, &summary.report)? {
        written.push(out.write(&chart.name, chart.svg.as_bytes())?);
    }
    print::report(&summary)?;
    for path in &written {
        Printed::line(path.display())?;
    }
    Ok(if troubles.unreadable == 0 { Outcome::Done } else { Outcome::SomeUnreadable })
}
