"""What a run leaves for the dashboard, in a real storage."""

import json
import shutil
from pathlib import Path

import optuna
import pytest
from optuna.artifacts import FileSystemArtifactStore, get_all_artifact_meta
from optuna_dashboard import get_note, save_note

from hpo.analysis.recommendation import Recommendation, recommendation
from hpo.attributes import OVERVIEW, REPORT
from hpo.report import Explanation, forget, html, leave
from hpo.report.leaving import BELOW, with_own_words
from hpo.report.text import note

from ..fakes.made_studies import made
from ..fakes.odd_studies import ODD


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Explanation]:
    """A folder with a study of 50 trials in an SQLite file, and what a run has left of it there."""
    folder, source = tmp_path_factory.mktemp("left"), made(50)
    study = optuna.create_study(study_name="made", storage=f"sqlite:///{folder / 'hpo.db'}", direction="maximize")
    study.add_trials(source.trials)
    for key, value in source.user_attrs.items():
        study.set_user_attr(key, value)
    return folder, leave(study, folder / "artifacts")


@pytest.fixture
def stored(left: tuple[Path, Explanation], tmp_path: Path) -> optuna.Study:
    """A copy of it, for a test to change."""
    shutil.copytree(left[0], tmp_path, dirs_exist_ok=True)
    return optuna.load_study(study_name="made", storage=f"sqlite:///{tmp_path / 'hpo.db'}")


def figures(study: optuna.Study) -> dict[str, dict[str, object]]:
    """The figures that the dashboard finds, by name."""
    from optuna_dashboard._custom_plot_data import get_plotly_graph_objects

    attributes = study._storage.get_study_system_attrs(study._study_id)
    return {name: json.loads(text) for name, text in get_plotly_graph_objects(attributes).items()}


def report_of(study: optuna.Study, folder: Path) -> str:
    """The text of the only artifact but the picture of the note."""
    (meta,) = [one for one in get_all_artifact_meta(study) if one.filename != "overview.png"]
    assert (meta.filename, meta.mimetype) == ("report.html", "text/html")
    with FileSystemArtifactStore(folder).open_reader(meta.artifact_id) as file:
        return file.read().decode()


def test_note_figures_and_report(stored: optuna.Study, left: tuple[Path, Explanation], tmp_path: Path) -> None:
    """The note has the answer and the overview, the figures the numbers, and the artifacts are the report and the overview."""
    explanation = left[1]
    address = f"/artifacts/{stored._study_id}/{stored.user_attrs[OVERVIEW]}"
    assert get_note(stored).startswith(note(explanation, address).rstrip())
    assert f"]({address})" in get_note(stored)
    assert (tmp_path / "artifacts" / stored.user_attrs[OVERVIEW]).read_bytes().startswith(b"\x89PNG")
    assert set(figures(stored)) == {"hpo-importance", "hpo-surface", "hpo-curves", "hpo-history"}
    assert report_of(stored, tmp_path / "artifacts") == html(explanation)
    assert {file.name for file in (tmp_path / "artifacts").iterdir()} == {stored.user_attrs[REPORT], stored.user_attrs[OVERVIEW]}


def test_figures_hold_the_numbers_of_the_study(stored: optuna.Study) -> None:
    """The best value of the history is that of the study, and every curve is a trial's."""
    found = figures(stored)
    best = next(trace for trace in found["hpo-history"]["data"] if trace["name"] == "best so far")  # type: ignore[attr-defined]
    assert best["y"][-1] == pytest.approx(100 * stored.best_value, rel=1e-3)
    names = [trace["name"] for trace in found["hpo-curves"]["data"]]  # type: ignore[attr-defined]
    assert len(names) == 50
    assert "trial 0, pruned" in names


def test_the_surface_of_the_dashboard_has_the_advice(stored: optuna.Study, left: tuple[Path, Explanation]) -> None:
    """A star where the recommended setting is, pruned trials by what they would have come to, and a legend clear of the title."""
    figure = figures(stored)["hpo-surface"]
    traces = {str(trace["name"]).partition(":")[0]: trace for trace in figure["data"]}  # type: ignore[attr-defined]
    best = recommendation(left[1].whole)
    assert isinstance(best, Recommendation)
    star = traces["recommended"]
    assert (star["x"][0], star["y"][0]) == pytest.approx((best.settings["eta"], best.settings["lambda"]), rel=1e-3)
    assert "would have come" in traces["pruned"]["text"][0]
    assert figure["layout"]["legend"]["y"] < 0  # type: ignore[index]


def test_a_later_run_replaces_what_it_left(stored: optuna.Study, tmp_path: Path) -> None:
    """One report, one set of figures, one note; the user's own words below the line stay."""
    before = figures(stored)
    save_note(stored, get_note(stored) + "Ask Ada about the batch size.")
    stored.add_trials(made(60).trials[50:])
    explanation = leave(stored, tmp_path / "artifacts")
    assert report_of(stored, tmp_path / "artifacts") == html(explanation)
    assert set(figures(stored)) == set(before)
    assert figures(stored) != before
    assert get_note(stored).endswith(f"{BELOW}Ask Ada about the batch size.")
    assert get_note(stored).count("Ask Ada") == 1


def test_a_note_that_the_user_wrote_first_is_kept() -> None:
    """It moves below the line."""
    assert with_own_words("ours", "theirs") == f"ours{BELOW}theirs"
    assert with_own_words("newer", with_own_words("ours", "theirs")) == f"newer{BELOW}theirs"


def test_a_report_that_was_taken_away_comes_back(stored: optuna.Study, tmp_path: Path) -> None:
    """A user may delete the artifact in the dashboard; the next run leaves a new one."""
    known = stored.user_attrs[REPORT]
    (tmp_path / "artifacts" / known).unlink()
    stored._storage.set_study_system_attr(stored._study_id, f"artifacts:{known}", json.dumps(None))
    explanation = leave(stored, tmp_path / "artifacts")
    assert stored.user_attrs[REPORT] != known
    assert (tmp_path / "artifacts" / stored.user_attrs[REPORT]).read_text() == html(explanation)


def test_forgetting(stored: optuna.Study, tmp_path: Path) -> None:
    """A study that is to be deleted takes its report with it, and one without a report has none to take."""
    forget(made(4), tmp_path / "artifacts")
    assert len(list((tmp_path / "artifacts").iterdir())) == 2
    forget(stored, tmp_path / "artifacts")
    assert list((tmp_path / "artifacts").iterdir()) == []


@pytest.mark.parametrize("name", ["no_trials", "all_failed", "several_objectives", "hostile_names", "wild_values"])
def test_odd_studies(name: str, tmp_path: Path) -> None:
    """Whatever the study, something is left, and what the dashboard reads is JSON."""
    study = ODD[name]()
    explanation = leave(study, tmp_path)
    assert report_of(study, tmp_path) == html(explanation)
    assert all(figure["data"] for figure in figures(study).values())
