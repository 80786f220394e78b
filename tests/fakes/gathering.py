"""Evidence that tests ask for: two batches, which depend on what is stored alone."""

from hpo.attributes import cohort_of
from hpo.runner import Batch
from hpo.runner.stored import Moment


def batches(now: Moment) -> Batch | None:
    """The first trial's point and the last one's again, on two networks each; then three points on one network, for a claim."""
    stage, trials = now.study.spec.stage[-1].name, now.trials(now.study.spec.stage[-1].name)
    asked = len({cohort_of(trial) for trial in now.evidence})
    if asked == 0:
        return Batch("answer", stage, [trials[0].params, trials[-1].params], 2, "evidence: two points again")
    if asked == 1:
        return Batch("claims", stage, [trial.params for trial in trials[:3]], 1, "evidence: for a claim", ("key",))
    return None
