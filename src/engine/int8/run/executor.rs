//! Runs a program, step by step.

use std::{
    sync::{Arc, Mutex, RwLock},
    time::Instant,
};

use super::{
    super::{
        kernels::{Code, Family, Processor, READ_SLACK, elementwise},
        program::{Place, Program, ProgramError, ValueId},
    },
    PictureTables, RunError, StepTime, Workers,
    memory::{Aligned, Inputs, Operand},
    multiply::Packed,
    picture::Entrance,
    profile::Profile,
    step::{Action, Context, Room, Scratch},
};

/// An operator of tract.
pub trait Foreign: Send {
    /// Computes the outputs, row-major, each of the length that the program says, from the inputs, likewise. May allocate.
    ///
    /// # Errors
    /// What went wrong, for a person to read.
    fn run(&mut self, inputs: &[&[u8]], outputs: &mut [&mut [u8]]) -> Result<(), String>;
}

/// A program with its memory, ready to be run again and again.
///
/// For each inference set every input ([`Self::input_mut`], [`Self::set_picture`]), [`Self::run`], then read the outputs; the memory of inputs
/// is used for other things during a run.
pub struct Executor {
    program: Arc<Program>,
    processor: Processor,
    workers: Arc<Workers>,
    foreign: Vec<Box<dyn Foreign>>,
    arena: Aligned,
    steps: Vec<Step>,
    scratch: Vec<Mutex<Scratch>>,
    packed: Vec<RwLock<Packed>>,
    entrance: Option<Entrance>,
    /// Whether the next run starts from a picture that was set.
    picture_is_set: bool,
    profile: Option<Profile>,
}

struct Step {
    action: Action,
    inputs: Vec<Operand>,
    outputs: Vec<Operand>,
}

impl std::fmt::Debug for Executor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { processor, workers, arena, steps, .. } = self;
        let arena = arena.bytes().len();
        write!(f, "Executor({}, {} threads, {} steps, {arena} bytes)", processor.family(), workers.count(), steps.len())
    }
}

impl Executor {
    /// Checks `program` and makes everything ready that its runs need. It must have been compiled for `family`. `foreign` are the operators of
    /// tract that it names by index.
    ///
    /// # Errors
    /// [`ProgramError`] when the program contradicts itself or this processor cannot run it.
    pub fn new(program: Arc<Program>, family: Family, workers: Arc<Workers>, foreign: Vec<Box<dyn Foreign>>) -> Result<Self, ProgramError> {
        let processor = Processor::new(family).ok_or(ProgramError::Family(family))?;
        program.check(processor, foreign.len())?;
        let mut room = Room::default();
        let mut steps = Vec::with_capacity(program.steps.len());
        for step in &program.steps {
            let (action, needs) = Action::new(&program, step, processor, workers.count());
            room = room.max(needs);
            let operands = |ids: &[ValueId]| ids.iter().map(|&id| Operand::of(&program, id)).collect();
            steps.push(Step { action, inputs: operands(&step.inputs), outputs: operands(&step.outputs) });
        }
        let scratch = || Mutex::new(Scratch { codes: Aligned::new(room.codes), reals: vec![0.0; room.reals] });
        let [matrices, bytes, columns] = room.matrices;
        Ok(Self {
            processor,
            foreign,
            arena: Aligned::new(program.arena_len.max(READ_SLACK)),
            steps,
            scratch: (0..workers.count()).map(|_| scratch()).collect(),
            packed: (0..matrices).map(|_| RwLock::new(Packed::new(bytes, columns))).collect(),
            entrance: Entrance::of(&program),
            picture_is_set: false,
            profile: None,
            workers,
            program,
        })
    }

    /// The program.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The memory of input `number`, in its value's layout and element type. None when there is no such input.
    pub fn input_mut(&mut self, number: usize) -> &mut [u8] {
        self.picture_is_set = false;
        let Some(&id) = self.program.inputs.get(number) else { return &mut [] };
        self.value_mut(id)
    }

    /// [`Self::input_mut`] of an f32 input; none when it is of another type.
    pub fn input_f32_mut(&mut self, number: usize) -> &mut [f32] {
        bytemuck::try_cast_slice_mut(self.input_mut(number)).unwrap_or_default()
    }

    /// What output `number` was in the last run, in its value's layout and element type. None when there is no such output.
    #[must_use]
    pub fn output(&self, number: usize) -> &[u8] {
        let Some(&id) = self.program.outputs.get(number) else { return &[] };
        let Operand { place, len } = Operand::of(&self.program, id);
        match place {
            Place::Arena(start) => &self.arena.bytes()[start..start + len],
            Place::Constant(start) => &self.program.constants.as_bytes()[start..start + len],
        }
    }

    /// [`Self::output`] of an f32 output; none when it is of another type.
    #[must_use]
    pub fn output_f32(&self, number: usize) -> &[f32] {
        bytemuck::try_cast_slice(self.output(number)).unwrap_or_default()
    }

    /// Tables for [`Self::set_picture`], from `real(channel, value)`: what the graph's input would be for a pixel's value. `None` when the graph
    /// does not begin with the quantisation of a picture.
    #[must_use]
    pub fn picture_tables(&self, real: impl Fn(usize, u8) -> f32) -> Option<PictureTables> {
        self.entrance.as_ref().map(|entrance| entrance.tables(real))
    }

