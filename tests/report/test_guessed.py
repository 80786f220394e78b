"""What trials are worth against a guess, in the answer and in the report."""

import numpy as np
import optuna

from hpo.analysis.baseline import Baseline
from hpo.attributes import DATA
from hpo.guess import guess
from hpo.report import Explanation, explain, html, markdown, plain

from ..fakes.made_studies import made


def against(*sizes: int) -> optuna.Study:
    """A made-up study, whose accuracies reach up to 47 %, with validation images of these classes."""
    study = made(50)
    labels = np.repeat(np.arange(len(sizes)), sizes)
    study.set_user_attr(DATA, {"guess": guess(labels, [f"class {place}" for place in range(len(sizes))])._asdict()})
    return study


def test_a_best_trial_at_the_guess_is_not_praised() -> None:
    """Its number and value are told, with what they are worth; nothing is said of luck or of what to expect."""
    explanation = explain(against(60, 240, 100))
    first = explanation.answer[0]
    assert "is no better than a guess, and none of" in first
    assert first.endswith("a guess of the commonest class, 'class 1', is right in 60.00 % of the validation images.")
    assert "luck" not in first
    for page in (html(explanation), markdown(explanation).replace("\\", "")):
        assert "Against a guess" in page
        assert "completed trials is better than that by more than luck" in page


def test_the_guess_stands_beside_a_best_trial_that_is_better() -> None:
    """Where classes are unbalanced; the trials that are better are counted."""
    explanation = explain(against(*[16] * 5, *[40] * 8))
    first = explanation.answer[0]
    assert first.startswith("Take ")
    assert first.endswith("; a guess of the commonest class, 'class 5', is right in 10.00 % of the validation images.")
    found = explanation.baseline
    assert isinstance(found, Baseline)
    values = explanation.table.values[explanation.table.completed, 0]
    assert (found.trials, found.better) == (len(values), int((values > found.bound).sum()))
    assert f"{found.better} of the {found.trials} completed trials are better than that" in markdown(explanation)
    assert plain(explanation)["baseline"]["better"] == found.better


def test_balanced_data_and_older_studies_have_the_answer_that_they_had(explained: dict[str, Explanation]) -> None:
    """Not a word of a guess where every trial is better, or where nobody counted the classes."""
    balanced, older = explain(against(*(40,) * 10)), explained["usual"]
    assert balanced.answer == older.answer
    for explanation in (balanced, older):
        assert "Against a guess" not in html(explanation)


def test_no_trial_of_balanced_data_above_a_guess_is_said() -> None:
    """Of two classes of one size a half is right by chance."""
    first = explain(against(200, 200)).answer[0]
    assert first.endswith("completed trials is: a guess is right in 50.00 % of the validation images.")


def test_what_luck_reaches_is_told_where_the_best_lies_above_the_guess() -> None:
    """On 15 images of five classes 48.6 % are above a guess, but within three of its standard errors."""
    first = explain(against(3, 3, 3, 3, 3)).answer[0]
    assert "no better than a guess" in first
    assert first.endswith("a guess is right in 20.00 % of the validation images; by luck it reaches up to 50.98 %.")
    page = markdown(explain(against(1, 1)))
    assert "by more than luck, which reaches up to 100 % on so many images" in page
