"""What a guess gets right without a look at the images."""

import numpy as np
import pytest

from hpo.guess import guess

NAMES = tuple("abcdefghij")


def labels(*sizes: int) -> np.ndarray:
    """Labels of classes with so many images each."""
    return np.repeat(np.arange(len(sizes)), sizes)


def test_classes_of_one_size_give_one_over_their_number_and_its_error() -> None:
    """A tenth, and three standard errors of a share on so many images, for either accuracy."""
    found = guess(labels(*[90] * 10), NAMES)
    assert (found.share, found.unbalanced) == (0.1, False)
    assert (found.accuracy, found.balanced_accuracy) == (pytest.approx(0.13), pytest.approx(0.13))


def test_the_commonest_class_is_the_level_to_beat() -> None:
    """95 of a hundred are right for who always says 'b'; a recall of a half, on average over the classes."""
    found = guess(labels(20, 380), NAMES[:2])
    assert (found.commonest, found.share, found.classes, found.unbalanced) == ("b", 0.95, 2, True)
    assert 0.95 < found.accuracy < 0.96
    assert found.balanced_accuracy > 0.5


@pytest.mark.parametrize("sizes", [(20, 380), (60, 61, 59), (50, 49, 1, 1, 1), (300, 60, 40), (5, 95)])
def test_a_guess_hardly_ever_exceeds_its_bounds(sizes: tuple[int, ...]) -> None:
    """Of 4,000 networks that answer by lot, however often with which class, fewer than one in a hundred."""
    y, random = labels(*sizes), np.random.default_rng(7)
    found = guess(y, NAMES[: len(sizes)])
    shares = random.dirichlet([0.3] * len(sizes), size=4000)
    answers = (random.random((4000, len(y), 1)) > shares.cumsum(axis=1)[:, None, :-1]).sum(axis=2)
    accuracy = (answers == y).mean(axis=1)
    balanced = np.mean([(answers[:, y == k] == k).mean(axis=1) for k in range(len(sizes))], axis=0)
    assert (accuracy > found.accuracy + 1e-12).mean() < 0.01
    assert (balanced > found.balanced_accuracy + 1e-12).mean() < 0.01


@pytest.mark.parametrize(
    ("sizes", "unbalanced"),
    [
        ((3, 2), False),
        ((2, 1, 1), False),
        ((100, 80), False),
        ((100, 60), True),
        ((9, 0), True),
        ((1, 0), False),
        ((97, 3), True),
    ],
)
def test_classes_are_unbalanced_beyond_what_a_draw_does(sizes: tuple[int, ...], unbalanced: bool) -> None:
    """Half as many again, and two images more."""
    assert guess(labels(*sizes), NAMES[: len(sizes)]).unbalanced is unbalanced
