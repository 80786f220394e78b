"""The pictures of a report, each with a sentence for those who do not see it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..analysis.table import Unanswered
from ..findings import Finding
from ..plots import style
from ..plots.kind import Request
from ..plots.registry import KINDS, picture
from .bringing import bringing
from .explanation import Explanation
from .templating import visible

SHOWN = (
    "overview", "importance", "slice", "contour", "curves", "history", "stages", "budget", "distribution", "confusion",
    "templates",
)  # fmt: skip
"""Kinds that a report has, in its order."""
NARROW = frozenset(SHOWN) - {"templates"}
"""Those that are drawn for a telephone, too. The others scroll sideways on one."""
LIGHT = frozenset({"overview", "importance"})
"""Those without a mark for each trial: of a study of so many trials that marks lead nowhere the others are drawn once."""

_TOLD_BY: Mapping[str, Sequence[str]] = {
    "importance": ("importance-order",),
    "slice": ("trend", "difference", "cliff", "equivalence", "threshold"),
    "contour": ("best-region", "best-shifts", "interaction", "divergence-boundary"),
    "curves": ("divergence-boundary", "cliff"),
}
"""Kinds of findings that say what a picture shows."""
_ANSWERED_BY: Mapping[str, int] = {
    "overview": 0,
    "importance": 1,
    "slice": 1,
    "contour": 0,
    "curves": 2,
    "history": 0,
    "stages": 0,
}
MOST_SENTENCES = 3
DOTS = 110
"""Per inch, of the overview in the dashboard's note."""


class Figure(NamedTuple):
    """A picture on a page."""

    kind: str
    title: str
    alt: str
    """What it shows, in sentences."""
    caption: str
    svg: str
    narrow: str | None
    """For a telephone."""


def figures(explanation: Explanation, *, linked: bool) -> tuple[list[Figure], list[str]]:
    """The pictures that the trials suffice for, and the reasons why there are no others. linked: marks lead to trials."""
    found, reasons = [], []
    with style.styled(**{"svg.fonttype": "none"}):
        for kind in SHOWN:
            drawn = picture(kind, explanation.whole, _request(explanation))
            if isinstance(drawn, Unanswered):
                reasons.append(f"no plot '{kind}': {drawn.reason}")
                continue
            text = alt(kind, explanation)
            svg = embedded(style.svg(drawn.figure), kind, text, linked=linked)
            found.append(Figure(kind, drawn.title, text, drawn.caption, svg, _narrow(kind, explanation, text, linked=linked)))
    return found, reasons


def overview(explanation: Explanation) -> bytes | None:
    """The first picture as a PNG file; None where the trials do not suffice for one."""
    with style.styled(**{"savefig.dpi": DOTS}):
        drawn = picture("overview", explanation.whole, _request(explanation))
        return None if isinstance(drawn, Unanswered) else style.rendered(drawn.figure, ".png")


def _request(explanation: Explanation) -> Request:
    return Request(tested=explanation.tested, more=bringing(explanation.whole, explanation.spec))


def _narrow(kind: str, explanation: Explanation, text: str, *, linked: bool) -> str | None:
    if kind not in NARROW or not (linked or kind in LIGHT):
        return None
    drawn = picture(kind, explanation.whole, _request(explanation), narrow=True)
    assert not isinstance(drawn, Unanswered)
    return embedded(style.svg(drawn.figure), f"{kind}-narrow", text, linked=linked)


def alt(kind: str, explanation: Explanation) -> str:
    """The sentences of the findings that the picture shows, else what the study says about it, else what it is."""
    told = list(_sentences(explanation.findings, _TOLD_BY.get(kind, ())))[:MOST_SENTENCES]
    if not told and kind in _ANSWERED_BY:
        told = [explanation.answer[_ANSWERED_BY[kind]]]
    return " ".join(told) or f"{KINDS[kind].about.capitalize()}."


def _sentences(findings: Sequence[Finding], kinds: Sequence[str]) -> Iterator[str]:
    for finding in findings:
        if finding.kind in kinds and finding.effect is not None:
            yield finding.sentence


def embedded(svg: str, name: str, text: str, *, linked: bool) -> str:
    """An SVG file as a part of a page: names of its own, a sentence, and marks that are no stops of the keyboard.

    The table of trials has all that the marks have.
    """
    from markupsafe import escape

    body = svg[svg.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>\s*", "", body, flags=re.DOTALL)
    body = re.sub(r'<g id="[^"]*">', "<g>", body)
    body = re.sub(r'(\bid="|url\(#|xlink:href="#)(?!trial-)', rf"\1{name}-", body)
    if linked:
        body = re.sub(r'<a xlink:href="(#trial-\d+)"[^>]*>', r'<a tabindex="-1" xlink:href="\1">', body)
    else:
        body = re.sub(r'<a xlink:href="#trial-[^>]*>|</a>', "", body)
    return body.replace("<svg ", f'<svg role="img" aria-label="{escape(visible(text))}" ', 1)
