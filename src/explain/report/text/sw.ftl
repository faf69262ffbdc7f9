### Every word of the report in Swahili. The messages and their variables are those of keys.rs; the build checks it.
### Short sentences, plain words: "doa" (a spot) for the lesion, because "kidonda" is an open wound; "rufaa", as health services in East Africa say.
### Nothing here names a disease or says that a lesion is harmless.

## What the device advises: the only four labels, the same wherever they stand.

label-refer = toa rufaa
label-no-referral-indicated = hakuna rufaa iliyopendekezwa
label-retake = piga picha tena
label-cannot-assess = haiwezi kutathminiwa

## Words of the explanation's screen.

title = Kwa nini
asymmetry = Kutolingana
border = Ukingo
colours = Rangi
overall = Kwa jumla
level = kiwango { $level } kati ya 5
low = chini
high = juu
not-measured = haikupimwa
cut-off = limekatwa
white = nyeupe
red = nyekundu
light-brown = kahawia hafifu
dark-brown = kahawia iliyokolea
blue-grey = buluu-kijivu
black = nyeusi
not-a-diagnosis = Si utambuzi wa ugonjwa
page = Ukurasa { $page } kati ya { $pages }

## Beyond what is worth a figure.

less-than = chini ya { $number }
more-than = zaidi ya { $number }

## The advice.

advice = Kifaa kinashauri: { $label } (uwezekano ni { $probability }, rufaa hutolewa kuanzia { $threshold }).
advice-without-number = Kifaa kinasema: { $label }.
reason-too-few-pixels = Picha ni ndogo mno: chagua picha kubwa zaidi kwenye kamera.
reason-too-dark = Picha ina giza mno: kandamiza dermatoskopu zaidi kwenye ngozi na uangalie taa yake.
reason-too-bright = Picha ina mwanga mwingi mno: punguza mwanga wa taa au wa kamera.
reason-glare = Picha ina mng’ao: paka jeli au alkoholi na ulaze lenzi sawasawa juu ya ngozi.
reason-blurred = Picha haiko wazi: shika kifaa bila kukitikisa na urekebishe fokasi.
reason-no-lesion = Hakuna doa linaloonekana: weka doa katikati ya lenzi.
reason-lesion-cut-off = Doa limekatwa: sogeza kifaa ili doa lote liwe ndani ya picha.
reason-lesion-too-small = Doa ni dogo mno: sogea karibu zaidi.
cause-novelty = Picha haifanani na zile ambazo modeli inazijua: futa lenzi na uilaze sawasawa juu ya doa moja tu.
cause-disagreement = Jibu hubadilika picha inapogeuzwa: weka doa katikati na utulie.
cause-unknown = Hakuna jibu la kutegemewa kwa picha hii.

## What was measured.

size-millimetres = Ukubwa: urefu { $diameter_mm }, upana { $width_mm }.
size-millimetres-at-least = Ukubwa: urefu angalau { $diameter_mm }, upana angalau { $width_mm }.
size-share = Ukubwa: urefu { $size_diameter_share } ya upande wa picha, eneo { $size_area_share } ya picha.
size-share-at-least = Ukubwa: urefu angalau { $size_diameter_share } ya upande wa picha, eneo angalau { $size_area_share } ya picha.
asymmetry-axes = Kutolingana: pande za doa hazilingani kwa { $asymmetry_points ->
    [one] mhimili { $asymmetry_points }
   *[other] mihimili { $asymmetry_points }
} kati ya 2 (mistari inayopita katikati ya doa).
asymmetry-shape = Umbo: likikunjwa kwenye mhimili mrefu, { $asymmetry_shape_major } ya doa haina sehemu inayolingana nayo; kwenye mhimili mfupi, { $asymmetry_shape_minor }.
asymmetry-colour = Rangi: nusu mbili hutofautiana kwa { $asymmetry_colour_major } kwenye mhimili mrefu na kwa { $asymmetry_colour_minor } kwenye mhimili mfupi (0 ni rangi ileile, 2 huonekana kwa shida).
border-segments = Ukingo: unakatika ghafla katika sehemu { $border_points } kati ya 8.
border-compactness = Umbo la ukingo: { $border_compactness } (duara ni 1, ukingo usio sawa ni zaidi).
colours-seen = Rangi: { $colour_points ->
    [one] imeonekana { $colour_points }
   *[other] zimeonekana { $colour_points }
} kati ya 6: { $colours }.
colours-none = Rangi: hakuna hata moja kati ya 6 iliyoonekana.
score = Alama za ABC: { $score } kati ya { $score_most } (kutolingana { $score_asymmetry }, ukingo { $score_border }, rangi { $score_colour }).
levels = Viwango kuanzia 1 (chini) hadi 5 (juu): kutolingana (A) { $severity_asymmetry }, ukingo (B) { $severity_border }, rangi (C) { $severity_colour }.
overall-level = Kiwango cha jumla { $severity_overall } kati ya 5: { $severity_overall ->
    [1] chini kuliko madoa manne kati ya kila matano
    [2] chini kuliko madoa matatu kati ya kila matano
    [3] kama moja ya tano ya katikati ya madoa
    [4] juu kuliko madoa matatu kati ya kila matano
   *[other] juu kuliko madoa manne kati ya kila matano
} ambayo modeli ilijifunza kwayo.
agreement = Picha na vipimo vinaendana: { $agreement } (kawaida ni { $agreement_min } au zaidi, juu kabisa ni 1).
agreement-low = Picha na vipimo vinaendana chini ya kawaida: { $agreement } (kawaida ni { $agreement_min } au zaidi, juu kabisa ni 1).
prototype = Picha inafanana zaidi na madoa ya kiwango cha jumla { $prototype_level } (ufanano { $prototype_cosine }, juu kabisa ni 1).
reading = Modeli yenyewe inasoma kwenye picha: kutolingana { $read_asymmetry } kati ya 2, ukingo { $read_border } kati ya 8, rangi { $read_colour } kati ya 6.
uncertainty = Picha inapogeuzwa, uwezekano hubadilika kwa { $disagreement }.

