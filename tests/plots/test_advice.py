"""What to take and what is safe, as contour, slice, importance and overview show it: the same numbers in each."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from hpo.analysis.recommendation import Recommendation, recommendation
from hpo.analysis.safe_ranges import SafeRange, safe_ranges
from hpo.analysis.safe_region import SafeRegion, safe_region
from hpo.analysis.shares import Shares, shares
from hpo.analysis.table import Table, Unanswered
from hpo.plots import contour, overview, style
from hpo.plots.kind import Request
from hpo.plots.registry import picture
from hpo.plots.units import known
from hpo.testing import planted

from .test_foreign import drawn, legend


def advised(table: Table) -> tuple[Recommendation, dict[str, SafeRange]]:
    """What the analysis says."""
    best, safe = recommendation(table), safe_ranges(table)
    assert isinstance(best, Recommendation)
    assert not isinstance(safe, Unanswered)
    return best, dict(safe)


def stars(plot: Axes) -> list[tuple[float, float]]:
    """Where they stand."""
    return [(float(one.get_xdata()[0]), float(one.get_ydata()[0])) for one in plot.lines if one.get_marker() == "*"]  # type: ignore[index]


def bowl(count: int = 40, *, lucky: bool = False) -> Table:
    """Best at x = 0.3; y makes no difference."""
    x, y = np.random.default_rng(5).random((2, count))
    values = 0.9 - (x - 0.3) ** 2 + 0.01 * np.random.default_rng(6).standard_normal(count)
    values[7] += 0.15 if lucky else 0.0
    return planted.table({"x": x, "y": y}, values)


def test_the_star_stands_at_the_recommended_setting(tables: dict[int, Table]) -> None:
    """And the legend has its value on a new seed."""
    best, _ = advised(tables[50])
    found = drawn("contour", tables[50], "eta", "lambda")
    assert stars(found.figure.axes[0]) == [(best.settings["eta"], best.settings["lambda"])]
    assert f"recommended: {known(tables[50].metric, best.expected, best.high - best.low)} on a new seed" in legend(found)


def test_a_lucky_trial_is_called_so_with_what_it_is_worth() -> None:
    """One that shows 15 points more than its neighbours; the best of an ordinary study is not."""
    table = bowl(lucky=True)
    best, _ = advised(table)
    showed = f"{100 * best.best:.4g}\N{NO-BREAK SPACE}%"
    worth = known(table.metric, best.best_expected, best.best_high - best.best_low)
    assert f"lucky: trial 7 showed {showed}, is worth {worth}" in legend(drawn("contour", table))
    assert not any(text.startswith("lucky") for text in legend(drawn("contour", tablewise())))


def tablewise() -> Table:
    """Without any luck."""
    x, y = np.random.default_rng(5).random((2, 40))
    return planted.table({"x": x, "y": y}, 0.9 - (x - 0.3) ** 2 + 0.001 * y)


def test_the_region_agrees_with_the_ranges() -> None:
    """Along x it lies about the best, and all of y is in it; each place by itself, so that it holds the joint range."""
    table = bowl()
    best, safe = advised(table)
    found = safe_region(table, "x", "y")
    assert isinstance(found, SafeRegion)
    near = int(np.abs(found.y - best.settings["y"]).argmin())
    along = found.x[found.inside[near]]
    step = found.x[1] - found.x[0]
    assert along.min() <= safe["x"].low + step
    assert along.max() >= safe["x"].high - step
    assert not found.inside[:, found.x > 0.8].any()
    assert 0.02 < found.inside.mean() < 0.9
    assert any(text.startswith("safe inside: costs at most ") for text in legend(drawn("contour", table)))


def test_what_is_safe_everywhere_has_no_outline() -> None:
    """The caption says it instead."""
    numbers = contour.compute(bowl(), Request())
    assert isinstance(numbers, contour.Numbers)
    wide = numbers._replace(region=safe_region(bowl(), "x", "y", 0, 5.0))
    assert isinstance(wide.region, SafeRegion)
    assert wide.region.inside.all()
    with style.styled():
        _, axes = style.new_figure(contour.layout(wide))
        contour.draw(axes, wide)
    texts = [text.get_text() for text in axes[0].get_legend().get_texts()]  # type: ignore[union-attr]
    assert not any(text.startswith("safe") for text in texts)
    assert "all of it is as good as the recommended setting" in contour.caption(wide)


def test_no_region_over_choices(tables: dict[int, Table]) -> None:
    """A reason instead."""
    assert isinstance(safe_region(tables[50], "eta", "optimizer"), Unanswered)


def test_the_slice_shows_value_and_range(tables: dict[int, Table]) -> None:
    """A dashed line at the recommended value and a strip over what is safe, in every panel."""
    best, safe = advised(tables[51])
    axes = {plot.get_xlabel(): plot for plot in drawn("slice", tables[51]).figure.axes}
    assert set(axes) == set(best.settings)
    for name, plot in axes.items():
        (line,) = [one for one in plot.lines if one.is_dashed()]
        assert line.get_xdata()[0] == best.settings[name]  # type: ignore[index]
        spans = sorted((one.get_x(), one.get_x() + one.get_width()) for one in plot.patches)  # type: ignore[attr-defined]
        if safe[name].choices:
            assert [round(low + 0.45) for low, _ in spans] == list(safe[name].choices)
        else:
            assert spans == [pytest.approx((safe[name].low, safe[name].high))]


def test_a_slice_of_many_names_those_left_out() -> None:
    """Six of eight are drawn, the most important ones."""
    columns = {f"p{place}": np.random.default_rng(place).random(60) for place in range(8)}
    found = drawn("slice", planted.table(columns, 0.9 - (columns["p7"] - 0.3) ** 2))
    names = [plot.get_xlabel() for plot in found.figure.axes]
    assert len(names) == 6
    assert names[0] == "p7"
    missing = [name for name in columns if name not in names]
    assert sorted(found.caption.partition("Left out: ")[2].strip(".").split(", ")) == missing


def test_importance_is_the_shares(tables: dict[int, Table]) -> None:
    """A bar with its interval for each parameter, and one for the largest pair; the estimators when they are asked for."""
    found = shares(tables[51])
    assert isinstance(found, Shares)
    plot = drawn("importance", tables[51]).figure.axes[0]
    widths = [patch.get_width() for patch in plot.patches]  # type: ignore[attr-defined]
    assert widths == pytest.approx([100 * one.value for one in (*found.mains, found.pairs[0])])
    names = [text.get_text() for text in plot.get_yticklabels()]
    assert names == [*(one.names[0] for one in found.mains), "\nwith ".join(found.pairs[0].names)]
    texts = legend(drawn("importance", tables[51], estimators=True))
    assert texts == ["PED-ANOVA", "fANOVA", "mean decrease impurity"]


def test_the_overview_says_what_to_take(tables: dict[int, Table]) -> None:
    """A star, a bar and a sentence for each parameter; the best-looking curve, the typical one and those given up; the shares."""
    best, safe = advised(tables[50])
    plots = drawn("overview", tables[50]).figure.axes
    titles = [plot.get_title("left") for plot in plots]
    for name in best.settings:
        plot = next(plot for plot, title in zip(plots, titles, strict=True) if title.startswith(f"{name}: take "))
        assert stars(plot) == [(best.settings[name], 0.0)]
        ends = [line.get_xdata() for line in plot.lines if line.get_color() == "#009E73"]
        if not safe[name].choices:
            assert [tuple(one) for one in ends] == [(safe[name].low, safe[name].high)]
    assert "What matters?" in titles
    curves = next(plot for plot in plots if plot.get_title("left").startswith("How did training run?"))
    texts = curves.get_legend().get_texts()  # type: ignore[union-attr]
    assert [text.get_text().partition(":")[0].partition(",")[0] for text in texts] == [
        "recommended", "best-looking", "typical", "given up early or diverged"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "eta: take 0.1; safe from 0.05 to 0.2"),
        ({"open_high": True}, "eta: take 0.1; safe from 0.05 to 0.2, maybe above"),
        ({"open_low": True}, "eta: take 0.1; safe from 0.05 to 0.2, maybe below"),
        ({"whole": True}, "eta: take 0.1; it makes no difference from 0.05 to 0.2"),
    ],
)
def test_ranges_in_words(changes: dict[str, Any], text: str, tables: dict[int, Table]) -> None:
    """Where more may lie beyond an end it says so, and where nothing matters."""
    found = SafeRange("eta", 0.05, 0.2, (), False, False, False, 0.01)._replace(**changes)
    assert overview.range_in_words(tables[50].columns["eta"], found, 0.1) == text


def test_choices_in_words(tables: dict[int, Table]) -> None:
    """By name."""
    column, one = tables[50].columns["optimizer"], SafeRange("optimizer", np.nan, np.nan, (1,), False, False, False, 0.01)
    assert overview.range_in_words(column, one, 1.0) == "optimizer: take momentum"
    assert overview.range_in_words(column, one._replace(choices=(0, 1)), 1.0) == "optimizer: take momentum; sgd is as safe"


def test_evidence_after_the_search_has_a_mark_of_its_own(tables: dict[int, Table]) -> None:
    """Squares in what shows the model, and no trial of what shows the search; it is counted apart, never the best-looking."""
    evidence = np.where(np.arange(51) >= 45, "answer", "").astype(np.str_)
    table = replace(tables[51], evidence=evidence, outcomes=np.where(evidence == "answer", "completed", tables[51].outcomes))
    values = np.where((evidence == "answer")[:, None], 0.99, tables[51].values)
    table = replace(table, values=values)
    for kind in ("contour", "slice"):
        found = drawn(kind, table)
        assert "after the search, on fresh seeds" in legend(found)
        assert found.caption.startswith("45 trials (")
        assert "and 6 after the search" in found.caption
    assert not any("99" in text for text in legend(drawn("contour", table)) if "trial" in text)
    assert drawn("history", table).caption.startswith("45 trials (")
    assert "and 6 after the search" in drawn("overview", table).caption


def test_what_is_missing_and_what_would_bring_it(tables: dict[int, Table]) -> None:
    """In the reason why there is no picture, and below one that has the trials alone."""
    with style.styled():
        none = picture("overview", tables[3], Request(more="`hpo study run made` goes on"))
    assert isinstance(none, Unanswered)
    assert none.reason == "a model of the study needs at least 4 completed trials, and there are 3; `hpo study run made` goes on"
    shown = drawn("contour", tables[3], more="`hpo study run made` goes on")
    assert shown.caption.endswith(
        "No surface: a surface needs at least 5 completed trials, and there are 3; `hpo study run made` goes on."
    )


@pytest.mark.parametrize("kind", ["overview", "contour", "slice", "importance"])
def test_on_a_narrow_page_nothing_is_cut(kind: str, tables: dict[int, Table]) -> None:
    """Axes stand one above the other, and every text lies within the picture."""
    with style.styled():
        found = picture(kind, tables[50], narrow=True)
        assert not isinstance(found, Unanswered)
        found.figure.draw_without_rendering()
        width = found.figure.bbox.width
        for plot in found.figure.axes:
            boxes = [text.get_window_extent() for text in (plot.title, plot._left_title, plot.xaxis.label, plot.yaxis.label)]  # type: ignore[attr-defined]
            boxes += [plot.get_legend().get_window_extent()] if plot.get_legend() else []  # type: ignore[union-attr]
            for box in boxes:
                assert box.x0 >= -1
                assert box.x1 <= width + 1


def test_sentence_and_picture_have_the_same_numbers(tables: dict[int, Table]) -> None:
    """What to take, what is safe and what to expect, digit by digit."""
    from hpo.report.advice import advice

    best, safe = advised(tables[51])
    sentence = advice(tables[51], best, safe)
    for name in ("eta", "lambda"):
        words = overview.range_in_words(tables[51].columns[name], safe[name], best.settings[name])
        taken, low, high = re.findall(r"\d[\d.e-]*", words.partition(": ")[2])[:3]
        assert f"{name} between {low} and {high} ({taken} is the best guess)" in sentence
    assert f"of {known(tables[51].metric, best.expected, best.high - best.low)} on".replace("\N{NO-BREAK SPACE}", " ") in sentence
