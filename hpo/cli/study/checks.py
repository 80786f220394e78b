"""What a study file is checked for besides its own rules, before it becomes a study."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ...spec import StudySpec
    from ...spec.lost import Lost, Place
    from ...spec.reading import Check


def _finding_faults(spec: "StudySpec", lost: "Lost") -> Iterator[str]:
    """Claims that no trial of the study could ever speak to."""
    if not spec.finding:
        return
    from ...findings import faults_of

    uncertain = {str(place[-1]) for place in lost.places if place[:1] in {("space",), ("derived",)}}
    uncertain |= {str(place[1]) for place in lost.places if place[:1] == ("space",) and len(place) > 1}
    for place, found in faults_of(spec).items():
        for fault in found:
            key: Place = ("finding", place, "test", *fault.partition(":")[0].split("."))
            # A stand-in has a name, and neither values nor order: what is said of these would only follow from another fault.
            follows = "unknown" not in fault and (uncertain & set(re.findall(r"[\w-]+", fault)) or lost.has("stage"))
            if not lost.under(key) and not follows:
                yield f"{'.'.join(map(str, key[:3]))}.{fault}"


def _search_faults(spec: "StudySpec", lost: "Lost") -> Iterator[str]:
    """Samplers and pruners that cannot be made."""
    from ...search import faults_of

    wrong = [part for part in ("sampler", "pruner") if lost.has("search", part) or lost.has("search", f"{part}_options")]
    return (fault for fault in faults_of(spec) if not any(fault.startswith(f"search.{part}") for part in wrong))


def _size_faults(spec: "StudySpec", lost: "Lost") -> Iterator[str]:
    """Sizes that no machine holds."""
    from ...spec.sizes import size_faults

    return size_faults(spec, lost)


def _batch_norm_faults(spec: "StudySpec", lost: "Lost") -> Iterator[str]:
    """Batches in which batch norm leaves nothing of an image."""
    from ...spec.options import resolve

    sizes: list[tuple[str, Sequence[Any]]] = [("training.batch_size", [spec.training.batch_size])]
    normalised = getattr(spec.model, "batch_norm", False) is True
    for name, parameter in spec.space.items():
        try:
            path = resolve(parameter.option or name, spec.model, spec.training)
        except ValueError:  # Which is told as a fault of its own.
            continue
        if path == ("training", "batch_size"):
            sizes = [(f"space.{name}", parameter.choices or parameter.ends)]
        normalised |= path == ("model", "batch_norm") and True in (parameter.choices or ())
    for key, values in sizes if normalised else ():
        if 1 in values and not lost.under(tuple(key.split("."))):
            yield f"{key}: batch norm needs 2 or more images in a batch, got 1: every one would be normalised to 0"


CHECKS: "tuple[Check, ...]" = (_finding_faults, _search_faults, _size_faults, _batch_norm_faults)


def no_images(tree: "Mapping[str, Any]") -> str:
    """Why nobody knows the images that a study file names; empty where somebody does, or where no name is there."""
    from ...errors import DataUnavailable
    from ...spec.data import KNOWN_SHAPES

    data = tree.get("data")
    name = data.get("name") if isinstance(data, dict) else None
    if not isinstance(name, str) or not name or name in KNOWN_SHAPES:
        return ""
    from ...data.source import known

    try:
        known(name)
    except DataUnavailable as error:
        return str(error)
    return ""
