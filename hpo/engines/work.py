"""What an engine does with a job: a function that is named by its import path, so that a worker can find it too."""

from collections.abc import Callable
from importlib import import_module

from ..training.job import Job, JobResult, Progress

Work = Callable[[Job, Callable[[Progress], None]], JobResult]

TRAINING = "hpo.training:run"
CHECKING = "hpo.checking.work:run"
"""Training, and the quick check that `checking.alongside` asks for."""


def wants_torch(path: str) -> bool:
    """Whether the work of an import path needs PyTorch, which takes seconds to load: time to begin before the first job comes."""
    return path in (TRAINING, CHECKING)


def find(path: str) -> Work:
    """The function at 'package.module:function'."""
    module, _, name = path.partition(":")
    work: Work = getattr(import_module(module), name)
    return work