    /// Lets the next run begin with `pixels`, interleaved channels, rows from the top, of the size of the graph's input, instead of the f32
    /// input, which is never made.
    ///
    /// # Errors
    /// [`RunError::Picture`] when pixels or tables are not as many as the graph takes, or it takes no picture.
    pub fn set_picture(&mut self, pixels: &[u8], tables: &PictureTables) -> Result<(), RunError> {
        let expected = self.entrance.as_ref().map(|entrance| (entrance.output, entrance.channels));
        let (processor, workers) = (self.processor, Arc::clone(&self.workers));
        let codes: &mut [Code] = match expected {
            Some((output, channels)) if channels == tables.channels.len() => bytemuck::cast_slice_mut(self.value_mut(output)),
            _ => &mut [],
        };
        if codes.is_empty() || codes.len() != pixels.len() {
            return Err(RunError::Picture { expected: codes.len(), found: pixels.len() });
        }
        let channels = tables.channels.len();
        let part = (codes.len() / channels).div_ceil(workers.count()) * channels;
        let job = |number: usize, _: usize, codes: &mut [Code]| {
            elementwise::picture(processor, &tables.channels, &pixels[number * part..][..codes.len()], codes);
        };
        workers.crew().parts(codes, part, &job).map_err(|_| RunError::Panicked { step: "picture".to_owned() })?;
        self.picture_is_set = true;
        Ok(())
    }

    /// Runs the program once.
    ///
    /// # Errors
    /// [`RunError`] when an operator of tract fails or something panics.
    pub fn run(&mut self) -> Result<(), RunError> {
        let picture = std::mem::take(&mut self.picture_is_set);
        let context = Context {
            processor: self.processor,
            crew: self.workers.crew(),
            threads: self.workers.count(),
            constants: &self.program.constants,
            scratch: &self.scratch,
            packed: &self.packed,
        };
        for (number, step) in self.steps.iter().enumerate() {
            if picture && self.entrance.as_ref().is_some_and(|entrance| entrance.skipped[number]) {
                continue;
            }
            let start = self.profile.is_some().then(Instant::now);
            let name = || self.program.steps[number].name.clone();
            if let Action::Foreign(index) = step.action {
                run_foreign(&mut *self.foreign[index], step, self.arena.bytes_mut(), &self.program)
                    .map_err(|cause| RunError::Foreign { step: name(), cause })?;
            } else {
                let (inputs, output) = Inputs::lend(self.arena.bytes_mut(), &self.program.constants, &step.inputs, step.outputs[0]);
                step.action.run(&context, &inputs, output).map_err(|_| RunError::Panicked { step: name() })?;
            }
            if let (Some(profile), Some(start)) = (&mut self.profile, start) {
                profile.record(number, start.elapsed());
            }
        }
        if let Some(profile) = &mut self.profile {
            profile.end_run();
        }
        Ok(())
    }

    /// Starts or stops the measuring of each step's time.
    pub fn measure_steps(&mut self, on: bool) {
        self.profile = on.then(|| Profile::new(self.steps.len()));
    }

    /// Median time of each step since [`Self::measure_steps`]; none when that is off.
    #[must_use]
    pub fn step_times(&self) -> Vec<StepTime> {
        let Some(profile) = &self.profile else { return Vec::new() };
        self.program.steps.iter().zip(profile.medians()).map(|(step, median)| StepTime { name: step.name.clone(), median }).collect()
    }

    /// Memory that tensors, scratch and packed matrices take, in bytes, without the program's constants.
    #[must_use]
    pub fn memory(&self) -> usize {
        let scratch = self.scratch.iter().filter_map(|scratch| scratch.lock().ok()).map(|s| s.codes.bytes().len() + s.reals.len() * 4);
        let packed = self.packed.iter().filter_map(|packed| packed.read().ok()).map(|packed| packed.len());
        self.arena.bytes().len() + scratch.sum::<usize>() + packed.sum::<usize>()
    }

    fn value_mut(&mut self, id: ValueId) -> &mut [u8] {
        let Operand { place, len } = Operand::of(&self.program, id);
        match place {
            Place::Arena(start) => &mut self.arena.bytes_mut()[start..start + len],
            Place::Constant(_) => &mut [],
        }
    }
}

/// Lends inputs and outputs, of which there may be several, to an operator of tract.
fn run_foreign(operator: &mut dyn Foreign, step: &Step, arena: &mut [u8], program: &Program) -> Result<(), String> {
    let constants = program.constants.as_bytes();
    let start = |operand: &Operand| match operand.place {
        Place::Arena(start) => start,
        Place::Constant(_) => 0,
    };
    // The arena in order: outputs, and what lies between them.
    let mut order: Vec<usize> = (0..step.outputs.len()).collect();
    order.sort_by_key(|&number| start(&step.outputs[number]));
    let mut outputs: Vec<(usize, &mut [u8])> = Vec::new();
    let mut gaps: Vec<(usize, &[u8])> = Vec::new();
    let (mut rest, mut at) = (arena, 0);
    for number in order {
        let operand = &step.outputs[number];
        let (gap, from) = rest.split_at_mut(start(operand) - at);
        let (output, behind) = from.split_at_mut(operand.len);
        gaps.push((at, gap));
        outputs.push((number, output));
        (rest, at) = (behind, start(operand) + operand.len);
    }
    gaps.push((at, rest));
    outputs.sort_by_key(|(number, _)| *number);
    let inputs: Vec<&[u8]> = step
        .inputs
        .iter()
        .map(|operand| match operand.place {
            Place::Constant(start) => &constants[start..start + operand.len],
            Place::Arena(start) => {
                let within = |&&(first, gap): &&(usize, &[u8])| first <= start && start + operand.len <= first + gap.len();
                gaps.iter().rev().find(within).map_or(&[][..], |&(first, gap)| &gap[start - first..][..operand.len])
            }
        })
        .collect();
    let mut outputs: Vec<&mut [u8]> = outputs.into_iter().map(|(_, output)| output).collect();
    operator.run(&inputs, &mut outputs)
}
