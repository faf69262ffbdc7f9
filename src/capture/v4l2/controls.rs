//! Exposure, white balance, focus, gain and flicker as the board file asks for them: checked against what the camera can do, set, and read back.
//!
//! Works on any [`Controls`]. Only a camera that is gone is an error here: one that lacks a control, or will not take a value,
//! still takes pictures, and what it has instead is told by a warning and by the [`ControlReading`].

use std::{fmt, io};

use tracing::{info, warn};

use super::driver::{Control, Controls, Span, is_gone};
use crate::capture::ControlReading;

/// What is asked of a camera's own adjustments. `None`: as the camera has it, chosen by itself where that is its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ControlSettings {
    /// Exposure time in microseconds.
    pub exposure: Option<Adjustment>,
    /// White balance as a colour temperature in kelvin.
    pub white_balance: Option<Adjustment>,
    /// Place of the lens, in units of the camera's own.
    pub focus: Option<Adjustment>,
    /// Gain, in units of the camera's own.
    pub gain: Option<Adjustment>,
    /// Which flicker of lamps is evened out.
    pub power_line: Option<PowerLine>,
}

/// Who chooses a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adjustment {
    /// The camera, again and again.
    Auto,
    /// The board file, once.
    Fixed(u32),
}

/// The frequency of the mains that lamps flicker with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PowerLine {
    /// No flicker is evened out.
    Off,
    /// 50 Hz: most of the world.
    Hertz50,
    /// 60 Hz: the Americas, parts of Asia.
    Hertz60,
    /// The camera finds out by itself.
    Auto,
}

impl PowerLine {
    /// All of them, in the order of the kernel's numbers.
    pub const ALL: [Self; 4] = [Self::Off, Self::Hertz50, Self::Hertz60, Self::Auto];

    /// The word for it in the board file.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Hertz50 => "50 Hz",
            Self::Hertz60 => "60 Hz",
            Self::Auto => "auto",
        }
    }
}

/// Something that the camera or a person can choose, and the controls for it.
pub(super) struct Choice {
    /// Key of the board file.
    name: &'static str,
    /// Unit of the board file, and how many of them one of the control's is.
    unit: (&'static str, u32),
    /// Who chooses.
    pub(super) mode: Control,
    /// The mode in which a person chooses.
    pub(super) manual: i32,
    /// The modes in which the camera chooses, the one that leaves least to a person first.
    pub(super) automatic: &'static [i32],
    /// What a person sets.
    value: Control,
    /// What the camera sets when it chooses.
    pub(super) follows: &'static [Control],
}

/// In this order: the gain of many cameras follows their exposure.
pub(super) const CHOICES: [Choice; 4] = [
    Choice {
        name: "exposure",
        unit: (" us", 100),
        mode: Control::ExposureMode,
        manual: 1,
        automatic: &[0, 3],
        value: Control::ExposureTime,
        follows: &[Control::ExposureTime, Control::ExposureSteps, Control::Gain],
    },
    Choice {
        name: "gain",
        unit: ("", 1),
        mode: Control::GainMode,
        manual: 0,
        automatic: &[1],
        value: Control::Gain,
        follows: &[Control::Gain],
    },
    Choice {
        name: "white_balance",
        unit: (" K", 1),
        mode: Control::WhiteBalanceMode,
        manual: 0,
        automatic: &[1],
        value: Control::WhiteBalanceKelvin,
        follows: &[Control::WhiteBalanceKelvin, Control::RedBalance, Control::BlueBalance],
    },
    Choice {
        name: "focus",
        unit: ("", 1),
        mode: Control::FocusMode,
        manual: 0,
        automatic: &[1],
        value: Control::FocusPlace,
        follows: &[Control::FocusPlace],
    },
];

/// Sets what `settings` ask for and says what came of it, for each that they name.
///
/// Where they name nothing, the camera chooses again if that is its default: a run that was cut off in a burst leaves it switched off.
pub(super) fn apply(settings: &ControlSettings, camera: &mut dyn Controls) -> io::Result<Vec<ControlReading>> {
    let mut readings = Vec::new();
    if let Some(asked) = settings.power_line {
        readings.push(set_power_line(asked, camera)?);
    }
    let ControlSettings { exposure, white_balance, focus, gain, .. } = *settings;
    for (choice, asked) in CHOICES.iter().zip([exposure, gain, white_balance, focus]) {
        match asked {
            None => choice.give_back(camera)?,
            Some(asked) => readings.push(ControlReading {
                name: choice.name,
                asked: match asked {
                    Adjustment::Auto => "auto".to_owned(),
                    Adjustment::Fixed(value) => choice.shown(value),
                },
                found: choice.set(asked, camera)?,
            }),
        }
    }
    Ok(readings)
}

/// Puts what came of the settings into the log.
pub(super) fn log(readings: &[ControlReading]) {
    for ControlReading { name, asked, found } in readings {
        match found {
            Some(found) if found == asked => info!(control = name, %found, "camera control set"),
            Some(found) => warn!(control = name, %asked, %found, "the camera has another value than the board file asks for"),
            None => info!(control = name, %asked, "the camera has no such control"),
        }
    }
}

impl Choice {
    /// Sets what is asked for and tells what the camera then has; `None` when it has no control for it.
    fn set(&self, asked: Adjustment, camera: &mut dyn Controls) -> io::Result<Option<String>> {
        let modes = forgiving(self.mode, camera.span(self.mode))?.flatten();
        let span = forgiving(self.value, camera.span(self.value))?.flatten();
        let mut limits = None;
        match asked {
            Adjustment::Auto => {
                let Some(mode) = modes.as_ref().and_then(|modes| self.automatic.iter().find(|mode| modes.allows(**mode))) else {
                    return Ok(None);
                };
                forgiving(self.mode, camera.write(self.mode, *mode))?;
            }
            Adjustment::Fixed(wish) => {
                let Some(span) = &span else { return Ok(None) };
                let (value, fits) = self.fit(wish, span);
                if !fits {
                    limits = Some(self.legal(span));
                }
                // While the camera chooses, many drivers refuse a value or forget it.
                if modes.as_ref().is_some_and(|modes| modes.allows(self.manual)) {
                    forgiving(self.mode, camera.write(self.mode, self.manual))?;
                }
                forgiving(self.value, camera.write(self.value, value))?;
            }
        }
        if modes.is_some() && self.is_automatic(camera)?.is_some() {
            return Ok(Some("auto".to_owned()));
        }
        let Some(value) = (if span.is_some() { forgiving(self.value, camera.read(self.value))? } else { None }) else {
            return Ok(Some("fixed".to_owned()));
        };
        let found = self.shown(i64::from(value) * i64::from(self.unit.1));
        Ok(Some(limits.map_or_else(|| found.clone(), |legal| format!("{found} ({legal})"))))
    }

