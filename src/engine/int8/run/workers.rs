//! A fixed number of threads that share the work of executors.

use std::{sync::Arc, thread::JoinHandle};

use super::super::kernels::driver::Crew;

/// A fixed number of threads, the caller's counted as one. They sleep when there is nothing to do.
#[derive(Debug)]
pub struct Workers {
    crew: Arc<Crew>,
    threads: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts `threads - 1` threads. With fewer than 2 none is started, and everything is done by the caller.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn new(threads: usize) -> std::io::Result<Self> {
        let mut workers = Self { crew: Arc::new(Crew::new(threads > 1)), threads: Vec::new() };
        for worker in 1..threads {
            let crew = Arc::clone(&workers.crew);
            // If one cannot be started, dropping `workers` ends the others.
            workers.threads.push(std::thread::Builder::new().name(format!("int8-{worker}")).spawn(move || crew.serve(worker))?);
        }
        Ok(workers)
    }

    /// Number of threads, the caller's included.
    #[must_use]
    pub fn count(&self) -> usize {
        self.threads.len() + 1
    }

    /// Where to bring work.
    #[must_use]
    pub fn crew(&self) -> &Crew {
        &self.crew
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.crew.close();
        for thread in self.threads.drain(..) {
            // A worker catches what its tasks throw, so there is nothing to learn here.
            let _ = thread.join();
        }
    }
}

/// Number of cores that are as fast as the fastest: all, but on processors with big and little cores the big ones.
#[must_use]
pub fn big_cores() -> usize {
    let all = std::thread::available_parallelism().map_or(1, usize::from);
    let capacity =
        |core| std::fs::read_to_string(format!("/sys/devices/system/cpu/cpu{core}/cpu_capacity")).ok()?.trim().parse::<u32>().ok();
    let capacities: Vec<u32> = (0..all).map_while(capacity).collect();
    let fastest = capacities.iter().max();
    capacities.iter().filter(|capacity| Some(*capacity) == fastest).count().clamp(1, all).max(if capacities.is_empty() { all } else { 1 })
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::{Duration, Instant},
    };

    use super::{Workers, big_cores};

    #[test]
    fn every_task_is_done_once_whatever_the_number_of_threads() {
        for threads in [1, 2, 3, 5] {
            let workers = Workers::new(threads).unwrap();
            for tasks in [0, 1, 2, 7, 100] {
                for round in 0..50 {
                    let done: Vec<AtomicUsize> = (0..tasks).map(|_| AtomicUsize::new(0)).collect();
                    let job = |task: usize, worker: usize| {
                        assert!(worker < threads);
                        done[task].fetch_add(1, Ordering::Relaxed);
                    };
                    workers.crew().run(tasks, &job).unwrap();
                    assert!(done.iter().all(|count| count.load(Ordering::Relaxed) == 1), "{threads} threads, {tasks} tasks, round {round}");
                }
            }
        }
    }

    #[test]
    fn parts_are_all_of_the_slice_and_tiles_all_of_the_matrix() {
        let workers = Workers::new(3).unwrap();
        let mut values = vec![0u32; 1003];
        workers.crew().parts(&mut values, 10, &|part, _, values| values.iter_mut().for_each(|value| *value += 1 + part as u32)).unwrap();
        assert!(values.iter().enumerate().all(|(i, &value)| value == 1 + i as u32 / 10));
        let mut codes = vec![0; 7 * 20];
        workers
            .crew()
            .tiles(&mut codes, 20, [3, 8], &|row, _, tile| {
                assert_eq!(tile.rows(), if row == 6 { 1 } else { 3 });
                assert_eq!(tile.columns().len(), if tile.columns().start == 16 { 4 } else { 8 });
            })
            .unwrap();
    }

    #[test]
    fn a_task_that_panics_is_reported_and_the_threads_go_on() {
        let workers = Workers::new(3).unwrap();
        for round in 0..20 {
            let tasks = |task: usize, _: usize| assert!(task != 5, "this panic is part of the test");
            assert!(workers.crew().run(10, &tasks).is_err(), "round {round}");
            assert!(workers.crew().run(10, &|_, _| {}).is_ok(), "round {round}");
        }
    }

    #[test]
    fn two_callers_at_a_time_both_get_their_work_done() {
        let workers = Workers::new(2).unwrap();
        std::thread::scope(|scope| {
            for _ in 0..3 {
                scope.spawn(|| {
                    for _ in 0..200 {
                        let done = AtomicUsize::new(0);
                        workers.crew().run(20, &|_, _| _ = done.fetch_add(1, Ordering::Relaxed)).unwrap();
                        assert_eq!(done.load(Ordering::Relaxed), 20);
                    }
                });
            }
        });
    }

    #[test]
    fn threads_wake_after_a_rest() {
        let workers = Workers::new(2).unwrap();
        for _ in 0..5 {
            std::thread::sleep(Duration::from_millis(2));
            // Each task waits for the other: one thread alone would never finish.
            let here = AtomicUsize::new(0);
            let meet = |_: usize, _: usize| {
                here.fetch_add(1, Ordering::SeqCst);
                let start = Instant::now();
                while here.load(Ordering::SeqCst) < 2 {
                    assert!(start.elapsed() < Duration::from_secs(10), "nobody came");
                    std::thread::yield_now();
                }
            };
            workers.crew().run(2, &meet).unwrap();
        }
    }

    #[test]
    fn there_is_a_big_core() {
        assert!((1..=std::thread::available_parallelism().unwrap().get()).contains(&big_cores()));
    }
}
