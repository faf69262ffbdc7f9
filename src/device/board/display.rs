//! `[display]`: where screens go.

use std::path::PathBuf;

use super::section::Section;

/// Where screens go.
#[derive(Debug, Clone, PartialEq)]
pub enum DisplayBoard {
    /// Picture files; needs no hardware.
    Png(PngBoard),
    /// A Linux framebuffer.
    Fbdev(FbdevBoard),
}

/// `kind = "png"`.
#[derive(Debug, Clone, PartialEq)]
pub struct PngBoard {
    /// Folder of the pictures, made when it is not there.
    pub folder: PathBuf,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// `kind = "fbdev"`. The framebuffer itself says how large it is.
#[derive(Debug, Clone, PartialEq)]
pub struct FbdevBoard {
    /// Device node.
    pub device: PathBuf,
}

#[derive(Clone, Copy)]
enum Kind {
    Png,
    Fbdev,
}

impl DisplayBoard {
    pub(super) fn read(mut section: Section<'_>) -> Option<Self> {
        match section
            .choice("kind", &[("png", Kind::Png), ("fbdev", Kind::Fbdev)])
            .means("Must be set. Which of the two tables below holds.")
            .required()?
        {
            Kind::Png => {
                let folder = section.path("folder", "a folder for the pictures, made when it is not there").means("Must be set. `screen-NNNN.png` for each verdict, retake and fault, counting on from what is there; `live.png` for everything in between.").required();
                let width = section.integer("width", 320..=3840, "pixels").means("Width of the screen.").or(800);
                let height =
                    section.integer("height", 240..=2160, "pixels").means("Height of the screen; not more than the width.").or(480);
                if height > width {
                    section.conflict("height", "must not be more than display.width: screens are laid out for wide displays only");
                }
                section.finish(" with kind = \"png\"");
                Some(Self::Png(PngBoard { folder: folder?, width, height }))
            }
            Kind::Fbdev => {
                let device = section.path("device", "a framebuffer device such as /dev/fb0").means("Must be set.").required();
                section.finish(" with kind = \"fbdev\"");
                Some(Self::Fbdev(FbdevBoard { device: device? }))
            }
        }
    }
}
