"""A run goes on with evidence once its search has ended: for the answer first, then for claims, within its share."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hpo.analysis.table import Table
from hpo.attributes import SPEC, cohort_of, evidence_of, networks_of, place_of
from hpo.engines.processes import Processes
from hpo.runner import StoredStudy, load, sharing, trial_table_hash
from hpo.runner.events import Event, Noted
from hpo.runner.evidence import Point
from hpo.runner.stored import Moment
from hpo.settling import AfterSearch
from hpo.settling.candidates import candidates
from hpo.settling.spending import steps_of
from hpo.storage import connect

from ..runner.conftest import WORK, train
from .test_settling import BETTER, stating

Make = Callable[..., StoredStudy]

AFTER = AfterSearch(candidates)


def two(now: Moment, table: Table, count: int) -> list[Point]:
    """The first two trials, over and over."""
    return [trial.params for trial in now.trials()[:2]] * count


def after(study: StoredStudy) -> list[tuple[str | None, tuple[int, ...] | None]]:
    """Purpose and networks of each trial of evidence."""
    return [(evidence_of(trial), networks_of(trial)) for trial in study.anew().evidence()]


def search(share: Any, **more: Any) -> dict[str, Any]:
    """A search with this share for evidence."""
    return {"evidence": share, **more}


def test_the_answer_comes_first_and_then_the_claims(stored: Make) -> None:
    """Settings that may be the best, in two rounds on fresh seeds, said in plain words; then claims."""
    notes: list[str] = []
    study = stored(**stating(BETTER, search=search(10)))
    train(study, gathering=AFTER, display=lambda event: notes.append(event.note) if isinstance(event, Noted) else None)
    purposes = [purpose for purpose, _ in after(study)]
    of_answer = purposes.count("answer")
    assert of_answer >= 4
    assert set(purposes[:of_answer]) == {"answer"}
    assert set(purposes[of_answer:]) == {"claims"}
    evidence = study.anew().evidence()[:of_answer]
    assert len({cohort_of(trial) for trial in evidence}) == 2
    assert all(min(networks_of(trial) or ()) >= 1 for trial in evidence)
    assert [note.endswith("that may be the best, each on a fresh seed") for note in notes[:3]] == [True, True, False]
    assert notes[2].startswith("claim 1: ")


SHARES: list[tuple[Any, int]] = [(0, 0), (0.1, 0), (0.25, 2), ("auto", 2), (0.5, 2), (1, 4)]


@pytest.mark.parametrize(("share", "expected"), SHARES)
def test_it_keeps_within_its_share(stored: Make, share: Any, expected: int) -> None:
    """Of twelve trials a quarter are three networks, here at two points; 0 switches it off; `auto` is a quarter."""
    study = stored(**stating(search=search(share), stage=[{"name": "wide", "trials": 12}]))
    train(study, gathering=AfterSearch(two))
    assert [purpose for purpose, _ in after(study)] == ["answer"] * expected
    now = study.anew().now()
    assert steps_of(now, now.evidence) <= (0.25 if share == "auto" else share) * steps_of(now, now.trials())


def test_a_search_that_has_not_ended_has_none(stored: Make) -> None:
    """Neither a run that was stopped by its number of trials nor one that a rule ended goes on with evidence."""
    from hpo.runner import StopRules

    study = stored(**stating(search=search(1)))
    train(study, trials=5, gathering=AFTER)
    assert after(study) == []
    train(study, gathering=AFTER, rules=StopRules(until=0.01))
    assert (study.missing(), after(study)) == (3, [])
    train(study, gathering=AFTER)
    assert after(study)


def test_it_is_asked_once_for_a_search_of_one_size(stored: Make) -> None:
    """Running again asks for no more; after more trials of the search there may be more, on fresh seeds."""
    study = stored(**stating(search=search(2)))
    train(study, gathering=AfterSearch(two))
    first = after(study)
    assert [purpose for purpose, _ in first] == ["answer"] * 4
    train(study, gathering=AfterSearch(two))
    assert after(study) == first
    train(study, trials=8, gathering=AfterSearch(two))
    train(study, gathering=AfterSearch(two))
    later = after(study)
    assert later[:4] == first
    assert len(later) == 8
    assert {networks for _, networks in later[4:]}.isdisjoint({networks for _, networks in first})


def test_the_same_after_interruptions_and_on_two_workers(stored: Make) -> None:
    """Stopped again and again, here or on workers: the table of a run that was not."""
    sections = stating(BETTER, search=search(6, pruner="successive-halving"))
    whole, study = stored(name="whole", **sections), stored(name="stopped", **sections)
    train(whole, gathering=AFTER)
    for count in range(40):
        heard = 0

        def interrupt(event: Event, last: int = 8 + 3 * count) -> None:
            nonlocal heard
            heard += 1
            if heard == last:
                raise KeyboardInterrupt

        try:
            engine = Processes(2, WORK) if count % 4 == 3 else None
            train(study.anew(), engine, gathering=AFTER, display=interrupt)
            break
        except KeyboardInterrupt:
            continue
    assert after(whole)
    assert trial_table_hash(study.anew().optuna) == trial_table_hash(whole.anew().optuna)


def test_two_drivers_give_what_one_gives(stored: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two runs of a study at once ask for each batch once, and end with the table of one."""
    monkeypatch.setattr(sharing, "LOOKED_EVERY", 0.05)
    sections = stating(BETTER, search=search(6, pruner="successive-halving"))
    whole, study = stored(name="whole", **sections), stored(name="shared", **sections)
    train(whole, gathering=AFTER)
    monkeypatch.setenv("FAKE_SECONDS", "0.005")

    def drive(_: int) -> int:
        own = load(connect(study.database.address.url, "write"), study.name)
        return train(own, gathering=AFTER).evidence

    with ThreadPoolExecutor(2) as threads:
        assert sum(threads.map(drive, range(2))) == len(after(whole))
    assert trial_table_hash(study.anew().optuna) == trial_table_hash(whole.anew().optuna)


