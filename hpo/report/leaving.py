"""What a run leaves in the study for optuna-dashboard: a note with a picture, figures, and the report as an artifact."""

import os
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from ..attributes import OVERVIEW, REPORT
from .explanation import Explanation, explain
from .figures import overview
from .page import html
from .plotly_figures import plotly_figures
from .text import note

if TYPE_CHECKING:
    from optuna import Study

FILES = {REPORT: "report.html", OVERVIEW: "overview.png"}
"""Names of artifacts, by the attribute of the study that holds their identifier."""
BELOW = "\n\n---\n*The text above is hpo's and changes with every run. What is written below stays.*\n"

Transaction = Callable[[], AbstractContextManager[None]]


def leave(study: "Study", artifacts: Path, storage: str | None = None, transaction: Transaction = nullcontext) -> Explanation:
    """Explain a study to those who open it in the dashboard; what was left before is replaced.

    artifacts: the folder of the dashboard's artifacts. storage: the URL to name in commands, where it is not the default one.
    transaction: what makes all writing into the storage one step. Raises OSError when the folder cannot be written.
    """
    explanation = explain(study, storage)
    page, figures, picture = html(explanation, storage), plotly_figures(explanation), overview(explanation)
    from optuna_dashboard import get_note, save_note, save_plotly_graph_object

    with transaction():
        address = None if picture is None else _saved(study, artifacts, OVERVIEW, picture)
        save_note(study, with_own_words(note(explanation, address), get_note(study)))
        for name, figure in figures.items():
            save_plotly_graph_object(study, figure, graph_object_id=f"hpo-{name}")
        _saved(study, artifacts, REPORT, page.encode())
    return explanation


def with_own_words(text: str, before: str) -> str:
    """A new note that keeps what the user has written below the last one, or instead of it."""
    _, found, own = before.partition(BELOW)
    return text.rstrip() + BELOW + (own if found else before)


def _saved(study: "Study", artifacts: Path, key: str, content: bytes) -> str:
    """The address, within a dashboard, of an artifact that takes the place of the last one of its kind.

    A new artifact where that file was taken away, as the dashboard does.
    """
    from optuna.artifacts import FileSystemArtifactStore, upload_artifact
    from optuna_dashboard.artifact import get_artifact_path

    artifacts.mkdir(parents=True, exist_ok=True)
    last = artifacts / Path(str(study.user_attrs.get(key))).name
    with tempfile.TemporaryDirectory(dir=artifacts, prefix=".") as folder:
        draft = Path(folder) / FILES[key]
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if last.is_file():
            os.replace(draft, last)
            return str(get_artifact_path(study, last.name))
        store = FileSystemArtifactStore(artifacts)
        found = upload_artifact(artifact_store=store, file_path=str(draft), study_or_trial=study)
    study.set_user_attr(key, found)
    return str(get_artifact_path(study, found))


def forget(study: "Study", artifacts: Path) -> None:
    """Take the files away, before their study is deleted."""
    for key in FILES:
        known = study.user_attrs.get(key)
        if known is not None:
            (artifacts / Path(known).name).unlink(missing_ok=True)
