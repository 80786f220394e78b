"""The best setting, and the command to use it."""

import math
import subprocess
import sys
from pathlib import Path

import optuna
import pytest

from hpo.analysis.recommendation import Recommendation
from hpo.cli import main
from hpo.report import Explanation
from hpo.report.best import best
from hpo.report.grids import best_trials

from ..cli.conftest import COMMAND, SMALL


def test_it_is_the_recommended_setting(explained: dict[str, Explanation]) -> None:
    """With what to expect of it; choices by their names, whole numbers whole."""
    found, recommended = best(explained["whole"], None), explained["whole"].analysis.recommendation
    assert found is not None
    assert isinstance(recommended, Recommendation)
    assert found.recommended
    assert found.number == recommended.trial
    assert found.settings["eta"] == recommended.settings["eta"]
    assert found.settings["optimizer"] in ("sgd", "momentum")
    assert isinstance(found.settings["filters"], int)
    assert "is to be expected of a new seed (95 % interval" in found.value


def test_without_a_model_it_is_the_best_trial(explained: dict[str, Explanation]) -> None:
    """Its number and settings are those of the first row of the best trials, digit for digit."""
    found = best(explained["one_trial"], None)
    assert found is not None
    assert found.number == best_trials(explained["one_trial"]).numbers[0]
    assert found.settings["x"] == explained["one_trial"].table.columns["x"].values[0]


def test_nothing_completed_has_no_best(explained: dict[str, Explanation]) -> None:
    """There is no setting to recommend where nothing came to its end."""
    assert best(explained["all_failed"], None) is None


def test_of_another_program_it_is_python(explained: dict[str, Explanation]) -> None:
    """The line evaluates an objective at the best point."""
    found = best(explained["conditional"], None)
    assert found is not None
    assert not found.shell
    seen = eval(found.command, {"optuna": optuna, "objective": lambda trial: trial.suggest_categorical("kind", ["a", None, 0.5])})
    assert seen == found.settings["kind"]


def test_the_storage_is_named_where_it_is_not_the_usual_one(explained: dict[str, Explanation]) -> None:
    """The command names it."""
    found = best(explained["usual"], "sqlite:////elsewhere/hpo.db")
    assert found is not None
    assert found.command == f"hpo study run --storage sqlite:////elsewhere/hpo.db --from-trial {found.number} made"


@pytest.mark.skipif(sys.platform == "win32", reason="a command for a POSIX shell")
def test_the_command_runs_as_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pasted into a shell, it trains the recommended setting under five seeds, in a study of its own."""
    from hpo.report import explain

    def shell(command: str) -> None:
        path = f"{COMMAND.parent}:/usr/bin:/bin"
        done = subprocess.run(
            ["sh", "-ec", command], cwd=tmp_path, env={"PATH": path, "HOME": str(tmp_path)}, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr

    monkeypatch.chdir(tmp_path)
    assert main(["study", "run", "cifar-bn", *SMALL, "--set", "search.pruner=none", "--engine", "serial"]) == 0
    storage = f"sqlite:///{tmp_path / 'hpo.db'}"
    found = best(explain(optuna.load_study(study_name="cifar-bn", storage=storage)), None)
    assert found is not None
    assert found.recommended
    shell(found.command)
    again = optuna.load_study(study_name=f"cifar-bn-trial-{found.number}", storage=storage)
    assert len(again.trials) == 1
    assert again.trials[0].params == found.settings
    assert math.isfinite(again.best_value)
    assert sum(key.startswith("hpo:curves:") for key in again.trials[0].user_attrs) == 5
