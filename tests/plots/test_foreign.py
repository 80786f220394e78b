"""Plots of studies that other programs made: each trial over its own values, nothing left out without a word."""

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PathCollection
from optuna.trial import TrialState

from hpo.analysis.reading import read
from hpo.analysis.table import Table, Unanswered
from hpo.plots import style
from hpo.plots.kind import Request
from hpo.plots.registry import KINDS, OF_OBJECTIVE, Drawn, picture
from hpo.plots.units import labels

from ..analysis.studies import study, trial
from ..fakes.odd_studies import MIXED, ODD

TABLES: dict[str, Table] = {}


def table(name: str) -> Table:
    """An odd study, read once."""
    return TABLES.setdefault(name, read(ODD[name]()))


def drawn(kind: str, of: str | Table, *parameters: str, **request: Any) -> Drawn:
    """A plot that is there."""
    with style.styled(**{"savefig.dpi": 40}):
        found = picture(kind, table(of) if isinstance(of, str) else of, Request(parameters, **request), title="odd")
    assert isinstance(found, Drawn), found
    return found


def marks(plot: Axes) -> dict[int, tuple[float, float]]:
    """Where each trial stands."""
    found = {}
    for drawn in plot.collections:
        if isinstance(drawn, PathCollection):
            for url, (x, y) in zip(drawn.get_urls(), np.asarray(drawn.get_offsets()).tolist(), strict=False):
                found[int(url.removeprefix("#trial-"))] = x, y
    return found


def lines(plot: Axes) -> dict[int, Any]:
    """The line of each trial."""
    return {
        int(url.removeprefix("#trial-")): line
        for drawn in plot.collections
        if isinstance(drawn, LineCollection)
        for url, line in zip(drawn.get_urls(), drawn.get_segments(), strict=True)
    }


@pytest.mark.parametrize("name", ["reordered_choices", "grown_choices", "shrunk_choices"])
def test_each_trial_stands_over_its_own_name(name: str) -> None:
    """In the slice and in the contour, whatever list its choice came from; the trials of adam are the best."""
    made = ODD[name]()
    for kind, parameters in (("slice", ("optimizer",)), ("contour", ("optimizer", "rate"))):
        plot = drawn(kind, name, *parameters).figure.axes[0]
        ticks = {round(tick): text.get_text() for tick, text in zip(plot.get_xticks(), plot.get_xticklabels(), strict=True)}
        places = marks(plot)
        assert len(places) == len(made.trials)
        assert {ticks[round(x)] == made.trials[number].params["optimizer"] for number, (x, _) in places.items()} == {True}


def test_lines_pass_their_own_names() -> None:
    """In parallel coordinates, too."""
    made, plot = ODD["reordered_choices"](), drawn("parallel", "reordered_choices").figure.axes[0]
    names = [text.get_text() for text in plot.get_xticklabels()]
    place, choices = names.index("optimizer"), table("reordered_choices").columns["optimizer"].choices
    assert choices is not None
    for number, line in lines(plot).items():
        assert choices[int(line[place][1] * len(choices))] == made.trials[number].params["optimizer"]


@pytest.mark.parametrize("kind", ["slice", "distribution", "rank"])
def test_choices_that_look_alike_have_ticks_of_their_own(kind: str) -> None:
    """Sixteen of them, on any axis."""
    figure = drawn(kind, "mixed_choices", "weights", "rate").figure
    axis = next(plot.xaxis for plot in figure.axes if len(plot.get_xticklabels()) == len(MIXED))
    texts = [text.get_text() for text in axis.get_ticklabels()]
    assert len(set(texts)) == len(MIXED)
    assert {"None", '"None"', "0", '"0"', "False"} <= set(texts)


def test_labels_that_would_be_cut_to_the_same_are_told_apart() -> None:
    """By their ends, else by number."""
    names = ["a network of a zoo, small", "a network of a zoo, large", "b"]
    assert labels(names, 12) == ["a netw…small", "a netw…large", "b"]
    assert len(set(labels(["same " * 9 + f"{n} " + "end " * 9 for n in range(5)], 12))) == 5


def test_all_trials_have_a_line_to_the_objective(tables: dict[int, Table]) -> None:
    """Pruned and diverged ones as well, each kind in dashes of its own; the objective is the last axis."""
    found = drawn("parallel", tables[50])
    plot = found.figure.axes[0]
    known = lines(plot)
    assert sorted(known) == list(range(50))
    assert plot.get_xticklabels()[-1].get_text().replace("\n", " ") == "validation accuracy (%)"
    low = min(line[-1][1] for number, line in known.items() if tables[50].outcomes[number] != "diverged")
    assert all(line[-1][1] < low for number, line in known.items() if tables[50].outcomes[number] == "diverged")
    completed = [number for number in known if tables[50].outcomes[number] == "completed"]
    assert sorted(completed, key=lambda n: known[n][-1][1]) == sorted(completed, key=lambda n: tables[50].values[n, 0])
    dashes = {str(drawn.get_linestyle()) for drawn in plot.collections if isinstance(drawn, LineCollection)}
    assert len(dashes) == 3
    assert "left out" not in found.caption


