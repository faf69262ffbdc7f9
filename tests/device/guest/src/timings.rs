//! How many frames a second `vivid` gives: of the video timings of this size that it offers, those with the fewest.
//!
//! Its own choice is 60, which an emulated processor does nothing else beside.

use std::{io, mem};

use rustix::ioctl::opcode::read_write;
use v4l::{
    Device,
    v4l_sys::{v4l2_dv_timings, v4l2_enum_dv_timings},
    v4l2::{self, vidioc::_IOC_TYPE},
};

/// VIDIOC_ENUM_DV_TIMINGS (videodev2.h).
const LIST: _IOC_TYPE = read_write::<v4l2_enum_dv_timings>(b'V', 98) as _IOC_TYPE;
/// VIDIOC_S_DV_TIMINGS (videodev2.h).
const SET: _IOC_TYPE = read_write::<v4l2_dv_timings>(b'V', 87) as _IOC_TYPE;

/// Sets the slowest timings of `size` on `node`. An error of the kind `ResourceBusy`: somebody streams from it already.
pub fn slowest(node: &Device, size: (u32, u32)) -> io::Result<()> {
    let mut best: Option<(u64, v4l2_dv_timings)> = None;
    for index in 0.. {
        // SAFETY: integers and a union of integers, for all of which zero is a value.
        let mut offer: v4l2_enum_dv_timings = unsafe { mem::zeroed() };
        offer.index = index;
        // SAFETY: the struct is the one that belongs to this request.
        if unsafe { v4l2::ioctl(node.handle().fd(), LIST, (&raw mut offer).cast()) }.is_err() {
            break;
        }
        // SAFETY: the kernel has filled in the only member that the union has for video timings.
        let bt = unsafe { offer.timings.__bindgen_anon_1.bt };
        let whole = u64::from(bt.width + bt.hfrontporch + bt.hsync + bt.hbackporch)
            * u64::from(bt.height + bt.vfrontporch + bt.vsync + bt.vbackporch);
        let (clock, width, height, interlaced) = (bt.pixelclock, bt.width, bt.height, bt.interlaced);
        if (width, height) == size && interlaced == 0 && whole > 0 {
            let millihertz = clock * 1000 / whole;
            if best.is_none_or(|(least, _)| millihertz < least) {
                best = Some((millihertz, offer.timings));
            }
        }
    }
    let (_, mut timings) = best.ok_or(io::ErrorKind::Unsupported)?;
    // SAFETY: the struct is the one that belongs to this request.
    unsafe { v4l2::ioctl(node.handle().fd(), SET, (&raw mut timings).cast()) }
}
