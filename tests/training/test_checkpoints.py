"""What is no checkpoint, or one of another network, is refused; nothing in it is ever run."""

import os
import pickle
from pathlib import Path

import pytest
import torch

from hpo.errors import HpoError
from hpo.training.checkpoints import LaneState, pack, restore, unpack

STATE = LaneState({"weight": torch.ones(2, 3)}, {"mean": torch.zeros(3)}, {"momentum": {"weight": torch.ones(2, 3)}}, 2.3)


class Bomb:
    """Whoever unpickles it makes a folder."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.place),)


def test_a_state_comes_back() -> None:
    """What is packed is unpacked."""
    found = unpack(pack(STATE))
    assert found.first_cost == STATE.first_cost
    assert torch.equal(found.optimizer["momentum"]["weight"], STATE.optimizer["momentum"]["weight"])


@pytest.mark.parametrize("kept", [0, 7, 8, 100, -1])
def test_a_truncated_checkpoint_is_refused(kept: int) -> None:
    """Cut anywhere, it is refused with the way out."""
    with pytest.raises(HpoError, match=r"a checkpoint must be whole, .* delete it to train the trial again"):
        unpack(pack(STATE)[:kept])


def test_a_pickle_is_refused_and_not_run(tmp_path: Path) -> None:
    """A pickle in a checkpoint's place, as torch.save writes it or bare, does nothing."""
    torch.save(Bomb(tmp_path / "fallen"), tmp_path / "saved")
    for content in (pickle.dumps(Bomb(tmp_path / "fallen")), (tmp_path / "saved").read_bytes()):
        with pytest.raises(HpoError, match="a checkpoint must be whole"):
            unpack(content)
    assert not (tmp_path / "fallen").exists()


@pytest.mark.parametrize("saved", [{}, {"weight": torch.ones(3, 2)}, {"bias": torch.ones(2, 3)}])
def test_another_networks_checkpoint_is_refused(saved: dict[str, torch.Tensor]) -> None:
    """Other names or other shapes are named."""
    with pytest.raises(HpoError, match=r"must fit its network: weight is \(2, 3\), got"):
        restore({"weight": torch.zeros(4, 2, 3)}, 0, saved)
