"""Hard times for a run: each gives the command less than it needs, or stops it, and afterwards puts all right again."""

import os
import random
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import optuna
import psutil

from .command import Done, begin, end, run, staff

RUN = ("study", "run", "study.toml", "--engine", "serial")
WORKERS = ("study", "run", "study.toml", "--engine", "processes", "--workers", "2")
LONGEST_LIFE = 4.0
"""Seconds before a run is struck, at most; most of these studies take a little less."""
FAKETIME = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")

Strike = Callable[[Path, random.Random, int], Done]
"""Runs the study of a folder in hard times, by chance, for that time in a row; what came of it."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One kind of hard times."""

    strike: Strike
    times: int
    codes: frozenset[int]
    """Exit codes that it may have."""
    why_not: str = ""
    """Why it cannot be tried here."""
    spoils: bool = False
    """Whether the study is lost by it, so that the next one begins anew."""


def full_disk(folder: Path, chance: random.Random, time: int) -> Done:
    """A file system with room for a few more pages: rarely enough for all that the run has to write."""
    free = 4096 * chance.randint(0, 12 if (folder / "hpo.db").exists() else 90)
    used = shutil.disk_usage(folder).used
    _resize(folder, max(4096, used + free))
    try:
        return end(begin(folder, *RUN))
    finally:
        _resize(folder, 2**28)


def _resize(folder: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(folder)], check=True)


def large_files(folder: Path, chance: random.Random, time: int) -> Done:
    """A limit to the size of any file."""
    size = 4096 * chance.randint(1, 56)
    return end(begin(folder, *RUN, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))))


def read_only(folder: Path, chance: random.Random, time: int) -> Done:
    """The folder, the database, the checkpoints or the images may not be written, from the start or from some moment on."""
    process = None
    if time % 2:
        process = begin(folder, *RUN, wrapper=_UNPRIVILEGED)
        _wait(process, chance)
    there = [folder, *(place for place in (folder / "hpo.db", folder / "hpo.files", folder / "cache") if place.exists())]
    place = chance.choice(there)
    modes = {path: path.stat().st_mode for path in [place, *(place.rglob("*") if place.is_dir() and place != folder else ())]}
    try:
        for path, mode in modes.items():
            path.chmod(mode & ~0o222)
        return end(process or begin(folder, *RUN, wrapper=_UNPRIVILEGED))
    finally:
        for path, mode in modes.items():
            if path.exists():
                path.chmod(mode)


_UNPRIVILEGED = ("setpriv", "--bounding-set=-dac_override,-dac_read_search") if os.geteuid() == 0 else ()


def few_descriptors(folder: Path, chance: random.Random, time: int) -> Done:
    """So few open files that not all can be had; below 5, Python itself does not start."""
    most = 5 + time % 26
    line = chance.choice([RUN, WORKERS])
    return end(begin(folder, *line, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))))


def little_memory(folder: Path, chance: random.Random, time: int) -> Done:
    """Workers that get no more memory than they have at some moment of the training, and a little.

    Not before: Python itself ends with a traceback where it cannot get its own start into the memory.
    """
    process = begin(folder, *WORKERS)
    said = _at_work(process)
    _wait(process, chance)
    more = chance.choice([0, 2**20, 2**24, 2**27])
    for worker in psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []:
        limit = worker.memory_info().vms + more
        worker.rlimit(psutil.RLIMIT_AS, (limit, limit))
    done = end(process)
    return Done(done.code, said + done.said)


def _at_work(process: "subprocess.Popen[str]") -> str:
    """What a run has said until its stage has begun."""
    assert process.stdout is not None
    lines: list[str] = []
    while process.poll() is None and not (lines and lines[-1].startswith("stage")):
        lines.append(process.stdout.readline())
    return "".join(lines)


