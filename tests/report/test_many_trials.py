"""A study of 10,000 trials."""

import pytest

from hpo.analysis.table import Unanswered
from hpo.plots import style
from hpo.plots.registry import KINDS, picture
from hpo.report import explain, html, markdown

from ..fakes.made_studies import made


@pytest.mark.slow
def test_ten_thousand_trials() -> None:
    """Its report stays small, every plot can be drawn, and captions say what they leave out."""
    explanation = explain(made(10_000))
    page = html(explanation)
    assert len(page) < 3_000_000
    assert len(markdown(explanation)) < 100_000
    assert 'xlink:href="#trial-' not in page
    assert "The table of all 10,000 trials" in page
    captions = {}
    with style.styled(**{"savefig.dpi": 40}):
        for kind in KINDS:
            found = picture(kind, explanation.table)
            if not isinstance(found, Unanswered):
                captions[kind] = found.caption
                style.rendered(found.figure, ".png")
    assert KINDS.keys() - captions.keys() == {"confusion", "templates"}
    assert captions["curves"].startswith("300 trials (100 completed, 100 pruned, 100 diverged).")
    assert "from 10,000" in captions["curves"]
    assert "drawn at random" in captions["contour"]
