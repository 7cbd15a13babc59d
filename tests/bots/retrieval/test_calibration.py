from __future__ import annotations

import numpy as np
import pytest

from bots.retrieval.calibration import Calibration, calibration_of, leads


def test_the_score_is_logistic_in_relevance_and_lead() -> None:
    calibration = Calibration(lexical_weight=1.0, relevance_weight=0.5, lead_weight=2.0, intercept=-1.0)
    assert calibration.score(2.0, 0.0) == 0.5
    assert calibration.score(2.0, 0.5) == pytest.approx(1 / (1 + np.exp(-1)))
    assert calibration.score(1e9, 1e9) <= 1.0
    assert calibration.score(-1e9, -1e9) >= 0.0


def test_the_lead_is_over_the_mean_of_the_five_strongest_others() -> None:
    faqs = np.array([6.0, 3.0, -2.0], dtype=np.float32)
    background = np.array([1.0, 2.0, 0.0, -1.0, -5.0], dtype=np.float32)
    assert leads(faqs, background).tolist() == pytest.approx(
        [6 - (3 + 2 + 1 + 0 - 1) / 5, 3 - (6 + 2 + 1 + 0 - 1) / 5, -2 - (6 + 3 + 2 + 1 + 0) / 5]
    )


@pytest.mark.parametrize("name", ["hashing-1024", "multilingual-e5-small", "BAAI/bge-m3"])
def test_a_better_match_never_scores_less(name: str) -> None:
    calibration = calibration_of(name)
    assert calibration.relevance_weight >= 0.0
    assert calibration.lead_weight > 0.0
    assert calibration.lexical_weight > 0.0
