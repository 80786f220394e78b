"""What a run leaves in the study for optuna-dashboard: a note, figures, and the report as an artifact."""

import os
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from ..attributes import REPORT
from .explanation import Explanation, explain
from .page import html
from .plotly_figures import plotly_figures
from .text import note

if TYPE_CHECKING:
    from optuna import Study

FILE = "report.html"
BELOW = "\n\n---\n*The text above is hpo's and changes with every run. What is written below stays.*\n"

Transaction = Callable[[], AbstractContextManager[None]]


def leave(study: "Study", artifacts: Path, storage: str | None = None, transaction: Transaction = nullcontext) -> Explanation:
    """Explain a study to those who open it in the dashboard; what was left before is replaced.

    artifacts: the folder of the dashboard's artifacts. storage: the URL to name in commands, where it is not the default one.
    transaction: what makes all writing into the storage one step. Raises OSError when the folder cannot be written.
    """
    explanation = explain(study)
    page, text, figures = html(explanation, storage), note(explanation), plotly_figures(explanation)
    from optuna_dashboard import get_note, save_note, save_plotly_graph_object

    with transaction():
        save_note(study, with_own_words(text, get_note(study)))
        for name, figure in figures.items():
            save_plotly_graph_object(study, figure, graph_object_id=f"hpo-{name}")
        _save_report(study, artifacts, page)
    return explanation


def with_own_words(text: str, before: str) -> str:
    """A new note that keeps what the user has written below the last one, or instead of it."""
    _, found, own = before.partition(BELOW)
    return text.rstrip() + BELOW + (own if found else before)


def _save_report(study: "Study", artifacts: Path, page: str) -> None:
    """Into the file of the last report; as a new artifact where that file was taken away, as the dashboard does."""
    from optuna.artifacts import FileSystemArtifactStore, upload_artifact

    artifacts.mkdir(parents=True, exist_ok=True)
    last = artifacts / Path(str(study.user_attrs.get(REPORT))).name
    with tempfile.TemporaryDirectory(dir=artifacts, prefix=".") as folder:
        draft = Path(folder) / FILE
        with draft.open("w", encoding="utf-8") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        if last.is_file():
            os.replace(draft, last)
            return
        store = FileSystemArtifactStore(artifacts)
        study.set_user_attr(REPORT, upload_artifact(artifact_store=store, file_path=str(draft), study_or_trial=study))


def forget(study: "Study", artifacts: Path) -> None:
    """Take the report's file away, before its study is deleted."""
    known = study.user_attrs.get(REPORT)
    if known is not None:
        (artifacts / Path(known).name).unlink(missing_ok=True)
