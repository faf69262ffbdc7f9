//! Programs built by hand, run on every family and several numbers of threads, against their equations written naively.

mod builder;
mod convolution;
mod multiply;
mod others;

use std::sync::Arc;

use super::{
    super::{
        kernels::{Code, Family},
        program::Program,
    },
    Executor, Workers,
};

/// Numbers of threads that every program is run with.
const THREADS: [usize; 3] = [1, 2, 3];

/// What `program` makes of codes, with `threads` threads.
fn run(program: &Program, family: Family, threads: usize, inputs: &[&[Code]]) -> Vec<Code> {
    let workers = Arc::new(Workers::new(threads).unwrap());
    let mut executor = Executor::new(Arc::new(program.clone()), family, workers, Vec::new()).unwrap();
    let mut output = None;
    // The second time memory holds what the first has left.
    for _ in 0..2 {
        for (number, input) in inputs.iter().enumerate() {
            executor.input_mut(number).copy_from_slice(bytemuck::cast_slice(input));
        }
        executor.run().unwrap();
        let codes: Vec<Code> = bytemuck::cast_slice(executor.output(0)).to_vec();
        assert_eq!(output.get_or_insert_with(|| codes.clone()), &codes, "the second run");
    }
    output.unwrap()
}
