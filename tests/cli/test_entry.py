"""How the command ends: exit codes, signals, closed pipes, full disks."""

import errno
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

import hpo
from hpo import catalog
from hpo.cli import entry, main
from hpo.cli.options import DEFAULT_STORAGE
from hpo.cli.signals import Stopped, caught
from hpo.cli.study.going_on import command as command_that_goes_on
from hpo.storage import DEFAULT_URL

from .conftest import COMMAND, SMALL, Call


def test_version(hpo: Call, command: Call) -> None:
    """The installed command and `main` are the same, and know their version."""
    assert hpo("--version") == command("--version") == (0, f"hpo {version()}\n", "")


def version() -> str:
    """The version of the package."""
    return hpo.__version__


@pytest.mark.parametrize("line", [("--help",), ("study", "--help"), ("study", "run", "-h"), ("data", "import", "--help")])
def test_help(line: tuple[str, ...], hpo: Call) -> None:
    """Help is data: it goes to stdout, and asking for it is no mistake."""
    code, out, err = hpo(*line)
    assert (code, err) == (0, "")
    assert "Usage: hpo" in out


@pytest.mark.parametrize("line", [(), ("study",), ("data",)])
def test_a_group_alone_shows_its_help(line: tuple[str, ...], hpo: Call) -> None:
    """A noun without a verb is a mistake that is answered with the help alone."""
    code, out, err = hpo(*line)
    assert (code, err) == (2, "")
    assert "Usage: hpo" in out


def test_default_storage_is_that_of_the_library() -> None:
    """The help shows the address that the library uses, without loading it."""
    assert DEFAULT_STORAGE == DEFAULT_URL


def test_debug_shows_the_traceback(hpo: Call) -> None:
    """`--debug`, wherever it stands, adds the traceback to the message and changes nothing else."""
    plain = hpo("study", "show", "demo")
    for line in (("--debug", "study", "show", "demo"), ("study", "show", "demo", "--debug")):
        code, out, err = hpo(*line)
        assert (code, out) == (plain.code, "")
        assert err.startswith("Traceback")
        assert err.endswith(plain.err)


def test_a_bug_keeps_its_traceback(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was not raised on purpose is not made into a message."""
    monkeypatch.setattr(catalog, "names", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["study", "list", "--builtin"])


def test_a_reader_that_leaves_is_no_error(folder: Path) -> None:
    """After `| head` the command ends quietly."""
    command = [COMMAND, "study", "list", "--builtin", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert (process.stderr.read(), process.wait(30)) == ("", 141)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_is_told(folder: Path) -> None:
    """Data that cannot be written is an error, not silence."""
    with open("/dev/full", "w") as full:
        done = subprocess.run([COMMAND, "study", "list", "--builtin"], stdout=full, stderr=subprocess.PIPE, text=True, timeout=30)
    assert (done.returncode, done.stderr) == (1, "error: the output must be writable, got: No space left on device\n")


CLOSED = ["2>&-", ">&-", ">&- 2>&-", "<&- 2>&-", "<&- >&- 2>&-", "2>/dev/full"]


@pytest.mark.parametrize("closed", CLOSED)
def test_streams_that_take_nothing(closed: str, command: Call, folder: Path) -> None:
    """Each command does its work and has its own exit code. An error is told where anything can be told.

    No file that is opened gets the number of a closed stream: what a worker prints would be written into the database.
    """
    lost_output, lost_messages = ">&-" in closed.replace("2>&-", ""), "2>" in closed

    def call(*line: str) -> tuple[int, str, str]:
        script = f'"$0" "$@" {closed}'
        done = subprocess.run(["bash", "-c", script, str(COMMAND), *line], capture_output=True, text=True, timeout=120)
        assert "Traceback" not in done.stdout + done.stderr
        return done.returncode, done.stdout, done.stderr

    code, out, err = call("study", "show", "nothing")
    assert code == 3
    assert ("error: no storage" in err, "error: no storage" in out) == (not lost_messages, lost_messages and not lost_output)
    code, out, err = call("study", "list", "--builtin", "--json")
    assert code == lost_output
    assert ("the output must be writable" in err) == (lost_output and not lost_messages)
    code, out, err = call("study", "run", "cifar-bn", *SMALL, "--engine", "processes", "--workers", "1")
    assert code == lost_output
    assert ("Take " in out) == (not lost_output)
    assert command("storage", "check").err == "sqlite:///hpo.db is sound; studies: 1\n"
    assert "4 of 4 trials" in command("study", "show", "cifar-bn").out


def test_any_letter_survives_any_encoding(command: Call, folder: Path) -> None:
    """A title with letters that the terminal's encoding lacks is escaped instead of failing."""
    Path("snow.toml").write_text(
        'title = "Schnee \\u2744"\ndata.name = "digits"\nmodel.name = "linear"\nspace.l2 = { low = 0.1, high = 0.2 }\n'
        'stage = [{ name = "only", trials = 1 }]\n'
    )
    assert command("study", "create", "snow.toml", PYTHONIOENCODING="ascii").code == 0
    assert "Schnee \\u2744" in command("study", "list", PYTHONIOENCODING="ascii").out


STOPPING = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}


@pytest.mark.parametrize(("number", "code"), STOPPING.items())
def test_the_first_signal_unwinds(number: signal.Signals, code: int) -> None:
    """A signal becomes an exception that no `except Exception` takes, and the handlers from before come back."""
    before = [signal.getsignal(each) for each in STOPPING]
    with pytest.raises(Stopped) as stop, caught():
        signal.raise_signal(number)
    assert stop.value.exit_code == code
    assert not isinstance(stop.value, Exception)
    assert [signal.getsignal(each) for each in STOPPING] == before


