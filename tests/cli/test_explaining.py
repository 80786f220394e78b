"""`hpo plot`, `hpo study report`, and what a run and `show` say about what was found."""

import json
import shutil
from pathlib import Path

import optuna
import pytest

from hpo.attributes import ANSWER, REPORT
from hpo.cli.plot import KINDS, SUFFIXES
from hpo.plots import registry, style

from ..fakes.made_studies import made
from ..fakes.odd_studies import several_objectives
from .conftest import SMALL, Call

STARTS = {".png": b"\x89PNG", ".svg": b"<?xml", ".pdf": b"%PDF"}


def copied(source: optuna.Study, name: str, storage: str) -> None:
    """Put a study from memory into a storage."""
    study = optuna.create_study(study_name=name, storage=storage, directions=source.directions)
    study.add_trials(source.trials)
    for key, value in source.user_attrs.items():
        study.set_user_attr(key, value)


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A storage that holds a study of hpo's, one of another program, and one of two objectives."""
    file = tmp_path_factory.mktemp("storage") / "hpo.db"
    copied(made(12), "made", f"sqlite:///{file}")
    copied(made(12, known=False), "theirs", f"sqlite:///{file}")
    copied(several_objectives(), "two", f"sqlite:///{file}")
    return file


@pytest.fixture
def stored(hpo: Call, folder: Path, database: Path) -> Call:
    """The command, in a folder with that storage."""
    shutil.copy(database, folder / "hpo.db")
    return hpo


def test_the_help_names_every_kind() -> None:
    """What the command line knows without importing the plots is what there is."""
    assert tuple(sorted(registry.KINDS)) == KINDS
    assert style.SUFFIXES == SUFFIXES


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_plot_writes_a_file(stored: Call, folder: Path, suffix: str) -> None:
    """Of the kind that its name ends in; the caption goes to stderr."""
    done = stored("plot", "history", "made", "-o", f"plot{suffix}")
    assert (done.code, done.out) == (0, "")
    assert done.err.startswith(f"wrote plot{suffix}: 12 trials (")
    assert (folder / f"plot{suffix}").read_bytes().startswith(STARTS[suffix])


@pytest.mark.parametrize("study", ["theirs", "two"])
def test_any_study_can_be_drawn(stored: Call, study: str) -> None:
    """Whoever made it, and however many objectives it has."""
    assert stored("plot", "slice", study, "-o", "plot.png").code == 0


def test_another_objective(stored: Call) -> None:
    """--metric names an objective, --parameter what to look at."""
    done = stored("plot", "contour", "two", "-o", "plot.png", "--metric", "value 1", "-p", "x", "-p", "n")
    assert done.code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("contor", "made", "-o", "p.png"), 2, "unknown kind of plot 'contor': did you mean 'contour'?"),
        (("slice", "made", "-o", "p.gif"), 2, "a plot is a file that ends in .pdf, .png or .svg, got 'p.gif'"),
        (("slice", "made", "-o", "plot"), 2, "a plot is a file that ends in .pdf, .png or .svg, got 'plot'"),
        (("slice", "made", "-o", "none/p.png"), 1, "the file must be writable, got 'none/p.png': No such file or directory"),
        (("slice", "mad", "-o", "p.png"), 3, "unknown study 'mad': did you mean 'made'?"),
        (("slice", "made", "-o", "p.png", "-p", "etta"), 2, "unknown parameter 'etta': did you mean 'eta'?"),
        (("curves", "made", "-o", "p.png", "--colour", "etta"), 2, "unknown parameter 'etta': did you mean 'eta'?"),
        (("curves", "made", "-o", "p.png", "--metric", "los"), 2, "unknown metric 'los'"),
        (("stages", "theirs", "-o", "p.png"), 2, "there is no plot 'stages' of study 'theirs': the study has no stages"),
        (("confusion", "made", "-o", "p.png"), 2, "no network has been put to the test images: `hpo study test STUDY` does it"),
        (("slice", "made", "-o", "p.png", "--storage", "sqlite:///other.db"), 3, "no storage at sqlite:///other.db yet"),
    ],
)
def test_plots_that_cannot_be(stored: Call, folder: Path, arguments: tuple[str, ...], code: int, message: str) -> None:
    """One message with the reason and the way out, and no file."""
    done = stored("plot", *arguments)
    assert done.code == code
    assert message in done.err
    assert "Traceback" not in done.err
    assert not list(folder.glob("p.*"))


