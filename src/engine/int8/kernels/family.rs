//! Families of processors, and the kernels that each has.

use std::fmt;

use super::{Depthwise, DepthwiseShape, PanelLayout, Product, scalar};

/// A family of processors that share kernels. Ordered from the most general to the fastest within an architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Any processor: the scalar twins.
    Scalar,
    /// x86-64 with AVX2 and FMA.
    Avx2,
    /// x86-64 with AVX-VNNI (256 bits).
    AvxVnni,
    /// x86-64 with AVX512 F, BW, VL, VNNI and VBMI (Ice Lake, Zen 4 and later).
    Avx512Vnni,
    /// aarch64 without dot products: Cortex-A53, A57, A72 (Pi Zero 2 W, Jetson Nano, Pi 4).
    Neon,
    /// aarch64 with `sdot`: Cortex-A76, A78 (Pi 5, Jetson Orin).
    DotProd,
    /// aarch64 with `smmla`.
    I8mm,
}

/// Kernels were asked for that are none, or that this processor cannot run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{asked}: this processor has no kernels called \"{name}\", it can run {available}. {}", .asked.remedy())]
pub struct UnknownFamily {
    /// What was asked for.
    pub name: String,
    /// Who asked.
    pub asked: Asked,
    /// What there is.
    pub available: String,
}

/// Where a family's name stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// In the environment.
    Variable,
    /// In [`Options`](crate::engine::Options), which a board file fills.
    Board,
}

impl Asked {
    const fn remedy(self) -> &'static str {
        match self {
            Self::Variable => "Unset the variable, or choose one of these",
            Self::Board => "Set it to \"auto\" or to one of these in the board file",
        }
    }
}

impl fmt::Display for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Variable => "LENTIGO_KERNELS",
            Self::Board => "model.kernels",
        })
    }
}

impl Family {
    /// Every family, from the most general to the fastest.
    pub const ALL: [Self; 7] = [Self::Scalar, Self::Avx2, Self::AvxVnni, Self::Avx512Vnni, Self::Neon, Self::DotProd, Self::I8mm];

    /// Name on the command line and in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Avx2 => "avx2",
            Self::AvxVnni => "avxvnni",
            Self::Avx512Vnni => "avx512vnni",
            Self::Neon => "neon",
            Self::DotProd => "dotprod",
            Self::I8mm => "i8mm",
        }
    }

    /// Whether this processor can run the family's kernels.
    #[must_use]
    pub fn is_available(self) -> bool {
        match self {
            Self::Scalar => true,
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma"),
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni => Self::Avx2.is_available() && is_x86_feature_detected!("avxvnni"),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => {
                is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512bw")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512vnni")
                    && is_x86_feature_detected!("avx512vbmi")
            }
            #[cfg(target_arch = "aarch64")]
            Self::Neon => true,
            #[cfg(target_arch = "aarch64")]
            Self::DotProd => std::arch::is_aarch64_feature_detected!("dotprod"),
            #[cfg(target_arch = "aarch64")]
            Self::I8mm => std::arch::is_aarch64_feature_detected!("dotprod") && std::arch::is_aarch64_feature_detected!("i8mm"),
            #[allow(unreachable_patterns)] // on each architecture the other's families
            _ => false,
        }
    }

    /// The families that this processor can run, from the most general to the fastest.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|family| family.is_available())
    }

    /// The family that `LENTIGO_KERNELS` names, else `wanted`, else the fastest of this processor.
    ///
    /// # Errors
    /// [`UnknownFamily`] when the variable names none, or when the choice is one that this processor cannot run.
    pub fn choose(wanted: Option<Self>) -> Result<Self, UnknownFamily> {
        match (std::env::var("LENTIGO_KERNELS"), wanted) {
            (Ok(name), _) if !name.is_empty() => Self::asked(&name, Asked::Variable),
            (_, Some(family)) => Self::asked(family.name(), Asked::Board),
            _ => Ok(Self::available().last().unwrap_or(Self::Scalar)),
        }
    }

    fn asked(name: &str, asked: Asked) -> Result<Self, UnknownFamily> {
        Self::available().find(|family| family.name() == name).ok_or_else(|| UnknownFamily {
            name: name.to_owned(),
            asked,
            available: Self::available().map(Self::name).collect::<Vec<_>>().join(", "),
        })
    }

    /// The kernels of this family; the scalar twins where this architecture lacks it.
    #[must_use]
    pub fn kernels(self) -> &'static Kernels {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => &super::x86::AVX2,
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni => &super::x86::AVX_VNNI,
            #[cfg(target_arch = "x86_64")]
            Self::Avx512Vnni => &super::x86::AVX512_VNNI,
            #[cfg(target_arch = "aarch64")]
            Self::Neon => &super::aarch64::NEON,
            #[cfg(target_arch = "aarch64")]
            Self::DotProd => &super::aarch64::DOT_PROD,
            #[cfg(target_arch = "aarch64")]
            Self::I8mm => &super::aarch64::I8MM,
            #[allow(unreachable_patterns)] // on each architecture the other's families
            _ => &SCALAR,
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The kernels of one family.
#[derive(Debug)]
pub struct Kernels {
    /// How [`Self::product`] wants its weights.
    pub layout: PanelLayout,
    /// The matrix product. Its contract is [`Product`]'s.
    pub product: unsafe fn(&Product),
    /// Packs the weights `[channels][kernel height][kernel width]`, in -127..=127, of a depthwise convolution for [`Self::depthwise`];
    /// `None` when the family has no kernel of its own for `shape`.
    pub pack_depthwise: fn(shape: &DepthwiseShape, weights: &[i8]) -> Option<Vec<i8>>,
    /// Depthwise convolution with weights from [`Self::pack_depthwise`]. Its contract is [`Depthwise`]'s.
    pub depthwise: unsafe fn(&Depthwise),
    /// Depthwise convolution of any geometry with weights from [`pack_portable`](super::pack_portable).
    pub depthwise_portable: unsafe fn(&Depthwise),
}

static SCALAR: Kernels = Kernels {
    layout: scalar::LAYOUT,
    product: scalar::product,
    pack_depthwise: |_, _| None,
    depthwise: scalar::depthwise,
    depthwise_portable: scalar::depthwise,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_family_of_another_architecture_is_refused_with_those_that_can_run() {
        let foreign = if cfg!(target_arch = "aarch64") { Family::Avx2 } else { Family::Neon };
        let said = Family::asked(foreign.name(), Asked::Board).unwrap_err().to_string();
        assert!(said.starts_with(&format!("model.kernels: this processor has no kernels called \"{foreign}\"")), "{said}");
        assert!(said.contains("scalar") && said.contains("board file"), "{said}");
        let said = Family::asked("fast", Asked::Variable).unwrap_err().to_string();
        assert!(said.starts_with("LENTIGO_KERNELS: ") && said.contains("\"fast\"") && said.contains("Unset"), "{said}");
    }

    #[test]
    fn every_family_that_this_processor_runs_can_be_asked_for() {
        for family in Family::available() {
            assert_eq!(Family::asked(family.name(), Asked::Board), Ok(family));
        }
    }
}