@pytest.mark.parametrize("number", STOPPING)
def test_a_signal_is_not_lost_in_a_destructor(number: signal.Signals, capfd: pytest.CaptureFixture[str]) -> None:
    """Python drops what is raised in there. The signal comes again, and nothing is printed of it."""

    class Last:
        def __del__(self) -> None:
            signal.raise_signal(number)

    with pytest.raises(Stopped) as stop, caught():
        last = Last()
        del last
        time.sleep(10)
    assert stop.value.exit_code == STOPPING[number]
    assert capfd.readouterr() == ("", "")


def test_a_signal_in_an_import_is_one(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    """Python makes a RuntimeError of what is raised while a class is being made."""

    class Named:
        def __set_name__(self, owner: type, name: str) -> None:
            signal.raise_signal(signal.SIGINT)

    def dispatch(arguments: list[str]) -> int:
        type("Made", (), {"named": Named()})
        return 0

    monkeypatch.setattr(entry, "_dispatch", dispatch)
    assert main(["study", "list"]) == 130
    assert capfd.readouterr() == ("", "Stopped.\n")


def test_a_terminal_that_has_closed_is_not_written_to(hpo: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """SIGHUP comes when the terminal has gone: that the last words cannot be written changes neither exit code nor quiet."""

    def hang_up() -> list[str]:
        signal.raise_signal(signal.SIGHUP)
        return []

    def refuse(*lines: str, label: str = "") -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(catalog, "names", hang_up)
    monkeypatch.setattr(entry, "complain", refuse)
    monkeypatch.setattr(entry, "discard_output", lambda: None)
    assert hpo("study", "list", "--builtin") == (129, "", "")


def test_how_to_go_on_is_said_without_imports(monkeypatch: pytest.MonkeyPatch) -> None:
    """A signal may come in the middle of the imports, which are then left half done: the last words need none of them."""
    monkeypatch.setitem(sys.modules, "hpo.storage", None)
    said = command_that_goes_on("study", "postgresql://me:secret@host/base")
    assert said == "hpo study run --storage 'postgresql://me:***@host/base' study"


@pytest.mark.parametrize("number", entry.WAYS_OUT)
def test_what_the_system_refuses_is_told(number: int, hpo: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too few files, no room, no memory: whatever line they come upon, a message with the way out, and no traceback."""

    def refused() -> list[str]:
        raise OSError(number, os.strerror(number), "some/file")

    monkeypatch.setattr(catalog, "names", refused)
    done = hpo("study", "list", "--builtin")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith(f"error: the system refused what hpo needs, 'some/file': {os.strerror(number)}: ")
    assert done.err.endswith(f"{entry.WAYS_OUT[number]}\n")


def test_too_little_memory_is_told(hpo: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command itself without memory says so."""

    def starve() -> list[str]:
        raise MemoryError

    monkeypatch.setattr(catalog, "names", starve)
    done = hpo("study", "list", "--builtin")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("error: hpo needs more memory than there is: ")


SLOW_TO_UNWIND = """
import signal, time
from hpo.cli.signals import caught
signal.signal(signal.SIGINT, signal.default_int_handler)
with caught():
    try:
        print("ready", flush=True)
        time.sleep(60)
    finally:
        print("unwinding", flush=True)
        time.sleep(60)
"""


def test_the_second_signal_ends_at_once() -> None:
    """While the first Ctrl-C is still unwinding, another one ends the process."""
    with subprocess.Popen([sys.executable, "-c", SLOW_TO_UNWIND], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for said in ("ready\n", "unwinding\n"):
            assert process.stdout.readline() == said
            process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130


@contextmanager
def running(folder: Path, *options: str) -> "Iterator[subprocess.Popen[str]]":
    """A run of a study that would take minutes, from the moment that it trains."""
    command = [COMMAND, "study", "run", "cifar-bn", *SMALL, "--set", "training.epochs=5000", *options]
    heed = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)  # noqa: E731  # A shell's background jobs ignore it.
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=heed
    ) as process:
        assert process.stderr is not None
        try:
            for line in process.stderr:
                if line.startswith("stage only"):
                    time.sleep(0.5)
                    break
            yield process
        finally:
            process.kill()


def _with_both_workers(driver: int) -> list[psutil.Process]:
    """What a run has started: two workers and their parent, which has to load PyTorch before."""
    deadline = time.monotonic() + 30
    while len(found := psutil.Process(driver).children(recursive=True)) < 3 and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_run_says_how_to_go_on(number: signal.Signals, code: int, folder: Path) -> None:
    """A run that is stopped ends its workers, keeps its trials, and names the command that goes on."""
    storage = "sqlite:///my studies.db"
    with running(folder, "--workers", "2", "--storage", storage) as process:
        workers = _with_both_workers(process.pid)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (code, "")
    assert err.splitlines()[-1] == f"Stopped; nothing is lost. Go on with: hpo study run --storage '{storage}' cifar-bn"
    assert len(workers) == 3
    assert not [worker for worker in workers if worker.is_running() and worker.status() != psutil.STATUS_ZOMBIE]
    shown = subprocess.run(
        [COMMAND, "study", "show", "cifar-bn", "--storage", storage], cwd=folder, capture_output=True, text=True
    )
    assert re.search(r"^state +[1-4] trials? still to do", shown.stdout, re.MULTILINE)
