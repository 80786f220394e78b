"""Cutting lanes into jobs: a pure function of the lanes and of the study's execution, never of the workers."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from ..training.grouping import evenly

L = TypeVar("L")


def grouped(lanes: Sequence[L], key: Callable[[L], Hashable], most: int, groups: int) -> list[tuple[L, ...]]:
    """Groups of lanes with equal keys, in the order of the lanes, none larger than `most`.

    As many groups as that takes, then more, always out of the largest, until their number is a multiple of `groups`: with as
    many workers as that, none of them waits for long at a rung.
    """
    by_key: dict[Hashable, list[L]] = {}
    for lane in lanes:
        by_key.setdefault(key(lane), []).append(lane)
    members = list(by_key.values())
    counts = [-(-len(group) // most) for group in members]
    wanted = min(len(lanes), -(-sum(counts) // groups) * groups)
    while sum(counts) < wanted:
        shares = [len(group) / count for group, count in zip(members, counts, strict=True)]
        counts[shares.index(max(shares))] += 1
    return [part for group, count in zip(members, counts, strict=True) for part in evenly(group, count)]
