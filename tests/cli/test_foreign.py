"""`study show`, `trials` and `export` of studies that hpo did not make."""

import csv
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import optuna
import pytest

from hpo.cli.study.trials import no_formula
from hpo.storage import connect

from ..fakes.odd_studies import HOSTILE, ODD
from ..fakes.stored_studies import put
from .conftest import Call

NAMES = [name for name in ODD if name != "hostile_names"]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A storage with all odd studies."""
    file = tmp_path_factory.mktemp("storage") / "hpo.db"
    for name, make in ODD.items():
        put(make(), name if name != "hostile_names" else HOSTILE, file)
    return file


@pytest.fixture
def stored(hpo: Call, folder: Path, database: Path) -> Call:
    """The command, in a folder with that storage."""
    shutil.copy(database, folder / "hpo.db")
    return hpo


def loaded(name: str) -> optuna.Study:
    """The stored study, by hpo's own reading, which a test compares with Optuna's."""
    return optuna.load_study(study_name=name, storage=connect("sqlite:///hpo.db", "read"))


@pytest.mark.parametrize("name", [*NAMES, HOSTILE])
def test_any_study_is_listed_and_exported(stored: Call, name: str) -> None:
    """Each trial of any study, in a table, as CSV and as JSON; no character but those of a CSV file steers a terminal."""
    count = len(loaded(name).trials)
    for arguments in (("trials", name), ("trials", name, "--format", "csv"), ("trials", name, "--json"), ("export", name)):
        done = stored("study", *arguments)
        assert done.code == 0, done.err
        assert "csv" in arguments or all(letter.isprintable() or letter == "\n" for letter in done.out)
        if count and "csv" in arguments:
            assert len(list(csv.reader(io.StringIO(done.out)))) == count + 1
        if "--json" in arguments or "export" in arguments:
            assert len(json.loads(done.out)["trials"]) == count


@pytest.mark.parametrize(
    "name", ["no_trials", "waiting", "all_failed", "only_pruned", "still_running", "some_nan", "constrained"]
)
def test_show_says_what_there_is(stored: Call, name: str) -> None:
    """Objective, direction, trials by outcome and parameters; whatever is missing is no reason to refuse."""
    done = stored("study", "show", name)
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert "objective value, lower is better" in lines
    assert any(line.startswith(f"trials    {len(loaded(name).trials)}") for line in lines)
    assert [line.split(":")[0] for line in lines if line.startswith("space")] == [
        f"space     {key}" for key in ("x", "n") if any(key in trial.params for trial in loaded(name).trials)
    ]


def test_show_tells_running_from_waiting(stored: Call) -> None:
    """Trials that have not ended are counted by what they do."""
    assert "trials    8: 6 completed, 1 running, 1 waiting" in stored("study", "show", "still_running").out


def test_show_names_the_best_of_each_objective(stored: Call) -> None:
    """All objectives with their directions, and the trials that no other beats."""
    out = stored("study", "show", "three_objectives").out
    assert "objective accuracy, higher is better" in out
    assert "Trials that no other beats in all objectives:" in out


def test_show_tells_of_constraints(stored: Call) -> None:
    """None that breaks one is taken for the best."""
    out = stored("study", "show", "constrained").out
    assert "trials break a constraint of the study: none of them is taken for the best" in out
    assert "\nTake x " in out


def test_show_says_which_choice_is_best(stored: Call) -> None:
    """Of lists in another order the best choice is named by its value."""
    out = stored("study", "show", "reordered_choices").out
    assert loaded("reordered_choices").best_params["optimizer"] == "adam"
    assert "Take optimizer adam" in out


def test_json_of_a_foreign_study(stored: Call) -> None:
    """The keys of hpo's own studies, without a study file, and its objectives."""
    found = json.loads(stored("study", "show", "three_objectives", "--json").out)["study"]
    assert (found["spec"], found["stages"], found["metrics"]) == (None, [], ["loss", "accuracy", "size"])
    assert found["directions"] == ["minimize", "maximize", "minimize"]
    assert found["outcomes"] == {"completed": 20}
    assert len(found["answer"]) == 3


