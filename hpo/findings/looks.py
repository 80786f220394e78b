"""Looks at a claim: after the search, and after each batch of evidence that was asked for it.

A claim that is looked at until it has a verdict has one by chance sooner or later, each look at 5 %. So the 5 % are shared out
over the looks, whatever makes one stop: the p of a look is divided by its share, and the smallest counts (Bonferroni). The search
has most of it, since most claims are decided by that; the shares of the looks at evidence get smaller, and each time there is
another.
"""

import hashlib
from collections.abc import Iterator

import numpy as np

from ..analysis.table import Table
from ..attributes import canonical
from ..spec import FindingTest

SEARCH = 0.8
"""Share of the look after the search; also where there is no other yet, since there may always be one."""


def weight(look: int) -> float:
    """The share of a look, counted from 0, the search: all of them, without end, add up to 1."""
    return SEARCH if look == 0 else (1 - SEARCH) / (look * (look + 1))


def key(test: FindingTest) -> str:
    """What evidence for a claim is known by: the same for the same test, wherever in a study file it stands."""
    return hashlib.sha256(canonical(test.model_dump(mode="json")).encode()).hexdigest()[:16]


def looks(table: Table, claim: str) -> Iterator[Table]:
    """The table as it was at each look at a claim of this key: the search, then besides what was asked for the claim.

    Evidence for other claims may be drawn from another part of the space, and so is left out. A batch that is under way is no
    look yet.
    """
    yield table.search
    under_way = set(table.cohorts[(table.evidence != "") & (table.outcomes == "unfinished")])
    batches = [cohort for cohort in sorted(table.looks) if claim in table.looks[cohort] and cohort not in under_way]
    for last in range(1, len(batches) + 1):
        yield table.take((table.evidence == "") | np.isin(table.cohorts, batches[:last]))
