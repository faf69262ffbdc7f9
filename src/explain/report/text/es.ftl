### Every word of the report in Spanish. The messages and their variables are those of keys.rs; the build checks it.
### Short sentences, plain words, the formal "usted". Nothing here names a disease or says that a lesion is harmless.

## What the device advises: the only four labels, the same wherever they stand.

label-refer = derivar
label-no-referral-indicated = sin indicación de derivar
label-retake = repetir la foto
label-cannot-assess = no se puede evaluar

## Words of the explanation's screen.

title = Por qué
asymmetry = Asimetría
border = Borde
colours = Colores
overall = Global
level = nivel { $level } de 5
low = bajo
high = alto
not-measured = sin medir
cut-off = cortada
white = blanco
red = rojo
light-brown = marrón claro
dark-brown = marrón oscuro
blue-grey = gris azulado
black = negro
not-a-diagnosis = No es un diagnóstico
page = Página { $page } de { $pages }

## Beyond what is worth a figure.

less-than = menos de { $number }
more-than = más de { $number }

## The advice.

advice = El dispositivo aconseja: { $label } (probabilidad de { $probability }, derivar a partir de { $threshold }).
advice-without-number = El dispositivo indica: { $label }.
reason-too-few-pixels = La foto es demasiado pequeña: use una resolución de cámara mayor.
reason-too-dark = La foto está demasiado oscura: apriete más el dermatoscopio contra la piel y revise su luz.
reason-too-bright = La foto está demasiado clara: baje la luz o la exposición.
reason-glare = La foto tiene reflejos: ponga gel o alcohol y apoye la lente plana sobre la piel.
reason-blurred = La foto no es nítida: no se mueva y enfoque.
reason-no-lesion = No se ve ninguna lesión: centre el lunar en la lente.
reason-lesion-cut-off = La lesión está cortada: mueva el dispositivo hasta que quede toda dentro.
reason-lesion-too-small = La lesión se ve demasiado pequeña: acérquese más.
cause-novelty = La foto no se parece a las que el modelo conoce: limpie la lente y apóyela plana sobre un solo lunar.
cause-disagreement = La respuesta cambia cuando se voltea la foto: centre la lesión y no se mueva.
cause-unknown = No hay una respuesta válida para esta foto.

## What was measured.

size-millimetres = Tamaño: { $diameter_mm } de largo y { $width_mm } de ancho.
size-millimetres-at-least = Tamaño: al menos { $diameter_mm } de largo y { $width_mm } de ancho.
size-share = Tamaño: largo, { $size_diameter_share } del lado de la foto; superficie, { $size_area_share } de la foto.
size-share-at-least = Tamaño: largo, al menos { $size_diameter_share } del lado de la foto; superficie, al menos { $size_area_share } de la foto.
asymmetry-axes = Asimetría: desigual respecto a { $asymmetry_points } de 2 ejes (líneas por el centro de la lesión).
asymmetry-shape = Forma: al doblar por el eje largo, { $asymmetry_shape_major } de la lesión no coincide; por el eje corto, { $asymmetry_shape_minor }.
asymmetry-colour = Color: las dos mitades difieren en { $asymmetry_colour_major } a los lados del eje largo y en { $asymmetry_colour_minor } a los lados del eje corto (0 es el mismo color; 2 apenas se nota).
border-segments = Borde: se corta bruscamente en { $border_points } de 8 partes.
border-compactness = Contorno: { $border_compactness } (1 para un círculo; más para un borde desigual).
colours-seen = Colores: se { $colour_points ->
    [one] encontró { $colour_points }
   *[other] encontraron { $colour_points }
} de 6: { $colours }.
colours-none = Colores: no se encontró ninguno de los 6.
score = Puntuación ABC: { $score } de un máximo de { $score_most } (asimetría { $score_asymmetry }; borde { $score_border }; colores { $score_colour }).
levels = Niveles de 1 (bajo) a 5 (alto): asimetría (A) { $severity_asymmetry }, borde (B) { $severity_border }, colores (C) { $severity_colour }.
overall-level = Nivel global { $severity_overall } de 5: { $severity_overall ->
    [1] menos marcado que en cuatro quintos
    [2] menos marcado que en tres quintos
    [3] como en el quinto central
    [4] más marcado que en tres quintos
   *[other] más marcado que en cuatro quintos
} de las lesiones con las que aprendió el modelo.
agreement = La foto y las mediciones concuerdan: { $agreement } (lo usual es { $agreement_min } o más; el máximo es 1).
agreement-low = La foto y las mediciones concuerdan menos de lo usual: { $agreement } (lo usual es { $agreement_min } o más; el máximo es 1).
prototype = La foto se parece sobre todo a lesiones de nivel global { $prototype_level } (parecido: { $prototype_cosine }; el máximo es 1).
reading = El propio modelo lee en la foto: asimetría { $read_asymmetry } de 2; borde { $read_border } de 8; colores { $read_colour } de 6.
uncertainty = Cuando se voltea la foto, la probabilidad cambia en { $disagreement }.

## What does not fit together.

contradiction-low-refer = El consejo y las mediciones no concuerdan: { $label }, pero solo nivel { $severity_overall } de 5. El modelo se guía por algo más que estas mediciones.
contradiction-high-no-referral = El consejo y las mediciones no concuerdan: { $label }, pero nivel { $severity_overall } de 5. Mire usted la lesión de cerca.
contradiction-agreement = La foto y las mediciones no concuerdan bien ({ $agreement }): confíe menos en las mediciones.
contradiction-prototype = La foto y las mediciones no concuerdan: se midió el nivel { $severity_overall } de 5, pero la foto se parece al nivel { $prototype_level }.
contradiction-asymmetry = La asimetría no concuerda: se midió { $asymmetry_points } de 2, pero el modelo lee { $read_asymmetry }.
contradiction-border = El borde no concuerda: se midió un corte brusco en { $border_points } de 8 partes, pero el modelo lee { $read_border }.
contradiction-colours = Los colores no concuerdan: { $colour_points } de 6 medidos, pero el modelo lee { $read_colour }.

## What could not be measured.

not-measured-picture = Esta foto no da ni probabilidad ni mediciones.
not-measured-outline = Sin medir: tamaño, asimetría, borde y colores. Este modelo no los mide.
not-measured-lesion = Sin medir: tamaño, asimetría, borde y colores. El modelo no encontró ninguna lesión en la foto.
not-measured-criteria = Sin medir: asimetría, borde y colores. Este modelo no los mide.
not-measured-scale = Sin medir: el tamaño en milímetros. No se conoce la escala de esta cámara.
not-measured-cut-off = La lesión llega al borde de la foto: solo se midió la parte que se ve.
not-measured-structures = Sin medir: D, los patrones dentro de la lesión. Esta no es la puntuación ABCD completa.
not-measured-views = Sin medir: cuánto cambia la respuesta cuando se voltea la foto.

## What to do next.

next-refer = Derive a la persona a un profesional clínico que pueda examinar la lesión.
next-no-referral-indicated = Siga las normas locales; que la persona vuelva si la lesión cambia.
next-retake = Tome la foto otra vez.
next-cannot-assess = Derive según su criterio clínico; este dispositivo no puede ayudar aquí.
adjunct = Este dispositivo ayuda a un profesional clínico a decidir y no lo sustituye.
