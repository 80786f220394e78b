"""What a user is told about bad input, word for word: tests/cli/messages.txt, and so under review.

HPO_WRITE_MESSAGES=1 pytest tests/cli/test_messages.py writes the file anew.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
from ast import literal_eval
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from socket import create_server
from tempfile import TemporaryDirectory

import pytest

from .conftest import COMMAND, Call
from .faulty_inputs import prepare

SNAPSHOT = Path(__file__).with_name("messages.txt")

CASES = r"""
# names, commands and options
study show cifar-nb
study show demo2
study show cifar-bn
study run theirs
study export theirs --format toml
study trials theirs --stage only
study run cifar-nb
study run demo2
study run none.toml
study run ''
study create good.toml --name demo
study create good.toml --name ' '
study create good.toml --name ''
study run good.toml --name ''
study create good.toml --name $'a\033[31mb'
study run demo --seed 5
study run good.toml --name demo --set training.epochs=3 --data mnist
study run demo --trials 0
study run demo --workers 0
study run demo --workers two
study run demo --engine gpu
study run demo --engine processes --address auto
study run demo --engine ray --address auto --workers 2
study run demo --engine ray --gpu-share 1.5
study run demo --engine serial --workers 2
study trials demo --stage onyl
study trials demo --format xml
study export demo -o no/such/folder/demo.toml
study delete demo
study delete demo2 --yes
study lst
run good.toml
show demo
list
repot demo
good.toml
cifar-bn
bckup
compare
study plot
data run
study list --jsn
study run
dashboard --port 99999
docter
study create good.toml --name $'a\0b'
study create good.toml --name $'two\nlines'
study create good.toml --name $'\u200b'
study create good.toml --name $'\udc80'
study create good.toml --name x*10000
study show ../../etc/passwd
study show 'x; DROP TABLE studies'
study show $'a\0b'
study show Demo
# paths
study create good.toml/x.toml
study create ../none/good.toml
study create $'a\0.toml'
study create loop.toml
study create bytes.toml
study create nested.toml
study create digits.toml
study export demo -o images
study export demo -o ''
study export demo -o $'a\0b'
study report demo -o images
plot history demo -o history.exe
storage backup -o images
# study files
study create broken.toml
study create unknown-key.toml
study create unknown-section.toml
study create missing-key.toml
study create wrong-type.toml
study create low-above-high.toml
study create log-with-zero.toml
study create large-batch.toml
study create large-filter.toml
study create unknown-sampler.toml
study create unknown-model.toml
study create no-option.toml
study create many.toml
study create many.toml --set training.batch_size=7 --set stage.onyl.trials=5 --set training
study create unknown-key.toml --data mnits
study create good.toml --name another --data mnits
study create control.toml
study create latin.toml
study create images
study create good.toml --set training.epochs
study create good.toml --set training.epoch=5
study create good.toml --set training.epochs=many
study create good.toml --set model.hidden.width=5
study create good.toml --set stage.onyl.trials=5
study create good.toml --seed -1
study create twice.toml
study create not-a-number.toml
study create infinite.toml
study create date.toml
study create truth.toml
study create no-trials.toml
study create share-of-trials.toml
study create no-images.toml
study create no-space.toml
study create no-choices.toml
study create doubled-values.toml
study create both.toml
study create unknown-pruner.toml
study create unknown-metric.toml
study create unknown-schedule.toml
study create grid-of-a-range.toml
study create no-replicates.toml
study create too-much-evidence.toml
study create tolerance-below-0.toml
study create tolerance-no-number.toml
study create no-neurons.toml
study create no-factory.toml
study create large-seed.toml
study create code.toml
study create box-outside.toml
study create box-of-another.toml
study create narrow-at-first.toml
study create stage-as-path.toml
study create twin-stages.toml
# storages
study show demo --storage sqlite:///none.db
study run good.toml --storage sqlite:///notes.txt
study run good.toml --storage sqlite:///no/such/folder/hpo.db
study run good.toml --storage sqlite:///images
study run good.toml --storage sqlite://
study run good.toml --storage hpo.db
study run good.toml --storage oracle://user:secret@host/base
study list --storage sqlite:///none.db
study list --storage sqlite:///notes.txt
dashboard --storage sqlite:///none.db
study list --storage ''
study list --storage redis://host/0
study list --storage sqlite:///:memory:
study list --storage 'sqlite:///file:hpo.db?mode=ro'
study list --storage 'sqlite:///hpo.db?timeout=never'
study list --storage 'sqlite:///{x}.db'
study list --storage 'sqlite:///100%.db'
study list --storage $'sqlite:///a\0b'
study list --storage sqlite+aiosqlite:///hpo.db
study list --storage postgresql+nosuch://me@127.0.0.1/base
study list --storage mysql+nosuch://me@127.0.0.1/base
study list --storage postgresql://127.0.0.1:port/base
storage check --storage sqlite:///notes.txt
storage upgrade --storage sqlite:///notes.txt
# numbers
study run demo --workers 10000
study run demo --timeout nan
study run demo --timeout -1
study run demo --timeout 0
study run demo --until nan
study run demo --until 2
study run demo --until-no-better 0
study run demo --seed 1e99
study run demo --seed 99999999999999999999
study run demo --lanes 0
study run demo --enqueue nonsense
study run demo --enqueue '{"eta": NaN}'
study run demo --enqueue '{"eta": 5, "etta": 1}'
study confirm demo --top 0
study confirm demo --seeds 0
study settle demo --time soon
study settle demo --time 0s
study settle demo --time 5m --steps 3
study settle demo --steps 0
study settle demo --claim 9
study settle demo
study settle theirs
dashboard --port -1
# images
study run good.toml --name another --data mnits
study run good.toml --name another --data nowhere/images
study run good.toml --name another --data notes.txt
data fetch mnits
data import images --name mine
data import outside.zip
data import nowhere
data import notes.txt
data import images --name Mine
data import images --name mnist
data import images --shape 3x8
data import empty-class
data import cut
data import bomb
data import circle
data import absolute.zip
data import swollen.zip
data import one-class.zip
data import $'a\0b'
data import images --shape 3x999999x999999
data import images --name ../x
study run good.toml --name another --data $'a\0b'
""".strip().splitlines()
"""What a user may get wrong, by kind; $'...' holds escapes as in bash, x*10000 is a long word."""


@pytest.fixture
def prepared(folder: Path, cache: Path, hpo: Call) -> Call:
    """The command, in a folder with good and bad files and a stored study `demo`."""
    prepare(folder)
    assert hpo("study", "create", "good.toml", "--name", "demo").code == 0
    return hpo


def arguments(line: str) -> list[str]:
    """A case as arguments."""
    plain = re.sub(r"\$'(.*?)'", lambda found: shlex.quote(literal_eval(f"'{found[1]}'")), line)
    return ["x" * 10_000 if word == "x*10000" else word for word in shlex.split(plain)]


def told(line: str, call: Call, folder: Path) -> str:
    """One case as the snapshot has it: the command, its exit code and its message, without folders and the list of studies."""
    done = call(*arguments(line))
    assert (done.code != 0, done.out) == (True, "")
    message = re.sub(r"after \d+\.\d s", "after a while", done.err.replace(str(folder), "<folder>"))
    message = re.sub(r"(unknown study .* it must be ).*?(, or the path|\n)", r"\1<studies>\2", message)
    return f"$ hpo {line}\n[{done.code}]\n{message}".rstrip() + "\n"


def test_messages_are_those_under_review(prepared: Call, folder: Path) -> None:
    """Every mistake gets the message and the exit code of the snapshot, nothing on stdout, and no traceback."""
    lines = [line for line in CASES if not line.startswith("#")]
    assert len(lines) >= 60
    found = "\n".join(told(line, prepared, folder) for line in lines)
    if os.environ.get("HPO_WRITE_MESSAGES"):
        SNAPSHOT.write_text(found)
    assert found == SNAPSHOT.read_text(), "HPO_WRITE_MESSAGES=1 writes the file anew"
    assert "Traceback" not in found
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", found)


def test_nothing_is_half_written(prepared: Call, folder: Path, cache: Path) -> None:
    """An import that stops at a corrupt image leaves nothing behind, and the name is free."""
    assert prepared("data", "import", "images", "--name", "mine").code == 6
    assert not list(cache.rglob("*.npy"))
    Path("images/dog/2.png").unlink()
    assert prepared("data", "import", "images", "--name", "mine").code == 0


def test_a_run_without_its_images_stores_nothing(prepared: Call) -> None:
    """A study whose images cannot be had is not created, so that the corrected command finds its name free."""
    assert prepared("study", "run", "good.toml", "--name", "another", "--data", "mnits").code == 6
    assert [study["name"] for study in json.loads(prepared("study", "list", "--json").out)["studies"]] == ["demo", "theirs"]


def test_a_mistake_makes_no_storage(hpo: Call, folder: Path) -> None:
    """An unknown study or a wrong file leaves the working directory as it was."""
    prepare_nothing = [("study", "run", "cifar-nb"), ("study", "create", "cifar-bn", "--set", "seed=x"), ("study", "list")]
    assert [hpo(*line).code for line in prepare_nothing] == [3, 2, 3]
    assert not list(folder.iterdir())


def test_a_port_in_use_is_named(prepared: Call) -> None:
    """A dashboard that finds its port taken says so, and how to take another."""
    with closing(create_server(("127.0.0.1", 0))) as server:
        port = server.getsockname()[1]
        done = prepared("dashboard", "--port", port)
    assert done == (
        2,
        "",
        f"error: a dashboard needs a free port, but {port} is in use: choose another with --port, or --port 0\n",
    )


@pytest.fixture
def read_only(prepared: Call) -> Iterator[Path]:
    """A folder with a stored study `demo`, which may be read by all and written by nobody."""
    with TemporaryDirectory() as name:
        place = Path(name)
        shutil.copy("hpo.db", place)
        (place / "hpo.db").chmod(0o444)
        place.chmod(0o555)
        yield place
        place.chmod(0o755)


#: Takes from root the right to write every file, so that the modes of files count for root too.
UNPRIVILEGED = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"] if os.geteuid() == 0 else []


def as_a_user(folder: Path, *line: str) -> "subprocess.CompletedProcess[str]":
    """The real command, with no more rights than the owner of the files has."""
    if UNPRIVILEGED and shutil.which(UNPRIVILEGED[0]) is None:
        pytest.skip("root may write everything, and there is no setpriv to take that from it")
    return subprocess.run([*UNPRIVILEGED, COMMAND, *line], cwd=folder, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("line", [("study", "delete", "demo", "--yes"), ("study", "create", "cifar-bn")])
def test_a_read_only_storage_is_told(line: tuple[str, ...], read_only: Path) -> None:
    """Where the storage may not be written, a command that writes says so."""
    done = as_a_user(read_only, *line)
    assert (done.returncode, done.stdout) == (5, "")
    assert done.stderr == (
        "error: storage sqlite:///hpo.db: the file may not be written: make it writable, or name another with --storage\n"
    )


def test_a_read_only_storage_is_read(read_only: Path) -> None:
    """Reading takes no right to write."""
    done = as_a_user(read_only, "study", "list", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert '"demo"' in done.stdout


def test_an_unwritable_folder_is_told(read_only: Path) -> None:
    """A storage cannot be made in a folder that may not be written."""
    done = as_a_user(read_only, "study", "create", "cifar-bn", "--storage", "sqlite:///new.db")
    assert (done.returncode, done.stdout) == (5, "")
    assert "the folder" in done.stderr
    assert "may not be written: name a file elsewhere" in done.stderr
