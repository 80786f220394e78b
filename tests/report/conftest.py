"""Studies that have been explained once, for all tests."""

import pytest

from hpo.report import Explanation, explain

from ..fakes.made_studies import made
from ..fakes.odd_studies import ODD


class Explained(dict[str, Explanation]):
    """Studies by name, each explained when it is first asked for, and then kept."""

    def __missing__(self, name: str) -> Explanation:
        """A study of 50 trials with successive halving, the same of another program, one of 120 whole trials, or an odd one."""
        usual = {"usual": lambda: made(50), "theirs": lambda: made(50, known=False), "whole": lambda: made(120, prune=False)}
        self[name] = explain((usual | dict(ODD))[name]())
        return self[name]


@pytest.fixture(scope="session")
def explained() -> dict[str, Explanation]:
    """Studies by name."""
    return Explained()
