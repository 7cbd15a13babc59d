"""From similarities to a probability that the found FAQ answers the question.

Cosines are not comparable: multilingual-e5 gives 0.75 to unrelated texts, other encoders 0.1, and a vague question
("hello") is near to everything. So each phrasing is first measured against sentences that no FAQ is about::

    relevance = (cosine(query, phrasing) - mean cosine(query, background)) / spread + lexical_weight * lexical

where the background is in the phrasing's language and ``spread`` is the standard deviation of the embedder's cosines
between different background sentences of one language. An FAQ takes its best phrasing's relevance, and the score is
logistic in that and in its lead over its rivals::

    score = 1 / (1 + exp(-(intercept + relevance_weight * relevance + lead_weight * lead)))
    lead  = relevance - mean relevance of the five most relevant other FAQs and background sentences

The weights were fitted by ``python -m bots.retrieval.calibrate`` on ``data/calibration.jsonl``: 36 topics of a shop
with direct and colloquial questions in both languages, about half of them without an answer, all written for this
purpose. On topics held out from the fit, with multilingual-e5-small, 37 to 45 % of the questions score 0.5 or more;
of these hits 79 to 80 % are right, and 64 to 77 % of the hits that are right are among them (ranges: the two halves).
The hashing embedder reaches 48 to 73 % and 26 to 41 %, the defaults joined (ADR 14) 86 to 89 % and 84 to 86 %, on 50 %
of the questions; their list of topics covers these, too. Expect less elsewhere: the formulas were chosen among several
on these same topics, and two background sentences resemble questions of the data. On another trade's questions a
score of 0.7 need not mean seven of ten.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bots.types import Language

#: From here on a hit may be offered as the answer; below it the honest reply is that none was found.
ANSWER_THRESHOLD = 0.5

#: Rivals of which the mean is taken.
RIVALS = 5

#: Sentences that no FAQ is about. A phrasing is measured against those of its own language: a query is nearer to
#: everything in its own language than to anything in another.
BACKGROUND: dict[Language, tuple[str, ...]] = {
    "en": (
        "What is the weather like today?",
        "Hello, is anybody there?",
        "I would like to know more.",
        "Can you help me with something?",
        "How does this work?",
        "What should I do now?",
        "That is really annoying.",
        "Thank you very much, goodbye.",
        "Tell me something about your company.",
        "I have a question about a product.",
        "Who won the game last night?",
        "My neighbour has two dogs.",
    ),
    "zh-hans": (
        "今天天气怎么样？",
        "你好，有人在吗？",
        "我想了解更多。",
        "你能帮我一个忙吗？",
        "这个是怎么回事？",
        "我现在该怎么办？",
        "真是太烦人了。",
        "非常感谢，再见。",
        "介绍一下你们公司吧。",
        "我想问一个商品的问题。",
        "昨晚的比赛谁赢了？",
        "我邻居养了两条狗。",
    ),
}


@dataclass(frozen=True, slots=True)
class Calibration:
    """The weights of the module's two formulas, for one embedder."""

    lexical_weight: float
    relevance_weight: float
    lead_weight: float
    intercept: float
    #: The share of question and answer together in an FAQ's relevance, and of the answer's nearest statement; the best
    #: phrasing has the rest.
    answer_share: float = 0.0
    statement_share: float = 0.0
    #: What an FAQ gains by being of the question's own kind, in spreads; see ``bots.retrieval.kinds``.
    kind_weight: float = 0.0

    def score(self, relevance: float, lead: float) -> float:
        """In (0, 1)."""
        return float(self.scores(np.array([relevance], np.float32), np.array([lead], np.float32))[0])

    def scores(self, relevances: NDArray[np.float32], lead: NDArray[np.float32]) -> NDArray[np.float64]:
        """As ``score``, of many."""
        logit = self.intercept + self.relevance_weight * relevances.astype(np.float64) + self.lead_weight * lead
        result: NDArray[np.float64] = 1.0 / (1.0 + np.exp(-np.clip(logit, -30.0, 30.0)))
        return result


_E5_SMALL = Calibration(lexical_weight=0.5, relevance_weight=0.349, lead_weight=1.672, intercept=-2.706)
_JOINED = Calibration(0.5, relevance_weight=0.254, lead_weight=1.116, intercept=-3.235)
#: Where there are answers, what they state says more than the wording of a title. ``python -m bench.answered`` fits the
#: weights on bench/zh_faq and two sets of bench/drafts, and shows what other shares come to. How near a question is
#: counts at least half a spread: in a small shop the lead alone says little.
_JOINED_ANSWERED = Calibration(
    0.5,
    relevance_weight=0.5,
    lead_weight=1.25,
    intercept=-3.29,
    answer_share=0.4,
    statement_share=0.25,
    kind_weight=1.2,
)
_HASHING = Calibration(lexical_weight=16.0, relevance_weight=0.0, lead_weight=0.1713, intercept=-2.593)


def calibration_of(embedder_name: str, *, answered: bool = False) -> Calibration:
    """Fitted for the defaults: joined, alone and hashing. Any other takes e5's, in units of its own spread.

    ``answered`` is whether the FAQs have answers: the joined defaults read them, too.
    """
    if "+topics" in embedder_name:
        return _JOINED_ANSWERED if answered else _JOINED
    return _HASHING if embedder_name.startswith("hashing") else _E5_SMALL


def leads(relevances: NDArray[np.float32], background: NDArray[np.float32]) -> NDArray[np.float32]:
    """The lead of every FAQ, shape (n,), from FAQ relevances (n,) and background relevances (m,), m at least 5."""
    everyone = np.concatenate([relevances, background])
    order = np.argsort(-everyone, kind="stable")
    strongest = order[: RIVALS + 1]
    own = np.full_like(relevances, everyone[strongest[-1]])
    among = strongest[strongest < len(relevances)]
    own[among] = relevances[among]
    result: NDArray[np.float32] = relevances - (everyone[strongest].sum() - own) / np.float32(RIVALS)
    return result
