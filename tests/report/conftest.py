"""Studies that have been explained once, for all tests."""

import pytest

from hpo.report import Explanation, explain

from ..fakes.made_studies import made
from ..fakes.odd_studies import ODD


@pytest.fixture(scope="session")
def explained() -> dict[str, Explanation]:
    """A study of 50 trials with successive halving, the same of another program, one of 120 whole trials, and the odd ones."""
    studies = {"usual": made(50), "theirs": made(50, known=False), "whole": made(120, prune=False)}
    return {name: explain(study) for name, study in (studies | {name: make() for name, make in ODD.items()}).items()}
