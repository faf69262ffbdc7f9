//! Which connector, mode and CRTC a picture goes to. Pure.

use std::path::Path;

use super::{
    card::{Connector, Mode},
    error::KmsError,
};

/// What the board file asks for; `None` leaves the choice to the card and its screen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wish {
    /// `HDMI-A-1`.
    pub connector: Option<String>,
    /// A size, and a refresh rate when that matters.
    pub mode: Option<ModeWish>,
}

/// `800x480` or `800x480@60`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ModeWish {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Pictures a second.
    pub refresh: Option<u32>,
}

impl ModeWish {
    /// Reads `800x480` or `800x480@60`; `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (size, refresh) = text.split_once('@').map_or((text, None), |(size, refresh)| (size, Some(refresh)));
        let (width, height) = size.split_once('x')?;
        let number =
            |text: &str| text.parse().ok().filter(|number| (1..=16_384).contains(number) && text.starts_with(|c: char| c.is_ascii_digit()));
        let refresh = match refresh {
            Some(refresh) => Some(number(refresh)?),
            None => None,
        };
        Some(Self { width: number(width)?, height: number(height)?, refresh })
    }

    fn fits(self, mode: &Mode) -> bool {
        (self.width, self.height) == (mode.width, mode.height) && self.refresh.is_none_or(|refresh| refresh == mode.refresh)
    }
}

impl std::fmt::Display for ModeWish {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}x{}", self.width, self.height)?;
        self.refresh.map_or(Ok(()), |refresh| write!(f, "@{refresh}"))
    }
}

/// Where pictures go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Choice {
    pub(super) connector: Connector,
    pub(super) crtc: u32,
    pub(super) mode: Mode,
}

/// Chooses among the `connectors` of the card at `path`.
///
/// # Errors
/// [`KmsError`] names what was asked for and what there is.
pub(super) fn choose(connectors: &[Connector], wish: &Wish, path: &Path) -> Result<Choice, KmsError> {
    let candidates: Vec<&Connector> = match &wish.connector {
        None => connectors.iter().collect(),
        Some(wanted) => {
            let found = connectors.iter().find(|connector| connector.name.eq_ignore_ascii_case(wanted));
            let there = || names(connectors.iter().map(|connector| connector.name.clone()));
            vec![found.ok_or_else(|| KmsError::NoConnector { path: path.to_owned(), wanted: wanted.clone(), there: there() })?]
        }
    };
    let connector = candidates
        .iter()
        .find(|connector| connector.connected && !connector.modes.is_empty())
        .ok_or_else(|| KmsError::Unplugged { connector: names(candidates.iter().map(|connector| connector.name.clone())) })?;
    let mode = choose_mode(connector, wish.mode)?;
    let taken = |crtc: u32| connectors.iter().any(|other| other.id != connector.id && other.current == Some(crtc));
    let crtc = connector
        .current
        .filter(|current| connector.crtcs.contains(current))
        .or_else(|| connector.crtcs.iter().copied().find(|crtc| !taken(*crtc)))
        .ok_or_else(|| KmsError::NoCrtc { connector: connector.name.clone() })?;
    Ok(Choice { connector: (*connector).clone(), crtc, mode: mode.clone() })
}

fn choose_mode(connector: &Connector, wish: Option<ModeWish>) -> Result<&Mode, KmsError> {
    let fitting: Vec<&Mode> = connector.modes.iter().filter(|mode| wish.is_none_or(|wish| wish.fits(mode))).collect();
    let preferred = fitting.iter().find(|mode| mode.preferred).or(fitting.first());
    preferred.copied().ok_or_else(|| KmsError::NoMode {
        connector: connector.name.clone(),
        wanted: wish.map(|wish| wish.to_string()).unwrap_or_default(),
        there: names(connector.modes.iter().map(|mode| format!("{}x{}@{}", mode.width, mode.height, mode.refresh))),
    })
}

