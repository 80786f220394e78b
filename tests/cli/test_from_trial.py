"""`hpo study run STUDY --from-trial N`: one setting again, in a study of its own."""

import json
import shutil
import subprocess
from pathlib import Path

import optuna
import pytest

from .conftest import COMMAND, SMALL, Call

RUN = ("study", "run", "cifar-bn", "--engine", "serial")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small study that was run to its end."""
    folder = tmp_path_factory.mktemp("finished")
    subprocess.run([COMMAND, *RUN, *SMALL], cwd=folder, check=True, capture_output=True, timeout=120)
    return folder


@pytest.fixture
def there(finished: Path, folder: Path, hpo: Call) -> Call:
    """The command in a copy of that folder."""
    shutil.copytree(finished, folder, dirs_exist_ok=True)
    return hpo


def study(folder: Path, name: str) -> optuna.Study:
    """A stored study as plain Optuna reads it."""
    return optuna.load_study(study_name=name, storage=f"sqlite:///{folder / 'hpo.db'}")


def test_the_setting_is_trained_again_under_fresh_seeds(there: Call, folder: Path) -> None:
    """In a study named after the trial, with its images and budget: five networks, none of which is the trial's own."""
    done = there(*RUN, "--from-trial", "2")
    assert done.code == 0
    assert "trial 2 of study 'cifar-bn', trained again under 5 fresh seeds, as study 'cifar-bn-trial-2'" in done.err
    before = study(folder, "cifar-bn").trials[2]
    (trial,) = study(folder, "cifar-bn-trial-2").trials
    assert trial.params == before.params
    assert trial.last_step == before.last_step
    assert sum(key.startswith(("curves:", "hpo:curves:")) for key in trial.user_attrs) == 5
    assert trial.value != before.value
    spec = json.loads(there("study", "show", "cifar-bn-trial-2", "--json").out)["study"]["spec"]
    assert (spec["source"], spec["data"]["name"], spec["training"]["epochs"]) == ("trial 2 of study 'cifar-bn'", "digits", 2)


def test_options_change_the_new_study(there: Call, folder: Path) -> None:
    """Its name, the number of seeds and its budget are asked for as those of any study."""
    line = ("--from-trial", "1", "--name", "mine", "--set", "search.replicates=2", "--set", "training.epochs=3")
    assert there(*RUN, *line).code == 0
    (trial,) = study(folder, "mine").trials
    assert trial.last_step == 3
    assert sum(key.startswith(("curves:", "hpo:curves:")) for key in trial.user_attrs) == 2


def test_given_again_it_goes_on(there: Call, folder: Path) -> None:
    """The same command finds the study that it has made, also by that study's name alone; other settings need another name."""
    first = there(*RUN, "--from-trial", "0")
    again = there(*RUN, "--from-trial", "0")
    assert (first.code, again.code) == (0, 0)
    assert "nothing to do" in again.err
    assert there("study", "run", "cifar-bn-trial-0", "--engine", "serial").code == 0
    assert len(study(folder, "cifar-bn-trial-0").trials) == 1
    assert there(*RUN, "--from-trial", "0", "--seed", "77").code == 2


def test_a_killed_run_ends_with_the_same_numbers(there: Call, folder: Path) -> None:
    """Killed as it begins to train and given again, it comes to the values of a run that nobody stopped."""
    line = [*RUN, "--from-trial", "3", "--set", "training.epochs=20"]
    assert there(*line, "--name", "whole").code == 0
    with subprocess.Popen([COMMAND, *line, "--name", "cut"], cwd=folder, stderr=subprocess.PIPE, text=True) as cut:
        assert cut.stderr is not None
        assert any(said.startswith("stage again") for said in cut.stderr)
        cut.kill()
    assert not study(folder, "cut").get_trials(states=(optuna.trial.TrialState.COMPLETE,))
    assert there(*line, "--name", "cut").code == 0
    assert study(folder, "cut").trials[0].values == study(folder, "whole").trials[0].values


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        (("cifar-bn", "--from-trial", "9"), 3, "no trial 9 in study 'cifar-bn': its trials are 0 to 3"),
        (("cifar-bm", "--from-trial", "1"), 3, "unknown study 'cifar-bm': did you mean 'cifar-bn'?"),
        (("cifar-bn", "--from-trial", "-1"), 2, "--from-trial: must be at least 0, got '-1'"),
        (("cifar-bn", "--from-trial", "best"), 2, "--from-trial: must be a whole number, got 'best'"),
        (("cifar-bn", "--from-trial", "1", "--name", ""), 2, "a study's name must not be empty"),
    ],
)
def test_what_is_no_trial_is_refused(line: tuple[str, ...], code: int, said: str, there: Call) -> None:
    """With what there is; nothing is stored."""
    done = there("study", "run", *line)
    assert done.code == code
    assert said in done.err
    assert len(json.loads(there("study", "list", "--json").out)["studies"]) == 1


def test_what_others_put_there_is_refused(there: Call, folder: Path) -> None:
    """A trial that hpo has not asked has no stage and no budget to be trained with."""
    study(folder, "cifar-bn").add_trial(optuna.create_trial(params={}, value=0.5))
    done = there(*RUN, "--from-trial", "4")
    assert done.code == 2
    assert "--from-trial takes a trial that hpo has asked, got 4, which others have put into 'cifar-bn'" in done.err