def test_csv_tells_choices_apart(stored: Call) -> None:
    """Each of sixteen choices that look alike has a cell of its own; a value that is missing is empty."""
    rows = list(csv.DictReader(io.StringIO(stored("study", "trials", "mixed_choices", "--format", "csv").out)))
    cells = [row["params_weights"] for row in rows[:16]]
    assert len(set(cells)) == 16
    assert cells[:5] == ["None", '"None"', "0", '"0"', "False"]
    branches = list(csv.DictReader(io.StringIO(stored("study", "trials", "never_together", "--format", "csv").out)))
    assert {row["params_c"] == "" for row in branches if row["params_kind"] == "forest"} == {True}


def test_json_keeps_types(stored: Call) -> None:
    """None, texts, numbers, truths, lists and mappings come back as they are."""
    for name in ("mixed_choices", "lists_as_choices"):
        trials = json.loads(stored("study", "trials", name, "--json").out)["trials"]
        assert json.dumps([one["params"] for one in trials]) == json.dumps([one.params for one in loaded(name).trials])


def test_a_study_file_is_refused_in_one_line(stored: Call) -> None:
    """What needs a study file says so, and what takes the study without one."""
    refused: dict[tuple[str, ...], Callable[[str], bool]] = {
        ("export", "one_trial", "--format", "toml"): lambda text: "--format json has its trials" in text,
        ("trials", "one_trial", "--stage", "only"): lambda text: "has no stages" in text,
        ("confirm", "one_trial"): lambda text: "`hpo study show`, `trials`, `export`, `report` and `hpo plot` take it" in text,
        ("test", "one_trial"): lambda text: "which this needs" in text,
        ("run", "one_trial"): lambda text: "which this needs" in text,
    }
    for arguments, says in refused.items():
        done = stored("study", *arguments)
        assert done.code in (2, 3), arguments
        assert says(done.err), done.err
        assert done.err.count("\n") == 1


FORMULAS = ["=1+1", "-x", "+x", "@SUM(A1)", "\uff1d1"]
OTHERS = ["plain", "1=1", "\t=1", "+1", "x-y"]


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")  # Names of objectives.
def test_csv_is_no_program(hpo: Call) -> None:
    """Texts that a spreadsheet would take for formulas, in cells and in the names of columns, begin with an apostrophe."""
    study = optuna.create_study(storage="sqlite:///hpo.db", study_name="sums")
    study.set_metric_names(["=HYPERLINK(1)"])
    choice = optuna.distributions.CategoricalDistribution([*FORMULAS, *OTHERS])
    for text in choice.choices:
        notes = {"note": "\t=1"}
        study.add_trial(optuna.trial.create_trial(params={"a": text}, distributions={"a": choice}, value=-1.5, user_attrs=notes))
    header, *rows = csv.reader(io.StringIO(hpo("study", "trials", "sums", "--format", "csv").out, newline=""))
    at = header.index
    assert [row[at("'=HYPERLINK(1)")] for row in rows] == ["-1.5"] * 10
    cells = [row[at("params_a")] for row in rows]
    assert cells[:5] == [f"'{text}" for text in FORMULAS]
    assert cells[5:] == ["plain", "1=1", '"\\t=1"', '"+1"', "x-y"]
    assert {row[at("user_attrs_note")][0] for row in rows} == {'"'}


@pytest.mark.parametrize(
    ("cell", "led"), [("\tx", "'\tx"), ("\r=x", "'\r=x"), ("\n=x", "'\n=x"), (-5, -5), (-0.5, -0.5), (None, None), ("", "")]
)
def test_no_formula(cell: object, led: object) -> None:
    """Tabs and line ends, which some programs skip, count too; numbers never do."""
    assert no_formula(cell) == led