/// `a, b and c`, each once.
fn names(all: impl Iterator<Item = String>) -> String {
    let mut once: Vec<String> = Vec::new();
    for name in all {
        if !once.contains(&name) {
            once.push(name);
        }
    }
    match once.split_last() {
        None => "none".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mode(width: u32, height: u32, refresh: u32, preferred: bool) -> Mode {
        Mode { width, height, refresh, preferred }
    }

    fn connector(id: u32, name: &str, connected: bool) -> Connector {
        let modes = vec![mode(1920, 1080, 60, false), mode(800, 480, 60, true), mode(800, 480, 50, false)];
        let modes = if connected { modes } else { Vec::new() };
        Connector { id, name: name.to_owned(), connected, modes, crtcs: vec![50, 51], current: None, thin: false }
    }

    fn choose_from(connectors: &[Connector], connector: Option<&str>, mode: Option<&str>) -> Result<Choice, KmsError> {
        let wish = Wish { connector: connector.map(str::to_owned), mode: mode.map(|mode| ModeWish::parse(mode).unwrap()) };
        choose(connectors, &wish, Path::new("/dev/dri/card0"))
    }

    #[test]
    fn the_first_connected_screen_shows_its_own_mode() {
        let all = [connector(1, "HDMI-A-1", false), connector(2, "DSI-1", true)];
        let choice = choose_from(&all, None, None).unwrap();
        assert_eq!((choice.connector.name.as_str(), choice.crtc, choice.mode), ("DSI-1", 50, mode(800, 480, 60, true)));
    }

    #[test]
    fn a_mode_that_is_not_there_is_answered_with_those_that_are() {
        let all = [connector(1, "HDMI-A-1", true)];
        assert_eq!(choose_from(&all, None, Some("800x480@50")).unwrap().mode.refresh, 50);
        let error = choose_from(&all, None, Some("1024x600")).unwrap_err().to_string();
        assert!(error.contains("1024x600") && error.contains("1920x1080@60, 800x480@60 and 800x480@50"), "{error}");
    }

    #[test]
    fn connectors_that_are_not_there_or_empty_are_named() {
        let all = [connector(1, "HDMI-A-1", false), connector(2, "HDMI-A-2", false)];
        let error = choose_from(&all, Some("DSI-1"), None).unwrap_err().to_string();
        assert!(error.contains("DSI-1") && error.contains("HDMI-A-1 and HDMI-A-2"), "{error}");
        let error = choose_from(&all, Some("hdmi-a-2"), None).unwrap_err();
        assert!(matches!(&error, KmsError::Unplugged { connector } if connector == "HDMI-A-2"), "{error}");
        assert!(matches!(choose_from(&all, None, None), Err(KmsError::Unplugged { .. })));
    }

    #[test]
    fn a_crtc_of_another_screen_is_left_alone() {
        let mut all = [connector(1, "HDMI-A-1", true), connector(2, "HDMI-A-2", true)];
        all[1].current = Some(50);
        assert_eq!(choose_from(&all, Some("HDMI-A-1"), None).unwrap().crtc, 51);
        assert_eq!(choose_from(&all, Some("HDMI-A-2"), None).unwrap().crtc, 50);
        all[0].crtcs = vec![50];
        assert!(matches!(choose_from(&all, Some("HDMI-A-1"), None), Err(KmsError::NoCrtc { .. })));
    }

    proptest! {
        #[test]
        fn modes_are_read_as_they_are_written(width in 1_u32..=16_384, height in 1_u32..=16_384, refresh in proptest::option::of(1_u32..300)) {
            let wish = ModeWish { width, height, refresh };
            prop_assert_eq!(ModeWish::parse(&wish.to_string()), Some(wish));
        }

        #[test]
        fn any_other_text_is_no_mode(text in "[0-9x@+ ]{0,12}") {
            if let Some(wish) = ModeWish::parse(&text) {
                prop_assert!(!text.contains(['+', ' ']), "{:?} -> {:?}", text, wish);
                prop_assert_eq!(ModeWish::parse(&wish.to_string()), Some(wish));
            }
        }
    }
}
