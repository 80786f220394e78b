"""Studies on the command line: made, run, read, written out and deleted."""

import csv
import json
import os
import pty
import re
import shutil
import subprocess
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import optuna
import pytest

from hpo import catalog
from hpo.attributes import EXECUTION
from hpo.runner import execution
from hpo.spec import dump, load

from .conftest import COMMAND, SMALL, Call, Done

RUN = ("study", "run", "cifar-bn", *SMALL, "--engine", "serial")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Done]:
    """A folder in which the real command ran a small study to its end, and what it printed."""
    folder = tmp_path_factory.mktemp("finished")
    done = subprocess.run([COMMAND, *RUN, "--seed", "1"], cwd=folder, capture_output=True, text=True, timeout=120)
    return folder, Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def ran(finished: tuple[Path, Done], hpo: Call, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command in the folder of the finished study."""
    monkeypatch.chdir(finished[0])
    return hpo


def optunas(folder: Path) -> list[optuna.trial.FrozenTrial]:
    """The trials as plain Optuna reads them."""
    return optuna.load_study(study_name="cifar-bn", storage=f"sqlite:///{folder / 'hpo.db'}").trials


def test_a_run_prints_its_best_trials(finished: tuple[Path, Done]) -> None:
    """Data on stdout is a table for each stage with its three best trials; all else is on stderr."""
    folder, (code, out, err) = finished
    title, heading, *rows = out.splitlines()[:5]
    assert (code, title) == (0, "only: 4 of 4 trials (4 completed)")
    assert heading.split() == ["trial", "validation", "accuracy", "%", "epochs", "eta", "lambda"]
    best = sorted(optunas(folder), key=lambda trial: -(trial.value or 0))[:3]
    assert [row.split()[:2] for row in rows] == [[str(trial.number), f"{100 * (trial.value or 0):#.4g}"] for trial in best]
    assert len({len(line) for line in (heading, *rows)}) == 1
    assert "stage only: 4 trials" in err
    assert re.search(r"^4 trials in \d+ s \(4 completed\), [\d,]+ training steps/s$", err, re.MULTILINE)


def test_a_run_says_what_became_of_the_images(finished: tuple[Path, Done]) -> None:
    """That images were resized, converted and cut is said once, and shown again with the study."""
    assert "digits: 1,797 images resized from 8x8 to 32x32 pixels" in finished[1].err


def test_running_again_finds_nothing_to_do(ran: Call) -> None:
    """The same command, or the study's name alone, goes on with the stored study; here there is nothing left."""
    for line in ((*RUN, "--seed", "1"), ("study", "run", "cifar-bn", "--engine", "serial")):
        code, out, err = ran(*line)
        assert code == 0
        assert out.startswith("only: 4 of 4 trials")
        assert err == "nothing to do: no stage lacks trials; --trials N asks for N more\n"


def test_show_as_text(ran: Call) -> None:
    """A study is shown with its protocol, its stages, its best trials and its hash."""
    code, out, err = ran("study", "show", "cifar-bn")
    assert (code, err) == (0, "")
    for line in (
        "cifar-bn: Learning rate and L2 strength of a batch-normalised three-layer network",
        "space     eta: 0.01 to 0.7, log",
        "stage     only: 4 trials, the whole space",
        "only: 4 of 4 trials (4 completed)",
        "state     complete; --trials N asks for N more: hpo study run cifar-bn",
    ):
        assert line in out.splitlines()
    assert re.search(r"^training +.*epochs = 2", out, re.MULTILINE)


def test_show_as_json(ran: Call, finished: tuple[Path, Done]) -> None:
    """The same as data: the schema's version, the stages with exact values, and the hash of the trials."""
    found = json.loads(ran("study", "show", "cifar-bn", "--json").out)
    study = found["study"]
    (stage,) = study["stages"]
    best = max(optunas(finished[0]), key=lambda trial: trial.value or 0)
    assert found["schema"] == 1
    assert (stage["name"], stage["trials"], stage["told"], stage["outcomes"]) == ("only", 4, 4, {"completed": 4})
    assert stage["best"][0] == {"number": best.number, "value": best.value, "epochs": 2, "params": best.params}
    assert study["missing"] == 0
    assert re.fullmatch("[0-9a-f]{64}", study["trial_table_hash"])


def test_equal_studies_have_equal_hashes(hpo: Call, ran: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hash tells whether two runs gave the same: with one seed they do, under any name, with another they do not."""
    first = hash_of(ran)
    monkeypatch.chdir(folder)
    for name, seed in (("same", "1"), ("other", "2")):
        assert hpo(*RUN, "--name", name, "--seed", seed).code == 0
    assert hash_of(hpo, "same") == first
    assert hash_of(hpo, "other") != first


ELSEWHERE = {
    "LC_ALL": "C",
    "LANGUAGE": "tr",
    "PYTHONUTF8": "0",
    "TZ": "Pacific/Chatham",  # 12:45 h from Greenwich
    "PYTHONHASHSEED": "4711",
    "OMP_NUM_THREADS": "3",
    "COLUMNS": "40",
    "HPO_CACHE_DIR": "another cache",
}


def test_results_depend_on_nothing_around(ran: Call, hpo: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another locale, time zone, hash seed, cache, number of threads and of cores: the same trial table, bit for bit."""
    expected = hash_of(ran)
    # How jobs are cut is decided by the cores of the first run, and kept from then on.
    groups = json.loads(ran("study", "show", "cifar-bn", "--json").out)["study"]["execution"]["groups"]
    monkeypatch.chdir(folder)
    one_core = ["taskset", "--cpu-list", str(min(os.sched_getaffinity(0)))] if shutil.which("taskset") else []
    line = [*one_core, COMMAND, *RUN, "--seed", "1", "--set", f"execution.groups={groups}"]
    done = subprocess.run(line, env={**os.environ, **ELSEWHERE}, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert hash_of(hpo) == expected


def hash_of(call: Call, name: str = "cifar-bn") -> str:
    """The trial-table hash that `study show` gives."""
    return str(json.loads(call("study", "show", name, "--json").out)["study"]["trial_table_hash"])


def test_list(ran: Call) -> None:
    """A stored study is listed with its title, how far it is, and its best value."""
    code, out, err = ran("study", "list")
    assert (code, err) == (0, "")
    assert re.search(r"^cifar-bn +4 +4 +\d\d\.\d\d % +Learning rate and L2", out, re.MULTILINE)


def test_list_as_json(ran: Call, finished: tuple[Path, Done]) -> None:
    """The same as data, with the exact value."""
    (study,) = json.loads(ran("study", "list", "--json").out)["studies"]
    assert (study["name"], study["trials"], study["planned"]) == ("cifar-bn", 4, 4)
    assert study["best"] == max(trial.value or 0 for trial in optunas(finished[0]))


def test_claims_are_checked_before_a_study_is_made(hpo: Call, folder: Path) -> None:
    """A claim that no trial could speak to is a fault of the file: every such claim is named, and nothing is stored."""
    (folder / "wrong.toml").write_text(dump(catalog.builtin("cifar-bn")).replace("best-region", "best-regoin"), encoding="utf-8")
    done = hpo("study", "create", "wrong.toml")
    assert done.code == 2
    assert "finding.0.test.kind: unknown kind of test 'best-regoin': did you mean 'best-region'?" in done.err
    assert "finding.1.test.kind" in done.err
    assert not (folder / "hpo.db").exists()


def test_every_builtin_is_listed(hpo: Call) -> None:
    """`--builtin` lists each study that comes with hpo, with its title in one line."""
    studies = json.loads(hpo("study", "list", "--builtin", "--json").out)["studies"]
    lines = hpo("study", "list", "--builtin").out.splitlines()[1:]
    assert [study["name"] for study in studies] == [line.split()[0] for line in lines] == catalog.names()
    assert all(study["title"] in line for study, line in zip(studies, lines, strict=True))


def test_trials_as_csv_and_json_are_exact(ran: Call, finished: tuple[Path, Done]) -> None:
    """Every digit of every trial is there, in both formats."""
    rows = list(csv.DictReader(StringIO(ran("study", "trials", "cifar-bn", "--format", "csv").out)))
    records = json.loads(ran("study", "trials", "cifar-bn", "--json").out)["trials"]
    trials = optunas(finished[0])
    assert [record["value"] for record in records] == [float(row["value"]) for row in rows] == [trial.value for trial in trials]
    assert [record["params"] for record in records] == [trial.params for trial in trials]
    assert [float(row["params_lambda"]) for row in rows] == [trial.params["lambda"] for trial in trials]
    assert {(row["stage"], row["outcome"], row["epochs"]) for row in rows} == {("only", "completed", "2")}


def test_trials_as_a_table(ran: Call) -> None:
    """A line a trial, without the columns that no trial fills."""
    heading, *rows = ran("study", "trials", "cifar-bn", "--stage", "only").out.splitlines()
    assert [row.split()[0] for row in rows] == ["0", "1", "2", "3"]
    assert "error" not in heading


def test_export_runs_the_same_study(ran: Call, finished: tuple[Path, Done], tmp_path: Path) -> None:
    """The exported study file reads back as the study that is stored; -o writes what stdout gets."""
    out = ran("study", "export", "cifar-bn").out
    file = tmp_path / "again.toml"
    code, nothing, err = ran("study", "export", "cifar-bn", "-o", file)
    assert (code, nothing, err) == (0, "", f"wrote {file}\n")
    assert file.read_text() == out
    spec = load(file)
    assert (spec.seed, spec.data.name, spec.training.epochs, spec.trials) == (1, "digits", 2, 4)


def test_whole_export_has_the_curves(ran: Call, finished: tuple[Path, Done]) -> None:
    """As JSON, every trial comes with its metrics by epoch; the last one is its value."""
    whole = json.loads(ran("study", "export", "cifar-bn", "--format", "json").out)
    assert whole["study"]["trial_table_hash"] == hash_of(ran)
    for trial in whole["trials"]:
        (curve,) = trial["curves"]
        assert curve["epoch"] == [1, 2]
        assert curve["validation_accuracy"][-1] == pytest.approx(trial["value"])


def test_set_mends_a_faulty_file(hpo: Call, folder: Path) -> None:
    """Options are carried out before the file is checked, so that a fault which they take away is none."""
    good = dump(catalog.builtin("cifar-bn"))
    faulty = good.replace("low = 0.01", "low = 0.9").replace('name = "cifar10"', 'name = "cifra10"')
    (folder / "faulty.toml").write_text(faulty, encoding="utf-8")
    done = hpo("study", "create", "faulty.toml")
    assert done.code == 2
    assert "faulty.toml: 2 faults" in done.err
    assert "unknown data set 'cifra10'" in hpo("study", "create", "faulty.toml", "--set", "space.eta.low=0.01").err
    assert hpo("study", "create", "faulty.toml", "--set", "space.eta.low=0.01", "--data", "digits").code == 0


def test_create_then_run_in_parts(hpo: Call) -> None:
    """A study can be stored first, and run a few trials at a time; the command to go on is named."""
    code, out, err = hpo("study", "create", "cifar-bn", *SMALL, "--name", "mine")
    assert (code, out) == (0, "")
    last = err.splitlines()[-1]
    assert last == "created study 'mine' in sqlite:///hpo.db: 4 trials in 1 stage; run it with: hpo study run mine"
    assert hpo("study", "trials", "mine").err == "study 'mine' has no trials yet\n"
    code, out, err = hpo("study", "run", "mine", "--trials", "2", "--engine", "serial")
    assert (code, out.splitlines()[0]) == (0, "only: 2 of 4 trials (2 completed)")
    assert err.splitlines()[-1] == "2 trials still to do; go on with: hpo study run mine"
    assert hpo("study", "run", "mine", "--engine", "serial").out.splitlines()[0] == "only: 4 of 4 trials (4 completed)"


def test_a_gpu_that_is_not_there(hpo: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new study is not stored, and one that was begun on a GPU gets no trials that cannot but fail."""
    monkeypatch.setattr(execution, "default_device", lambda: "cpu")
    asked = ("study", "run", "cifar-bn", *SMALL, "--engine", "serial")
    refused = hpo(*asked, "--device", "cuda")
    assert refused.code == 2
    assert "'cifar-bn' is to train on a GPU (device cuda), but PyTorch finds none here: go on where it does" in refused.err
    assert not (folder / "hpo.db").exists()
    assert hpo("study", "create", "cifar-bn", *SMALL).code == 0
    study = optuna.load_study(study_name="cifar-bn", storage=f"sqlite:///{folder / 'hpo.db'}")
    settled = {"lanes": 2, "cohort": 2, "groups": 1, "device": "cuda", "precision": "bfloat16"}
    study.set_user_attr(EXECUTION, settled)
    assert hpo("study", "run", "cifar-bn", "--engine", "serial").code == 2
    assert not study.trials


@pytest.mark.parametrize("command", [("confirm", "--top", "2", "--seeds", "2"), ("test",)])
def test_what_was_trained_on_a_gpu_that_is_not_there(
    command: tuple[str, ...], finished: tuple[Path, Done], hpo: Call, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is neither confirmed nor tested with networks that cannot but fail."""
    shutil.copytree(finished[0], folder, dirs_exist_ok=True)
    monkeypatch.setattr(execution, "default_device", lambda: "cpu")
    study = optuna.load_study(study_name="cifar-bn", storage=f"sqlite:///{folder / 'hpo.db'}")
    study.set_user_attr(EXECUTION, study.user_attrs[EXECUTION] | {"device": "cuda"})
    refused = hpo("study", command[0], "cifar-bn", *command[1:])
    assert refused.code == 2
    assert "PyTorch finds none here" in refused.err


def test_storage_comes_from_the_environment(hpo: Call, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """HPO_STORAGE stands in for --storage, and is then left out of the command to go on."""
    monkeypatch.setenv("HPO_STORAGE", "sqlite:///elsewhere.db")
    done = hpo("study", "create", "cifar-bn")
    assert done.err.endswith("run it with: hpo study run cifar-bn\n")
    assert Path("elsewhere.db").exists()
    monkeypatch.delenv("HPO_STORAGE")
    assert hpo("study", "list").code == 3


def test_delete_takes_the_files_too(hpo: Call, folder: Path) -> None:
    """A deleted study is gone from the storage, and its state files from the disk."""
    assert hpo("study", "create", "cifar-bn", *SMALL).code == 0
    done = hpo("study", "delete", "cifar-bn", "--yes")
    assert done == (0, "", "deleted study 'cifar-bn' with 0 trials\n")
    assert not [path for path in folder.glob("hpo.files/**/*") if path.is_file()]
    assert hpo("study", "list").err.startswith("no studies are stored here yet")


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("n\n", 1)])
def test_delete_asks_on_a_terminal(answer: str, left: int, hpo: Call, folder: Path) -> None:
    """On a terminal the study is deleted when the user agrees, and stays otherwise."""
    assert hpo("study", "create", "cifar-bn").code == 0
    code, said = on_terminal(["study", "delete", "cifar-bn"], folder, typed=answer)
    assert "Delete study 'cifar-bn' with 0 trials for good?" in said
    assert code == left
    assert len(json.loads(hpo("study", "list", "--json").out)["studies"]) == left


@pytest.mark.parametrize("columns", ["40", "100"])
def test_a_run_on_a_terminal(columns: str, folder: Path) -> None:
    """On a terminal a run shows its state in place, also in a narrow one, then leaves the table and the cursor behind."""
    code, said = on_terminal([*RUN, "--set", "training.epochs=30"], folder, COLUMNS=columns)
    assert code == 0
    assert "stage only" in said
    assert "of 4 trials" in said
    assert said.rfind("\x1b[?25h") > said.rfind("\x1b[?25l") >= 0
    assert "4 of 4 trials" in said[said.rfind("\x1b[?25h") :]


def test_no_color_has_no_colours(folder: Path) -> None:
    """With NO_COLOR nothing is coloured, not on a terminal either."""
    coloured, plain = (on_terminal(["study", "list"], folder, **environment)[1] for environment in ({}, {"NO_COLOR": "1"}))
    assert "\x1b[1;31merror: \x1b[0m" in coloured
    assert plain.startswith("error: no storage")


def on_terminal(line: list[str], folder: Path, typed: str = "", **environment: str) -> tuple[int, str]:
    """The exit code of the real command on a terminal, and all that it showed there."""
    terminal, other = pty.openpty()
    with subprocess.Popen(
        [COMMAND, *line],
        cwd=folder,
        env={**os.environ, "TERM": "xterm-256color", **environment},
        stdin=other,
        stdout=other,
        stderr=other,
    ) as process:
        os.close(other)
        os.write(terminal, typed.encode())
        said = b"".join(read_all(terminal)).decode()
    os.close(terminal)
    return process.returncode, said


def read_all(terminal: int) -> Iterator[bytes]:
    """What comes through a terminal until its other end is closed, which Linux tells by an error."""
    while True:
        try:
            read = os.read(terminal, 65536)
        except OSError:
            return
        if not read:
            return
        yield read


def test_stop_rules_say_why_they_ended_the_run(hpo: Call) -> None:
    """A target that every trial reaches ends the run after its first cohort; a rule given twice is a mistake."""
    run = ("study", "run", "cifar-bn", *SMALL, "--set", "execution.cohort=2", "--engine", "serial", "--until", "0.05")
    done = hpo(*run)
    assert done.code == 0
    assert "stopped: a trial has reached the value of --until" in done.err
    assert "2 trials not needed; ask for them without the rule: hpo study run cifar-bn" in done.err
    twice = hpo(*run, "--until", "0.5")
    assert twice.code == 2
    assert twice.err == "error: --until must be given once, got 0.05 and 0.5: leave one of them out\n"


def test_sizes_that_no_machine_holds(hpo: Call, folder: Path) -> None:
    """Asked for by --set or by --trials, they are refused before anything is stored or trained."""
    absurd = ("--set", "search.replicates=1000000000", "--set", "model.hidden=[2000000000]", "--set", "nosuch=1")
    for command in ("create", "run"):
        code, _, err = hpo("study", command, "cifar-bn", *SMALL, *absurd)
        assert code == 2
        assert [line.split(":")[0].strip() for line in err.splitlines()[1:]] == ["nosuch", "model", "search.replicates"]
    assert list(folder.glob("*.db")) == []
    code, _, err = hpo("study", "run", "cifar-linear", *SMALL, "--trials", "100000000000000")
    assert code == 2
    assert "--trials: 1e+14 trials with " in err
