//! The pictures and masks of a labelled set, read one ahead of the network, so that decoding costs no waiting.

use anyhow::{Context, Result};

use super::super::labelled_set::LabelledSet;
use crate::{
    capture::read_picture,
    evaluation::{
        hide::{Hide, hide},
        index::Row,
        truth,
    },
    frame::{Frame, Mask},
};

/// Pictures that are read before the network asks for them: enough that neither waits for the other, few enough for a small memory.
const AHEAD: usize = 3;

/// Where pictures come from and what is done to them.
pub(super) struct Source<'a> {
    pub(super) set: &'a LabelledSet,
    pub(super) hide: Option<Hide>,
}

/// What a row shows.
pub(super) struct Picture {
    /// As the network gets it.
    pub(super) frame: Frame,
    /// The lesion, where the row has a mask that can be read.
    pub(super) mask: Option<Mask>,
    /// Why there is no mask although the row has one.
    pub(super) mask_trouble: Option<anyhow::Error>,
}

/// What came of a row.
pub(super) enum Read {
    /// A picture for the network.
    Picture(Picture),
    /// Nothing can be hidden in it: no mask, or one that leaves too little.
    LeftOut,
    /// The picture cannot be read.
    Unreadable(anyhow::Error),
}

impl Source<'_> {
    /// Reads every row in order and gives each to `take`, reading on meanwhile.
    pub(super) fn each(&self, rows: &[Row], mut take: impl FnMut(&Row, Read)) {
        std::thread::scope(|scope| {
            let (give, read) = crossbeam_channel::bounded(AHEAD);
            scope.spawn(move || {
                // Whoever takes them is gone only when the whole command is.
                let _ = rows.iter().try_for_each(|row| give.send((row, self.read(row))));
            });
            for (row, picture) in read {
                take(row, picture);
            }
        });
    }

    fn read(&self, row: &Row) -> Read {
        let frame = match read_picture(&self.set.image(row)) {
            Ok(frame) => frame,
            Err(error) => return Read::Unreadable(error.into()),
        };
        let (mask, mask_trouble) = match self.mask(row) {
            Ok(mask) => (mask, None),
            Err(error) => (None, Some(error)),
        };
        let Some(part) = self.hide else { return Read::Picture(Picture { frame, mask, mask_trouble }) };
        match mask.as_ref().and_then(|mask| hide(&frame, mask, part)) {
            Some(frame) => Read::Picture(Picture { frame, mask, mask_trouble }),
            None => Read::LeftOut,
        }
    }

    fn mask(&self, row: &Row) -> Result<Option<Mask>> {
        let Some(path) = self.set.mask(row) else { return Ok(None) };
        let picture = read_picture(&path)?;
        Ok(Some(truth::mask(&picture).with_context(|| format!("the mask {}", path.display()))?))
    }
}