## What does not fit together.

contradiction-low-refer = Ushauri na vipimo haviendani: { $label }, lakini kiwango ni { $severity_overall } tu kati ya 5. Modeli hutazama zaidi ya vipimo hivi.
contradiction-high-no-referral = Ushauri na vipimo haviendani: { $label }, lakini kiwango ni { $severity_overall } kati ya 5. Lichunguze doa kwa makini wewe mwenyewe.
contradiction-agreement = Picha na vipimo haviendani vizuri ({ $agreement }): usivitegemee vipimo sana.
contradiction-prototype = Picha na vipimo haviendani: kiwango kilichopimwa ni { $severity_overall } kati ya 5, lakini picha inafanana na kiwango { $prototype_level }.
contradiction-asymmetry = Kutolingana hakuendani: kumepimwa { $asymmetry_points } kati ya 2, lakini modeli inasoma { $read_asymmetry }.
contradiction-border = Ukingo hauendani: umepimwa kuwa unakatika ghafla katika sehemu { $border_points } kati ya 8, lakini modeli inasoma { $read_border }.
contradiction-colours = Rangi haziendani: { $colour_points ->
    [one] imepimwa { $colour_points }
   *[other] zimepimwa { $colour_points }
} kati ya 6, lakini modeli inasoma { $read_colour }.

## What could not be measured.

not-measured-picture = Picha hii haitoi uwezekano wala vipimo.
not-measured-outline = Havikupimwa: ukubwa, kutolingana, ukingo na rangi. Modeli hii haivipimi.
not-measured-lesion = Havikupimwa: ukubwa, kutolingana, ukingo na rangi. Modeli haikupata doa kwenye picha.
not-measured-criteria = Havikupimwa: kutolingana, ukingo na rangi. Modeli hii haivipimi.
not-measured-scale = Haukupimwa: ukubwa kwa milimita. Skeli ya kamera hii haijulikani.
not-measured-cut-off = Doa linafika kwenye ukingo wa picha: sehemu inayoonekana tu ndiyo iliyopimwa.
not-measured-structures = Haikupimwa: D, yaani michoro iliyo ndani ya doa. Hizi si alama kamili za ABCD.
not-measured-views = Haikupimwa: jinsi jibu linavyobadilika picha inapogeuzwa.

## What to do next.

next-refer = Mpe mgonjwa rufaa aende kwa tabibu anayeweza kulichunguza doa.
next-no-referral-indicated = Fuata kanuni za eneo lako; arudi ikiwa doa litabadilika.
next-retake = Piga picha tena.
next-cannot-assess = Toa rufaa kwa uamuzi wako wa kitabibu; kifaa hiki hakiwezi kusaidia hapa.
adjunct = Kifaa hiki humsaidia tabibu kuamua na hakichukui nafasi yake.
