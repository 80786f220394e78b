"""Small folders of real image files."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from .pictures import Make, pattern, save


@pytest.fixture
def make_folder(tmp_path: Path) -> Make:
    """Makes a folder of PNGs from the number of images in each '<split>/<class>' or '<class>'."""

    def make(groups: Mapping[str, int], name: str = "images", shape: tuple[int, int, int] = (3, 6, 6)) -> Path:
        for place, (group, number) in enumerate(sorted(groups.items())):
            (tmp_path / name / group).mkdir(parents=True, exist_ok=True)
            for k in range(number):
                save(tmp_path / name / group / f"{k:03}.png", pattern(1000 * place + k, shape))
        return tmp_path / name

    return make
