"""Full-text search over FAQs, in both languages: questions, phrasings, answers, category, tags and key.

Cut and looked up as conversations are (ADR 0008), so that the same words find the same rows on both databases. Words of
a question or a phrasing are indexed a second time under a mark: FAQs that *ask* what is searched come first.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models.expressions import RawSQL

from cs_portal.core.fulltext import FullTextIndex, merchant_token
from cs_portal.core.tenancy import current_merchant
from cs_portal.core.tokens import Term, terms_of, tokens_of
from cs_portal.knowledge.content import FaqContent
from cs_portal.knowledge.models import Faq, FaqSearchDocument

MAX_QUERY = 200
BATCH = 500
_INDEX = FullTextIndex("knowledge_faqsearchdocument", "faq_id", "knowledge_search")
#: Stands before a token of a question. No text contains it: it is no letter.
_ASKED = "\ue001"


def index_faqs(contents: Iterable[tuple[Faq, FaqContent]]) -> None:
    """Make these FAQs findable as they are now, within the caller's transaction. One statement per 500."""
    mark = merchant_token(current_merchant().pk)
    documents = [FaqSearchDocument(faq=faq, tokens=document(faq.key, content, mark)) for faq, content in contents]
    FaqSearchDocument.objects.bulk_create(
        documents, batch_size=BATCH, update_conflicts=True, unique_fields=["faq"], update_fields=["tokens"]
    )


def matching(query: str) -> RawSQL | None:
    """The ids of the merchant's FAQs that have every word of ``query``, as a condition; None for no word at all.

    A Latin word of three letters or more also finds longer ones that begin with it.
    """
    return _matching(terms_of(query[:MAX_QUERY]))


def asking(query: str) -> RawSQL | None:
    """Those of :func:`matching` that have every word in their questions and phrasings."""
    return _matching([Term(f"{_ASKED}{term.token}", term.is_prefix) for term in terms_of(query[:MAX_QUERY])])


def _matching(terms: list[Term]) -> RawSQL | None:
    if not terms:
        return None
    sql, params = _INDEX.matching(terms, merchant_id=current_merchant().pk)
    return RawSQL(sql, params)  # noqa: S611 - no outside text in it


def document(key: str, content: FaqContent, mark: str) -> str:
    """The tokens of an FAQ, with blanks between; ``mark`` is its merchant's."""
    asked = tokens_of(piece for text in content.texts.values() for piece in (text.question, *text.phrasings))
    found = asked | tokens_of([key, content.category, *content.tags, *_answers(content)])
    return " ".join(sorted(found | {f"{_ASKED}{token}" for token in asked} | {mark}))


def _answers(content: FaqContent) -> Iterable[str]:
    for text in content.texts.values():
        yield text.answer
    for answer in content.answers:
        yield from answer.texts.values()
