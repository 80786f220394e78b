"""What a study says of its best once it has been trained again on fresh seeds."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import optuna
import pytest

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


def test_the_winner_takes_the_place_of_the_luckiest() -> None:
    """The trial that led the search and lost on fresh seeds is named as that, and nothing else recommends it."""
    explanation = explain(confirmed({0: around(0.93), 1: around(0.91), 2: around(0.95)}))
    first = explanation.answer[0]
    assert first.startswith("The best of 3 candidates is number 2 (rate 0.3): a value of 0.95")
    assert "number 1 looked best in the search with 0.9680, but has 0.9100 on 6 fresh seeds" in first
    assert "luck has next to no part" not in first
    found = best(explanation, None)
    assert found is not None
    assert (found.number, found.settings) == (2, {"rate": pytest.approx(0.3)})
    assert found.value.endswith("to be expected, by 6 fresh seeds; 0.9500 in the search")


def test_every_page_tells_it() -> None:
    """Answer, table and note of one study agree."""
    explanation = explain(confirmed({0: around(0.93), 1: around(0.91), 2: around(0.95)}))
    assert "| 2 | 6 | 0.9500 | 0.9500 | 0.9" in markdown(explanation)
    for page in (markdown(explanation), note(explanation), html(explanation)):
        assert "is number 2 (rate 0.3): a value of 0.95" in page.replace("\\", "")
    assert "On fresh seeds" in html(explanation)


def test_equal_ones_are_said_to_be_equal() -> None:
    """Trials whose fresh seeds overlap are tied; the likeliest best is named, with its interval."""
    values = {0: (0.93, 0.94, 0.95), 1: (0.95, 0.93, 0.94), 2: (0.94, 0.95, 0.93)}
    first = explain(confirmed(values)).answer[0]
    assert first.startswith("Trials ")
    assert "cannot be told apart on fresh seeds; the likeliest best is number" in first
    assert re.search(r"95 % interval 0\.915\d to 0\.96[45]\d, by 3 fresh seeds", first)


def test_a_leader_that_diverges_is_not_recommended() -> None:
    """One network that diverges is enough; where all candidates have one, nothing can be relied on."""
    first = explain(confirmed({1: (0.96, None, 0.96), 2: around(0.95, 3)})).answer[0]
    assert "is number 2" in first
    assert "number 1 looked best in the search with 0.9680, but a network of it diverged on fresh seeds" in first
    none = explain(confirmed({1: (0.96, None, 0.96), 2: (None, 0.95, 0.95)})).answer[0]
    assert none == "No setting can be relied on yet: of each of the best 2 trials a network diverged on fresh seeds."


def test_a_later_best_was_not_confirmed() -> None:
    """A trial that leads since the confirmation is judged as in the search, and the command that confirms it is named."""
    first = explain(confirmed({1: around(0.91), 2: around(0.95)}, more=0.99)).answer[0]
    assert first.startswith("Take rate between ")
    assert "; trial 4, the search's best since, was no candidate of the last confirmation: `hpo study confirm theirs` " in first


def test_one_candidate() -> None:
    """Its value on fresh seeds stands first, and what it had in the search beside it."""
    first = explain(confirmed({1: around(0.91)})).answer[0]
    assert first.startswith("The best trial is number 1 (rate 0.2): a value of 0.9100 is to be expected of it")
    assert first.endswith("it had 0.9680 in the search.")


def test_where_all_candidates_diverged_the_best_setting_says_so() -> None:
    """The value of the search does not stand alone beside an answer that relies on no setting."""
    explanation = explain(confirmed({1: (None,) * 3, 2: (None,) * 3}))
    found = best(explanation, None)
    assert found is not None
    assert found.value == "0.9680 in the search; a network of it diverged on fresh seeds"
    assert explanation.answer[0].startswith("No setting can be relied on yet")


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
