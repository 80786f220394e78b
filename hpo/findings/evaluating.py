"""Claims put to the trials, corrected for how often one looks at them and for how many there are."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import isfinite

from pydantic import ValidationError

from ..analysis.holm import holm
from ..analysis.table import Table
from ..errors import InvalidSpec, UsageError, unknown
from ..spec import FindingSpec, FindingTest
from ..spec.wording import plain
from .checking import parse
from .finding import LEVEL, Evidence, Finding, Undecidable, Verdict
from .looks import key, looks, weight
from .options import Test
from .registry import KINDS
from .wording import counted


def evaluate(table: Table, findings: Sequence[FindingSpec]) -> list[Finding]:
    """The verdicts on claims, in their order: each by all looks at it, then corrected together by Holm's method.

    Derived quantities that the claims speak of must be columns of the table (hpo.analysis.derived). Raises InvalidSpec for a
    test that is not well put; `check` finds such faults before.
    """
    return correct([_one(table, finding) for finding in findings], caveats(table))


def _one(table: Table, finding: FindingSpec) -> tuple[Finding, Evidence | None]:
    kind = finding.test.kind
    if kind not in KINDS:
        raise InvalidSpec(f"claim '{finding.claim}'", [unknown("kind of test", kind, KINDS)])
    try:
        options = parse(finding.test)
    except ValidationError as error:
        raise InvalidSpec(f"claim '{finding.claim}'", [plain([detail]) for detail in error.errors()]) from None
    seen = list(looked(table, finding.test, options))
    known = [look for look in seen if not isinstance(look, Exception)]
    if not known:
        assert isinstance(seen[-1], Exception)
        return undecided(finding.claim, kind, seen[-1], finding.printed), None
    smallest, last = min(known, key=lambda look: look.p), known[-1]
    shown = decided(finding.claim, kind, last._replace(p=smallest.p), finding.printed)
    return shown, smallest._replace(more=lambda level: last.more(level * weight(len(seen) if len(seen) > 1 else 0)))


def looked(table: Table, test: FindingTest, options: Test) -> Iterator[Evidence | Exception]:
    """What each look says, its p divided by its share; why, where it says nothing."""
    measure = KINDS[test.kind].measure
    for look, then in enumerate(looks(table, key(test))):
        try:
            found = measure(then, options)
        except (Undecidable, UsageError) as reason:
            yield reason
            continue
        after = int((then.evidence != "").sum())
        notes = (f"{counted(after, 'trial')} of evidence after the search, look {look} at them",) if look else ()
        yield found._replace(p=min(1.0, found.p / weight(look)), notes=(*found.notes, *notes))


def undecided(claim: str, kind: str, reason: Exception, printed: str | None = None) -> Finding:
    """The finding of a claim that the trials say nothing about."""
    n, more = (reason.n, reason.more) if isinstance(reason, Undecidable) else (0, None)
    text = str(reason)
    return Finding(
        claim=claim, kind=kind, sentence=f"{text[:1].upper()}{text[1:]}.", verdict="not enough evidence",
        effect=None, low=None, high=None, n=n, p=None, corrected=None, more_trials=more,
        exploratory=False, source=KINDS[kind].source, printed=printed,
    )  # fmt: skip


def decided(claim: str, kind: str, evidence: Evidence, printed: str | None = None, exploratory: bool = False) -> Finding:
    """The finding of a claim by itself; `correct` gives it its verdict."""
    effect, low, high = _finite(evidence)
    return Finding(
        claim=claim, kind=kind, sentence=evidence.sentence, verdict="not enough evidence",
        effect=effect, low=low, high=high, n=evidence.n, p=evidence.p, corrected=None, more_trials=None,
        exploratory=exploratory, source=KINDS[kind].source, printed=printed, notes=evidence.notes,
    )  # fmt: skip


def _finite(evidence: Evidence) -> tuple[float | None, ...]:
    return tuple(value if isfinite(value) else None for value in (evidence.effect, evidence.low, evidence.high))


def correct(pairs: Sequence[tuple[Finding, Evidence | None]], notes: tuple[str, ...]) -> list[Finding]:
    """Verdicts by p values corrected for all the tests together."""
    corrected = holm([evidence.p for _, evidence in pairs if evidence is not None])
    level = LEVEL / max(1, len(corrected))
    next_ = iter(corrected)
    return [found if evidence is None else _judged(found, evidence, next(next_), level, notes) for found, evidence in pairs]


def _judged(finding: Finding, evidence: Evidence, corrected: float, level: float, notes: tuple[str, ...]) -> Finding:
    """`level`: where a claim gets its verdict even if no other one has. A verdict comes with what the look says that gave it."""
    if corrected > LEVEL:
        return replace(finding, corrected=corrected, more_trials=evidence.more(level), notes=(*finding.notes, *notes))
    verdict: Verdict = "supported" if evidence.holds else "contradicted"
    effect, low, high = _finite(evidence)
    return replace(
        finding, verdict=verdict, corrected=corrected, notes=(*evidence.notes, *notes),
        sentence=evidence.sentence, effect=effect, low=low, high=high, n=evidence.n,
    )  # fmt: skip


def caveats(table: Table) -> tuple[str, ...]:
    """What holds for every finding of a study because of how its trials were chosen."""
    if table.independent:
        return ()
    who = f"the {table.sampler} sampler chose" if table.sampler else "the sampler is not known and may have chosen"
    return (f"{who} later trials by the values of earlier ones, so that trials are not independent",)
