"""Gradient checks beside those that the reports printed: are centred differences nearer to the gradient than forward ones?"""

from collections.abc import Iterator

from hpo.checking.gradients import check
from hpo.data import prepare
from hpo.spec import StudySpec

PRINTED = {
    "cifar-linear": "forward 2.33e-07; centred 7.21e-08 for W, 1.32e-09 for b",
    "cifar-cyclic": "8e-11 to 5e-06",
    "cifar-bn": "1.1e-10 to 1.3e-06",
}
"""Largest relative errors as the reports have them, by the study that checks the same network."""


def lines(name: str, spec: StudySpec) -> Iterator[str]:
    """The check of a study, as a table; nothing for a study whose report printed none."""
    if name not in PRINTED:
        return
    report = check(spec, prepare(spec.data))
    yield from ("", f"Gradient check, {report.network}, {report.inputs} inputs, float64; printed: {PRINTED[name]}.", "")
    yield from (
        "| batch | lambda | parameter | n | largest relative error, forward | centred | nearer |",
        "|---|---|---|---|---|---|---|",
    )
    for case in report.cases:
        for found in case.parameters:
            forward, centred = found.forward.relative, found.centred.relative
            nearer = "centred" if centred < forward else "forward" if forward < centred else "equal"
            errors = f"{forward:.2e} | {centred:.2e}"
            yield f"| {case.batch} | {case.l2:g} | {found.label} | {found.entries} | {errors} | {nearer} |"
