"""Tables of made-up studies, small and usual."""

import pytest

from hpo.analysis.reading import read
from hpo.analysis.table import Table

from ..fakes.made_studies import made


@pytest.fixture(scope="session")
def tables() -> dict[int, Table]:
    """By number of trials. 3 and 50 with successive halving; 51 trials without, so that most are completed."""
    return {3: read(made(3)), 50: read(made(50)), 51: read(made(51, prune=False))}
