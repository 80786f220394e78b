"""A study as a plain Optuna objective, for any stock study, sampler, pruner and storage."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import catalog
from .attributes import CONSTRAINT, DIVERGENCE, OUTCOME
from .data import Prepared, prepare
from .spec import StudySpec
from .training import Job, Lane

if TYPE_CHECKING:
    import optuna

    from .training.trainer import Trainer


def objective(
    study: str | Path | StudySpec, *, data: str | None = None, seed: int | None = None
) -> "Callable[[optuna.trial.BaseTrial], float]":
    """The objective of a study: a built-in's name, the path of a study file, or a StudySpec.

    It suggests the parameters of the study's space, trains one network for every replicate, reports the metric after each epoch,
    honours `should_prune`, and returns the metric after the last epoch. A diverged trial is pruned, with the reason in its user
    attributes, and tells the sampler through the constraint `diverged`. The direction of your Optuna study has to be that of the
    metric: `direction` of the returned objective. Raises NotFound, InvalidSpec and DataUnavailable as the command line does.

        >>> study = optuna.create_study(direction="maximize")
        >>> study.optimize(hpo.objective("cifar-bn", data="digits"), n_trials=20)
    """
    spec = study if isinstance(study, StudySpec) else catalog.resolve(str(study))
    changes: dict[str, Any] = {} if seed is None else {"seed": seed}
    if data is not None:
        changes["data"] = spec.data.using(data)
    spec = spec.model_copy(update=changes)
    return Objective(spec, prepare(spec.data))


@dataclass(frozen=True)
class Objective:
    """Trains one trial after the other in this process; can be pickled for Optuna's own parallel runs."""

    spec: StudySpec
    data: Prepared = field(repr=False)

    @property
    def direction(self) -> str:
        """Optuna's word for the better end of the metric."""
        return self.spec.search.direction

    def __call__(self, trial: "optuna.trial.BaseTrial") -> float:
        """The metric after the last epoch, or the best one where the study wants that; the mean over the replicates.

        Raises optuna.TrialPruned.
        """
        from .training.arithmetic import exact

        with exact("cpu"):
            return self._train(trial)

    def _train(self, trial: "optuna.trial.BaseTrial") -> float:
        import optuna

        trainer = self._trainer(trial)
        value, best = float("nan"), max if self.direction == "maximize" else min
        for epoch in range(trainer.job.end):
            if epoch and trainer.out_of_time:
                break
            trainer.epoch(epoch)
            if any(map(trainer.divergence, range(len(trainer.job.lanes)))):
                _tell_divergence(trial, trainer)
                raise optuna.TrialPruned("diverged")
            reported = self._value(trainer)
            value = best(value, reported) if self.spec.search.value == "best" and epoch else reported
            trial.report(reported, epoch + 1)
            if trial.should_prune():
                trial.set_constraint(CONSTRAINT, 0)
                raise optuna.TrialPruned(f"pruned after epoch {epoch + 1}")
        trial.set_constraint(CONSTRAINT, 0)
        return value

    def _trainer(self, trial: "optuna.trial.BaseTrial") -> "Trainer":
        from .training.trainer import Trainer

        model, training = self.spec.settings({name: self._suggest(trial, name) for name in self.spec.space})
        lanes = tuple(Lane(trial.number, replicate, model, training) for replicate in range(self.spec.search.replicates))
        return Trainer(Job(self.spec.seed, self.data, lanes, 0, training.total_epochs(len(self.data.train))))

    def _suggest(self, trial: "optuna.trial.BaseTrial", name: str) -> Any:
        parameter = self.spec.space[name]
        if parameter.choices is not None:
            return trial.suggest_categorical(name, parameter.choices)
        low, last = parameter.ends[0], parameter.last  # Optuna warns at each trial where the step does not divide the range.
        if parameter.whole:
            return trial.suggest_int(name, int(low), int(last), log=parameter.log, step=int(parameter.step or 1))
        return parameter.written(trial.suggest_float(name, low, last, log=parameter.log, step=parameter.step))

    def _value(self, trainer: "Trainer") -> float:
        replicates = [trainer.metrics(place) for place in range(len(trainer.job.lanes))]
        return sum(float(getattr(each, self.spec.search.metric)) for each in replicates) / len(replicates)


def _tell_divergence(trial: "optuna.trial.BaseTrial", trainer: "Trainer") -> None:
    replicate, found = next((place, d) for place in range(len(trainer.job.lanes)) if (d := trainer.divergence(place)))
    trial.set_user_attr(DIVERGENCE, {**found._asdict(), "replicate": replicate})
    trial.set_user_attr(OUTCOME, "diverged")
    trial.set_constraint(CONSTRAINT, 1)
