"""`hpo study export`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from ...errors import UsageError
from .. import options
from ..output import SCHEMA, say, write
from . import foreign
from .explaining import own_or_any
from .records import finite_tree, record

if TYPE_CHECKING:
    from optuna import Study

    from ...runner import StoredStudy

Format = Annotated[
    Literal["toml", "json"] | None,
    typer.Option(
        "--format",
        help="toml: the study file; json: the study and all its trials with their curves.",
        show_default="toml, json for a study without a study file",
    ),
]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where to.", show_default="stdout")]


def export(
    study: options.AnyStudy, storage: options.Storage = options.DEFAULT_STORAGE, shape: Format = None, output: Output = None
) -> None:
    """Write a study's file, which runs the same study again anywhere, or all that is stored of it."""
    from ...runner import StoredStudy
    from ..files import write_file

    found = own_or_any(study, storage)
    text = _exported(found, shape or ("toml" if isinstance(found, StoredStudy) else "json"))
    if shape is None and not isinstance(found, StoredStudy):
        say(f"study '{found.study_name}' was not made by hpo and has no study file: its trials are written, as JSON")
    if output is None:
        write(text)
    else:
        write_file(output, f"{text}\n")
        say(f"wrote {output}")


def _exported(found: "StoredStudy | Study", shape: str) -> str:
    from ...runner import StoredStudy
    from ...spec import dump

    if isinstance(found, StoredStudy):
        return dump(found.spec).removesuffix("\n") if shape == "toml" else _whole(found)
    if shape == "toml":
        raise UsageError(f"study '{found.study_name}' was not made by hpo and has no study file: --format json has its trials")
    return _foreign(found)


def _foreign(study: "Study") -> str:
    from ...runner import trial_table_hash

    trials = [finite_tree(foreign.trial_record(trial, curves=True)) for trial in study.get_trials(deepcopy=False)]
    head = {"name": study.study_name, "spec": None, "trial_table_hash": trial_table_hash(study), **foreign.facts(study)}
    return json.dumps({"schema": SCHEMA, "study": head, "trials": trials}, indent=1, allow_nan=False)


def _whole(stored: "StoredStudy") -> str:
    from ...runner import trial_table_hash
    from ...spec.reading import tree_of

    trials = [record(trial, curves=True) for trial in stored.now().with_evidence()]
    study = {"name": stored.name, "spec": tree_of(stored.spec), "trial_table_hash": trial_table_hash(stored.optuna)}
    return json.dumps({"schema": SCHEMA, "study": study, "trials": trials}, indent=1, allow_nan=False)
