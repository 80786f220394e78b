"""Points that the user wants to be tried first."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..figures import significant
from ..output import clean_line, say
from .explaining import any_study

if TYPE_CHECKING:
    from ...runner import StoredStudy
    from ...spec import StudySpec


@dataclass(frozen=True, slots=True)
class Wanted:
    """The options --enqueue and --from."""

    points: tuple[str, ...]
    other: str | None

    def check(self, spec: "StudySpec", storage: str) -> None:
        """Raise UsageError, with all faults, for points that are none of this space, NotFound for an unknown other study."""
        from ...errors import UsageError
        from ...runner import enqueuing

        if self.points:
            enqueuing.points(spec, self.points)
        if self.other is not None and spec.search.sampler == "grid":
            raise UsageError("a grid visits its own points: --from takes a sampler that draws")
        if self.other is not None:
            any_study(self.other, storage)

    def enqueue(self, stored: "StoredStudy", storage: str) -> None:
        """Put the points into the queue, and say which trials they are. Raises NotFound and UsageError for the other study."""
        from ...runner import enqueuing

        points = enqueuing.points(stored.spec, self.points) if self.points else []
        if self.other is not None:
            points.append(_best_of(stored, self.other, storage))
        for point, (number, fresh) in zip(points, enqueuing.enqueue(stored, points), strict=True):
            say(clean_line(f"{'enqueued' if fresh else 'there already'} as trial {number}: {_named(point)}"))


def _best_of(stored: "StoredStudy", other: str, storage: str) -> dict[str, Any]:
    from ...attributes import SPEC
    from ...runner import enqueuing
    from ...spec import parse

    study = any_study(other, storage)
    tree = study.user_attrs.get(SPEC)
    trials = enqueuing.best_first(study, None if tree is None else parse(tree["study"], other))
    trial, point = enqueuing.best_inside(stored.spec, enqueuing.next_box(stored), trials)
    left_out = [name for name in trial.params if name not in point]
    unknown = f"; {', '.join(left_out)} of that study is not in this one" if left_out else ""
    say(clean_line(f"from study '{other}': trial {trial.number}, number {trials.index(trial) + 1} there{unknown}"))
    return point


def _named(point: dict[str, Any]) -> str:
    return ", ".join(f"{name} {significant(value)}" for name, value in point.items())
