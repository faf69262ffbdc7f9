//! Tensors in and out of NumPy's files.

use std::{
    fs::File,
    io::{BufReader, BufWriter, Write},
    path::Path,
};

use anyhow::{Context, Result, ensure};
use npyz::WriterBuilder;

use crate::engine::Tensor;

/// Reads a row-major tensor of f32.
pub(super) fn read(path: &Path) -> Result<Tensor> {
    let place = || format!("cannot read {}", path.display());
    let file = npyz::NpyFile::new(BufReader::new(File::open(path).with_context(place)?)).with_context(place)?;
    ensure!(file.order() == npyz::Order::C, "{} is in Fortran order: save it with numpy.ascontiguousarray", path.display());
    let shape = file.shape().iter().map(|&axis| usize::try_from(axis)).collect::<Result<_, _>>().with_context(place)?;
    let values = file.into_vec::<f32>().with_context(|| format!("{} holds no f32: save it with .astype('float32')", path.display()))?;
    Ok(Tensor { shape, values })
}

/// Writes a row-major tensor of f32.
pub(super) fn write(path: &Path, tensor: &Tensor) -> Result<()> {
    let place = || format!("cannot write {}", path.display());
    let mut file = BufWriter::new(File::create(path).with_context(place)?);
    let shape: Vec<u64> = tensor.shape.iter().map(|&axis| axis as u64).collect();
    let mut writer = npyz::WriteOptions::new().default_dtype().shape(&shape).writer(&mut file).begin_nd().with_context(place)?;
    writer.extend(tensor.values.iter().copied()).with_context(place)?;
    writer.finish().with_context(place)?;
    file.flush().with_context(place)
}
