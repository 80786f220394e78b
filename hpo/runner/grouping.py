"""Cutting lanes into jobs: a pure function of the lanes and of the study's execution, never of the workers."""

from collections.abc import Callable, Hashable, Sequence
from itertools import pairwise
from typing import TypeVar

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
    return [part for group, count in zip(members, counts, strict=True) for part in _even(group, count)]


def _even(lanes: Sequence[L], parts: int) -> list[tuple[L, ...]]:
    """Consecutive parts whose sizes differ by one at the most, larger ones first."""
    size, larger = divmod(len(lanes), parts)
    cuts = [part * size + min(part, larger) for part in range(parts + 1)]
    return [tuple(lanes[begin:end]) for begin, end in pairwise(cuts)]
