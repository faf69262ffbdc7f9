//! What a framebuffer says about itself, and whether it adds up.
//!
//! The two structures and request numbers are those of Linux `include/uapi/linux/fb.h`; with `console.rs` the file holds all
//! unsafe code of this room.

use std::{fs::File, path::Path};

use rustix::ioctl::{Getter, IntegerSetter, ioctl};

use crate::{
    display::{Channel, DisplayError, PixelLayout},
    frame::{MAX_SIDE, Region},
};

/// The visible part of a framebuffer and how its pixels are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Geometry {
    /// Visible width in pixels.
    pub width: u32,
    /// Visible height in pixels.
    pub height: u32,
    /// First visible column of the memory.
    pub x_offset: u32,
    /// First visible row of the memory.
    pub y_offset: u32,
    /// 16, 24 or 32.
    pub bits_per_pixel: u32,
    /// Bytes from one row to the next; may be more than its pixels take.
    pub line_length: u32,
    /// Bytes of memory.
    pub memory: u64,
    /// Bits of red.
    pub red: Channel,
    /// Bits of green.
    pub green: Channel,
    /// Bits of blue.
    pub blue: Channel,
    /// Bits that must be set for the pixel to be seen; length 0 when there are none.
    pub opaque: Channel,
}

impl Geometry {
    /// Bytes of one pixel.
    pub(super) fn bytes_per_pixel(&self) -> usize {
        self.bits_per_pixel as usize / 8
    }

    /// Bytes of one visible line.
    pub(super) fn line_bytes(&self) -> usize {
        self.width as usize * self.bytes_per_pixel()
    }

    /// Where the visible part of line `y` starts, in bytes from the start of the memory.
    pub(super) fn line_start(&self, y: u32) -> u64 {
        (u64::from(self.y_offset) + u64::from(y)) * u64::from(self.line_length) + u64::from(self.x_offset) * self.bytes_per_pixel() as u64
    }

    /// Where the visible pixel (`x`, `y`) lies, in bytes from the start of the memory.
    pub(super) fn place(&self, x: u32, y: u32) -> u64 {
        self.line_start(y) + u64::from(x) * self.bytes_per_pixel() as u64
    }

    /// Whether the lines of `region` follow one another in memory without a gap.
    pub(super) fn is_seamless(&self, region: Region) -> bool {
        region.width as usize * self.bytes_per_pixel() == self.line_length as usize
    }

    /// How its pixels lie in memory.
    pub(super) fn layout(&self) -> PixelLayout {
        let Self { bits_per_pixel, red, green, blue, opaque, .. } = *self;
        PixelLayout { bits_per_pixel, red, green, blue, opaque }
    }

    /// Whether pictures can be written with these numbers; the error says what is wrong.
    pub(super) fn check(&self) -> Result<(), String> {
        let Self { width, height, bits_per_pixel, line_length, memory, .. } = *self;
        if !(1..=MAX_SIDE).contains(&width) || !(1..=MAX_SIDE).contains(&height) {
            return Err(format!("the screen says that it is {width}x{height} pixels; check the driver's settings"));
        }
        if ![16, 24, 32].contains(&bits_per_pixel) {
            return Err(format!(
                "the screen has {bits_per_pixel} bits a pixel; 16, 24 and 32 can be shown. Set the depth with fbset or in the overlay"
            ));
        }
        let outside =
            |channel: Channel| channel.length > 16 || channel.offset.checked_add(channel.length).is_none_or(|end| end > bits_per_pixel);
        if [self.red, self.green, self.blue].iter().any(|channel| channel.length == 0 || outside(*channel)) || outside(self.opaque) {
            return Err(format!(
                "the screen's colours do not fit into its {bits_per_pixel} bits a pixel; only true-colour modes can be shown"
            ));
        }
        let line_end = u64::from(self.x_offset) * self.bytes_per_pixel() as u64 + self.line_bytes() as u64;
        if line_end > u64::from(line_length) {
            return Err(format!("a line of {width} pixels does not fit into the {line_length} bytes that the screen has for it"));
        }
        if self.line_start(height - 1) + self.line_bytes() as u64 > memory {
            return Err(format!("{width}x{height} pixels do not fit into the screen's {memory} bytes of memory"));
        }
        Ok(())
    }
}

