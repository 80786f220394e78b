"""Minibatches and penalties of a gradient check. Without torch."""

from ..spec import CnnSpec, FactorySpec, LinearSpec, MlpSpec, StudySpec

Case = tuple[int, float]
"""Images of the minibatch, and lambda."""

#: DD2424, assignment 1: a linear classifier.
LINEAR: tuple[Case, ...] = ((20, 0.0), (20, 1.0))
#: Assignment 2: two layers.
DENSE: tuple[Case, ...] = ((1, 0.0), (20, 0.0), (20, 1.0))
#: Assignment 3: batch norm. With lambda 0 alone, as its report has it, a penalty with a wrong factor would not be seen.
NORMALISED: tuple[Case, ...] = ((10, 0.0), (20, 0.0), (30, 0.0), (20, 1.0))
#: Convolutions cost more, and a user's network may have anything in it, batch norm too.
OTHER: tuple[Case, ...] = ((8, 0.0), (8, 1.0))


def cases(spec: StudySpec) -> tuple[Case, ...]:
    """The cases of the course report that had a network like this study's."""
    match spec.model:
        case LinearSpec():
            return LINEAR
        case MlpSpec():
            return NORMALISED if has_batch_norm(spec) else DENSE
        case CnnSpec() | FactorySpec():
            return OTHER


def has_batch_norm(spec: StudySpec) -> bool:
    """Whether any trial of a study may have batch norm."""
    switches = [p.choices or () for name, p in spec.space.items() if (p.option or name).split(".")[-1] == "batch_norm"]
    return getattr(spec.model, "batch_norm", False) is True or any(True in choices for choices in switches)
