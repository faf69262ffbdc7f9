"""System B's part of EVALUATION.md from made-up summaries and cases."""

import json

from lentigo_training.evaluation_criteria import aims, aims_missed, cases_by_severity, criteria_part, report_texts

HOME = "isic2017+ham10000"


def figure(number: float) -> dict:
    return {"value": number, "low": number - 0.01, "high": number + 0.01}


def summaries() -> dict[str, dict]:
    rater = {"n": 90, "agreement": figure(0.4), "ceiling": figure(0.7),
             "values": {"measured": {"spearman": figure(0.2), "share": figure(0.5)}, "read": {"spearman": figure(0.37), "share": figure(0.925)}}}
    return {
        HOME: {"median_latency_ms": 17.0, "alignment": {
            "n": 840, "positive": figure(0.85), "negative": figure(0.06), "retrieval": [
                {"at": 1, "recall": figure(0.5), "chance": 0.0012}, {"at": 10, "recall": figure(0.9), "chance": 0.0119}],
            "prototypes": {"n": 840, "same": figure(0.4), "within_one": figure(0.7), "within_one_by_chance": 0.52}},
            "criteria": {"n": 840, "unmeasured": 10, "raters": {}, "experts": None}},
        "isic2017-train": {"criteria": {"n": 1700, "unmeasured": 0, "experts": None, "raters": {"asymmetry": rater}}},
        "ph2": {"roc_auc": figure(0.94), "criteria": {"n": 100, "unmeasured": 0, "raters": {"asymmetry": rater, "border": {
            **rater, "agreement": figure(0.5)}}, "experts": {
                "n": 100, "symmetric": 60, "asymmetric": 25, "asymmetry_roc_auc": {"measured": figure(0.8), "read": figure(0.91)},
                "asymmetry_spearman": {"measured": figure(0.5)}, "colour_spearman": {"measured": figure(0.4)}}}}}


def test_aims_are_reached_by_the_best_value_and_missed_ones_are_named():
    by_name = {aim.figure: aim for aim in aims(HOME, summaries())}
    reached = {name: aim.reached for name, aim in by_name.items()}
    assert reached["cosine of a picture with its own criteria, mean"] is True
    assert reached["cosine with other pictures' criteria, mean"] is False
    assert reached["asymmetry, both axes against none, ROC AUC"] is True and reached["ROC AUC (melanoma)"] is True
    # 0.37 of 0.4 is enough, 0.37 of 0.5 is not, and nobody rated the colours.
    best = "Spearman's correlation of {} with the raters' mean, best value"
    assert [reached[best.format(name)] for name in ("asymmetry", "border", "colour")] == [True, False, None]
    assert reached["picture to explanation, CPU time of one thread, median"] is True
    missed = aims_missed("cefm-edge", HOME, summaries())
    assert len(missed) == 2 and "0.060" in missed[0] and "border" in missed[1]


def test_what_was_not_measured_is_neither_reached_nor_missed():
    assert {aim.reached for aim in aims(HOME, {})} == {None} and aims_missed("cefm-edge", HOME, {}) == []


def test_reading_pictures_that_taught_it_is_not_shown(tmp_path):
    text = criteria_part(HOME, summaries(), tmp_path)
    rated = [line for line in text.splitlines() if line.startswith("| isic2017-train")]
    assert len(rated) == 1 and "severity is read from" in rated[0]
    assert "| ph2 | asymmetry | the network's reading | 90 | 0.370 (0.360 to 0.380) | 0.400" in text
    assert "10 of 850 pictures" in text and "recall at 10" in text and "0.900 (0.890 to 0.910), guessing 0.012" in text
    assert "Not written" in text and "25 about none" in text


def case(name: str, level: int, language: str = "en") -> str:
    return json.dumps({"file": f"isic2017/{name}.jpg", "explanation": {"severity": {"overall": level}},
                       "report": {"language": language, "sentences": [{"text": f"{name} one."}, {"text": "Two."}]}})


def test_the_first_answered_case_of_each_severity_speaks(tmp_path):
    path = tmp_path / "cases.jsonl"
    refused = json.dumps({"file": "isic2017/refused.jpg", "reasons": ["focus"]})
    path.write_text("\n".join([refused, case("swahili", 2, "sw"), case("first", 2), case("second", 2), case("worst", 5)]) + "\n")
    assert {level: entry["file"] for level, entry in cases_by_severity(path).items()} == {2: "isic2017/first.jpg", 5: "isic2017/worst.jpg"}
    text = report_texts(path)
    assert "**Level 2**, `first`:\n\n> first one. Two." in text and "**Level 1.** No picture" in text and "second" not in text
