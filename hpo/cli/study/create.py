"""`hpo study create`."""

from typing import TYPE_CHECKING

from .. import options
from ..figures import counted
from ..output import say
from .asked import Asked, assignments
from .asked import create as store
from .going_on import command

if TYPE_CHECKING:
    from ...spec import FactorySpec, StudySpec


def create(
    study: options.Study,
    name: options.Name = None,
    storage: options.Storage = options.DEFAULT_STORAGE,
    data: options.Data = None,
    seed: options.Seed = None,
    settings: options.Set = None,
) -> None:
    """Store a new study without running it."""
    from ...findings import out_of_reach
    from ...spec import FactorySpec
    from ...spec.notes import notes

    asked = Asked(study, storage, name, data, assignments(settings, seed=seed))
    spec = asked.fresh()
    if isinstance(spec.model, FactorySpec):
        _try_network(spec, spec.model)
    stored = store(asked, spec)
    count = f"{counted(stored.spec.trials, 'trial')} in {counted(len(stored.spec.stage), 'stage')}"
    say(*notes(stored.spec), *out_of_reach(stored.spec))
    say(f"created study '{stored.name}' in {stored.database.address}: {count}; run it with: {command(stored.name, storage)}")


def _try_network(spec: "StudySpec", model: "FactorySpec") -> None:
    """Build and train the user's network for a moment; where the images are elsewhere, see that its factory is there."""
    from ... import engines
    from ...checking import refuse_unfit
    from ...data import prepare
    from ...errors import DataUnavailable
    from ...training.importing import factory_of

    try:
        images = prepare(spec.data, say=say)
    except DataUnavailable:
        factory_of(model)
        return
    refuse_unfit(engines.make("serial", work=engines.CHECKING), spec, images)
