### Every word of the report in English. The messages and their variables are those of keys.rs; the build checks it.
### Short sentences, plain words. Nothing here names a disease or says that a lesion is harmless.

## What the device advises: the only four labels, the same wherever they stand.

label-refer = refer
label-no-referral-indicated = no referral indicated
label-retake = retake
label-cannot-assess = cannot assess

## Words of the explanation's screen.

title = Why
asymmetry = Asymmetry
border = Border
colours = Colours
overall = Overall
level = level { $level } of 5
low = low
high = high
not-measured = not measured
cut-off = cut off
white = white
red = red
light-brown = light brown
dark-brown = dark brown
blue-grey = blue-grey
black = black
not-a-diagnosis = Not a diagnosis
page = Page { $page } of { $pages }

## Beyond what is worth a figure.

less-than = less than { $number }
more-than = more than { $number }

## The advice.

advice = The device advises: { $label } (probability of { $probability }, refer from { $threshold }).
advice-without-number = The device says: { $label }.
reason-too-few-pixels = The picture is too small: use a higher camera resolution.
reason-too-dark = The picture is too dark: press the dermatoscope closer and check its light.
reason-too-bright = The picture is too bright: lower the light or the exposure.
reason-glare = The picture shows reflections: add gel or alcohol, press the lens flat on the skin.
reason-blurred = The picture is not sharp: hold still and focus.
reason-no-lesion = No lesion is seen: centre the mole in the lens.
reason-lesion-cut-off = The lesion is cut off: move so that all of it is inside.
reason-lesion-too-small = The lesion is too small: move closer.
cause-novelty = The picture is unlike those that the model knows: wipe the lens and hold it flat on one mole.
cause-disagreement = The answer changes when the picture is turned: centre the lesion and hold still.
cause-unknown = There is no answer for this picture that counts.

## What was measured.

size-millimetres = Size: { $diameter_mm } long and { $width_mm } wide.
size-millimetres-at-least = Size: at least { $diameter_mm } long and { $width_mm } wide.
size-share = Size: length { $size_diameter_share } of the picture’s side, area { $size_area_share } of the picture.
size-share-at-least = Size: length at least { $size_diameter_share } of the picture’s side, area at least { $size_area_share } of the picture.
asymmetry-axes = Asymmetry: uneven about { $asymmetry_points } of 2 axes (lines through the middle of the lesion).
asymmetry-shape = Shape: folded along the long axis, { $asymmetry_shape_major } of the lesion has no match; along the short axis, { $asymmetry_shape_minor }.
asymmetry-colour = Colour: the two halves differ by { $asymmetry_colour_major } across the long axis and by { $asymmetry_colour_minor } across the short axis (0 is the same colour, 2 can just be seen).
border-segments = Border: the edge stops sharply in { $border_points } of 8 parts.
border-compactness = Outline: { $border_compactness } (1 for a circle, more for an uneven edge).
colours-seen = Colours: { $colour_points } of 6 found: { $colours }.
colours-none = Colours: none of the 6 was found.
score = ABC score: { $score } of at most { $score_most } (asymmetry { $score_asymmetry }, border { $score_border }, colours { $score_colour }).
levels = Levels from 1 (low) to 5 (high): asymmetry (A) { $severity_asymmetry }, border (B) { $severity_border }, colours (C) { $severity_colour }.
overall-level = Overall level { $severity_overall } of 5: { $severity_overall ->
    [1] less marked than four fifths
    [2] less marked than three fifths
    [3] like the middle fifth
    [4] more marked than three fifths
   *[other] more marked than four fifths
} of the lesions the model learned from.
agreement = Picture and measurements fit together: { $agreement } (usual is { $agreement_min } or more, most is 1).
agreement-low = Picture and measurements fit together less than usual: { $agreement } (usual is { $agreement_min } or more, most is 1).
prototype = The picture is most like lesions of overall level { $prototype_level } (likeness { $prototype_cosine }, most is 1).
reading = The model itself reads from the picture: asymmetry { $read_asymmetry } of 2, border { $read_border } of 8, colours { $read_colour } of 6.
uncertainty = When the picture is turned over, the probability changes by { $disagreement }.

## What does not fit together.

contradiction-low-refer = Advice and measurements do not fit together: { $label }, but only level { $severity_overall } of 5. The model goes by more than these measurements.
contradiction-high-no-referral = Advice and measurements do not fit together: { $label }, but level { $severity_overall } of 5. Look closely yourself.
contradiction-agreement = Picture and measurements do not fit together well ({ $agreement }): rely less on the measurements.
contradiction-prototype = Picture and measurements do not fit together: level { $severity_overall } of 5 was measured, but the picture looks like level { $prototype_level }.
contradiction-asymmetry = Asymmetry does not fit together: { $asymmetry_points } of 2 was measured, but the model reads { $read_asymmetry }.
contradiction-border = Border does not fit together: a sharp edge was measured in { $border_points } of 8 parts, but the model reads { $read_border }.
contradiction-colours = Colours do not fit together: { $colour_points } of 6 measured, but the model reads { $read_colour }.

## What could not be measured.

not-measured-picture = This picture gives no probability and no measurements.
not-measured-outline = Not measured: size, asymmetry, border and colours. This model does not measure them.
not-measured-lesion = Not measured: size, asymmetry, border and colours. The model found no lesion in the picture.
not-measured-criteria = Not measured: asymmetry, border and colours. This model does not measure them.
not-measured-scale = Not measured: the size in millimetres. The scale of this camera is not known.
not-measured-cut-off = The lesion reaches the edge of the picture: only the part that is seen was measured.
not-measured-structures = Not measured: D, the patterns inside the lesion. This is not the full ABCD score.
not-measured-views = Not measured: how much the answer changes when the picture is turned over.

## What to do next.

next-refer = Refer to a clinician who can examine the lesion.
next-no-referral-indicated = Follow local rules; come back if it changes.
next-retake = Take the picture again.
next-cannot-assess = Refer by clinical judgement; this device cannot help here.
adjunct = This device helps a clinician to decide and does not replace one.
