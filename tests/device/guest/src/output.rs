//! The thin edge to the kernel: an output node whose buffers are all queued, so that the capture side never finds it empty.
//!
//! The `v4l` crate's own output stream queues one buffer at a time, on which `vivid` stalls; `write` it does not take at all.
//! `v4l2loopback` takes nothing but `write` from here.

use std::{
    io::{self, Write},
    mem,
};

use v4l::{
    Device,
    memory::Memory,
    v4l_sys::{v4l2_buffer, v4l2_requestbuffers},
    v4l2::{self, vidioc},
};

/// V4L2_BUF_TYPE_VIDEO_OUTPUT (videodev2.h).
const OUTPUT: u32 = 2;
/// V4L2_FIELD_NONE (videodev2.h): whole frames.
const WHOLE: u32 = 1;
/// POLLOUT (poll.h): a buffer can be had back. The crate opens nodes so that nothing else waits.
const WRITABLE: i16 = 4;
const PATIENCE_MS: i32 = 20_000;
const BUFFERS: usize = 4;

/// An output node that is on.
pub enum Output {
    /// `vivid`.
    Queued(Queue),
    /// `v4l2loopback`.
    Written(Device, Vec<u8>),
}

impl Output {
    /// Gives the node a frame, of `picture` from now on when there is another one.
    pub fn turn(&mut self, picture: Option<&[u8]>) -> io::Result<()> {
        match self {
            Self::Queued(queue) => queue.turn(picture),
            Self::Written(device, shown) => {
                if let Some(picture) = picture {
                    *shown = picture.to_vec();
                }
                device.write_all(shown)
            }
        }
    }

    /// How many frames may still be of the picture before, once another one was given.
    pub fn depth(&self) -> usize {
        match self {
            Self::Queued(queue) => queue.buffers.len(),
            Self::Written(..) => 1,
        }
    }
}

/// An output node that is on, all of its buffers queued.
pub struct Queue {
    device: Device,
    buffers: Vec<Vec<u8>>,
}

impl Queue {
    /// Fills every buffer with `picture`, queues them all, and switches the node on.
    pub fn start(device: Device, picture: &[u8]) -> io::Result<Self> {
        let mut queue = Self { device, buffers: vec![picture.to_vec(); BUFFERS] };
        // SAFETY: a struct of integers, for which zero is a value.
        let mut request: v4l2_requestbuffers = unsafe { mem::zeroed() };
        (request.count, request.type_, request.memory) = (BUFFERS as u32, OUTPUT, Memory::UserPtr as u32);
        queue.ask(vidioc::VIDIOC_REQBUFS, &mut request)?;
        queue.buffers.truncate(request.count as usize);
        for index in 0..queue.buffers.len() {
            queue.queue(index)?;
        }
        queue.ask(vidioc::VIDIOC_STREAMON, &mut { OUTPUT })?;
        Ok(queue)
    }

    /// Waits until the kernel is done with a buffer and queues it again, with `picture` in it when there is another one.
    fn turn(&mut self, picture: Option<&[u8]>) -> io::Result<()> {
        if self.device.handle().poll(WRITABLE, PATIENCE_MS)? == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let mut buffer = Self::blank();
        self.ask(vidioc::VIDIOC_DQBUF, &mut buffer)?;
        let index = buffer.index as usize;
        if let Some(picture) = picture
            && let Some(bytes) = self.buffers.get_mut(index)
            && bytes.len() == picture.len()
        {
            bytes.copy_from_slice(picture);
        }
        self.queue(index)
    }

    fn queue(&mut self, index: usize) -> io::Result<()> {
        let mut buffer = Self::blank();
        let bytes = self.buffers.get_mut(index).ok_or(io::ErrorKind::InvalidData)?;
        (buffer.index, buffer.field) = (index as u32, WHOLE);
        (buffer.length, buffer.bytesused) = (bytes.len() as u32, bytes.len() as u32);
        buffer.m.userptr = bytes.as_mut_ptr() as u64;
        self.ask(vidioc::VIDIOC_QBUF, &mut buffer)
    }

    fn blank() -> v4l2_buffer {
        // SAFETY: integers and unions of integers and pointers, for all of which zero is a value.
        let mut buffer: v4l2_buffer = unsafe { mem::zeroed() };
        (buffer.type_, buffer.memory) = (OUTPUT, Memory::UserPtr as u32);
        buffer
    }

    fn ask<T>(&self, what: vidioc::_IOC_TYPE, with: &mut T) -> io::Result<()> {
        // SAFETY: every caller gives the struct that belongs to the request. A queued buffer's memory is a vector's that lives, at the
        // same address, until the node is closed: `device` is dropped before `buffers`, and no vector changes its length.
        unsafe { v4l2::ioctl(self.device.handle().fd(), what, std::ptr::from_mut(with).cast()) }
    }
}
