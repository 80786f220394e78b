"""`hpo study create`."""

from .. import options
from ..figures import counted
from ..output import say
from .asked import Asked, assignments
from .asked import create as store
from .going_on import command


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
        from ... import engines
        from ...checking import refuse_unfit
        from ...data import prepare

        refuse_unfit(engines.make("serial", work=engines.CHECKING), spec, prepare(spec.data, say=say))
    stored = store(asked, spec)
    count = f"{counted(stored.spec.trials, 'trial')} in {counted(len(stored.spec.stage), 'stage')}"
    say(*notes(stored.spec), *out_of_reach(stored.spec))
    say(f"created study '{stored.name}' in {stored.database.address}: {count}; run it with: {command(stored.name, storage)}")
