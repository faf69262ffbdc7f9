### Every word of the report in Portuguese. The messages and their variables are those of keys.rs; the build checks it.
### Short sentences, plain words, as far as can be the same in Africa, Brazil and Portugal. Nothing here names a disease or says that a lesion
### is harmless.

## What the device advises: the only four labels, the same wherever they stand.

label-refer = encaminhar
label-no-referral-indicated = sem indicação de encaminhar
label-retake = repetir a foto
label-cannot-assess = não é possível avaliar

## Words of the explanation's screen.

title = Motivos
asymmetry = Assimetria
border = Borda
colours = Cores
overall = Global
level = nível { $level } de 5
low = baixo
high = alto
not-measured = não medido
cut-off = cortada
white = branco
red = vermelho
light-brown = castanho-claro
dark-brown = castanho-escuro
blue-grey = azul-acinzentado
black = preto
not-a-diagnosis = Não é um diagnóstico
page = Página { $page } de { $pages }

## Beyond what is worth a figure.

less-than = menos de { $number }
more-than = mais de { $number }

## The advice.

advice = O aparelho aconselha: { $label } (probabilidade de { $probability }, encaminhar a partir de { $threshold }).
advice-without-number = O aparelho indica: { $label }.
reason-too-few-pixels = A foto é pequena demais: use uma resolução maior.
reason-too-dark = A foto está escura demais: encoste mais o dermatoscópio na pele e verifique a luz dele.
reason-too-bright = A foto está clara demais: reduza a luz ou a exposição.
reason-glare = A foto tem reflexos: ponha gel ou álcool e encoste a lente plana na pele.
reason-blurred = A foto não está nítida: não se mexa e foque.
reason-no-lesion = Não se vê nenhuma lesão: ponha a pinta no centro da lente.
reason-lesion-cut-off = A lesão está cortada: mova o aparelho até ela ficar toda dentro.
reason-lesion-too-small = A lesão está pequena demais: chegue mais perto.
cause-novelty = A foto não se parece com as que o modelo conhece: limpe a lente e encoste-a plana numa só pinta.
cause-disagreement = A resposta muda quando a foto é virada: ponha a lesão no centro e não se mexa.
cause-unknown = Não há uma resposta válida para esta foto.

## What was measured.

size-millimetres = Tamanho: { $diameter_mm } de comprimento e { $width_mm } de largura.
size-millimetres-at-least = Tamanho: pelo menos { $diameter_mm } de comprimento e { $width_mm } de largura.
size-share = Tamanho: comprimento de { $size_diameter_share } do lado da foto, área de { $size_area_share } da foto.
size-share-at-least = Tamanho: comprimento de pelo menos { $size_diameter_share } do lado da foto, área de pelo menos { $size_area_share } da foto.
asymmetry-axes = Assimetria: desigual em relação a { $asymmetry_points } de 2 eixos (linhas pelo meio da lesão).
asymmetry-shape = Forma: ao dobrar pelo eixo longo, { $asymmetry_shape_major } da lesão não coincide; pelo eixo curto, { $asymmetry_shape_minor }.
asymmetry-colour = Cor: as duas metades diferem em { $asymmetry_colour_major } dos dois lados do eixo longo e em { $asymmetry_colour_minor } dos dois lados do eixo curto (0 é a mesma cor, 2 mal se nota).
border-segments = Borda: termina de repente em { $border_points } de 8 partes.
border-compactness = Contorno: { $border_compactness } (1 para um círculo, mais para uma borda irregular).
colours-seen = Cores: { $colour_points ->
    [one] { $colour_points } de 6 encontrada
   *[other] { $colour_points } de 6 encontradas
}: { $colours }.
colours-none = Cores: nenhuma das 6 foi encontrada.
score = Pontuação ABC: { $score } de no máximo { $score_most } (assimetria { $score_asymmetry }; borda { $score_border }; cores { $score_colour }).
levels = Níveis de 1 (baixo) a 5 (alto): assimetria (A) { $severity_asymmetry }, borda (B) { $severity_border }, cores (C) { $severity_colour }.
overall-level = Nível global { $severity_overall } de 5: { $severity_overall ->
    [1] menos marcado do que em quatro quintos
    [2] menos marcado do que em três quintos
    [3] como no quinto do meio
    [4] mais marcado do que em três quintos
   *[other] mais marcado do que em quatro quintos
} das lesões com que o modelo aprendeu.
agreement = A foto e as medidas combinam: { $agreement } (o usual é { $agreement_min } ou mais; o máximo é 1).
agreement-low = A foto e as medidas combinam menos do que o usual: { $agreement } (o usual é { $agreement_min } ou mais; o máximo é 1).
prototype = A foto parece-se sobretudo com lesões de nível global { $prototype_level } (semelhança de { $prototype_cosine }; o máximo é 1).
reading = O próprio modelo lê na foto: assimetria { $read_asymmetry } de 2; borda { $read_border } de 8; cores { $read_colour } de 6.
uncertainty = Quando a foto é virada, a probabilidade muda em { $disagreement }.

## What does not fit together.

contradiction-low-refer = O conselho e as medidas não combinam: { $label }, mas só nível { $severity_overall } de 5. O modelo usa mais do que estas medidas.
contradiction-high-no-referral = O conselho e as medidas não combinam: { $label }, mas nível { $severity_overall } de 5. Observe bem a lesão.
contradiction-agreement = A foto e as medidas não combinam bem ({ $agreement }): confie menos nas medidas.
contradiction-prototype = A foto e as medidas não combinam: foi medido o nível { $severity_overall } de 5, mas a foto parece ser de nível { $prototype_level }.
contradiction-asymmetry = A assimetria não combina: foi medida { $asymmetry_points } de 2, mas o modelo lê { $read_asymmetry }.
contradiction-border = A borda não combina: foi medido um fim repentino em { $border_points } de 8 partes, mas o modelo lê { $read_border }.
contradiction-colours = As cores não combinam: { $colour_points ->
    [one] { $colour_points } de 6 medida
   *[other] { $colour_points } de 6 medidas
}, mas o modelo lê { $read_colour }.

## What could not be measured.

not-measured-picture = Esta foto não dá nem probabilidade nem medidas.
not-measured-outline = Não medidos: tamanho, assimetria, borda e cores. Este modelo não os mede.
not-measured-lesion = Não medidos: tamanho, assimetria, borda e cores. O modelo não encontrou nenhuma lesão na foto.
not-measured-criteria = Não medidos: assimetria, borda e cores. Este modelo não os mede.
not-measured-scale = Não medido: o tamanho em milímetros. Não se conhece a escala deste aparelho.
not-measured-cut-off = A lesão chega à borda da foto: só foi medida a parte que se vê.
not-measured-structures = Não medido: D, os padrões dentro da lesão. Esta não é a pontuação ABCD completa.
not-measured-views = Não medido: quanto a resposta muda quando a foto é virada.

## What to do next.

next-refer = Encaminhe a pessoa a um profissional clínico que possa examinar a lesão.
next-no-referral-indicated = Siga as normas locais; a pessoa deve voltar se a lesão mudar.
next-retake = Tire a foto outra vez.
next-cannot-assess = Encaminhe segundo o seu juízo clínico; este aparelho não pode ajudar aqui.
adjunct = Este aparelho ajuda um profissional clínico a decidir e não o substitui.
