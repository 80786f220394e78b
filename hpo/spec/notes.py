"""What a study file says that its writer may not expect; nothing of it is wrong."""

from collections.abc import Iterator

from .study import StudySpec


def notes(spec: StudySpec) -> Iterator[str]:
    """A sentence for each thing, with its key."""
    for name, parameter in spec.space.items():
        if parameter.step is not None and parameter.last != parameter.ends[1]:
            steps = f"steps of {parameter.step} from {parameter.low} do not meet high = {parameter.high}"
            yield f"space.{name}: {steps}: the last value is {parameter.last}"
