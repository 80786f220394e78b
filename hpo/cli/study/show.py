"""`hpo study show`."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from .. import options
from ..figures import counted, significant
from ..output import tell, write_json
from . import confirm, forecasting, foreign
from .answered import answer
from .comparing import flat
from .explaining import named_storage, own_or_any
from .going_on import command
from .results import best_trials, print_front, print_stages

if TYPE_CHECKING:
    from ...runner import StageState, StoredStudy
    from ...space import Parameter

_SECTIONS = ("data", "model", "training", "search")


def show(study: options.AnyStudy, storage: options.Storage = options.DEFAULT_STORAGE, as_json: options.Json = False) -> None:
    """Show a study: its protocol, its stages with their best trials, how to go on, and its answer in three sentences."""
    from ...runner import StoredStudy
    from ...storage import hidden

    stored = own_or_any(study, storage)
    if not isinstance(stored, StoredStudy):
        if as_json:
            write_json({"study": foreign.study_record(stored, hidden(storage))})
        else:
            foreign.print_study(stored)
        return
    if as_json:
        from ... import report

        write_json({"study": {**_record(stored), **report.plain(report.explain(stored.optuna, named_storage(storage)))}})
        return
    tell(*(*_protocol(stored), *_boxes(stored), ""))
    print_stages(stored)
    _front(stored)
    confirmed = [found for found in (forecasting.line(stored), confirm.line(stored)) if found]
    tell(*(*_state(stored, storage), *confirmed, "", *answer(stored, named_storage(storage))))


def _front(stored: "StoredStudy") -> None:
    """The trials to choose among, of a study of two objectives."""
    from ...analysis.pareto import Front, front
    from ...analysis.reading import read

    found = front(read(stored.optuna).search) if stored.spec.search.against is not None else None
    if isinstance(found, Front):
        print_front(stored, [int(number) for number in found.numbers])


def _protocol(stored: "StoredStudy") -> list[str]:
    from ...spec.reading import tree_of

    spec, tree = stored.spec, tree_of(stored.spec)
    sections = {name: ", ".join(f"{key} = {value}" for key, value in flat(tree.get(name, {})) if key) for name in _SECTIONS}
    lines = [f"{stored.name}: {spec.title}", *([f"source    {spec.source}"] if spec.source else [])]
    lines += [f"{name:<9} {text}" for name, text in sections.items() if text]
    lines += [f"space     {name}: {_range(parameter)}" for name, parameter in spec.space.items()]
    lines += [f"images    {note}" for note in _notes(stored)]
    if stored.execution is not None:
        lines.append("jobs      " + ", ".join(f"{key} = {value}" for key, value in flat(stored.execution.model_dump()) if value))
    return [*lines, f"seed      {spec.seed}"]


def _notes(stored: "StoredStudy") -> list[str]:
    """What was done to the images to fit them to the study; empty before its first run."""
    from ...attributes import DATA

    return list(stored.optuna.user_attrs.get(DATA, {}).get("notes", ()))


def _range(parameter: "Parameter") -> str:
    from ...analysis.choices import text

    if parameter.choices is not None:
        return " | ".join(map(text, parameter.choices))
    if parameter.values is not None:
        return ", ".join(map(significant, parameter.values))
    low, high = parameter.ends
    steps = "" if parameter.step is None else f" in steps of {parameter.step:g}"
    return f"{low:g} to {parameter.last if steps else high:g}{steps}" + (", log" if parameter.log else "")


def _boxes(stored: "StoredStudy") -> Iterator[str]:
    for stage, state in zip(stored.spec.stage, stored.stages(), strict=True):
        box = stage.box if state.box is None else state.box
        where = ", ".join(f"{name} from {low:g} to {high:g}" for name, (low, high) in box.items()) or "the whole space"
        if stage.narrow is not None:
            best = f"around the best {stage.narrow.keep} trials"
            where = f"{best}, when it begins" if state.box is None else f"{where}, {best} ({', '.join(map(str, state.kept))})"
        yield f"stage     {state.name}: {counted(state.trials, 'trial')}, {where}"
        yield from (f"          {note}" for note in state.notes)


def _state(stored: "StoredStudy", storage: str) -> list[str]:
    from ...runner import trial_table_hash
    from ...runner.tally import left_alone

    missing = stored.missing()
    going_on = f"{counted(missing, 'trial')} still to do" if missing else "complete; --trials N asks for N more"
    lines = ["", f"state     {going_on}: {command(stored.name, storage)}", f"hash      {trial_table_hash(stored.optuna)}"]
    lines += _evidence(stored)
    if count := _others(stored):
        lines.append(f"others    {left_alone(count)}")
    if count := _asynchronous(stored):
        lines.append(f"order     {counted(count, 'trial')} asked when there was room: no run repeats them exactly")
    return lines


def _evidence(stored: "StoredStudy") -> list[str]:
    """What was trained after the search; nothing where that is nothing."""
    from ...attributes import networks_of
    from ...findings.wording import evidence

    after = [len(networks_of(trial) or ()) for trial in stored.evidence()]
    return [f"evidence  {counted(len(stored.trials()), 'trial')}, and {evidence(after)}"] if after else []


def _asynchronous(stored: "StoredStudy") -> int:
    from ...attributes import asynchronous

    return sum(map(asynchronous, stored.trials()))


def _others(stored: "StoredStudy") -> int:
    from ...runner.enqueuing import of_others

    return of_others(stored.now())


def _record(stored: "StoredStudy") -> dict[str, Any]:
    from ...runner import trial_table_hash
    from ...spec.reading import tree_of

    return {
        "name": stored.name,
        "storage": str(stored.database.address),
        "spec": tree_of(stored.spec),
        "execution": None if stored.execution is None else stored.execution.model_dump(mode="json"),
        "stages": [_stage_record(stored, state) for state in stored.stages()],
        "missing": stored.missing(),
        "confirmation": _confirmation(stored),
        "forecast": forecasting.record(stored),
        "notes": _notes(stored),
        "asynchronous": _asynchronous(stored),
        "evidence": len(stored.evidence()),
        "of_others": _others(stored),
        "trial_table_hash": trial_table_hash(stored.optuna),
    }


def _confirmation(stored: "StoredStudy") -> dict[str, Any] | None:
    from ...race import confirmations

    found = confirmations(stored.optuna.user_attrs)
    return confirm.record(stored, found[-1]) if found else None


def _stage_record(stored: "StoredStudy", state: "StageState") -> dict[str, Any]:
    from ...attributes import value_of
    from ...space import as_written

    best = best_trials(stored, state.name)
    return {
        "name": state.name,
        "trials": state.trials,
        "told": state.told,
        "box": None if state.box is None else {name: list(ends) for name, ends in state.box.items()},
        "kept": list(state.kept),
        "notes": list(state.notes),
        "outcomes": dict(state.outcomes),
        "best": [
            {
                "number": trial.number,
                "value": value_of(trial),
                "epochs": trial.last_step,
                "params": as_written(trial.params, trial.distributions),
            }
            for trial in best
        ],
    }
