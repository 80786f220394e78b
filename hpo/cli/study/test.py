"""`hpo study test`."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from .. import options
from ..figures import counted, lasting, significant
from ..output import say, starting, tell, write_json
from .asked import stored_study
from .explaining import leave
from .sharing import check_device

if TYPE_CHECKING:
    from ...runner.final import Test

Trial = Annotated[int | None, typer.Option("--trial", metavar="N", help="A trial's number.", show_default="the best")]
Again = Annotated[bool, typer.Option("--again", help="Train and look once more, from other seeds, though there is a result.")]


def final_test(
    study: options.Stored,
    storage: options.Storage = options.DEFAULT_STORAGE,
    trial: Trial = None,
    again: Again = False,
    as_json: options.Json = False,
) -> None:
    """Train the best trial's network by the final protocol and put it to the test images, once.

    The result is stored with the study: asking again shows it.
    """
    starting()
    from ...confirming import best_trial
    from ...runner import final

    stored = stored_study(study, storage)
    number = (best_trial(stored) if trial is None else final.chosen(stored, trial)).number
    on_record = [test for test in final.tests(stored) if test.trial == number]
    found = on_record[-1] if on_record and not again else _look(study, storage, number)
    looks = len(final.tests(stored)) if on_record and not again else found.look + 1
    if as_json:
        write_json({"test": {**asdict(found), "balanced_accuracy": found.balanced_accuracy, "looks": looks}})
        return
    tell(*_lines(found, looks))


def _look(study: str, storage: str, number: int) -> "Test":
    from ...data import prepare
    from ...runner import final, testing
    from ...runner.execution import check_images

    stored = stored_study(study, storage, write=True)
    check_device(stored.execution, stored.name)
    check_images(stored, prepare(stored.spec.data, say=say))
    images = prepare(final.final_data(stored), say=say)
    if (wanted := stored.spec.final.validation or 0) > len(images.validation):
        say(f"final.validation = {wanted:,} would leave nothing to train on: {len(images.validation):,} are kept to validate")
    say(f"training trial {number}'s network on {len(images.train):,} images")
    found = testing.test(stored, images, final.chosen(stored, number), lambda progress: None)
    leave(stored, storage)
    return found


def _lines(test: "Test", looks: int) -> list[str]:
    params = ", ".join(f"{name} {significant(value)}" for name, value in test.params.items())
    return [
        f"trial {test.trial}: {params}",
        f"trained on {test.train:,} images for {counted(test.epochs, 'epoch')} in {lasting(test.seconds)}:"
        f" training {_percent(test.training_accuracy)}, validation {_percent(test.validation_accuracy)}",
        f"test      {_percent(test.accuracy)} of {test.test:,} images right, {_percent(1 - test.accuracy)} wrong"
        f" (standard error {100 * test.error:.2f} points), loss {test.loss:#.4g}",
        *_against_a_guess(test),
        f"network   {test.folder}",
        f"looks     {looks} at the test images of this study so far"
        + ("" if looks == 1 else ": the best of several looks is too good to be believed"),
    ]


def _against_a_guess(test: "Test") -> Iterator[str]:
    """Where the classes are unbalanced, what the accuracy has to beat."""
    from pathlib import Path

    import numpy as np

    from ...analysis.tested import class_names, guess_at

    confusion = np.array(test.confusion)
    guess = guess_at(confusion, class_names(Path(test.folder), len(confusion)))
    if guess.unbalanced:
        yield (
            f"balanced  {_percent(test.balanced_accuracy)}, every class counted alike; a guess of the commonest class,"
            f" '{guess.commonest}', is right in {_percent(guess.share)}"
            + ("" if test.accuracy > guess.accuracy else ", and this network is no better")
        )


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %"
