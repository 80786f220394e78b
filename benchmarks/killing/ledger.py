"""What came of the kills: one line of JSON each, in a file that a later run goes on with."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from optuna.trial import FrozenTrial

VICTIMS = ("driver", "group", "worker", "fork server", "stopped fork server", "one of two drivers")


@dataclass(frozen=True)
class Kill:
    """One kill, and how the study stood after it."""

    victim: str
    """One of VICTIMS, or the name of the crash point."""
    lost: int
    """Trials that were there before and are not as they were."""
    doubled: int
    """Trials too many."""
    seconds: float | None
    """From the start of the next driver to its first job; None where the driver itself lived on, or none was needed."""


@dataclass(frozen=True)
class End:
    """A study that was killed until it was done."""

    study: str
    trials: int
    unequal: bool
    """Whether its trial table is another one than that of an uninterrupted run."""


class Ledger:
    """The file of kills and ends."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def add(self, record: Kill | End) -> None:
        """Write a line."""
        with self._file.open("a", encoding="utf-8") as stream:
            print(json.dumps(asdict(record)), file=stream)

    def _lines(self) -> Iterator[Mapping[str, Any]]:
        if self._file.exists():
            yield from map(json.loads, self._file.read_text(encoding="utf-8").splitlines())

    @property
    def kills(self) -> list[Kill]:
        """All kills so far."""
        return [Kill(**line) for line in self._lines() if "victim" in line]

    @property
    def ends(self) -> list[End]:
        """All studies so far."""
        return [End(**line) for line in self._lines() if "study" in line]

    def summary(self) -> str:
        """All of it in a few lines."""
        kills, ends = self.kills, self.ends
        victims = Counter(kill.victim if kill.victim in VICTIMS else "at a named point" for kill in kills)
        points = {kill.victim for kill in kills} - set(VICTIMS)
        seconds = [kill.seconds for kill in kills if kill.seconds is not None]
        recovered = f"{median(seconds):.1f} s, at most {max(seconds):.1f} s (n = {len(seconds)})" if seconds else "not measured"
        of_whom = ", ".join(f"{count} {victim}" for victim, count in sorted(victims.items()))
        return "\n".join((
            f"kills {len(kills)} ({of_whom}; {len(points)} different points)",
            f"studies {len(ends)}, trials {sum(end.trials for end in ends)}",
            f"lost {sum(kill.lost for kill in kills)}, doubled {sum(kill.doubled for kill in kills)}, "
            f"unequal {sum(end.unequal for end in ends)}",
            f"to recover: median {recovered}",
        ))  # fmt: skip


def kept(old: FrozenTrial, new: FrozenTrial | None) -> bool:
    """Whether a trial is as it was, or has gone on from there."""
    if new is None or new.params != old.params:
        return False
    return new == old if old.state.is_finished() else old.intermediate_values.items() <= new.intermediate_values.items()
