//! What people said of the ABC criteria of an image: raters one by one, and PH2's experts.

/// Ratings of one image; nothing where nobody rated it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ratings {
    /// A by each rater, 0 to 2 (column `abc_asymmetry`; ENHANCE, Raumanns et al.).
    pub asymmetry: Vec<f64>,
    /// B by each rater, 0 to 8 (column `abc_border`).
    pub border: Vec<f64>,
    /// C by each rater, about 1 to 6 (column `abc_colour`).
    pub colour: Vec<f64>,
    /// About how many axes experts found the lesion asymmetric, 0 to 2 (column `ph2_asymmetry`; Mendonca et al. 2013).
    pub expert_asymmetry: Option<u8>,
    /// How many of the six colours experts saw (column `ph2_colours`).
    pub expert_colours: Option<u8>,
}

impl Ratings {
    /// The columns that hold ratings.
    pub const COLUMNS: [&str; 5] = ["abc_asymmetry", "abc_border", "abc_colour", "ph2_asymmetry", "ph2_colours"];

    /// Reads the cells of a row by their column.
    ///
    /// # Errors
    /// The column whose cell is no rating.
    pub fn read<'a>(cell: impl Fn(&'static str) -> &'a str) -> Result<Self, &'static str> {
        let [asymmetry, border, colour, expert_asymmetry, expert_colours] = Self::COLUMNS;
        let raters = |column| raters(cell(column)).ok_or(column);
        Ok(Self {
            asymmetry: raters(asymmetry)?,
            border: raters(border)?,
            colour: raters(colour)?,
            expert_asymmetry: match cell(expert_asymmetry) {
                "" => None,
                axes => Some(axes.parse().ok().filter(|axes| *axes <= 2).ok_or(expert_asymmetry)?),
            },
            expert_colours: match cell(expert_colours) {
                "" => None,
                names => Some(names.split('|').count() as u8),
            },
        })
    }
}

/// `a|b|c`; `None` for what is no such list.
fn raters(cell: &str) -> Option<Vec<f64>> {
    let parts = cell.split('|').filter(|_| !cell.is_empty());
    parts.map(|part| part.trim().parse().ok().filter(|rating: &f64| rating.is_finite())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cells: [&'static str; 5]) -> Result<Ratings, &'static str> {
        Ratings::read(|column| cells[Ratings::COLUMNS.iter().position(|name| *name == column).unwrap()])
    }

    #[test]
    fn raters_are_read_one_by_one_and_experts_colours_counted() {
        let found = read(["0|1|2", "8|5|7", "1|1| 3", "2", "light_brown|dark_brown|blue_gray"]).unwrap();
        let expected = Ratings {
            asymmetry: vec![0.0, 1.0, 2.0],
            border: vec![8.0, 5.0, 7.0],
            colour: vec![1.0, 1.0, 3.0],
            expert_asymmetry: Some(2),
            expert_colours: Some(3),
        };
        assert_eq!(found, expected);
        assert_eq!(read([""; 5]), Ok(Ratings::default()));
    }

    #[test]
    fn the_column_that_holds_no_rating_is_named() {
        assert_eq!(read(["0|x|2", "", "", "", ""]), Err("abc_asymmetry"));
        assert_eq!(read(["", "1||2", "", "", ""]), Err("abc_border"));
        assert_eq!(read(["", "", "nan|1|2", "", ""]), Err("abc_colour"));
        assert_eq!(read(["", "", "", "3", ""]), Err("ph2_asymmetry"));
    }
}