def fork_server(how: str) -> Strike:
    """The process that forks into workers is killed, stopped, or gets no more memory; then it is asked for another worker."""

    def strike(folder: Path, chance: random.Random, time: int) -> Done:
        process = begin(folder, *WORKERS)
        said = _at_work(process)
        while process.poll() is None and not staff(process.pid)[1]:
            _wait(process, chance, 0.1)
        _wait(process, chance, 0.5)
        parent, workers = staff(process.pid)
        with suppress(psutil.NoSuchProcess):
            if parent is not None:
                {"killed": parent.kill, "stopped": parent.suspend, "out of memory": lambda: _no_more_memory(parent)}[how]()
            _wait(process, chance, 0.5)
            if workers:
                chance.choice(workers).kill()
        done = end(process)
        return Done(done.code, said + done.said)

    return strike


def _no_more_memory(process: psutil.Process) -> None:
    has = process.memory_info().vms
    process.rlimit(psutil.RLIMIT_AS, (has, has))


def two_drivers(folder: Path, chance: random.Random, time: int) -> Done:
    """Two runs of a study at once, with two workers each; one of them is killed, and the other one goes on."""
    process, other = begin(folder, *WORKERS), begin(folder, *WORKERS)
    _wait(other, chance)
    other.kill()
    other.communicate()
    return end(process)


def deleted_study(folder: Path, chance: random.Random, time: int) -> Done:
    """Stock Optuna deletes the study in mid-run."""

    def delete() -> None:
        storage = optuna.storages.RDBStorage(f"sqlite:///{folder}/hpo.db")
        with suppress(KeyError):
            optuna.delete_study(study_name="study", storage=storage)
        storage.engine.dispose()

    return _in_mid_run(folder, chance, delete)


def flipped_bytes(folder: Path, chance: random.Random, time: int) -> Done:
    """Bits of the database are flipped in mid-run."""
    return _in_mid_run(folder, chance, lambda: _flip(folder / "hpo.db", chance, chance.choice([1, 30, 300])))


def replaced_database(folder: Path, chance: random.Random, time: int) -> Done:
    """The database is replaced by another one, by its own copy or by a text, removed, or moved away in mid-run."""
    file, new = folder / "hpo.db", folder / "new.db"

    def replace() -> None:
        how = time % 5
        if how < 3:
            if how == 0:
                optuna.create_study(study_name="theirs", storage=f"sqlite:///{new}")
            elif how == 1:
                shutil.copy(file, new)
            else:
                new.write_text("text " * 1000)
            new.replace(file)
        elif how == 3:
            file.unlink()
        else:
            file.rename(folder / "moved.db")

    return _in_mid_run(folder, chance, replace)


def _in_mid_run(folder: Path, chance: random.Random, what: Callable[[], None]) -> Done:
    """Something is done while a run trains; what the run and the next commands said, with the first exit code out of place."""
    process = begin(folder, *chance.choice([RUN, WORKERS]))
    said = _at_work(process)
    _wait(process, chance, 0.8)
    what()
    done = end(process)
    after = [run(folder, *line) for line in AFTERWARDS]
    code = next((next_one.code for next_one in after if next_one.code not in (0, 2, 3, 5)), done.code)
    return Done(code, "\n".join([said + done.said, *(f"{next_one.code}: {next_one.said}" for next_one in after)]))


def _flip(file: Path, chance: random.Random, bits: int) -> None:
    content = bytearray(file.read_bytes())
    for _ in range(bits):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    with file.open("r+b") as stream:
        stream.write(content)


def flipped_files(pattern: str) -> Strike:
    """A run is killed, a bit is flipped in files that it has left, and the next run must not be deceived."""

    def strike(folder: Path, chance: random.Random, time: int) -> Done:
        process = begin(folder, *chance.choice([RUN, WORKERS]))
        _at_work(process)
        _wait(process, chance, 1.5)
        process.kill()
        process.communicate()
        for file in folder.glob(pattern):
            _flip(file, chance, 1)
        return run(folder, *chance.choice([RUN, WORKERS]))

    return strike


