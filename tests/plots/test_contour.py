"""The contour: colours from the surface alone, marks that say what each trial is worth, and nothing named that is not there."""

from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import BoundaryNorm

from hpo.analysis.points import foresee, points
from hpo.analysis.posterior import Posterior, posterior
from hpo.analysis.reading import read
from hpo.analysis.surface import Surface
from hpo.analysis.table import Table
from hpo.plots import contour, style, surfaces
from hpo.plots.kind import Request
from hpo.plots.registry import Drawn
from hpo.testing import planted

from ..analysis.studies import diverging_trials, study
from .test_foreign import drawn, legend

PRUNED, HATCHED, BREAKS = "pruned: what it would have come to", "not known to within ", "more likely to diverge than not"


def numbers(table: Table) -> contour.Numbers:
    """Of a contour that there is."""
    found = contour.compute(table, Request())
    assert isinstance(found, contour.Numbers)
    assert isinstance(found.surface, Surface)
    return found


def shades(plot: Axes) -> dict[int, Any]:
    """The colour of each trial's mark."""
    return {
        int(url.removeprefix("#trial-")): colour
        for one in plot.collections
        if isinstance(one, PathCollection)
        for url, colour in zip(one.get_urls(), one.get_facecolors(), strict=False)
    }


def hatchings(found: Drawn) -> set[str]:
    """Those on the axes, each once."""
    return {pattern for one in found.figure.axes[0].collections for pattern in getattr(one, "hatches", [None]) if pattern}


def test_what_pruned_trials_would_have_come_to(tables: dict[int, Table]) -> None:
    """Is the mean of what the model draws for them, NaN for all others."""
    table = tables[50]
    model, found = posterior(table), points(table, ("eta",))
    assert isinstance(model, Posterior)
    ahead = foresee(found, table)  # type: ignore[arg-type]  # there are trials
    assert ahead.finals is not None
    pruned = np.flatnonzero(table.outcomes[model.rows] == "pruned")
    means = model.finals(pruned, 4000).mean(axis=0)
    known = ahead.finals[model.rows[pruned]]
    assert known == pytest.approx(means, abs=0.01)
    assert np.isfinite(known).all()
    assert np.isnan(ahead.finals[table.outcomes != "pruned"]).all()


def test_colours_follow_the_surface_alone() -> None:
    """One trial far from all others does not leave the surface a single colour: its mean takes most of the steps."""
    generator = np.random.default_rng(0)
    x, y = generator.random((2, 30))
    values = x + 0.02 * generator.standard_normal(30)
    values[3] = 60.0
    found = numbers(planted.table({"x": x, "y": y}, values))
    plot = drawn("contour", planted.table({"x": x, "y": y}, values)).figure.axes[0]
    (norm,) = {one.norm for one in plot.collections if isinstance(getattr(one, "norm", None), BoundaryNorm)}
    assert isinstance(found.surface, Surface)
    inside = np.unique(np.digitize(100 * found.surface.mean, norm.boundaries))
    assert len(inside) >= 0.7 * (len(norm.boundaries) - 1)


def test_each_trial_has_the_colour_of_what_it_is_worth(tables: dict[int, Table]) -> None:
    """Completed ones that of their value, pruned ones that of what they would have come to, in other shapes."""
    found = drawn("contour", tables[50])
    colours, known = shades(found.figure.axes[0]), numbers(tables[50])
    with style.styled():
        ends = surfaces.scale_of(known.surface, known.points)
        assert ends is not None
        scale = surfaces.colours_of(ends, maximise=True)
    for row, number in enumerate(known.points.numbers.tolist()):
        if tables[50].outcomes[number] in ("completed", "pruned"):
            assert colours[number] == pytest.approx(scale.to_rgba(100 * known.points.known[row]))
    paths = {len(one.get_paths()[0].vertices) for one in found.figure.axes[0].collections if isinstance(one, PathCollection)}
    assert len(paths) >= 3  # circle, diamond, cross
    assert {"completed: its value", PRUNED, "diverged"} <= set(legend(found))


def test_what_is_named_is_there_and_what_is_there_is_named(tables: dict[int, Table]) -> None:
    """Hatchings and marks, with few and many trials, with and without those that diverged."""
    broken = read(study(diverging_trials(120, border=0.1)))
    for table in (*tables.values(), broken):
        found = drawn("contour", table)
        texts = legend(found)
        assert any(text.startswith(HATCHED) for text in texts) == (surfaces.UNKNOWN in hatchings(found))
        assert (BREAKS in texts) == (surfaces.BREAKS in hatchings(found))
        assert (PRUNED in texts or "pruned" in texts) == bool((table.outcomes == "pruned").any())
        assert "hatch" not in found.caption
    assert BREAKS in legend(drawn("contour", broken))


def test_little_known_is_what_lies_far_from_all_trials() -> None:
    """Trials in one half of the space have the hatching in the other; where all is known the caption says so."""
    generator = np.random.default_rng(1)
    x, y = generator.random((2, 60))
    x[1:] *= 0.3
    x[0] = 1.0
    near = numbers(_at(x, y)).surface
    assert isinstance(near, Surface)
    hatched = near.reach > near.known_within
    assert hatched[:, near.x > 0.5].mean() > 3 * hatched[:, near.x < 0.3].mean()
    even = drawn("contour", _at(*np.meshgrid(np.linspace(0, 1, 9), np.linspace(0, 1, 9))))
    assert not hatchings(even)
    assert "The mean is known to within" in even.caption


def _at(x: Any, y: Any) -> Table:
    values = np.sin(7 * np.ravel(x)) + np.sin(7 * np.ravel(y)) + 0.3 * np.random.default_rng(2).standard_normal(np.size(x))
    return planted.table({"x": np.ravel(x), "y": np.ravel(y)}, values)


def test_the_caption_is_two_short_sentences(tables: dict[int, Table]) -> None:
    """With as many words as there is something to say: of two parameters there are no others that it is averaged over."""
    for table in (*tables.values(), _at(*np.random.default_rng(1).random((2, 60)))):
        caption = drawn("contour", table).caption
        assert caption.count(". ") <= 1
        assert (
            ("average over" in caption) == (isinstance(numbers(table).surface, Surface) and len(table.parameters) > 2)
            if len(table) > 3
            else True
        )
