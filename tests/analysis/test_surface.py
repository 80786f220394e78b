"""The response surface: where the best lies, what is not known, where training breaks."""

import numpy as np
import pytest

from hpo.analysis.reading import read
from hpo.analysis.surface import CELLS, Surface, surface
from hpo.analysis.table import Table, Unanswered
from hpo.testing import planted

from .studies import diverging_trials, random_trials, study, table, trial


def bowl(count: int, noise: float) -> Table:
    """A value that is best at a rate of 0.03 and a decay of 0.7."""
    generator = np.random.default_rng(0)
    rate, decay = generator.uniform(-3, 0, count), generator.random(count)
    values = -((rate + 1.5) ** 2) - 4 * (decay - 0.7) ** 2 + noise * generator.standard_normal(count)
    return planted.table({"rate": 10.0**rate, "decay": decay}, values, log=("rate",))


def test_the_peak_is_where_it_was_planted() -> None:
    """The mean is highest near the planted best, on the logarithmic scale of the rate, and the noise is the planted one."""
    found = surface(bowl(80, 0.2), "rate", "decay")
    assert isinstance(found, Surface)
    row, column = np.unravel_index(found.mean.argmax(), found.mean.shape)
    assert abs(np.log10(found.x[column]) + 1.5) < 0.3
    assert abs(found.y[row] - 0.7) < 0.15
    assert found.noise == pytest.approx(0.2, rel=0.3)
    assert found.divergence is None
    assert found.mean.shape == (CELLS, CELLS)


def test_more_trials_leave_less_unknown() -> None:
    """The standard deviation of the surface falls with the number of trials, while the noise of a trial does not."""
    few, many = surface(bowl(20, 0.3), "rate", "decay"), surface(bowl(150, 0.3), "rate", "decay")
    assert isinstance(few, Surface)
    assert isinstance(many, Surface)
    assert np.median(many.deviation) < 0.7 * np.median(few.deviation)


def test_divergence_is_a_probability() -> None:
    """It rises from nearly 0 to nearly 1 across the planted border, and stays within these ends."""
    found = surface(read(study(diverging_trials(120, border=0.1))), "rate", "decay")
    assert isinstance(found, Surface)
    assert found.divergence is not None
    assert found.divergence.min() >= 0
    assert found.divergence.max() <= 1
    assert found.divergence[:, found.x < 0.01].mean() < 0.05
    assert found.divergence[:, found.x > 0.5].mean() > 0.9


def test_an_outlier_does_not_bend_the_surface() -> None:
    """A trial that went far wrong is drawn in, and the count says so; the peak stays where it was."""
    clean = bowl(60, 0.2)
    values = clean.values.copy()
    values[5] = -1e6
    wild = type(clean)(**{**{name: getattr(clean, name) for name in clean.__dataclass_fields__}, "values": values})
    found = surface(wild, "rate", "decay")
    assert isinstance(found, Surface)
    assert found.drawn_in == 1
    assert found.mean.min() > -50


def test_large_studies_are_thinned() -> None:
    """A Gaussian process of many trials would take too long; the result says how many it used."""
    found = surface(bowl(400, 0.2), "rate", "decay")
    assert isinstance(found, Surface)
    assert (found.trials, found.of) == (120, 400)


@pytest.mark.parametrize(
    ("made", "names", "reason"),
    [
        (lambda: table(20), ("rate", "kind"), "two different numeric parameters"),
        (lambda: table(20), ("rate", "rate"), "two different numeric parameters"),
        (lambda: table(4), ("rate", "decay"), "at least 5 completed trials"),
        (lambda: read(study([trial({"rate": 0.1, "decay": 0.1 * n}, float(n)) for n in range(9)])), ("rate", "decay"), "to vary"),
    ],
)
def test_why_there_is_no_surface(made: object, names: tuple[str, str], reason: str) -> None:
    """A surface that cannot be fitted is refused with the reason."""
    found = surface(made(), *names)  # type: ignore[operator]  # a function of no arguments
    assert isinstance(found, Unanswered)
    assert reason in found.reason


def test_conditional_parameters() -> None:
    """Trials that lack one of the two parameters are in the model, too: whether a trial has it is a coordinate."""
    trials = random_trials(40)
    for one in trials[::4]:
        del one.params["decay"], one.distributions["decay"]
    found = surface(read(study(trials)), "rate", "decay")
    assert isinstance(found, Surface)
    assert found.trials == 40
    assert found.mean[:, np.abs(np.log10(found.x) + 2).argmin()].mean() > found.mean[:, -1].mean() + 1
