"""Every kind of plot: drawn where there is something to draw, with a caption that says whose trials it shows."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpo.analysis.reading import read
from hpo.analysis.table import Table, Unanswered
from hpo.analysis.tested import Look
from hpo.errors import UsageError
from hpo.plots import confusion, curves, style, templates
from hpo.plots.kind import Layout, Request
from hpo.plots.registry import KINDS, Drawn, picture

from ..analysis.studies import study, trial
from ..analysis.test_looks import looked
from ..fakes.odd_studies import ODD, hostile_names

SMALL = {"savefig.dpi": 40}
"""What is written need not be looked at."""
NEEDS_A_MODEL = ("importance", "overview")
OF_TRIALS = [kind for kind in KINDS if kind not in ("confusion", "templates")]
each_kind = pytest.mark.parametrize("kind", OF_TRIALS)


def drawn(kind: str, table: Table, **request: Any) -> Drawn:
    """A plot that is there."""
    with style.styled(**SMALL):
        found = picture(kind, table, Request(**request), title=table.name)
    assert isinstance(found, Drawn), found
    return found


@each_kind
def test_the_caption_says_n(kind: str, tables: dict[int, Table]) -> None:
    """Of 50 trials it names them all, or those of which there is a value."""
    caption = drawn(kind, tables[50]).caption
    assert caption.startswith("7 completed and 39 pruned trials" if kind in NEEDS_A_MODEL else "50 trials")
    assert caption.endswith(".")


@each_kind
def test_three_trials_are_enough_or_a_reason(kind: str, tables: dict[int, Table]) -> None:
    """What rests on a model of the study alone cannot say anything about three trials."""
    with style.styled():
        found = picture(kind, tables[3])
    if kind in NEEDS_A_MODEL:
        assert found == Unanswered("a model of the study needs at least 4 completed trials, and there are 3")
    else:
        assert isinstance(found, Drawn)


@each_kind
def test_the_same_numbers_give_the_same_bytes(kind: str, tables: dict[int, Table]) -> None:
    """A file depends on its numbers alone: no date, no random names."""
    with style.styled(**SMALL):
        first, second = (style.svg(drawn(kind, tables[50]).figure) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("kind", ["curves", "budget"])
def test_there_are_no_halves_of_epochs(kind: str) -> None:
    """Two epochs are two ticks, not eleven."""
    trials = [trial({"rate": 0.1 * n}, 0.1 * n, reports={1: 0.05, 2: 0.1 * n}) for n in range(1, 5)]
    plot = drawn(kind, read(study(trials))).figure.axes[0]
    low, high = plot.get_xlim()
    ticks = [tick for tick in plot.get_xticks() if low <= tick <= high]
    assert ticks[-2:] == [1, 2]
    assert all(tick == round(tick) for tick in ticks)


@pytest.mark.parametrize("suffix", style.SUFFIXES)
def test_files_of_every_kind_have_no_date(suffix: str, tables: dict[int, Table]) -> None:
    """Nor has what surrounds the picture in its file."""
    with style.styled(**SMALL):
        first, second = (style.rendered(drawn("contour", tables[3]).figure, suffix) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", ODD)
def test_odd_studies(name: str) -> None:
    """Whatever a study holds, every plot is drawn, or there is a plain reason for none; no warning, no error."""
    table = read(ODD[name]())
    for kind in OF_TRIALS:
        with style.styled(**SMALL):
            found = picture(kind, table, title=table.name)
            if isinstance(found, Unanswered):
                assert found.reason
                assert not found.reason.endswith(".")
            else:
                assert style.rendered(found.figure, ".png").startswith(b"\x89PNG")


def test_names_are_shown_as_they_are() -> None:
    """A dollar sign is no mathematics, and what is too long or does not show is cut and replaced."""
    text = drawn("slice", read(hostile_names())).figure
    labels = [axes.get_xlabel() for axes in text.axes]
    assert any(label.startswith("<script>alert('x')</script>") for label in labels)
    assert all(label.isprintable() and len(label) <= 28 for label in labels)


@pytest.mark.parametrize(
    ("kind", "request_", "message"),
    [
        ("contor", {}, "unknown kind of plot 'contor': did you mean 'contour'"),
        ("slice", {"parameters": ("etta",)}, "unknown parameter 'etta': did you mean 'eta'"),
        ("curves", {"colour": "lamda"}, "unknown parameter 'lamda': did you mean 'lambda'"),
        ("curves", {"metric": "validation_los"}, "unknown metric 'validation_los': did you mean 'validation_loss'"),
        ("history", {"metric": "validation_loss"}, "unknown objective 'validation_loss': did you mean 'validation_accuracy'"),
        ("contour", {"parameters": ("eta", "lambda", "filters")}, "at most 2 parameters, got 3"),
    ],
)
def test_wishes_that_cannot_be_met(kind: str, request_: dict[str, Any], message: str, tables: dict[int, Table]) -> None:
    """The message names what was asked for and the nearest that there is."""
    with pytest.raises(UsageError, match=message):
        picture(kind, tables[50], Request(**request_))


def test_diverged_curves_are_marked_where_they_left(tables: dict[int, Table]) -> None:
    """A cross stands at the last epoch of each trial that diverged, and nowhere else."""
    table = tables[50]
    figure = drawn("curves", table).figure
    (crosses,) = [one for one in figure.axes[0].collections if one.get_label() == "diverged here"]
    left = [curve for row in np.flatnonzero(table.diverged) for curve in table.curves(int(row))]
    lasts = np.array([[curve.at[-1], 100 * curve.metrics["validation_accuracy"][-1]] for curve in left])
    assert np.asarray(crosses.get_offsets()) == pytest.approx(lasts)


def test_curves_are_coloured_by_any_parameter(tables: dict[int, Table]) -> None:
    """By a number along a bar, by a choice with a colour each."""
    assert "lambda" in [axes.get_ylabel() for axes in drawn("curves", tables[50], colour="lambda").figure.axes]
    legend = drawn("curves", tables[50], colour="optimizer").figure.axes[0].get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()][-2:] == ["sgd", "momentum"]


def test_an_exploding_curve_does_not_flatten_the_others() -> None:
    """Limits come from the networks that did not diverge; those that leave are drawn along the edge and counted."""
    calm = [trial({"rate": 0.1}, value, reports={0: value + 1, 1: value}) for value in (1.0, 1.1, 1.2, 1.3, 1.4)]
    wild = trial({"rate": 0.9}, None, reports={0: 3.0, 1: 1e12}, outcome="diverged", state=_pruned())
    found = drawn("curves", read(study([*calm, wild], ["minimize"])), colour="rate")
    low, high = found.figure.axes[0].get_ylim()
    assert 0.5 < low < high < 4
    assert "1 that run out of the picture" in found.caption


def test_losses_over_decades_have_a_logarithmic_axis() -> None:
    """Where the good networks would lie on one line beside the slow ones; a metric that reaches zero or stays near has none."""
    for reports, scale in (([1.0, 0.1, 0.01], "log"), ([1.0, 0.1, 0.0], "linear"), ([1.0, 0.9, 0.8], "linear")):
        trials = [trial({"rate": 0.1 * (n + 1)}, reports[-1], reports=dict(enumerate(reports))) for n in range(4)]
        assert drawn("curves", read(study(trials, ["minimize"]))).figure.axes[0].get_yscale() == scale


def _pruned() -> Any:
    from optuna.trial import TrialState

    return TrialState.PRUNED


@pytest.mark.parametrize("kind", ["history", "slice"])
def test_an_outlier_does_not_stretch_the_axis(kind: str) -> None:
    """One value of a million among values near one is drawn at the edge, and the caption says so."""
    values = [1.0, 1.1, 1.2, 1.3, 1.4, 1.5, 1e6]
    trials = [trial({"rate": 0.1 + place / 20}, value) for place, value in enumerate(values)]
    found = drawn(kind, read(study(trials, ["minimize"])))
    assert found.figure.axes[0].get_ylim()[1] < 3
    assert "1 far out: an arrow at the border" in found.caption


@pytest.mark.parametrize(("direction", "light"), [("maximize", "viridis"), ("minimize", "viridis_r")])
def test_light_is_always_better(direction: str, light: str) -> None:
    """The light end of the colours is the better one, whichever way the objective goes."""
    trials = [trial({"rate": 0.1 + place / 50, "decay": 0.5 - place / 30}, float(place)) for place in range(8)]
    figure = drawn("contour", read(study(trials, [direction]))).figure
    assert {one.get_cmap().name for one in figure.axes[0].collections if one.get_array() is not None} >= {light}


def test_the_boxes_of_the_stages_are_drawn(tables: dict[int, Table]) -> None:
    """A rectangle for each stage that has a box, at its ends."""
    from matplotlib.patches import Rectangle

    plot = drawn("stages", tables[50], parameters=("eta", "lambda")).figure.axes[0]
    boxes = [patch.get_bbox().extents.tolist() for patch in plot.patches if isinstance(patch, Rectangle)]
    assert boxes == [pytest.approx([0.03, 1e-5, 0.3, 1e-2]), pytest.approx([0.07, 1e-5, 0.2, 1e-3])]


def test_one_parameter_has_stages_too(tables: dict[int, Table]) -> None:
    """Boxes of a single parameter lie one above the other."""
    plot = drawn("stages", tables[50], parameters=("eta",)).figure.axes[0]
    assert [label.get_text() for label in plot.get_yticklabels()] == ["wide", "narrow", "narrowest"]


def test_budget_adds_up(tables: dict[int, Table]) -> None:
    """The caption tells what was trained, of what full training would have taken, and who was dropped where."""
    epochs = sum(len(tables[50].curves(row)[0].at) for row in range(50))
    caption = drawn("budget", tables[50]).caption
    assert f"{epochs} of 500 epochs trained" in caption
    assert "pruned and 3 diverged at epoch 1; 10 pruned and 1 diverged at epoch 3" in caption


def test_the_tested_network(tmp_path: Path) -> None:
    """Confusion and templates are drawn from what the test has kept, and without one they say how to get it."""
    from hpo.analysis.tested import last_look

    found = last_look(looked(tmp_path))
    assert isinstance(found, Look)
    table = read(study([]))
    assert "4 test images, 3 of them (75 %) right" in drawn("confusion", table, tested=found).caption
    assert [axes.get_title(loc="left") for axes in drawn("templates", table, tested=found).figure.axes] == ["cat", "dog"]
    for kind in ("confusion", "templates"):
        assert isinstance(picture(kind, table), Unanswered)


@pytest.mark.parametrize("plot", [confusion, templates, curves])
def test_layouts_have_an_axis_for_each_letter(plot: Any, tables: dict[int, Table], tmp_path: Path) -> None:
    """Whoever has axes of their own can draw on them."""
    from matplotlib.figure import Figure

    from hpo.analysis.tested import last_look

    found = last_look(looked(tmp_path))
    numbers = plot.compute(tables[50], Request(tested=found))
    layout = plot.layout(numbers)
    assert isinstance(layout, Layout)
    axes = Figure().subplot_mosaic([list(row) for row in layout.rows])
    plot.draw([axes[letter] for letter in sorted(axes)], numbers)


def test_the_users_settings_do_not_matter(tables: dict[int, Table]) -> None:
    """Whatever matplotlib's settings are outside, a plot looks the same, and they are as before after it."""
    import matplotlib as mpl

    with style.styled():
        plain = style.rendered(drawn("budget", tables[3]).figure, ".png")
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        with style.styled():
            other = style.rendered(drawn("budget", tables[3]).figure, ".png")
        assert mpl.rcParams["font.size"] == 30
    assert plain == other


