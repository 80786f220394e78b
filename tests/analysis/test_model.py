"""The model's arithmetic against scikit-learn's, and its sampler against known posteriors."""

import numpy as np
import pytest
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from hpo.analysis.matern import across
from hpo.analysis.model import LOOSE, NUGGET
from hpo.analysis.posterior import Posterior, posterior
from hpo.analysis.slice_sampling import elliptical_slices
from hpo.testing.planted_surfaces import Situation, planted


def fitted(**changes: object) -> Posterior:
    """The model of a planted study."""
    kind = Situation("a bowl", "bowl", 15, 1)._replace(**changes)  # type: ignore[arg-type]  # fields of the tuple
    found = posterior(planted(kind, np.random.default_rng(1), 0).table)
    assert isinstance(found, Posterior)
    return found


def test_mean_deviation_and_likelihood_are_those_of_scikit_learn() -> None:
    """Draw by draw, for one parameter; likelihoods differ by a constant."""
    found = fitted()
    x, scores, at = found.model.points[0][:, None], found.model.scores, np.linspace(0, 1, 7)
    settings, theirs, means, variances = found.settings, [], [], []
    for length, relief, noise in zip(settings.lengths[:, 0], settings.relief[:, 0, 0], settings.noise[:, 0, 0], strict=True):
        kernel = ConstantKernel(relief) * Matern(length, nu=2.5) + ConstantKernel(LOOSE) + WhiteKernel(noise)
        process = GaussianProcessRegressor(kernel, alpha=NUGGET, optimizer=None).fit(x, scores)
        theirs.append(process.log_marginal_likelihood_value_)
        mean, deviation = process.predict(at[:, None], return_std=True)
        means.append(mean)
        variances.append(deviation**2 - noise)
    mean, deviation = found.moments({"x0": at})
    scale = found.model.scale
    assert mean == pytest.approx(found.model.centres[0] + scale * np.mean(means, axis=0))
    assert deviation == pytest.approx(scale * np.sqrt(np.mean(variances, axis=0) + np.var(means, axis=0)), rel=1e-4)
    ours = found.model._likelihood(settings)
    assert np.ptp(ours - np.array(theirs)) < 1e-6


def test_covariances_are_positive_whatever_the_levels() -> None:
    """With choices and pruned trials, for every draw."""
    found = fitted(trials=40, parameters=2, choices=3, pruned=True)
    assert found.model.seen.levels == 3
    assert np.linalg.eigvalsh(found.model.covariance(found.settings)).min() > 0


def test_an_average_is_the_mean_of_its_cells() -> None:
    """A coordinate that is not asked for counts as the mean over its range, on either side."""
    found = fitted(parameters=2)
    coordinates, lengths = found.model.coordinates, found.settings.lengths
    at, cells = np.array([0.2, 0.7]), coordinates[1].cells
    averaged = across(coordinates, [at, None], [at, None], lengths)
    grid = across(
        coordinates, [np.repeat(at, len(cells)), np.tile(cells, 2)], [np.repeat(at, len(cells)), np.tile(cells, 2)], lengths
    )
    parts = grid.reshape(len(lengths), 2, len(cells), 2, len(cells))
    assert averaged == pytest.approx(parts.mean(axis=(2, 4)))


def test_slices_sample_a_known_posterior() -> None:
    """Of a normal prior and a normal likelihood: mean and deviation of 4,000 chains are those of the product."""
    deviations = np.array([1.0, 2.0])

    def likelihood(state: np.ndarray) -> np.ndarray:
        return np.asarray(-0.5 * ((state - 1.0) ** 2).sum(axis=1))

    found = elliptical_slices(likelihood, np.zeros((4000, 2)), deviations, 20, np.random.default_rng(0))
    variance = 1 / (1 + 1 / deviations**2)
    assert found.mean(axis=0) == pytest.approx(variance, abs=0.06)
    assert found.std(axis=0) == pytest.approx(np.sqrt(variance), rel=0.05)


def test_the_same_table_gives_the_same_numbers() -> None:
    """All draws are keyed by the study's seed."""
    first, second = (fitted().sample({"x0": np.linspace(0, 1, 5)}) for _ in range(2))
    assert (first == second).all()
