"""What a study says of its best once it has been trained again on fresh seeds."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import optuna
import pytest

from hpo.analysis.recommendation import Recommendation
from hpo.analysis.selection import SelectionGap
from hpo.analysis.summary import analyse
from hpo.attributes import CONFIRMATIONS
from hpo.race import Standing, ends
from hpo.report import explain, html, markdown, tables
from hpo.report.best import best
from hpo.report.text import note

from ..analysis.studies import study, trial

Values = Mapping[int, tuple[float | None, ...]]

LUCKY = {0: 0.93, 1: 0.968, 2: 0.95, 3: 0.90}
"""Values of four trials in the search: number 1 leads."""


def confirmed(values: Values, searched: Mapping[int, float] = LUCKY, more: float | None = None) -> optuna.Study:
    """A study whose trials had the values `searched` and that was then confirmed; `more`: the value of a later trial."""
    trials = [trial({"rate": 0.1 + number / 10}, value) for number, value in searched.items()]
    found = study(trials if more is None else [*trials, trial({"rate": 0.9}, more)])
    seeds = max(map(len, values.values()))
    order = sorted(values, key=lambda number: -searched[number])
    for number in order:
        part = {"trial": number, "params": {}, "searched": searched[number], "values": values[number]}
        found.set_user_attr(f"{CONFIRMATIONS}:0:{number}", part)
    head: dict[str, Any] = {"look": 0, "top": len(values), "seeds": seeds, "seed": 1, "train": 800, "validation": 200}
    found.set_user_attr(f"{CONFIRMATIONS}:0", {**head, "lane_steps": 1, "seconds": 1.0, "images": "", "candidates": order})
    return found


def around(value: float, seeds: int = 6) -> tuple[float, ...]:
    """Fresh seeds whose mean this is."""
    return tuple(value + 0.001 * (-1) ** place for place in range(seeds))


def test_the_lucky_best_is_not_advised() -> None:
    """The advice goes by the fresh seeds, "best setting" is the advised one, and what became of the luckiest is said."""
    explanation = explain(confirmed({0: around(0.93), 1: around(0.91), 2: around(0.95)}))
    first, _, third = explanation.answer
    advised = explanation.analysis.recommendation
    assert isinstance(advised, Recommendation)
    assert abs(advised.settings["rate"] - 0.3) < 0.05
    assert first.startswith("Take rate ")
    assert third.startswith("The highest value seen, 0.9680 in trial 1, was luck: 0.91")
    assert " on 6 fresh seeds" in third
    found = best(explanation, None)
    assert found is not None
    assert (found.number, found.settings) == (advised.trial, {"rate": pytest.approx(advised.settings["rate"])})
    assert found.value.split(" is to be expected of a new seed (95 % interval ")[0] in first


def test_every_page_tells_it() -> None:
    """Answer, table, note and setting of one study agree."""
    explanation = explain(confirmed({0: around(0.93), 1: around(0.91), 2: around(0.95)}))
    assert "| 2 | 6 | 0.9500 | 0.9500 | 0.9" in markdown(explanation)
    for page in (markdown(explanation), note(explanation), html(explanation)):
        for sentence in explanation.answer:
            assert sentence in page.replace("\\", "")
    assert "On fresh seeds" in html(explanation)


def test_one_that_has_held_is_said_to_have() -> None:
    """A best-looking trial that is as good on fresh seeds is not called luck."""
    third = explain(confirmed({1: (0.948, 0.988) * 3, 2: (0.97, 0.93) * 3, 0: (0.91, 0.95) * 3})).answer[2]
    assert third.startswith("The highest value seen, 0.9680 in trial 1, came to 0.968 on 6 fresh seeds")
    assert "luck" not in third


def test_a_leader_that_diverges_is_not_advised() -> None:
    """One network that diverges is enough, nor is a setting close to it (rates by logarithm), and those trials are named."""
    explanation = explain(confirmed({1: (0.96, None, 0.96), 2: around(0.95, 3)}))
    advised = explanation.analysis.recommendation
    assert isinstance(advised, Recommendation)
    assert not (0.1 * 0.2) ** 0.5 <= advised.settings["rate"] <= (0.2 * 0.3) ** 0.5
    assert advised.danger == 0
    third = explanation.answer[2]
    assert "0.9680 in trial 1, cannot be relied on: 1 of its 3 networks on fresh seeds diverged" in third
    both = explain(confirmed({1: (0.96, None, 0.96), 2: (None, 0.95, 0.95)}))
    advised = both.analysis.recommendation
    assert isinstance(advised, Recommendation)
    assert not (0.1 * 0.2) ** 0.5 <= advised.settings["rate"] <= (0.3 * 0.4) ** 0.5
    assert "; on fresh seeds a network of trial 2 diverged" in both.answer[2]


def test_a_later_best_was_not_confirmed() -> None:
    """The command that confirms a trial that leads since the confirmation is named."""
    first = explain(confirmed({1: around(0.91), 2: around(0.95)}, more=0.99)).answer[0]
    assert first.startswith("Take rate ")
    assert "; trial 4, the search's best since, was no candidate of the last confirmation: `hpo study confirm theirs` " in first


def test_too_few_for_a_model_go_by_the_race() -> None:
    """Three completed trials make no model: the best on fresh seeds is named, or that none can be relied on."""
    few = {number: LUCKY[number] for number in range(3)}
    explanation = explain(confirmed({0: around(0.93), 1: around(0.91), 2: around(0.95)}, few))
    assert explanation.answer[0].startswith("The best of 3 candidates is number 2 (rate 0.3): a value of 0.95")
    found = best(explanation, None)
    assert found is not None
    assert (found.number, found.settings) == (2, {"rate": pytest.approx(0.3)})
    assert found.value.endswith("to be expected, by 6 fresh seeds; 0.9500 in the search")
    broken = explain(confirmed({1: (None,) * 3, 2: (None,) * 3}, few))
    assert broken.answer[0] == "No setting can be relied on yet: of each of the best 2 trials a network diverged on fresh seeds."
    found = best(broken, None)
    assert found is not None
    assert found.value == "0.9680 in the search; a network of it diverged on fresh seeds"


def test_no_interval_leaves_what_can_be() -> None:
    """Accuracies end at 100 %, on fresh seeds and in the search, however few trials tell."""
    rates = {0: 0.99, 1: 0.2, 2: 0.995, 3: 0.6, 4: 0.97}
    made = study([trial({"rate": 0.1 + number / 10}, value) for number, value in rates.items()])
    table = replace(tables(made), metrics=("validation_accuracy",))
    gap = analyse(table).selection_gap
    assert isinstance(gap, SelectionGap)
    assert 0 <= gap.expected_low <= gap.expected <= gap.expected_high <= 1
    one = Standing(1, 1, 2, 0.99, 0.99, 0.9, 1.08, 1.0, 0.0, None)
    assert ends(one, "validation_accuracy") == (0.9, 1.0)
    assert ends(one, "validation_loss") == (0.9, 1.08)
