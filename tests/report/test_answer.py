"""The answer in three sentences."""

import re
from dataclasses import replace

import numpy as np
import pytest

from hpo.analysis.reading import read
from hpo.analysis.summary import analyse
from hpo.findings import Finding
from hpo.report import Explanation, answer
from hpo.report.leader import leader
from hpo.report.protocol import range_of
from hpo.report.wording import exact

from ..analysis.studies import study, trial
from ..fakes.odd_studies import ODD

NAMES = ["usual", "theirs", "whole", *ODD]


@pytest.mark.parametrize("name", NAMES)
def test_three_sentences(name: str, explained: dict[str, Explanation]) -> None:
    """Each is whole: it begins, it ends with a full stop, and no number in it is not a number."""
    found = explained[name].answer
    assert len(found) == 3
    for sentence in found:
        assert sentence == sentence.strip()
        assert sentence.endswith(".")
        assert not re.search(r"\b(nan|None(?! of)|inf)\b|\(\)|  ", sentence), sentence


def test_the_best_trial_is_named(explained: dict[str, Explanation]) -> None:
    """With its number, its value, its settings, and how much of the value is luck."""
    table = explained["whole"].table
    row = int(np.nanargmax(table.score()))
    first = explained["whole"].answer[0]
    assert f"is number {table.numbers[row]} with a validation accuracy of {100 * table.values[row, 0]:.4g}"[:60] in first
    assert f"(eta {table.columns['eta'].values[row]:.4g}" in first
    luck = (
        r"[\d.]+ points? of that is luck, so that [\d.]+ % is to be expected of new seeds \(95 % interval [\d.]+ % to [\d.]+ %\)"
    )
    assert re.search(luck, first)


def test_what_matters_is_told_with_its_certainty(explained: dict[str, Explanation]) -> None:
    """Of few trials it says that they are few; of many, what leads and what cannot be told apart."""
    assert "not sure yet" in explained["usual"].answer[1]
    assert "that wants 50 or more" in explained["usual"].answer[1]
    assert re.match(
        r"(eta|lambda) matters most|Which parameter matters most cannot be told: (eta|lambda)", explained["whole"].answer[1]
    )


def test_where_training_breaks(explained: dict[str, Explanation]) -> None:
    """The planted boundary lies in the interval that is told."""
    found = re.search(r"diverge above eta \S+ \(95 % interval (\S+) to (\S+)\)", explained["whole"].answer[2])
    assert found is not None
    assert float(found[1]) <= 0.45 <= float(found[2])


@pytest.mark.parametrize(
    ("name", "first", "second", "third"),
    [
        ("no_trials", "The study has no trials yet.", "there are 0", "Nothing says yet where training breaks."),
        ("one_trial", "one trial does not say how much of that is luck", "there is 1", "did not diverge"),
        ("all_failed", "of 8 trials 8 ended in an error", "there are 0", "8 trials ended in an error"),
        ("all_diverged", "of 8 trials 8 diverged", "there are 0", "8 of 8 trials diverged"),
        ("constant_values", "All 20 completed trials have the same value, 0.5000.", "have the same value", "None of 20 trials"),
        ("constant_parameter", "expected of new seeds (95 % interval", "y is the only parameter that was varied.", "None of 12"),
        ("several_objectives", "beaten by no other in all objectives at once", "value 0", "None of 25"),
        ("still_running", "The best of 6 completed trials", "the only parameter", "2 trials have not ended yet"),
        ("many_parameters", "and 9 more)", "parameter_", "None of 40"),
        ("wild_values", "the values lie too far apart", "the only parameter", "None of 25 trials diverged."),
    ],
)  # fmt: skip
def test_odd_studies(name: str, first: str, second: str, third: str, explained: dict[str, Explanation]) -> None:
    """What can be said is said, and a plain reason stands for the rest."""
    for part, sentence in zip((first, second, third), explained[name].answer, strict=True):
        assert part in sentence


def test_it_is_text_from_numbers() -> None:
    """Numbers and findings are all that it takes; claims without a verdict are counted among the doubts."""
    table = read(study([trial({"rate": 0.1 + place / 100}, float(place % 7)) for place in range(20)]))
    claims = [
        Finding(
            claim="a", kind="trend", sentence="b.", verdict=verdict, effect=None, low=None, high=None, n=1, p=None,
            corrected=None, more_trials=None, exploratory=False, source="",
        )
        for verdict in ("supported", "not enough evidence")
    ]  # fmt: skip
    assert (
        answer(table, analyse(table), claims, leader(table))[2]
        == "None of 20 trials diverged; the evidence for 1 of its 2 claims is not enough."
    )


def test_large_values_are_written_alike_and_one_trial_that_no_other_beats_is_one() -> None:
    """Whole numbers and others have their thousands apart; a front of one trial is told in the singular."""
    assert (exact("value", 1_215_732.0), exact("value", 1_214_620.4)) == ("1,215,732", "1,214,620")
    made = study([trial({"rate": 0.1 + place / 100}, [float(place), float(place)]) for place in range(6)], ("minimize",) * 2)
    table = read(made)
    assert answer(table, analyse(table), [], leader(table))[0].startswith("Of 6 completed trials 1 is beaten by no other")


def test_the_space_is_told_as_it_is() -> None:
    """Whole numbers have all digits."""
    column = read(study([trial({"layers": place % 4 + 1}, float(place)) for place in range(6)])).columns["layers"]
    assert range_of(replace(column, low=1.0, high=1_234_567.0)) == "1 to 1234567, whole"
