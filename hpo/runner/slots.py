"""What goes into a free slot of an engine: lanes that wait, or new ones. Pure; the runner and the simulation both go by it."""

from collections.abc import Hashable
from typing import Generic, TypeVar

L = TypeVar("L")


class Pool(Generic[L]):
    """Lanes that wait for a slot, by the epoch that they have reached and by what they may be grouped by."""

    def __init__(self, most: int) -> None:
        """`most`: lanes to a group."""
        self._most = most
        self._waiting: dict[int, dict[Hashable, list[L]]] = {}

    def add(self, reached: int, key: Hashable, lane: L) -> None:
        """Let a lane wait."""
        self._waiting.setdefault(reached, {}).setdefault(key, []).append(lane)

    def take(self, free: int, more: bool) -> tuple[L, ...]:
        """The lanes of the next job, where `free` slots are to be filled; none: ask for new ones, or wait for results.

        While `more` can be asked for, lanes that have passed a rung wait until there are enough of them for a full group, so that
        those which pruning takes out of one group are replaced by those left of another. Full groups go before new lanes, the
        furthest on first. Once no more come, those least far on go first: who of them gets on joins those that still wait.
        """
        ready = [reached for reached in self._waiting if reached == 0 or self._count(reached) >= self._most]
        if not self._waiting or (more and not ready):
            return ()
        reached = max(ready) if ready else min(self._waiting)
        return self._cut(reached, free)

    def _count(self, reached: int) -> int:
        return sum(map(len, self._waiting[reached].values()))

    def _cut(self, reached: int, free: int) -> tuple[L, ...]:
        """A group for one of the free slots, of the key that has waited longest."""
        by_key = self._waiting[reached]
        key, lanes = next(iter(by_key.items()))
        size = min(self._most, -(-len(lanes) // free))
        group, by_key[key] = tuple(lanes[:size]), lanes[size:]
        if not by_key[key]:
            del by_key[key]
        if not by_key:
            del self._waiting[reached]
        return group


def share(most: int, slots: int, free: int, left: int) -> int:
    """How many trials to ask for, to fill `free` of an engine's slots with groups of `most` trials.

    Fewer towards the end, when only so many are left to ask: a share of what is left for each slot, so that all of them end at
    about the same time (guided self-scheduling, Polychronopoulos and Kuck, 1987).
    """
    return max(1, min(most * free, -(-left * free // slots)))