/// `struct fb_bitfield`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
struct Bitfield {
    offset: u32,
    length: u32,
    most_significant_right: u32,
}

/// `struct fb_var_screeninfo`, 160 bytes.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
struct VariableInfo {
    width: u32,
    height: u32,
    virtual_width: u32,
    virtual_height: u32,
    x_offset: u32,
    y_offset: u32,
    bits_per_pixel: u32,
    greyscale_or_fourcc: u32,
    red: Bitfield,
    green: Bitfield,
    blue: Bitfield,
    transparency: Bitfield,
    /// Non-standard format, activation, size in mm, acceleration flags, timings, rotation, colour space, reserved.
    rest: [u32; 20],
}

/// `struct fb_fix_screeninfo`, 80 bytes on 64-bit and 68 on 32-bit machines.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
struct FixedInfo {
    name: [u8; 16],
    memory_start: std::ffi::c_ulong,
    memory_length: u32,
    kind: u32,
    kind_of_planes: u32,
    visual: u32,
    x_pan_step: u16,
    y_pan_step: u16,
    y_wrap_step: u16,
    line_length: u32,
    registers_start: std::ffi::c_ulong,
    registers_length: u32,
    acceleration: u32,
    capabilities: u16,
    reserved: [u16; 2],
}

const _: () = assert!(size_of::<VariableInfo>() == 160);
const _: () = assert!(size_of::<FixedInfo>() == if cfg!(target_pointer_width = "64") { 80 } else { 68 });

const FBIOGET_VSCREENINFO: rustix::ioctl::Opcode = 0x4600;
const FBIOGET_FSCREENINFO: rustix::ioctl::Opcode = 0x4602;
const FBIOBLANK: rustix::ioctl::Opcode = 0x4611;
/// `FB_TYPE_PACKED_PIXELS`: each pixel's bits lie together.
const PACKED_PIXELS: u32 = 0;

/// Asks the device behind `file`.
pub(super) fn read(file: &File, path: &Path) -> Result<Geometry, DisplayError> {
    let refused = |cause: rustix::io::Errno| DisplayError::NoFramebuffer { path: path.to_owned(), cause: cause.into() };
    // SAFETY: the request writes one `struct fb_var_screeninfo`, which `VariableInfo` mirrors field by field (its size is
    // asserted above); any bits are valid for its integers. A file that is no framebuffer answers ENOTTY and writes nothing.
    let variable = unsafe { ioctl(file, Getter::<FBIOGET_VSCREENINFO, VariableInfo>::new()) }.map_err(refused)?;
    // SAFETY: the same for `struct fb_fix_screeninfo` and `FixedInfo`.
    let fixed = unsafe { ioctl(file, Getter::<FBIOGET_FSCREENINFO, FixedInfo>::new()) }.map_err(refused)?;
    from_device(&variable, &fixed).map_err(|detail| DisplayError::Geometry { path: path.to_owned(), detail })
}

/// Switches the screen behind `file` off (`dark`) or on. Not every driver can; the error is the system's.
pub(super) fn blank(file: &File, dark: bool) -> Result<(), rustix::io::Errno> {
    const UNBLANK: usize = 0;
    const POWER_DOWN: usize = 4;
    // SAFETY: the request takes an integer and no pointer; a file that is no framebuffer answers ENOTTY.
    unsafe { ioctl(file, IntegerSetter::<FBIOBLANK>::new_usize(if dark { POWER_DOWN } else { UNBLANK })) }
}

