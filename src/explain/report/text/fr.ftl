### Every word of the report in French. The messages and their variables are those of keys.rs; the build checks it.
### Short sentences, plain words; "référer", as health services in French-speaking Africa say. A no-break space stands before : and ;.
### Nothing here names a disease or says that a lesion is harmless.

## What the device advises: the only four labels, the same wherever they stand.

label-refer = référer
label-no-referral-indicated = pas d’indication à référer
label-retake = reprendre la photo
label-cannot-assess = évaluation impossible

## Words of the explanation's screen.

title = Pourquoi
asymmetry = Asymétrie
border = Bord
colours = Couleurs
overall = Ensemble
level = niveau { $level } sur 5
low = faible
high = élevé
not-measured = non mesuré
cut-off = coupée
white = blanc
red = rouge
light-brown = brun clair
dark-brown = brun foncé
blue-grey = gris-bleu
black = noir
not-a-diagnosis = Pas un diagnostic
page = Page { $page } sur { $pages }

## Beyond what is worth a figure.

less-than = moins de { $number }
more-than = plus de { $number }

## The advice.

advice = L’appareil conseille : { $label } (probabilité de { $probability }, référer à partir de { $threshold }).
advice-without-number = L’appareil indique : { $label }.
reason-too-few-pixels = La photo est trop petite : choisissez une résolution plus élevée.
reason-too-dark = La photo est trop sombre : appuyez davantage le dermatoscope sur la peau et vérifiez sa lumière.
reason-too-bright = La photo est trop claire : baissez la lumière ou l’exposition.
reason-glare = La photo montre des reflets : mettez du gel ou de l’alcool et posez la lentille à plat sur la peau.
reason-blurred = La photo n’est pas nette : ne bougez pas et faites la mise au point.
reason-no-lesion = On ne voit pas de lésion : centrez le grain de beauté dans la lentille.
reason-lesion-cut-off = La lésion est coupée : déplacez l’appareil pour qu’elle soit entière sur la photo.
reason-lesion-too-small = La lésion est trop petite : rapprochez-vous.
cause-novelty = La photo ne ressemble pas à celles que le modèle connaît : essuyez la lentille et posez-la à plat sur un seul grain de beauté.
cause-disagreement = La réponse change quand la photo est retournée : centrez la lésion et ne bougez pas.
cause-unknown = Il n’y a pas de réponse valable pour cette photo.

## What was measured.

size-millimetres = Taille : { $diameter_mm } de long et { $width_mm } de large.
size-millimetres-at-least = Taille : au moins { $diameter_mm } de long et { $width_mm } de large.
size-share = Taille : longueur { $size_diameter_share } du côté de la photo, surface { $size_area_share } de la photo.
size-share-at-least = Taille : longueur au moins { $size_diameter_share } du côté de la photo, surface au moins { $size_area_share } de la photo.
asymmetry-axes = Asymétrie : moitiés inégales autour de { $asymmetry_points ->
    [one] { $asymmetry_points } axe
   *[other] { $asymmetry_points } axes
} sur 2 (lignes qui passent par le milieu de la lésion).
asymmetry-shape = Forme : quand on plie la lésion selon le grand axe, { $asymmetry_shape_major } ne se superpose pas ; selon le petit axe, { $asymmetry_shape_minor }.
asymmetry-colour = Couleur : les deux moitiés diffèrent de { $asymmetry_colour_major } de part et d’autre du grand axe et de { $asymmetry_colour_minor } de part et d’autre du petit axe (0 est la même couleur, 2 se voit à peine).
border-segments = Bord : il s’arrête net dans { $border_points ->
    [one] { $border_points } partie
   *[other] { $border_points } parties
} sur 8.
border-compactness = Contour : { $border_compactness } (1 pour un cercle, plus pour un bord irrégulier).
colours-seen = Couleurs : { $colour_points ->
    [one] { $colour_points } sur 6 trouvée
   *[other] { $colour_points } sur 6 trouvées
} : { $colours }.
colours-none = Couleurs : aucune des 6 n’a été trouvée.
score = Score ABC : { $score } sur { $score_most } au plus (asymétrie { $score_asymmetry } ; bord { $score_border } ; couleurs { $score_colour }).
levels = Niveaux de 1 (faible) à 5 (élevé) : asymétrie (A) { $severity_asymmetry }, bord (B) { $severity_border }, couleurs (C) { $severity_colour }.
overall-level = Niveau d’ensemble { $severity_overall } sur 5 : { $severity_overall ->
    [1] moins marqué que dans quatre cinquièmes
    [2] moins marqué que dans trois cinquièmes
    [3] comme dans le cinquième du milieu
    [4] plus marqué que dans trois cinquièmes
   *[other] plus marqué que dans quatre cinquièmes
} des lésions sur lesquelles le modèle a appris.
agreement = La photo et les mesures concordent : { $agreement } (d’habitude { $agreement_min } ou plus, au maximum 1).
agreement-low = La photo et les mesures concordent moins que d’habitude : { $agreement } (d’habitude { $agreement_min } ou plus, au maximum 1).
prototype = La photo ressemble surtout à des lésions de niveau d’ensemble { $prototype_level } (ressemblance { $prototype_cosine }, au maximum 1).
reading = Le modèle lui-même lit sur la photo : asymétrie { $read_asymmetry } sur 2 ; bord { $read_border } sur 8 ; couleurs { $read_colour } sur 6.
uncertainty = Quand la photo est retournée, la probabilité change de { $disagreement }.

