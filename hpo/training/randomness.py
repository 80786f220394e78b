"""The generators that a user's network may draw from: PyTorch's, NumPy's and Python's own, seeded by a key and put back."""

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import Any

import numpy as np
import torch

from ..seeds import derive


def seed_all(seed: int) -> None:
    """Seed the global generators; only within `kept`. Not by torch.manual_seed, which takes 700 instead of 1 microsecond."""
    torch.default_generator.manual_seed(seed)
    if torch.cuda.is_initialized():
        torch.cuda.manual_seed_all(seed)
    random.seed(seed)
    np.random.seed(seed)


@contextmanager
def kept() -> Iterator[None]:
    """Whatever is drawn within, the global generators go on afterwards as if nothing had been.

    PyTorch's default type, which a factory may set, is put back as well. What a network prints goes to stderr, since
    stdout is for answers.
    """
    python, numpy, dtype = random.getstate(), np.random.get_state(), torch.get_default_dtype()
    cuda = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    try:
        with torch.random.fork_rng(cuda), redirect_stdout(sys.stderr):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)
        torch.set_default_dtype(dtype)


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within it the global generators follow from the seed alone."""
    with kept():
        seed_all(seed)
        yield


def draws(work: Callable[[], object]) -> bool:
    """Whether some work takes numbers from a global generator."""
    with seeded(0):
        before = _states()
        work()
        return _states() != before


def _states() -> tuple[object, ...]:
    numpy: Any = np.random.get_state(legacy=False)
    cuda = torch.cuda.get_rng_state_all() if torch.cuda.is_initialized() else []
    drawn = [state.numpy().tobytes() for state in (torch.get_rng_state(), *cuda)]
    return (*drawn, random.getstate(), repr({**numpy, "state": numpy["state"]["key"].tobytes(), "pos": numpy["state"]["pos"]}))


class LaneSeeds:
    """Seeds of the numbers that lanes' networks draw: by lane, purpose and step, so that no lane's depend on its neighbours."""

    def __init__(self, seed: int, lanes: Sequence[tuple[int, int]]) -> None:
        """Of lanes by replicate and trial number."""
        self._seed, self._lanes = seed, lanes

    def sow(self, lane: int, purpose: str, key: Sequence[int]) -> None:
        """Seed the global generators for what a lane draws next; only within `kept`."""
        seed_all(derive(self._seed, purpose, *key, *self._lanes[lane]))


class Unsown(LaneSeeds):
    """None, to see whether anything is drawn."""

    def __init__(self) -> None:
        super().__init__(0, ())

    def sow(self, lane: int, purpose: str, key: Sequence[int]) -> None:
        """Leave the generators as they are."""
