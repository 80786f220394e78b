"""Numbers as a reader wants them."""

import pytest

from hpo.findings.wording import amount, level


@pytest.mark.parametrize(
    ("metric", "value", "words", "difference"),
    [
        ("validation_accuracy@8", 0.4434, "44.3 %", "44.3 points"),
        ("test_accuracy", 0.4434, "44.3 %", "44.3 points"),
        ("diverged", 0.25, "25 %", "25 points"),
        ("accuracy", 93.2, "93.2", "93.2"),
        ("training_loss", 1.697, "1.7", "1.7"),
        ("seconds", 3.0, "3 s", "3 s"),
    ],
)
def test_shares_are_in_per_cent(metric: str, value: float, words: str, difference: str) -> None:
    """hpo's own accuracies and shares are shown in per cent; what another program called accuracy is left as it is."""
    assert level(metric, value) == words
    assert amount(metric, value) == difference