def test_trials_without_a_parameter_pass_below_its_axis() -> None:
    """They are counted for each parameter that they lack."""
    found = drawn("parallel", "never_together")
    known = lines(found.figure.axes[0])
    assert len(known) == 40
    columns = table("never_together").columns
    names = [text.get_text() for text in found.figure.axes[0].get_xticklabels()]
    for name in ("c", "depth"):
        below = {number for number, line in known.items() if line[names.index(name)][1] < -0.05}
        assert below == set(np.flatnonzero(np.isnan(columns[name].values)).tolist())
    assert "19 of them have no depth, 21 no c" in found.caption


def test_pruned_trials_stand_at_their_last_value() -> None:
    """In the history, which tells how the search went; those that never reported along the worse edge, counted."""
    made, found = ODD["mostly_pruned"](), drawn("history", "mostly_pruned")
    places = marks(found.figure.axes[0])
    assert len(places) == 40
    for one in made.trials:
        if one.intermediate_values:
            last = one.value if one.value is not None else one.intermediate_values[max(one.intermediate_values)]
            assert places[one.number][1] == pytest.approx(last)
    assert "pruned: its last value" in legend(found)
    assert "Along the lower edge, without a value: 6 pruned." in found.caption


def test_pruned_trials_stand_at_what_they_would_have_come_to() -> None:
    """In the slice, which tells what settings are worth: near what all come to, and not at the quarter that they had."""
    values = np.random.default_rng(0).random(40)
    trials = [
        trial({"decay": value}, value, TrialState.COMPLETE, {0: value / 4, 1: value})
        if n % 4 == 0
        else trial({"decay": value}, value / 4, TrialState.PRUNED, {0: value / 4})
        for n, value in enumerate(values.tolist())
    ]
    found = drawn("slice", read(study(trials)))
    places = marks(found.figure.axes[0])
    assert max(abs(places[n][1] - values[n]) for n in range(40)) < 0.1
    assert legend(found)[:4] == ["completed", "pruned: what it would have come to", "mean", "its 95 % band"]


def test_of_a_large_study_the_pruned_that_its_model_rests_on_are_drawn() -> None:
    """The others, of whom nobody knows what they would have come to, are left out and counted."""
    trials = []
    for n in range(300):
        value = n / 300
        reports = {0: value / 2, 1: value} if n % 3 == 0 else {0: value / 2}
        trials.append(trial({"decay": value}, value, TrialState.COMPLETE if n % 3 == 0 else TrialState.PRUNED, reports))
    found = drawn("slice", read(study(trials)))
    there = set(marks(found.figure.axes[0]))
    assert {n for n in range(300) if n % 3 == 0} < there
    assert f"; {300 - len(there)} pruned that the model does not rest on left out." in found.caption
    assert 110 < len(there) < 300


def legend(found: Drawn) -> list[str]:
    """What the first axes' legend says."""
    box = found.figure.axes[0].get_legend()
    assert box is not None
    return [text.get_text() for text in box.get_texts()]


def test_reports_of_another_metric_are_no_values() -> None:
    """Where no completed trial was judged by what it reported, pruned trials have no value."""
    whole = [trial({"rate": 0.1 * n}, 0.1 * n, reports={0: 50.0 + n}) for n in range(1, 8)]
    gone = trial({"rate": 0.5}, None, TrialState.PRUNED, {0: 40.0})
    found = drawn("slice", read(study([*whole, gone])))
    assert "without a value: 1 pruned" in found.caption
    assert found.figure.axes[0].get_ylim()[1] < 1


@pytest.mark.parametrize("kind", ["slice", "history"])
@pytest.mark.parametrize("place", [0, 7])
def test_a_wild_value_is_an_arrow_at_the_border(kind: str, place: int) -> None:
    """1e30 among values near one, be it the first: the axis follows the others, and the caption counts it."""
    values = [1e30 if n == place else 1.0 + 0.05 * (n % 9) for n in range(20)]
    found = drawn(kind, read(study([trial({"rate": 0.01 + n / 25}, value) for n, value in enumerate(values)], ["minimize"])))
    plot = found.figure.axes[0]
    assert plot.get_ylim()[1] < 3
    assert marks(plot)[place][1] == 1.0
    assert "1 far out: an arrow at the border" in found.caption


