"""Commands on a study whose images are not those that it was begun on."""

import optuna
import pytest

from hpo.attributes import DATA

from .conftest import SMALL, Call


@pytest.mark.parametrize(
    "command", [("run", "s", "--trials", "1"), ("test", "s"), ("confirm", "s", "--top", "1", "--seeds", "2")]
)
def test_a_study_begun_under_another_decoding_is_refused_in_words(hpo: Call, command: tuple[str, ...]) -> None:
    """Nothing is trained: exit code 2, what was otherwise, and the way out."""
    assert hpo("study", "run", "cifar-bn", *SMALL, "--name", "s").code == 0
    study = optuna.load_study(study_name="s", storage="sqlite:///hpo.db")
    begun = dict(study.user_attrs[DATA]) | {"sha256": "0" * 64}
    study.set_user_attr(DATA, {key: value for key, value in begun.items() if key != "rule"})
    done = hpo("study", *command)
    assert done.code == 2
    assert "begun on others (SHA-256 000000000000, now" in done.err
    assert "begin anew with another --name" in done.err
    assert "the version of hpo that began the study took them otherwise" in done.err
