//! The edge to the kernel's camera controls, by the four calls that every driver has.
//!
//! Not through the `v4l` crate: it asks for every control and menu at once, and panics on kinds of them that it does not know.

use std::{io, os::fd::BorrowedFd};

use rustix::ioctl::{Opcode, Updater, ioctl, opcode};

use super::{
    super::driver::{Control, Span},
    EINVAL,
};

/// `errno(3)`: the device knows no such request.
const ENOTTY: i32 = 25;
/// `V4L2_CTRL_TYPE_*` of the kernel's `videodev2.h`.
const INTEGER: u32 = 1;
const BOOLEAN: u32 = 2;
const MENU: u32 = 3;
/// `V4L2_CTRL_FLAG_*` of controls that cannot be set: disabled, read-only.
const NOT_TO_BE_SET: u32 = 0x0001 | 0x0004;
/// More items than any menu here has; bounds what a driver can make us ask.
const LONGEST_MENU: i32 = 32;

/// `VIDIOC_G_CTRL`.
const READ: Opcode = opcode::read_write::<Value>(b'V', 27);
/// `VIDIOC_S_CTRL`.
const WRITE: Opcode = opcode::read_write::<Value>(b'V', 28);
/// `VIDIOC_QUERYCTRL`.
const QUERY: Opcode = opcode::read_write::<Query>(b'V', 36);
/// `VIDIOC_QUERYMENU`.
const MENU_ITEM: Opcode = opcode::read_write::<Item>(b'V', 37);

/// `struct v4l2_control`.
#[repr(C)]
#[derive(Default)]
struct Value {
    id: u32,
    value: i32,
}

/// `struct v4l2_queryctrl`.
#[repr(C)]
#[derive(Default)]
struct Query {
    id: u32,
    kind: u32,
    name: [u8; 32],
    minimum: i32,
    maximum: i32,
    step: i32,
    usual: i32,
    flags: u32,
    reserved: [u32; 2],
}

/// `struct v4l2_querymenu`, which is packed.
#[repr(C)]
#[derive(Default)]
struct Item {
    id: u32,
    index: u32,
    name: [u8; 32],
    reserved: u32,
}

const _: () = assert!(size_of::<Value>() == 8 && size_of::<Query>() == 68 && size_of::<Item>() == 44, "as large as the kernel's");

/// `V4L2_CID_*` of the kernel's `v4l2-controls.h`.
fn number(control: Control) -> u32 {
    const USER: u32 = 0x0098_0900;
    const CAMERA: u32 = 0x009a_0900;
    match control {
        Control::ExposureMode => CAMERA + 1,
        Control::ExposureTime => CAMERA + 2,
        Control::ExposureSteps => USER + 17,
        Control::GainMode => USER + 18,
        Control::Gain => USER + 19,
        Control::WhiteBalanceMode => USER + 12,
        Control::WhiteBalanceKelvin => USER + 26,
        Control::RedBalance => USER + 14,
        Control::BlueBalance => USER + 15,
        Control::FocusMode => CAMERA + 12,
        Control::FocusPlace => CAMERA + 10,
        Control::PowerLine => USER + 24,
    }
}

/// What `control` can be; `None` when the device has no such control or not one that can be set.
pub(super) fn span(device: BorrowedFd<'_>, control: Control) -> io::Result<Option<Span>> {
    let mut query = Query { id: number(control), ..Query::default() };
    // SAFETY: the kernel reads and writes one `v4l2_queryctrl` for this request, and `Query` is laid out as that.
    match unsafe { ioctl(device, Updater::<QUERY, _>::new(&mut query)) }.map_err(io::Error::from) {
        Err(cause) if matches!(cause.raw_os_error(), Some(EINVAL | ENOTTY)) => return Ok(None),
        answer => answer?,
    }
    let Query { kind, minimum, maximum, step, usual, flags, .. } = query;
    if flags & NOT_TO_BE_SET != 0 || ![INTEGER, BOOLEAN, MENU].contains(&kind) || minimum > maximum {
        return Ok(None);
    }
    let choices = (kind == MENU).then(|| {
        let items = minimum..=maximum.min(minimum.saturating_add(LONGEST_MENU));
        items.filter(|item| has_item(device, control, *item)).collect()
    });
    Ok(Some(Span { least: minimum, most: maximum, step: step.max(1), usual, choices }))
}