def clock_back(folder: Path, chance: random.Random, time: int) -> Done:
    """A clock that jumps back by minutes or days while the run goes on."""
    shift = folder / "shift"
    shift.write_text("+0")
    variables = {
        "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(shift), "FAKETIME_NO_CACHE": "1", "DONT_FAKE_MONOTONIC": "1"
    }  # fmt: skip
    process = begin(folder, *chance.choice([RUN, WORKERS]), variables=variables)
    for _ in range(3):
        _wait(process, chance, LONGEST_LIFE / 3)
        shift.write_text(chance.choice(["-90", "-3600", "-86400", "-31536000"]))
    return end(process)


def stopping(*numbers: signal.Signals) -> Strike:
    """Signals, one soon after the other."""

    def strike(folder: Path, chance: random.Random, time: int) -> Done:
        process = begin(folder, *chance.choice([RUN, WORKERS]), preexec_fn=_heed)
        for number in numbers:
            _wait(process, chance, LONGEST_LIFE if number is numbers[0] else 0.2)
            if process.poll() is None:
                process.send_signal(number)
        return end(process)

    return strike


def _heed() -> None:
    """A background job of a shell ignores Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def closed_pipe(folder: Path, chance: random.Random, time: int) -> Done:
    """A reader that leaves after some lines, as `hpo study run 2>&1 | head -n N` does; without them, before the first."""
    process = begin(folder, *RUN)
    assert process.stdout is not None
    said = "".join(process.stdout.readline() for _ in range(time % 14))
    process.stdout.close()
    return Done(process.wait(), said)


def _wait(process: "subprocess.Popen[str]", chance: random.Random, most: float = LONGEST_LIFE) -> None:
    """For a moment by chance, or until it ends."""
    until = time.monotonic() + chance.uniform(0.5, most) if most > 1 else time.monotonic() + chance.uniform(0, most)
    while time.monotonic() < until and process.poll() is None:
        time.sleep(0.02)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A file system of its own in a folder, whose room can be taken away. Wants the right to mount, as in `unshare -rm`."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m", "none", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


AFTERWARDS = (
    ("study", "list"),
    ("study", "show", "study"),
    ("study", "report", "study", "-o", "report.md"),
    ("study", "run", "study", "--engine", "serial", "--trials", "1"),
)
FAILED = frozenset({0, 1, 5, 6})
TROUBLES = {
    "full disk": Trouble(full_disk, 50, FAILED, "" if shutil.which("unshare") else "there is no unshare"),
    "limit of file size": Trouble(large_files, 20, FAILED),
    "read-only": Trouble(read_only, 20, FAILED),
    "few file descriptors": Trouble(few_descriptors, 26, FAILED),
    "worker out of memory": Trouble(little_memory, 12, FAILED | {4}),
    "clock back": Trouble(clock_back, 12, frozenset({0}), "" if FAKETIME.exists() else "there is no libfaketime"),
    "SIGTERM": Trouble(stopping(signal.SIGTERM), 12, frozenset({0, 143})),
    "SIGHUP": Trouble(stopping(signal.SIGHUP), 12, frozenset({0, 129})),
    "SIGINT": Trouble(stopping(signal.SIGINT), 12, frozenset({0, 130})),
    "SIGINT twice": Trouble(stopping(signal.SIGINT, signal.SIGINT), 12, frozenset({0, 130})),
    "closed pipe": Trouble(closed_pipe, 14, frozenset({0, 141})),
    "fork server killed": Trouble(fork_server("killed"), 10, frozenset({0})),
    "fork server stopped": Trouble(fork_server("stopped"), 6, frozenset({0})),
    "fork server out of memory": Trouble(fork_server("out of memory"), 8, FAILED | {4}),
    "two drivers": Trouble(two_drivers, 10, frozenset({0})),
    "deleted study": Trouble(deleted_study, 12, frozenset({0, 3}), spoils=True),
    "flipped database": Trouble(flipped_bytes, 16, frozenset({0, 2, 3, 5}), spoils=True),
    "replaced database": Trouble(replaced_database, 15, frozenset({0, 5}), spoils=True),
    "flipped checkpoints": Trouble(flipped_files("hpo.files/*[0-9a-f]/*"), 10, frozenset({0})),
    "flipped images": Trouble(flipped_files("cache/**/images.npy"), 10, frozenset({0})),
}
