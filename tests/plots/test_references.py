"""Every kind of plot against a picture that was looked at.

After a change that is meant: HPO_NEW_REFERENCES=1 pytest tests/plots/test_references.py, and look at what has changed.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from matplotlib.testing.compare import compare_images

from hpo.analysis.table import Table
from hpo.analysis.tested import Look
from hpo.plots import style
from hpo.plots.kind import Request
from hpo.plots.registry import KINDS, Drawn, picture

from ..analysis.test_looks import looked

REFERENCES = Path(__file__).with_name("references")
TOLERANCE = 10.0
"""Root mean square over pixels of 0 to 255. Another version of FreeType moves letters by less, a missing line more."""


@pytest.mark.parametrize("kind", KINDS)
def test_looks_as_it_did(kind: str, tables: dict[int, Table], tmp_path: Path) -> None:
    """A plot of 51 trials differs from its reference by no more than the fonts of another machine would."""
    from hpo.analysis.tested import last_look

    look = last_look(looked(tmp_path))
    assert isinstance(look, Look)
    seen = look._replace(confusion=np.array([[40, 2], [9, 31]]))
    with style.styled(**{"savefig.dpi": 40}):
        found = picture(kind, tables[51], Request(tested=seen), title="made")
        assert isinstance(found, Drawn)
        content = style.rendered(found.figure, ".png")
    reference = REFERENCES / f"{kind}.png"
    if os.environ.get("HPO_NEW_REFERENCES"):
        reference.write_bytes(content)
    (tmp_path / "now.png").write_bytes(content)
    assert compare_images(str(reference), str(tmp_path / "now.png"), TOLERANCE) is None


def test_references_are_small() -> None:
    """Together they weigh less than 1 MB, and each belongs to a kind."""
    files = sorted(REFERENCES.glob("*.png"))
    assert [file.stem for file in files] == sorted(KINDS)
    assert sum(file.stat().st_size for file in files) < 1_000_000
