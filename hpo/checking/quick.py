"""The network check that a run makes before it spends its budget: fewer images, fewer steps, and an eye on the clock."""

import time
from collections.abc import Iterator

import torch

from ..spec import LinearSpec, MlpSpec
from .images import ENOUGH, some
from .jobs import CheckJob
from .start import IMAGES, at_point

FEW = 16
"""Images for networks with convolutions, of which a step on 100 may take a second."""

STEPS = 5

SECONDS = 1.0
"""After which no other check is begun: the whole is to stay below 2 s."""


def warnings(job: CheckJob) -> Iterator[str]:
    """What is wrong with the networks of a study, in words; to be used within arithmetic.exact.

    Raises UsageError when a factory cannot be used.
    """
    end = time.perf_counter() + SECONDS
    dense = all(isinstance(lane.model, LinearSpec | MlpSpec) for lane in job.lanes)
    images = some(job.data, job.seed, min(IMAGES if dense else FEW, len(job.data.train)), torch.float64, ENOUGH)
    for lane, label in zip(job.lanes, job.labels, strict=True):
        for check in at_point(job.seed, job.data, images, lane, label, STEPS):
            if not check.good:
                yield check.sentence
            if time.perf_counter() > end:
                return
