//! An int8 inference allocates nothing: a device that has run once cannot run out of memory later.

#![allow(clippy::expect_used, reason = "a broken fixture may stop a test")]

mod support;

use std::{
    alloc::{GlobalAlloc, Layout as AllocatorLayout, System},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use lentigo::{
    bundle::{Bundle, Trust},
    engine::{Engine, Int8Engine, Options, Tensor},
    frame::Frame,
    patient::Context,
    prepare::Preparer,
    system::Metadata,
};

use lentigo::engine::int8::{
    kernels::{CHANNEL_PADDING, DepthwiseShape, Family, pack_portable},
    program::{
        Affine, Binary, BinaryKind, Constants, Convolution, Element, Layout, Matrix, Method, Norm, Operation, Output, Part, Place, Pool,
        PoolKind, Program, Real, RealBinary, RealFunction, Reduction, Requant, Resize, Step, Value, ValueId, place,
    },
    run::{Executor, Workers},
};

/// The system's allocator, with a count of what is asked of it.
struct Counting;

static ALLOCATIONS: AtomicUsize = AtomicUsize::new(0);

// SAFETY: everything is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: AllocatorLayout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        // SAFETY: the caller's contract.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: AllocatorLayout) {
        // SAFETY: the caller's contract.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// A program with a step of every kind, one after the other.
struct Chain {
    family: Family,
    values: Vec<Value>,
    steps: Vec<Step>,
    constants: Constants,
    last: ValueId,
}

const ALL: Output = if cfg!(target_arch = "aarch64") {
    Output { zero_point: -28, lowest: -128, highest: 127 }
} else {
    Output { zero_point: 100, lowest: 0, highest: 255 }
};

const SIDE: usize = 32;
const CHANNELS: usize = 40;

impl Chain {
    fn new(family: Family) -> Self {
        let shape = vec![1, 3, SIDE, SIDE];
        let input = Value { shape, layout: Layout::RowMajor, element: Element::F32, place: Place::Arena(0) };
        Self { family, values: vec![input], steps: Vec::new(), constants: Constants::default(), last: ValueId(0) }
    }

    fn value(&mut self, shape: &[usize], layout: Layout, element: Element) -> ValueId {
        self.values.push(Value { shape: shape.to_vec(), layout, element, place: Place::Arena(0) });
        ValueId(self.values.len() - 1)
    }

    fn step(&mut self, operation: Operation, more: &[ValueId], output: ValueId) {
        let inputs = std::iter::once(self.last).chain(more.iter().copied()).collect();
        self.steps.push(Step { name: format!("{}", self.steps.len()), operation, inputs, outputs: vec![output] });
        self.last = output;
    }

    fn picture(&mut self, channels: usize) -> ValueId {
        self.value(&[1, channels, SIDE, SIDE], Layout::ChannelsLast, Element::Code)
    }

    fn f32_constant(&mut self, count: usize) -> ValueId {
        let table = self.constants.push(bytemuck::cast_slice(&vec![1.0f32; count]));
        let place = Place::Constant(table.start);
        self.values.push(Value { shape: vec![count], layout: Layout::RowMajor, element: Element::F32, place });
        ValueId(self.values.len() - 1)
    }

    fn convolve(&mut self, from: usize, to: usize, kernel: usize, depthwise: bool) {
        let requant = Requant {
            bias: self.constants.push(&[0; 4 * 4 * CHANNEL_PADDING]),
            scale: self.constants.push(bytemuck::cast_slice(&[0.01f32; 4 * CHANNEL_PADDING])),
            zero_point: ALL.zero_point,
            lowest: ALL.lowest,
            highest: ALL.highest,
        };
        let method = if depthwise {
            let shape = DepthwiseShape { channels: from, kernel: [kernel; 2], stride: [1; 2], dilation: [1; 2] };
            let packed = pack_portable(&shape, &vec![3; from * kernel * kernel]);
            Method::DepthwisePortable { weights: self.constants.push(bytemuck::cast_slice(&packed)) }
        } else {
            let layout = self.family.kernels().layout;
            let (segments, depth): (Vec<[usize; 2]>, _) = ((0..kernel).map(|row| [row, 0]).collect(), kernel * from);
            let mut packed = vec![0; layout.packed_len(to, kernel, depth)];
            layout.pack(&vec![2; to * kernel * depth], to, kernel, depth, &mut packed);
            Method::Product { groups: 1, segments, depth, weights: vec![self.constants.push(bytemuck::cast_slice(&packed))] }
        };
        let convolution = Convolution {
            batch: 1,
            input: [SIDE, SIDE, from],
            output: [SIDE, SIDE, to],
            kernel: [kernel; 2],
            stride: [1; 2],
            dilation: [1; 2],
            padding: [kernel / 2; 2],
            outside: ALL.zero_point,
            method,
            requant,
        };
        let output = self.picture(to);
        self.step(Operation::Convolve(convolution), &[], output);
    }

    fn every_kind(mut self) -> Program {
        let affine = Affine { scale: 0.02, zero_point: ALL.zero_point };
        let output = self.picture(3);
        self.step(Operation::Quantise(affine), &[], output);
        self.convolve(3, CHANNELS, 3, false);
        self.convolve(CHANNELS, CHANNELS, 5, true);
        self.convolve(CHANNELS, CHANNELS, 1, false);
        let table = self.constants.push(&[9; 256]);
        let (output, before) = (self.picture(CHANNELS), self.last);
        self.step(Operation::Lookup(table), &[], output);
        let count = SIDE * SIDE * CHANNELS;
        let (a_zero, b_zero) = (ALL.zero_point, ALL.zero_point);
        let add = BinaryKind::Add { a_zero, a_scale: 0.5, b_zero, b_scale: 0.5, output: ALL };
        let output = self.picture(CHANNELS);
        self.step(Operation::Combine(Binary { kind: add, loops: vec![[count, 1, 1]] }), &[before], output);
        let output = self.picture(2 * CHANNELS);
        let channels = CHANNELS as isize;
        let part = |to| Part {
            input: 0,
            from: 0,
            to,
            loops: vec![[count as isize / channels, channels, 2 * channels], [channels, 1, 1]],
            table: None,
        };
        self.step(Operation::Assemble { fill: None, parts: vec![part(0), part(CHANNELS)] }, &[], output);
        let half = SIDE / 2;
        let pool = |kind, window: usize, size: usize| {
            let (kernel, stride, dilation, padding) = ([window; 2], [window; 2], [1; 2], [0; 2]);
            Operation::Pool(Pool {
                kind,
                batch: 1,
                input: [SIDE, SIDE, 2 * CHANNELS],
                output: [size; 2],
                kernel,
                stride,
                dilation,
                padding,
            })
        };
        let output = self.value(&[1, 2 * CHANNELS, half, half], Layout::ChannelsLast, Element::Code);
        self.step(pool(PoolKind::Max, 2, half), &[], output);
        let taps: Vec<(usize, usize, f32)> = (0..SIDE).map(|i| (i / 2, (i / 2 + 1).min(half - 1), 0.5)).collect();
        let linear = Some((ALL.zero_point, 1.0, ALL));
        let resize = Resize { batch: 1, input: [half, half, 2 * CHANNELS], rows: taps.clone(), columns: taps, linear };
        let output = self.picture(2 * CHANNELS);
        self.step(Operation::Resize(resize), &[], output);
        let average = PoolKind::Average { zero: ALL.zero_point, scale: 1.0, count_padding: false, output: ALL };
        let output = self.value(&[1, 2 * CHANNELS, 8, 8], Layout::ChannelsLast, Element::Code);
        self.step(pool(average, 4, 8), &[], output);
        // 64 pixels of 80 channels, as a matrix that is multiplied with itself as 80 rows of 64.
        let (rows, depth, columns) = (64, 80, 64);
        let (first, second) =
            (self.value(&[rows, depth], Layout::RowMajor, Element::Code), self.value(&[depth, columns], Layout::RowMajor, Element::Code));
        let picture = self.last;
        let whole = |loops| Operation::Assemble { fill: None, parts: vec![Part { input: 0, from: 0, to: 0, loops, table: None }] };
        self.step(whole(vec![[5120, 1, 1]]), &[], first);
        self.last = picture;
        self.step(whole(vec![[80, 1, 64], [64, 80, 1]]), &[], second);
        self.last = first;
        let (batch, shared, scale) = (1, false, 0.001);
        let matrix = Matrix { batch, shared, rows, depth, columns, a_zero, b_zero, scale, output: ALL };
        let output = self.value(&[rows, columns], Layout::RowMajor, Element::Code);
        self.step(Operation::Multiply(matrix), &[second], output);
        let norm = Norm { rows, columns, input: Some(affine), output: Some(affine) };
        let output = self.value(&[rows, columns], Layout::RowMajor, Element::Code);
        let [factor, offset] = [self.f32_constant(columns), self.f32_constant(columns)];
        self.step(Operation::LayerNorm { norm, epsilon: 1e-5 }, &[factor, offset], output);
        let output = self.value(&[rows, columns], Layout::RowMajor, Element::Code);
        self.step(Operation::Softmax(norm), &[], output);
        let output = self.value(&[rows, columns], Layout::RowMajor, Element::F32);
        self.step(Operation::Dequantise(affine), &[], output);
        self.every_kind_in_float(rows * columns);
        self.finish()
    }

    /// Goes on in f32 with `count` values as a picture.
    fn every_kind_in_float(&mut self, count: usize) {
        let (side, channels) = (8, count / 64);
        let picture = |chain: &mut Self, side: usize| chain.value(&[1, channels, side, side], Layout::ChannelsLast, Element::F32);
        let output = picture(self, side);
        self.step(Operation::Real(Real::Function(RealFunction::Gelu)), &[], output);
        let (output, before) = (picture(self, side), self.last);
        let combine = Real::Combine { kind: RealBinary::Divide, loops: vec![[count, 1, 1]] };
        self.step(Operation::Real(combine), &[before], output);
        let taps: Vec<(usize, usize, f32)> = (0..2 * side).map(|i| (i / 2, (i / 2 + 1).min(side - 1), 0.5)).collect();
        let output = picture(self, 2 * side);
        let resize = Real::Resize { batch: 1, input: [side, side, channels], rows: taps.clone(), columns: taps };
        self.step(Operation::Real(resize), &[], output);
        let output = self.value(&[1, channels], Layout::RowMajor, Element::F32);
        let reduce = Real::Reduce { kind: Reduction::Mean, outer: 1, over: 4 * side * side, inner: channels };
        self.step(Operation::Real(reduce), &[], output);
    }

    fn finish(mut self) -> Program {
        // Everything lives from the first step to the last: what is proved here needs no tight arena.
        let lives: Vec<_> = self.values.iter().map(|value| (value.len(), 0..1)).collect();
        let (starts, arena_len) = place(&lives);
        for (value, start) in self.values.iter_mut().zip(starts) {
            if matches!(value.place, Place::Arena(_)) {
                value.place = Place::Arena(start);
            }
        }
        let Self { values, steps, constants, last, .. } = self;
        Program { values, steps, inputs: vec![ValueId(0)], outputs: vec![last], arena_len, constants, picture: Some(0) }
    }
}

#[test]
fn nothing_is_allocated_after_the_first_inference() {
    for family in Family::available() {
        let program = Arc::new(Chain::new(family).every_kind());
        for threads in [1, 3] {
            let workers = Arc::new(Workers::new(threads).expect("threads"));
            let mut executor = Executor::new(Arc::clone(&program), family, workers, Vec::new()).expect("a sound program");
            let tables = executor.picture_tables(|_, value| f32::from(value) / 50.0).expect("a picture");
            let pixels: Vec<u8> = (0..3 * SIDE * SIDE).map(|i| (i * 31) as u8).collect();
            let mut inference = || {
                executor.input_f32_mut(0).fill(0.5);
                executor.run().expect("a run from f32");
                executor.set_picture(&pixels, &tables).expect("a picture of the right size");
                executor.run().expect("a run from pixels");
                assert!(executor.output_f32(0).iter().any(|value| *value != 0.0));
            };
            inference();
            let before = ALLOCATIONS.load(Ordering::SeqCst);
            for _ in 0..5 {
                inference();
            }
            assert_eq!(ALLOCATIONS.load(Ordering::SeqCst) - before, 0, "{family}, {threads} threads");
        }
    }
    the_released_networks_allocate_nothing();
}

/// Through the door that the pipeline uses: pixels in, tensors out. In the same test, because the count is the whole process's.
fn the_released_networks_allocate_nothing() {
    let bundles = Path::new(env!("CARGO_MANIFEST_DIR")).join("models/bundles");
    let folders = std::fs::read_dir(bundles).expect("bundles").map(|entry| entry.expect("a bundle").path());
    let released = folders.filter(|path| path.is_dir());
    let sealed = released.map(|folder| Bundle::open(&folder, &Trust::release().expect("the release key")).expect("a sealed bundle"));
    // A very small one that takes more than a picture, besides those that ship.
    let tiny = support::TinyBundle::dual_network();
    tiny.seal().expect("a sound bundle");
    // It is done before a second thread has begun to live, which is when that allocates.
    let small = (tiny.open().expect("a sealed bundle"), 1);
    for (bundle, most) in sealed.map(|bundle| (bundle, 2)).chain([small]) {
        let others: Vec<Tensor> = bundle.manifest().metadata.iter().map(unknown_patient).collect();
        let (recipe, spec) = (bundle.manifest().prepare.clone(), &bundle.manifest().graph);
        let (mut preparer, size) = (Preparer::new(recipe.clone()), recipe.size);
        let prepared = preparer.prepare(&Frame::from_fn(size, size, |x, y| [x as u8, y as u8, 90]).expect("a frame")).expect("a picture");
        for threads in 1..=most {
            let mut engine = Int8Engine::load(bundle.graph(), spec, &Options { threads, ..Options::default() }).expect("a network");
            let picture = preparer.picture(&prepared);
            engine.run_picture(&picture, &others).expect("the first run");
            let before = ALLOCATIONS.load(Ordering::SeqCst);
            for _ in 0..3 {
                engine.run_picture(&picture, &others).expect("a run");
            }
            assert_eq!(ALLOCATIONS.load(Ordering::SeqCst) - before, 0, "{}, {threads} threads", bundle.id().name);
        }
    }
}

fn unknown_patient(metadata: &Metadata) -> Tensor {
    let mut vector = Tensor { shape: vec![1, metadata.length()], values: vec![0.0; metadata.length()] };
    metadata.encode(&Context::default(), &mut vector.values);
    vector
}