def test_the_search_is_what_it_is_without(stored: Make) -> None:
    """With or without evidence the trials of the search are the same."""
    studies = [stored(name=str(share), **stating(BETTER, search=search(share, sampler="tpe"))) for share in (0, 5)]
    for study in studies:
        train(study, gathering=AFTER)
        train(study, trials=6, gathering=AFTER)
    without, with_ = ([(place_of(t), t.params, t.values) for t in study.trials()] for study in studies)
    assert without == with_
    assert after(studies[1])


def test_no_answer_no_evidence_for_it(stored: Make) -> None:
    """Two objectives have no single best, and where nothing completed there is nothing to recommend."""
    costly = stored(**stating(search=search(1, against="parameters")))
    train(costly, gathering=AFTER)
    assert after(costly) == []


def test_studies_begun_before_have_none(stored: Make) -> None:
    """A stored file without the key is one of an earlier version: nothing is added to what it asked for."""
    study = stored(**stating())
    tree = json.loads(json.dumps(study.optuna.user_attrs[SPEC]))
    del tree["study"]["search"]["evidence"]
    study.optuna.set_user_attr(SPEC, tree)
    old = load(connect(study.database.address.url, "write"), study.name)
    assert old.spec.search.evidence == 0
    train(old, gathering=AFTER)
    assert after(old) == []


def test_a_grid_is_recommended_on_its_points(stored: Make) -> None:
    """What the model recommends between the points of a grid is the nearest of them."""
    from .test_settling import GRID

    study = stored(**stating(search=search(5, sampler="grid"), space=GRID))
    train(study, gathering=AFTER)
    assert after(study)
    for trial in study.anew().evidence():
        assert trial.params["eta"] in GRID["eta"]["values"]
        assert trial.params["momentum"] in GRID["momentum"]["values"]
