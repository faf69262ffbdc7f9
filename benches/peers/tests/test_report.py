"""What the bench says of what it has measured."""

from contenders import Samples
from report import LENTIGO, OPENVINO_INT8, ORT_INT8, Run


class Measured:
    """A contender that has had its turns."""

    def __init__(self, label: str, cpu_ms: list[float], wall_ms: list[float]):
        self.label, self.samples, self.facts = label, Samples(cpu_ms, wall_ms), {"version": "1"}


def run_with(*contenders: tuple[str, int, Measured]) -> Run:
    run = Run("bench", ("a CPU", ["avx2"], 2), 0.1)
    for model, threads, contender in contenders:
        run.add(model, threads, contender)
    return run


def test_a_ratio_is_lentigos_time_over_the_peers():
    run = run_with(("resnet-50", 1, Measured(LENTIGO, [9.0, 8.0, 100.0], [9.0] * 3)),
                   ("resnet-50", 1, Measured(ORT_INT8, [12.0] * 3, [18.0] * 3)))
    assert f"| {ORT_INT8} 1 | 12.000 | 12.000 | 18.000 | 0.75 | 0.50 |" in run.table("resnet-50", 1)


def test_goals_are_judged_on_one_thread_and_only_where_both_engines_ran():
    run = run_with(("efficientnet-lite0", 1, Measured(LENTIGO, [1.4], [1.4])),
                   ("efficientnet-lite0", 1, Measured(ORT_INT8, [2.0], [2.0])),
                   ("efficientnet-lite0", 2, Measured(LENTIGO, [1.5], [0.7])),
                   ("resnet-50", 1, Measured(OPENVINO_INT8, [9.0], [9.0])))
    goals = {what: (most, round(found, 3)) for what, most, found in run.goals()}
    assert goals == {f"efficientnet-lite0: CPU time / {ORT_INT8}": (0.65, 0.7),
                     "efficientnet-lite0: wall time of two threads / one": (0.6, 0.5)}
    assert "| 0.65 | 0.70 | **not reached** |" in run.markdown()


def test_a_note_is_written_once_with_all_that_it_is_about():
    run = run_with()
    for about in ("a", "b", "a"):
        run.note("cannot run", about)
    assert "- cannot run (a; b)\n" in run.markdown()