/// Menus have gaps.
fn has_item(device: BorrowedFd<'_>, control: Control, item: i32) -> bool {
    let Ok(index) = u32::try_from(item) else { return false };
    let mut item = Item { id: number(control), index, ..Item::default() };
    // SAFETY: the kernel reads and writes one `v4l2_querymenu` for this request, and `Item` is laid out as that.
    unsafe { ioctl(device, Updater::<MENU_ITEM, _>::new(&mut item)) }.is_ok()
}

/// What `control` is now.
pub(super) fn read(device: BorrowedFd<'_>, control: Control) -> io::Result<i32> {
    let mut value = Value { id: number(control), value: 0 };
    // SAFETY: the kernel reads and writes one `v4l2_control` for this request, and `Value` is laid out as that.
    unsafe { ioctl(device, Updater::<READ, _>::new(&mut value)) }?;
    Ok(value.value)
}

/// Sets `control`.
pub(super) fn write(device: BorrowedFd<'_>, control: Control, value: i32) -> io::Result<()> {
    let mut value = Value { id: number(control), value };
    // SAFETY: the kernel reads and writes one `v4l2_control` for this request, and `Value` is laid out as that.
    unsafe { ioctl(device, Updater::<WRITE, _>::new(&mut value)) }?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use v4l::{v4l_sys, v4l2::vidioc};

    use super::*;

    #[test]
    fn requests_and_numbers_are_those_of_the_kernels_headers() {
        let requests = [vidioc::VIDIOC_G_CTRL, vidioc::VIDIOC_S_CTRL, vidioc::VIDIOC_QUERYCTRL, vidioc::VIDIOC_QUERYMENU];
        assert_eq!([READ, WRITE, QUERY, MENU_ITEM].map(u64::from), requests.map(u64::from));
        assert_eq!(
            [
                Control::ExposureMode,
                Control::ExposureTime,
                Control::ExposureSteps,
                Control::GainMode,
                Control::Gain,
                Control::WhiteBalanceMode,
                Control::WhiteBalanceKelvin,
                Control::RedBalance,
                Control::BlueBalance,
                Control::FocusMode,
                Control::FocusPlace,
                Control::PowerLine
            ]
            .map(number),
            [
                v4l_sys::V4L2_CID_EXPOSURE_AUTO,
                v4l_sys::V4L2_CID_EXPOSURE_ABSOLUTE,
                v4l_sys::V4L2_CID_EXPOSURE,
                v4l_sys::V4L2_CID_AUTOGAIN,
                v4l_sys::V4L2_CID_GAIN,
                v4l_sys::V4L2_CID_AUTO_WHITE_BALANCE,
                v4l_sys::V4L2_CID_WHITE_BALANCE_TEMPERATURE,
                v4l_sys::V4L2_CID_RED_BALANCE,
                v4l_sys::V4L2_CID_BLUE_BALANCE,
                v4l_sys::V4L2_CID_FOCUS_AUTO,
                v4l_sys::V4L2_CID_FOCUS_ABSOLUTE,
                v4l_sys::V4L2_CID_POWER_LINE_FREQUENCY
            ]
        );
    }

    #[test]
    fn what_is_no_camera_has_no_controls() {
        let file = std::fs::File::open("/dev/null").unwrap();
        let device = std::os::fd::AsFd::as_fd(&file);
        assert_eq!(span(device, Control::Gain).unwrap(), None);
        assert!(read(device, Control::Gain).is_err() && write(device, Control::Gain, 1).is_err());
    }
}