fn from_device(variable: &VariableInfo, fixed: &FixedInfo) -> Result<Geometry, String> {
    if variable.greyscale_or_fourcc != 0 || fixed.kind != PACKED_PIXELS {
        return Err("the screen is greyscale or keeps its colours in planes; only packed true-colour modes can be shown".to_owned());
    }
    let fields = [variable.red, variable.green, variable.blue, variable.transparency];
    if fields.iter().any(|field| field.most_significant_right != 0) {
        return Err("the screen keeps its bits in reverse order, which cannot be shown".to_owned());
    }
    let [red, green, blue, opaque] = fields.map(|field| Channel { offset: field.offset, length: field.length });
    Ok(Geometry {
        width: variable.width,
        height: variable.height,
        x_offset: variable.x_offset,
        y_offset: variable.y_offset,
        bits_per_pixel: variable.bits_per_pixel,
        line_length: fixed.line_length,
        memory: fixed.memory_length.into(),
        red,
        green,
        blue,
        opaque,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(offset: u32, length: u32) -> Bitfield {
        Bitfield { offset, length, most_significant_right: 0 }
    }

    /// What an ILI9341 panel of 320x240 on SPI answers.
    fn panel() -> (VariableInfo, FixedInfo) {
        let variable = VariableInfo {
            width: 320,
            height: 240,
            virtual_width: 320,
            virtual_height: 240,
            x_offset: 0,
            y_offset: 0,
            bits_per_pixel: 16,
            greyscale_or_fourcc: 0,
            red: field(11, 5),
            green: field(5, 6),
            blue: field(0, 5),
            transparency: field(0, 0),
            rest: [0; 20],
        };
        let fixed = FixedInfo {
            name: *b"fb_ili9341\0\0\0\0\0\0",
            memory_start: 0,
            memory_length: 153_600,
            kind: PACKED_PIXELS,
            kind_of_planes: 0,
            visual: 2,
            x_pan_step: 0,
            y_pan_step: 0,
            y_wrap_step: 0,
            line_length: 640,
            registers_start: 0,
            registers_length: 0,
            acceleration: 0,
            capabilities: 0,
            reserved: [0; 2],
        };
        (variable, fixed)
    }

    #[test]
    fn a_panel_on_spi_is_understood() {
        let (variable, fixed) = panel();
        let geometry = from_device(&variable, &fixed).unwrap();
        assert_eq!((geometry.width, geometry.height, geometry.line_bytes()), (320, 240, 640));
        assert_eq!(geometry.red, Channel { offset: 11, length: 5 });
        assert_eq!(geometry.line_start(2), 1280);
        geometry.check().unwrap();
    }

    #[test]
    fn modes_that_cannot_be_written_are_refused() {
        let (variable, fixed) = panel();
        let fourcc = VariableInfo { greyscale_or_fourcc: 0x3231_564E, ..variable };
        let planes = FixedInfo { kind: 1, ..fixed };
        let reversed = VariableInfo { red: Bitfield { most_significant_right: 1, ..variable.red }, ..variable };
        assert!(
            from_device(&fourcc, &fixed).is_err() && from_device(&variable, &planes).is_err() && from_device(&reversed, &fixed).is_err()
        );
    }

    #[test]
    fn numbers_that_do_not_add_up_are_refused() {
        let (variable, fixed) = panel();
        let good = from_device(&variable, &fixed).unwrap();
        for bad in [
            Geometry { width: 0, ..good },
            Geometry { height: u32::MAX, ..good },
            Geometry { bits_per_pixel: 8, ..good },
            Geometry { line_length: 639, ..good },
            Geometry { x_offset: 1, ..good },
            Geometry { y_offset: 1, ..good },
            Geometry { y_offset: u32::MAX, x_offset: u32::MAX, ..good },
            Geometry { memory: 153_599, ..good },
            Geometry { red: Channel { offset: 12, length: 5 }, ..good },
            Geometry { green: Channel { offset: u32::MAX, length: 6 }, ..good },
            Geometry { blue: Channel { offset: 0, length: 0 }, ..good },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
    }
}