def test_no_group_lies_outside_of_the_axis() -> None:
    """A choice whose few trials all lie far from the others, and one that lies a million times as high."""
    low, high = drawn("slice", "group_far_away").figure.axes[0].get_ylim()
    assert low < 0.1
    assert high > 0.94
    trials = [trial({"kind": ["relu", "tanh"][n % 10 == 3]}, 1e6 if n % 10 == 3 else 1 + n / 100) for n in range(30)]
    plot = drawn("slice", read(study(trials, ["minimize"])), "kind").figure.axes[0]
    assert (plot.get_yscale(), plot.get_ylim()[1] > 1e6) == ("log", True)


def test_parameters_that_never_occur_together() -> None:
    """Are said in one line instead of an empty picture; in a matrix of pairs, in their place."""
    with style.styled():
        assert picture("contour", table("never_together"), Request(("c", "depth"))) == Unanswered("no trial has both c and depth")
    texts = [text.get_text() for plot in drawn("rank", "never_together").figure.axes for text in plot.texts]
    assert texts == ["no trial has both"]


def test_a_contour_over_choices_has_what_there_is() -> None:
    """The trials over (kind, c), those without c left out and counted, and the best of them marked."""
    found = drawn("contour", "never_together", "kind", "c")
    values = table("never_together")
    having = np.flatnonzero(~np.isnan(values.columns["c"].values))
    assert set(marks(found.figure.axes[0])) == set(having.tolist())
    best = having[np.argmax(values.values[having, 0])]
    assert "21 of them have no c" in found.caption
    assert any(text.startswith(f"best-looking: trial {best}, ") for text in legend(found))


def test_the_default_contour_is_over_parameters_that_occur_together() -> None:
    """However important others are."""
    trials = []
    for n in range(40):
        point: dict[str, Any] = {"decay": n / 40} if n % 2 else {"layers": 1 + n % 4}
        trials.append(trial({"rate": 10 ** (-n / 10), **point}, n / 10 + (n % 2)))
    found = drawn("contour", read(study(trials)))
    assert "rate" in found.title
    assert "no trial has both" not in found.caption


def test_importance_names_what_it_could_not_judge() -> None:
    """And why."""
    caption = drawn("importance", "never_together", estimators=True).caption
    assert "Not judged by fANOVA and mean decrease impurity: depth, c, which not every trial has." in caption
    made = [trial({"rate": 0.01 * n, "decay": 0.5, "layers": 1 + n % 4}, float(n)) for n in range(1, 12)]
    assert "Not judged: decay, which never changes." in drawn("importance", read(study(made)), estimators=True).caption


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in ("confusion", "templates")])
def test_titles_are_questions(kind: str, tables: dict[int, Table]) -> None:
    """A title asks what the picture answers, in the words of the study; the study's name stands below."""
    found = drawn(kind, tables[51])
    title = found.figure.get_suptitle()
    assert title.replace("\n", " ") == found.title
    assert found.title.endswith("?")
    assert kind not in found.title.split()
    assert "validation accuracy" in found.title or kind not in OF_OBJECTIVE
    assert "eta" in found.title or kind not in ("slice", "contour", "rank", "stages")


@pytest.mark.parametrize(("metric", "shown"), [(None, "loss"), ("accuracy", "accuracy")])
def test_which_objective_is_drawn(metric: str | None, shown: str) -> None:
    """Of several, the title, the axis and the caption name it; --metric chooses another."""
    found = drawn("history", "three_objectives", metric=metric)
    assert found.title == f"How soon was the best {shown} found?"
    assert found.figure.axes[0].get_ylabel() == shown
    assert f"The objective is {shown}, one of 3." in found.caption


def test_of_very_many_choices_some_are_named() -> None:
    """An axis says which share of them; names that do not fit beside each other stand aslant."""
    plot = drawn("slice", "many_choices", "network", "rate").figure.axes[0]
    assert len(plot.get_xticklabels()) == 20
    assert plot.get_xlabel() == "network (one in 2 named)"
    assert {text.get_rotation() for text in plot.get_xticklabels()} == {40.0}


def test_a_slice_explains_its_marks(tables: dict[int, Table]) -> None:
    """A legend where there are marks of several kinds."""
    *marks, best, safe = legend(drawn("slice", tables[50]))
    assert marks == ["completed", "pruned: what it would have come to", "diverged", "mean", "its 95 % band"]
    assert best.startswith("recommended: ")
    assert safe.startswith("safe: costs at most ")