## What does not fit together.

contradiction-low-refer = Le conseil et les mesures ne concordent pas : { $label }, mais niveau { $severity_overall } sur 5 seulement. Le modèle ne se fonde pas que sur ces mesures.
contradiction-high-no-referral = Le conseil et les mesures ne concordent pas : { $label }, mais niveau { $severity_overall } sur 5. Regardez vous-même la lésion de près.
contradiction-agreement = La photo et les mesures ne concordent pas bien ({ $agreement }) : fiez-vous moins aux mesures.
contradiction-prototype = La photo et les mesures ne concordent pas : niveau mesuré { $severity_overall } sur 5, mais la photo ressemble au niveau { $prototype_level }.
contradiction-asymmetry = L’asymétrie ne concorde pas : { $asymmetry_points } sur 2 mesurée, mais le modèle lit { $read_asymmetry }.
contradiction-border = Le bord ne concorde pas : arrêt net mesuré dans { $border_points ->
    [one] { $border_points } partie
   *[other] { $border_points } parties
} sur 8, mais le modèle lit { $read_border }.
contradiction-colours = Les couleurs ne concordent pas : { $colour_points ->
    [one] { $colour_points } sur 6 mesurée
   *[other] { $colour_points } sur 6 mesurées
}, mais le modèle lit { $read_colour }.

## What could not be measured.

not-measured-picture = Cette photo ne donne ni probabilité ni mesures.
not-measured-outline = Non mesurés : taille, asymétrie, bord et couleurs. Ce modèle ne les mesure pas.
not-measured-lesion = Non mesurés : taille, asymétrie, bord et couleurs. Le modèle n’a pas trouvé de lésion sur la photo.
not-measured-criteria = Non mesurés : asymétrie, bord et couleurs. Ce modèle ne les mesure pas.
not-measured-scale = Non mesurée : la taille en millimètres. L’échelle de cette caméra n’est pas connue.
not-measured-cut-off = La lésion touche le bord de la photo : seule la partie visible a été mesurée.
not-measured-structures = Non mesuré : D, les motifs dans la lésion. Ce n’est pas le score ABCD complet.
not-measured-views = Non mesuré : combien la réponse change quand la photo est retournée.

## What to do next.

next-refer = Référez la personne à un clinicien qui peut examiner la lésion.
next-no-referral-indicated = Suivez les règles locales ; que la personne revienne si la lésion change.
next-retake = Reprenez la photo.
next-cannot-assess = Référez selon votre jugement clinique ; cet appareil ne peut pas aider ici.
adjunct = Cet appareil aide un clinicien à décider et ne le remplace pas.