@pytest.mark.parametrize(
    ("kind", "reason"), [("importance", "rate is the only"), ("parallel", "two parameters"), ("rank", "two")]
)
def test_one_parameter_makes_no_picture_of_several(kind: str, reason: str) -> None:
    """Where only one parameter varies, what compares parameters says so instead of drawing an empty frame."""
    found = picture(kind, read(study([trial({"rate": 0.01 * (n + 1)}, float(n)) for n in range(9)])))
    assert isinstance(found, Unanswered)
    assert reason in found.reason


def test_points_of_a_grid_are_not_taken_for_draws(tables: dict[int, Table]) -> None:
    """How values fall is a question about draws."""
    found = picture("distribution", replace(tables[50], sampler="grid"))
    assert isinstance(found, Unanswered)
    assert "grid" in found.reason


def test_the_best_of_one_schedule_is_on_top(tables: dict[int, Table]) -> None:
    """Lines are drawn from the worst trial to the best, those without a value first."""
    from hpo.plots import learning_rate

    numbers = learning_rate.compute(tables[50], Request())
    assert isinstance(numbers, learning_rate.Numbers)
    scores = np.nan_to_num([tables[50].score()[trace.row] for trace in numbers.traces.traces], nan=-np.inf)
    assert (np.diff(scores[np.isfinite(scores)]) >= 0).all()
    assert np.isfinite(scores[-1])
    assert not np.isfinite(scores[0])
