//! Every message of the report with its variables: what each language file must hold, no more and no less.
//!
//! Included by `build.rs` too, so it may use nothing but the standard library.

macro_rules! messages {
    ($($message:ident $id:literal [$($variable:ident)*])*) => {
        /// A message of the language files.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(crate) enum Message { $($message),* }

        impl Message {
            /// All of them, in the order of the files.
            #[allow(dead_code, reason = "the check of the files needs it, in the build and in tests")]
            pub(crate) const ALL: &'static [Self] = &[$(Self::$message),*];

            /// Its identifier in the files: `size-millimetres`.
            pub(crate) fn id(self) -> &'static str {
                match self { $(Self::$message => $id),* }
            }

            /// Names of the variables that each translation must show.
            pub(crate) fn variables(self) -> &'static [&'static str] {
                match self { $(Self::$message => &[$(stringify!($variable)),*]),* }
            }
        }
    };
}

messages! {
    LabelRefer "label-refer" []
    LabelNoReferralIndicated "label-no-referral-indicated" []
    LabelRetake "label-retake" []
    LabelCannotAssess "label-cannot-assess" []

    Title "title" []
    Asymmetry "asymmetry" []
    Border "border" []
    Colours "colours" []
    Overall "overall" []
    Level "level" [level]
    Low "low" []
    High "high" []
    NotMeasured "not-measured" []
    CutOff "cut-off" []
    White "white" []
    Red "red" []
    LightBrown "light-brown" []
    DarkBrown "dark-brown" []
    BlueGrey "blue-grey" []
    Black "black" []
    NotADiagnosis "not-a-diagnosis" []
    Page "page" [page pages]

    LessThan "less-than" [number]
    MoreThan "more-than" [number]

    Advice "advice" [label probability threshold]
    AdviceWithoutNumber "advice-without-number" [label]
    ReasonTooFewPixels "reason-too-few-pixels" []
    ReasonTooDark "reason-too-dark" []
    ReasonTooBright "reason-too-bright" []
    ReasonGlare "reason-glare" []
    ReasonBlurred "reason-blurred" []
    ReasonNoLesion "reason-no-lesion" []
    ReasonLesionCutOff "reason-lesion-cut-off" []
    ReasonLesionTooSmall "reason-lesion-too-small" []
    CauseNovelty "cause-novelty" []
    CauseDisagreement "cause-disagreement" []
    CauseUnknown "cause-unknown" []

    SizeMillimetres "size-millimetres" [diameter_mm width_mm]
    SizeMillimetresAtLeast "size-millimetres-at-least" [diameter_mm width_mm]
    SizeShare "size-share" [size_diameter_share size_area_share]
    SizeShareAtLeast "size-share-at-least" [size_diameter_share size_area_share]
    AsymmetryAxes "asymmetry-axes" [asymmetry_points]
    AsymmetryShape "asymmetry-shape" [asymmetry_shape_major asymmetry_shape_minor]
    AsymmetryColour "asymmetry-colour" [asymmetry_colour_major asymmetry_colour_minor]
    BorderSegments "border-segments" [border_points]
    BorderCompactness "border-compactness" [border_compactness]
    ColoursSeen "colours-seen" [colour_points colours]
    ColoursNone "colours-none" []
    Score "score" [score score_most score_asymmetry score_border score_colour]
    Levels "levels" [severity_asymmetry severity_border severity_colour]
    OverallLevel "overall-level" [severity_overall]
    Agreement "agreement" [agreement agreement_min]
    AgreementLow "agreement-low" [agreement agreement_min]
    Prototype "prototype" [prototype_level prototype_cosine]
    Reading "reading" [read_asymmetry read_border read_colour]
    Uncertainty "uncertainty" [disagreement]

    ContradictionLowRefer "contradiction-low-refer" [label severity_overall]
    ContradictionHighNoReferral "contradiction-high-no-referral" [label severity_overall]
    ContradictionAgreement "contradiction-agreement" [agreement]
    ContradictionPrototype "contradiction-prototype" [severity_overall prototype_level]
    ContradictionAsymmetry "contradiction-asymmetry" [asymmetry_points read_asymmetry]
    ContradictionBorder "contradiction-border" [border_points read_border]
    ContradictionColours "contradiction-colours" [colour_points read_colour]

    NotMeasuredPicture "not-measured-picture" []
    NotMeasuredOutline "not-measured-outline" []
    NotMeasuredLesion "not-measured-lesion" []
    NotMeasuredCriteria "not-measured-criteria" []
    NotMeasuredScale "not-measured-scale" []
    NotMeasuredCutOff "not-measured-cut-off" []
    NotMeasuredStructures "not-measured-structures" []
    NotMeasuredViews "not-measured-views" []

    NextRefer "next-refer" []
    NextNoReferralIndicated "next-no-referral-indicated" []
    NextRetake "next-retake" []
    NextCannotAssess "next-cannot-assess" []
    Adjunct "adjunct" []
}
