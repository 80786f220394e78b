"""The groups of trials that a test compares."""

from collections.abc import Mapping
from math import inf
from typing import Any

from .conditions import Bound
from .kinds.cliff import Cliff
from .kinds.difference import Difference
from .kinds.equivalence import Equivalence
from .kinds.interaction import Interaction
from .kinds.threshold import Threshold
from .options import Test


def groups(test: Test) -> list[Mapping[str, Any]]:
    """A condition for each group, `where` included; one for a test that compares none: the trials that it looks at."""
    return [{**test.where, **group} for group in _groups(test)]


def _groups(test: Test) -> list[Mapping[str, Any]]:
    match test:
        case Difference() if test.against_metric is not None:
            return [test.group]
        case Difference():
            return [test.group, test.against]
        case Equivalence():
            return list(test.groups or ({},))
        case Cliff():
            return [{test.parameter: test.near}, {test.parameter: test.beyond}]
        case Interaction():
            return [{**group, **when} for when in (test.when, test.than) for group in (test.group, test.against)]
        case Threshold():
            return [{test.quantity: Bound(below=test.below)}, {test.quantity: (test.above, inf)}]
    return [{}]