    /// Lets the camera choose if that is its default.
    fn give_back(&self, camera: &mut dyn Controls) -> io::Result<()> {
        let Some(modes) = forgiving(self.mode, camera.span(self.mode))?.flatten() else { return Ok(()) };
        if self.automatic.contains(&modes.usual) && self.is_automatic(camera)?.is_none() {
            info!(control = self.name, "the camera was told to choose again");
            forgiving(self.mode, camera.write(self.mode, modes.usual))?;
        }
        Ok(())
    }

    /// The mode, if it is one in which the camera chooses.
    pub(super) fn is_automatic(&self, camera: &mut dyn Controls) -> io::Result<Option<i32>> {
        Ok(forgiving(self.mode, camera.read(self.mode))?.filter(|mode| self.automatic.contains(mode)))
    }

    /// The value of the control that is nearest to `wish`, and whether it is what was wished for, as finely as the control's unit allows.
    fn fit(&self, wish: u32, span: &Span) -> (i32, bool) {
        let per = i64::from(self.unit.1);
        let wanted = (i64::from(wish) + per / 2) / per;
        let value = span.nearest(wanted);
        (value, i64::from(value) == wanted)
    }

    fn shown(&self, value: impl fmt::Display) -> String {
        format!("{value}{}", self.unit.0)
    }

    /// `legal: 100 to 10000 us in steps of 100`.
    fn legal(&self, span: &Span) -> String {
        let [least, most, step] = [span.least, span.most, span.step].map(|value| i64::from(value) * i64::from(self.unit.1));
        format!("legal: {least} to {} in steps of {step}", self.shown(most))
    }
}

fn set_power_line(asked: PowerLine, camera: &mut dyn Controls) -> io::Result<ControlReading> {
    let number = |wish: PowerLine| PowerLine::ALL.iter().position(|each| *each == wish).and_then(|at| i32::try_from(at).ok());
    let mut reading = ControlReading { name: "power_line", asked: asked.name().to_owned(), found: None };
    let Some(span) = forgiving(Control::PowerLine, camera.span(Control::PowerLine))?.flatten() else { return Ok(reading) };
    let mut limits = String::new();
    match number(asked).filter(|number| span.allows(*number)) {
        Some(value) => _ = forgiving(Control::PowerLine, camera.write(Control::PowerLine, value))?,
        None => {
            let can = PowerLine::ALL.into_iter().filter(|each| number(*each).is_some_and(|number| span.allows(number)));
            limits = format!(" (legal: {})", can.map(PowerLine::name).collect::<Vec<_>>().join(", "));
        }
    }
    let found = forgiving(Control::PowerLine, camera.read(Control::PowerLine))?;
    let known = found.and_then(|value| PowerLine::ALL.get(usize::try_from(value).ok()?));
    reading.found = known.map(|found| format!("{}{limits}", found.name()));
    Ok(reading)
}

/// What the device answered; `None` with a warning when it refused. Only a device that is gone is an error.
pub(super) fn forgiving<T>(control: Control, answer: io::Result<T>) -> io::Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(cause) if is_gone(&cause) => Err(cause),
        Err(cause) => {
            warn!(?control, %cause, "the camera refuses a control");
            Ok(None)
        }
    }
}
