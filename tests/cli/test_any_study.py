"""What holds for any study file, and for any bytes in the place of one."""

from itertools import count
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as some

from hpo import catalog
from hpo.cli import main
from hpo.errors import HpoError
from hpo.spec import StudySpec, dump, load

from ..fakes.any_study import studies
from .conftest import Call
from .faulty_inputs import STUDY

NUMBERS = count()


def few(examples: int) -> settings:
    """So many examples, and ten times as many with `--hypothesis-profile=chaos`.

    The fixtures stay as they are from one example to the next: one storage holds all the studies.
    """
    more = 10 if settings.get_current_profile_name() == "chaos" else 1
    return settings(max_examples=more * examples, suppress_health_check=[HealthCheck.function_scoped_fixture])


@few(8)
@given(spec=studies())
def test_any_study_goes_in_and_out_equal(hpo: Call, spec: StudySpec) -> None:
    """A study file that is valid can be stored, shown and exported, and reads back equal."""
    name = f"study-{next(NUMBERS)}"
    Path(f"{name}.toml").write_text(dump(spec))
    assert load(Path(f"{name}.toml")) == spec
    assert hpo("study", "create", f"{name}.toml").code == 0
    shown = hpo("study", "show", name)
    assert shown.code == 0
    assert all(letter.isprintable() or letter == "\n" for letter in shown.out)
    assert hpo("study", "export", name, "-o", "exported.toml").code == 0
    assert load(Path("exported.toml")) == spec


def refused_or_read(content: bytes) -> None:
    """A study, or one message."""
    Path("any.toml").write_bytes(content)
    try:
        answer: object = catalog.resolve("any.toml")
    except HpoError as error:
        answer = str(error)
    assert isinstance(answer, StudySpec) or str(answer).startswith("any.toml: ")


@few(60)
@given(content=some.binary(max_size=300))
@example(b"a = " + b"9" * 5000)
@example(b"\xef\xbb\xbf" + STUDY.encode())
@example(STUDY.encode("utf-16"))
def test_any_bytes_get_an_answer(folder: Path, content: bytes) -> None:
    """Bytes that are no study file are refused with a message."""
    refused_or_read(content)


@few(150)
@given(
    begin=some.integers(0, len(STUDY)),
    length=some.integers(0, 12),
    put=some.text(max_size=6) | some.sampled_from("[]{}=\"'\n-.,#"),
)
def test_any_slip_of_the_pen_gets_an_answer(folder: Path, begin: int, length: int, put: str) -> None:
    """A good study file with a piece of it replaced is read or refused with a message."""
    text = STUDY[:begin] + put + STUDY[begin + length :]
    refused_or_read(text.encode(errors="surrogatepass"))


@few(15)
@given(words=some.lists(some.text(max_size=12), max_size=4))
def test_any_words_get_an_answer(folder: Path, capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    """Whatever is written behind `hpo study`, it ends with an exit code, and with a message unless it is data."""
    code = main(["study", *words])
    assert code in range(7)
    assert capsys.readouterr().err or code == 0 or not words
