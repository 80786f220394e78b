"""The answer in three sentences."""

import re
from dataclasses import replace

import numpy as np
import pytest

from hpo.analysis.reading import read
from hpo.analysis.rounding import inward
from hpo.analysis.summary import analyse
from hpo.findings import Finding
from hpo.report import Explanation, answer
from hpo.report.leader import leader
from hpo.report.protocol import range_of
from hpo.report.rounding import value, values
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


def test_what_to_take_is_said_with_what_to_expect(explained: dict[str, Explanation]) -> None:
    """Ranges of the parameters, with the best guess in them, and the value on a new seed with its interval."""
    found = re.match(
        r"Take eta between (\S+) and (\S+) \((\S+) is the best guess\), .*;"
        r" expect a validation accuracy of ([\d.]+) % on a new seed \(95 % interval ([\d.]+) to ([\d.]+) %\)\.$",
        explained["whole"].answer[0],
    )
    assert found is not None, explained["whole"].answer[0]
    low, high, middle, value, least, most = (float(found[place]) for place in range(1, 7))
    assert low <= middle <= high
    assert least <= value <= most


def test_what_matters_is_told_with_its_certainty(explained: dict[str, Explanation]) -> None:
    """What leads, or that it is not known yet, and what would tell; of a study of another program without a command."""
    share = r"\d+ % \(\d+ to \d+ %\)"
    leads = rf"(Only )?eta matters( most)?, with {share} of the variation"
    unknown = rf"Which of [\w, ]+ matters more is not known yet: of the variation (\w+ makes {share}(, | and )?)+; "
    assert re.match(leads, explained["whole"].answer[1])
    assert re.match(rf"{leads}|{unknown}`hpo study run", explained["usual"].answer[1])
    assert not any("`" in sentence for sentence in explained["theirs"].answer)


def test_luck_is_called_luck(explained: dict[str, Explanation]) -> None:
    """The best-looking of 120 trials is not worth what it showed."""
    table = explained["whole"].table
    best = f"{100 * table.values[int(np.nanargmax(table.score())), 0]:.4g}"
    assert re.match(
        rf"The highest value seen, {best}\d* % in trial \d+, was (partly )?luck: that setting is worth",
        explained["whole"].answer[2],
    )


def test_numbers_are_no_finer_than_they_are_known() -> None:
    """A fifth of what is known, and ends of a range that do not leave it."""
    assert value("validation_accuracy", 0.90437, 0.016) == "90.4 %"
    assert value("validation_accuracy", 0.90437, 0.08) == "90 %"
    assert values("validation_loss", 0.30412, 0.31987) == "0.304 to 0.320"
    assert inward(0.1479, 0.5049, 0.3) == ("0.15", "0.5", "0.3")
    assert inward(0.1479, 0.1481, 0.148) == ("0.148", "0.148", "0.148")
    assert inward(-0.5, 0.0, -0.25) == ("-0.5", "0", "-0.25")
    assert inward(3.0, 12.0, 7.0) == ("3", "12", "7")


def test_where_training_breaks(explained: dict[str, Explanation]) -> None:
    """The planted boundary lies in the interval that is told."""
    found = re.search(r"diverge above eta \S+ \(95 % interval (\S+) to (\S+)\)", explained["whole"].answer[2])
    assert found is not None
    assert float(found[1]) <= 0.45 <= float(found[2])


@pytest.mark.parametrize(
    ("name", "first", "second", "third"),
    [
        ("no_trials", "The study has no trials yet.", "No parameter was varied", "Nothing says yet where training breaks."),
        ("one_trial", "one network does not say how much of that is luck", "No parameter was varied", "did not diverge"),
        ("all_failed", "of 8 trials 8 ended in an error", "the only parameter", "8 trials ended in an error"),
        ("all_diverged", "of 8 trials 8 diverged", "the only parameter", "8 of 8 trials diverged"),
        ("constant_values", "All 20 completed trials have the same value, 0.5000.", "have the same value", "None of 20 trials"),
        ("constant_parameter", "on a new seed (95 % interval", "y is the only parameter that was varied.", "one of 12"),
        ("several_objectives", "beaten by no other in all objectives at once", "For value 0 alone: ", "None of 25"),
        ("still_running", "Take x", "the only parameter", "2 trials have not ended yet"),
        ("many_parameters", " more as in the report; expect", "parameter_", "one of 40"),
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
    third = answer(table, analyse(table), claims, leader(table))[2]
    assert "; none of 20 trials diverged; the evidence for 1 of its 2 claims is not enough: `hpo study settle" in third


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
