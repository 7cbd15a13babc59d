"""Questions in one language to FAQs in another, with encoders that lean to their own language."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from bots.retrieval.across import Across
from bots.retrieval.calibration import ANSWER_THRESHOLD
from bots.retrieval.defaults import default_embedder
from bots.retrieval.embedders import HashingEmbedder
from bots.retrieval.index import FaqIndex
from bots.types import FaqEntry, Language

MODELS = Path(__file__).resolve().parents[3] / "var" / "models"
SENTENCES, MEANING, ENGLISH_ONLY = 12, 32, 16
WIDTHS = (MEANING + 2, ENGLISH_ONLY)
Floats = NDArray[np.float32]


def unit(rows: Floats) -> Floats:
    result: Floats = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return result


def spoken(meanings: Floats, language: Language, rng: np.random.Generator) -> Floats:
    """What encoders make of meanings: much of the language, some of the meaning, and a part that only English has."""
    leaning = np.zeros((len(meanings), 2), dtype=np.float32)
    leaning[:, language != "en"] = 2.0
    noisy = meanings + 0.1 * rng.standard_normal(meanings.shape).astype(np.float32)
    shared = unit(np.hstack([noisy, leaning])) * np.float32(0.5**0.5)
    other = unit(rng.standard_normal((len(meanings), ENGLISH_ONLY)).astype(np.float32)) * np.float32(0.5**0.5)
    return np.hstack([shared, other if language == "en" else np.zeros_like(other)]).astype(np.float32)


def meanings(rng: np.random.Generator, count: int) -> Floats:
    return unit(rng.standard_normal((count, MEANING)).astype(np.float32))


def background(rng: np.random.Generator) -> Mapping[Language, Floats]:
    said = meanings(rng, SENTENCES)
    return {"en": spoken(said, "en", rng), "zh-hans": spoken(said, "zh-hans", rng)}


def test_a_translation_is_nearer_than_everything_of_the_own_language() -> None:
    rng = np.random.default_rng(5)
    asked = meanings(rng, 20)
    english, chinese = spoken(asked, "en", rng), spoken(meanings(rng, 20), "zh-hans", rng)
    rows, languages = np.concatenate([english, chinese]), np.repeat([0, 1], 20)
    across = Across.of(rows, languages, background(rng), WIDTHS)
    assert across is not None
    assert across.rows.shape == (40, MEANING + 2)
    questions = spoken(asked, "zh-hans", rng)
    # By their plain cosines every question is nearest to some Chinese row that means something else.
    assert ((questions @ rows.T).argmax(axis=1) >= 20).all()
    found = [int(across.similarities(question, "zh-hans").argmax()) for question in questions]
    assert found == list(range(20))
    same = np.mean([across.similarities(question, "zh-hans")[row] for row, question in enumerate(questions)])
    assert same == pytest.approx(1.0, abs=0.15)


def test_encoders_that_know_no_second_language_say_nothing_across() -> None:
    rng = np.random.default_rng(5)
    apart: Mapping[Language, Floats] = {
        "en": spoken(meanings(rng, SENTENCES), "en", rng),
        "zh-hans": spoken(meanings(rng, SENTENCES), "zh-hans", rng),
    }
    rows = spoken(meanings(rng, 3), "en", rng)
    assert Across.of(rows, np.zeros(3, dtype=np.int64), apart, WIDTHS) is None
    no_chinese: Mapping[Language, Floats] = {"en": apart["en"], "zh-hans": np.zeros_like(apart["en"])}
    assert Across.of(rows, np.zeros(3, dtype=np.int64), no_chinese, WIDTHS) is None


def entry(id_: str, language: Language, *texts: str) -> FaqEntry:
    return FaqEntry(id_, 1, language, texts[0], "An answer.", texts[1:])


def test_what_it_takes_is_kept_for_shops_that_lack_a_translation_alone() -> None:
    embedder = HashingEmbedder(64)
    both = [entry("a", "en", "Where is my parcel?"), entry("a", "zh-hans", "我的包裹在哪")]
    index = FaqIndex.build(both, embedder)
    index.search("我的包裹在哪", language="zh-hans", embedder=embedder)
    assert "_across" not in vars(index)
    lacking = FaqIndex.build(both[:1], embedder)
    assert lacking.search("我的包裹在哪", language="zh-hans", embedder=embedder)[0].entry.id == "a"
    assert "_across" in vars(lacking)


@pytest.mark.timeout(600)  # where no vector is cached yet
@pytest.mark.models
def test_a_chinese_question_finds_an_english_faq_among_chinese_ones_and_the_other_way_round() -> None:
    embedder = default_embedder(MODELS)
    bikes = [
        entry("test-ride", "en", "Can I test ride bikes?"),
        entry("dog", "en", "Can I bring my dog into your shop?"),
        entry("stolen", "en", "My bike was stolen what should I do?"),
        entry("return", "zh-hans", "怎么退货？", "可以退货吗", "退货流程"),
        entry("pay", "zh-hans", "支持哪些付款方式？", "能用信用卡吗", "可以用微信付款吗"),
        entry("parts", "zh-hans", "可以买配件吗？", "瓶盖丢了能单买吗", "帐篷杆断了有配件吗"),
        entry("time", "zh-hans", "多久能送到？", "几天到货", "什么时候能收到"),
    ]
    index = FaqIndex.build(bikes, embedder)
    for question, faq, language in (
        ("可以试骑自行车吗", "test-ride", "zh-hans"),
        ("自行车被偷了怎么办", "stolen", "zh-hans"),
        ("我能带我的狗进店吗", "dog", "zh-hans"),
        ("How can I pay, do you take credit cards?", "pay", "en"),
    ):
        best, *others = index.search(question, language=language, embedder=embedder)  # type: ignore[arg-type]
        assert (best.entry.id, best.score >= ANSWER_THRESHOLD) == (faq, True), question
        assert all(hit.score < ANSWER_THRESHOLD for hit in others)
    assert index.search("帐篷杆断了怎么办", language="zh-hans", embedder=embedder)[0].entry.id == "parts"
    assert index.search("你觉得人生的意义是什么", language="zh-hans", embedder=embedder)[0].score < ANSWER_THRESHOLD
