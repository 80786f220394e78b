"""Every colour of every plot, so that there is one place to check them for readers who see colours differently."""

from collections.abc import Mapping

#: Okabe and Ito (2008), told apart with any kind of colour vision; without the yellow, which is too pale for a line on white.
BLUE, VERMILION, GREEN, ORANGE, SKY, PURPLE = "#0072B2", "#D55E00", "#009E73", "#E69F00", "#56B4E9", "#CC79A7"
SERIES = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILION)
INK, GREY, PALE, PAPER = "#222222", "#767676", "#D0D0D0", "#FFFFFF"

OUTCOMES: Mapping[str, str] = {"completed": BLUE, "evidence": ORANGE, "pruned": GREY, "diverged": VERMILION, "error": PURPLE}
MARKERS: Mapping[str, str] = {"completed": "o", "evidence": "s", "pruned": ".", "diverged": "x", "error": "+"}
"""Outcomes differ in shape too, for print without colours."""

OBJECTIVE = "viridis"
"""Of the objective; its light end is always the better one."""
PARAMETER = "plasma"
UNCERTAINTY = "Greys"
RISK = "Oranges"
"""Of a probability to diverge."""


def objective_map(maximise: bool) -> str:
    """Colour map of the objective, light for the better values."""
    return OBJECTIVE if maximise else f"{OBJECTIVE}_r"


def series(place: int) -> str:
    """The colour of the first, second ... of several things without an order."""
    return SERIES[place % len(SERIES)]