def test_report_to_a_file(stored: Call, folder: Path) -> None:
    """A page by default, text for a file that ends in .md, either by --format."""
    assert stored("study", "report", "made", "-o", "report.html").err == "wrote report.html\n"
    assert (folder / "report.html").read_text().startswith("<!DOCTYPE html>")
    assert stored("study", "report", "made", "-o", "report.md").code == 0
    assert (folder / "report.md").read_text().startswith("# Learning rate, L2 strength")
    assert stored("study", "report", "made", "-o", "report.txt", "--format", "md").code == 0
    assert (folder / "report.txt").read_text() == (folder / "report.md").read_text()


@pytest.mark.parametrize("study", ["theirs", "two"])
def test_report_of_any_study(stored: Call, study: str) -> None:
    """No study file is needed; without -o the report goes to stdout."""
    done = stored("study", "report", study, "--format", "md")
    assert done.code == 0
    assert "## Answer" in done.out
    assert "hpo did not make this study" in done.out.replace("Hpo", "hpo")


def test_report_names_the_storage_that_was_asked_for(stored: Call, folder: Path) -> None:
    """The command in it works where the reader stands; a password would not be shown."""
    done = stored("study", "report", "made", "--format", "md", "--storage", f"sqlite:///{folder}/hpo.db")
    assert done.out.count(f"--storage sqlite:///{folder}/hpo.db") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (("mad",), 3, "unknown study 'mad': did you mean 'made'?"),
        (("made", "-o", "none/report.html"), 1, "the file must be writable"),
        (("made", "--format", "pdf"), 2, "'pdf'"),
    ],
)
def test_reports_that_cannot_be(stored: Call, arguments: tuple[str, ...], code: int, message: str) -> None:
    """One message, with the way out."""
    done = stored("study", "report", *arguments)
    assert done.code == code
    assert message in done.err


def test_show_ends_with_the_answer(stored: Call) -> None:
    """Three sentences and the command that trains the setting; --json has them with all the numbers and findings."""
    lines = stored("study", "show", "made").out.splitlines()
    found = json.loads(stored("study", "show", "made", "--json").out)["study"]
    assert lines[-5:-1] == ["", *found["answer"]]
    advised = found["analysis"]["recommendation"]["trial"]
    assert lines[-1] == f"Train that setting on 5 fresh seeds with: hpo study run --from-trial {advised} made"
    assert found["findings"][0]["claim"] == "The best learning rates lie between 0.05 and 0.2"
    assert found["analysis"]["trials"] == 12
    assert {one["names"][0] for one in found["analysis"]["shares"]["mains"]} <= set(found["analysis"]["effects"])


def test_a_run_ends_with_the_answer_and_leaves_it(hpo: Call, folder: Path) -> None:
    """The sentences close the run's output; note, figures and report are in the study; deleting it takes the report along."""
    from optuna_dashboard import get_note

    done = hpo("study", "run", "cifar-bn", *SMALL)
    shown = hpo("study", "show", "cifar-bn").out.splitlines()[-3:]
    assert done.out.splitlines()[-3:] == shown
    study = optuna.load_study(study_name="cifar-bn", storage="sqlite:///hpo.db")
    assert shown[0].split(" (")[0] in get_note(study)
    report = folder / "hpo.files" / "artifacts" / study.user_attrs[REPORT]
    assert report.read_text().startswith("<!DOCTYPE html>")
    assert hpo("study", "delete", "cifar-bn", "--yes").code == 0
    assert not report.exists()


def test_the_answer_is_kept_until_the_trials_change(hpo: Call) -> None:
    """`show` tells what the run has kept while the trials are those that it was worked out from, and works it out anew else."""
    hpo("study", "run", "cifar-bn", *SMALL, "--trials", "3")
    study = optuna.load_study(study_name="cifar-bn", storage="sqlite:///hpo.db")
    kept = study.user_attrs[ANSWER]
    study.set_user_attr(ANSWER, {**kept, "sentences": ["One.", "Two.", "Three."]})
    assert hpo("study", "show", "cifar-bn").out.endswith("\nOne.\nTwo.\nThree.\n")
    study.set_user_attr(ANSWER, {**kept, "of": [kept["of"][0], "0" * 64], "sentences": ["One.", "Two.", "Three."]})
    assert hpo("study", "show", "cifar-bn").out.endswith("\n" + "\n".join(kept["sentences"]) + "\n")


def test_a_run_whose_report_cannot_be_left_is_a_run(hpo: Call, folder: Path) -> None:
    """The trials count: a folder that cannot be written is worth a warning and no more."""
    (folder / "hpo.files").mkdir()
    (folder / "hpo.files" / "artifacts").write_text("in the way")
    done = hpo("study", "run", "cifar-bn", *SMALL)
    assert done.code == 0
    assert "the trials are stored, but no report could be left beside them" in done.err
    assert len(optuna.load_study(study_name="cifar-bn", storage="sqlite:///hpo.db").trials) == 4
