"""What operators do with a draft, and how a conversation ends."""

from __future__ import annotations

import re
from datetime import timedelta

from cs_portal.conversations.models import ConversationState, ResolvedBy
from cs_portal.demo.history.bot import Question
from cs_portal.demo.history.scene import Scene
from cs_portal.demo.history.thread import SILENCE
from cs_portal.demo.history.topics import topics
from cs_portal.drafting.models import RejectReason, Review
from cs_portal.merchants.models import Member

#: Approved as it is, edited, rejected: by whether an answer supports the draft.
ANSWERED, UNANSWERED = (70, 23, 7), (28, 40, 32)
REASONS = {
    RejectReason.INCOMPLETE: 30,
    RejectReason.TONE: 18,
    RejectReason.WRONG_FACT: 16,
    RejectReason.OTHER: 12,
    RejectReason.OUTDATED: 9,
    RejectReason.WRONG_POLICY: 8,
    RejectReason.LANGUAGE: 5,
    RejectReason.UNSAFE: 2,
}
RATED = {ResolvedBy.SHOPPER: 0.46, ResolvedBy.MEMBER: 0.34, ResolvedBy.ASSUMED: 0.12}
#: Scores 5 to 1, by how much went wrong before.
SCORES = ((62, 25, 8, 3, 2), (34, 30, 18, 10, 8), (14, 20, 22, 22, 22))
REOPENED = 0.065


def review(scene: Scene, question: Question, *, weights: tuple[int, int, int] | None = None) -> Review | None:
    """An operator decides on the open draft; None where it was rejected and a person wrote the reply."""
    at, by = scene.reviewed(), scene.operator()
    chances = weights or (ANSWERED if question.answered is not False else UNANSWERED)
    decision = scene.rng.choices(("approve", "edit", "reject"), weights=chances)[0]
    if decision == "reject":
        scene.trouble += 1
        scene.thread.reject(at, by=by, reason=scene.rng.choices(list(REASONS), weights=list(REASONS.values()))[0])
        own_words(scene, "own.gap" if question.answered is False else "own.person", by=by)
        return None
    draft = scene.thread.open_draft
    assert draft is not None
    wordings = [row for row in scene.thread.rows.candidates if row.draft is draft]
    position = scene.rng.choices(range(1, len(wordings) + 1), weights=(80, 14, 6)[: len(wordings)])[0]
    text = wordings[position - 1].text
    if decision == "edit":
        text = edited(scene, text, by)
    return scene.thread.approve(at, by=by, text=text, candidate=position)


def correct(scene: Scene) -> None:
    """An operator approves the draft with one sentence put right, and often a word of their own around it."""
    at, by = scene.reviewed(), scene.operator()
    draft = scene.thread.open_draft
    assert draft is not None
    text = next(row.text for row in scene.thread.rows.candidates if row.draft is draft and row.position == 1)
    text = text.replace(*scene.change)
    glue = "" if scene.locale == "zh-hans" else " "
    if scene.rng.random() < 0.5:
        text = f"{text}{glue}{scene.say('closing', me=by.user.name.split(' ')[0])}"
    scene.thread.approve(at, by=by, text=text, candidate=1)


def edited(scene: Scene, text: str, by: Member) -> str:
    """The wording as an operator improves it: mostly a little, at times thoroughly."""
    rng, glue = scene.rng, "" if scene.locale == "zh-hans" else " "
    me = by.user.name.split(" ")[0]
    closing = scene.say("closing", me=me)
    sentences = [part for part in re.split(r"(?<=[.!?。！？])\s*", text) if part]
    style = rng.random()
    if style < 0.35:
        return f"{text}{glue}{closing}"
    if style < 0.62:
        return f"{scene.say('greeting')}{glue}{text[:1].lower() if glue and rng.random() < 0.4 else text[:1]}{text[1:]}"
    if style < 0.85 and len(sentences) > 1:
        return f"{glue.join(sentences[:-1])}{glue}{closing}"
    return f"{scene.say('greeting')}{glue}{sentences[0]}{glue}{closing}"


def own_words(scene: Scene, path: str, *, by: Member | None = None, text: str = "") -> None:
    """A person answers in their own words some minutes later: ``text``, or a phrase of ``path``."""
    writer = by or scene.operator()
    at = scene.soon(minutes=(1, 7)) if by else scene.reviewed(pace=1.6)
    scene.thread.write(text or scene.say(path, me=writer.user.name.split(" ")[0]), at, by=writer)


def take_over(scene: Scene, *, note: bool = False) -> Member:
    """A person takes the conversation over; from here on the bot keeps quiet."""
    by = scene.operator()
    scene.thread.take_over(scene.reviewed(pace=1.4), by=by)
    if note or scene.rng.random() < 0.3:
        scene.thread.note(scene.say("note"), scene.thread.at + timedelta(seconds=40), by=by)
    return by


def end(scene: Scene, *, more: bool = True) -> None:
    """What comes after a reply: thanks, silence, or the next question."""
    rng, thread = scene.rng, scene.thread
    ways = ("silence", "solved", "closed", "thanks", "more")
    way = rng.choices(ways, weights=(36, 22, 17, 11, 14 if more else 0))[0]
    if scene.trouble > 1 and rng.random() < 0.3:
        thread.say(scene.say("shopper.unhappy"), scene.next_line())
        own_words(scene, "own.complaint")
        way = "silence"
    if way == "more":
        next_question(scene)
        end(scene, more=False)
        return
    if way == "thanks":
        thanks(scene)
    elif way == "solved":
        thread.resolve(scene.soon(minutes=(2, 240)), how=ResolvedBy.SHOPPER)
    elif way == "closed":
        thread.resolve(scene.soon(minutes=(1, 90)), how=ResolvedBy.MEMBER, by=scene.operator())
    else:
        thread.resolve(thread.at + SILENCE + timedelta(seconds=rng.uniform(1, 40)), how=ResolvedBy.ASSUMED)
    rating(scene)
    if rng.random() < REOPENED:
        again(scene)


def thanks(scene: Scene) -> None:
    """The shopper is content; an operator resolves instead of answering once more."""
    thread = scene.thread
    person = thread.row.handled_by == "person"
    thread.say(scene.say("shopper.thanks"), scene.next_line())
    if not person:
        topic = topics()["thanks"]
        scene.think(Question(topic, thread.rows.messages[-1].text, scene.say("reply.thanks")))
    at = scene.reviewed(pace=0.8)
    thread.resolve(at, how=ResolvedBy.MEMBER, by=scene.operator())


def next_question(scene: Scene) -> None:
    """Another question of the kind that an answer settles."""
    topic = scene.rng.choice([t for t in topics().values() if t.kind == "faq"])
    asked, faq = scene.opener(topic)
    text = scene.say("shopper.more", question=_lower(scene, asked))
    scene.thread.say(text, scene.next_line())
    if scene.thread.row.handled_by == "person":
        own_words(scene, "own.gap")
        return
    question = Question(topic, text, scene.answer(faq), faq=faq, answered=True)
    scene.think(question)
    review(scene, question)


def rating(scene: Scene) -> None:
    row, rng = scene.thread.row, scene.rng
    if rng.random() > RATED[ResolvedBy(row.resolved_by)]:
        return
    late = row.first_reply_at and row.first_reply_due_at and row.first_reply_at > row.first_reply_due_at
    trouble = min(2, scene.trouble + bool(late))
    score = rng.choices((5, 4, 3, 2, 1), weights=SCORES[trouble])[0]
    comment = ""
    if rng.random() < 0.35 and score != 3:
        comment = scene.say("csat.good" if score > 3 else "csat.bad")
    scene.thread.rate(scene.soon(minutes=(1, 300)), score=score, comment=comment)


def again(scene: Scene) -> None:
    """Days later it turns out that it was not settled."""
    scene.trouble += 1
    thread = scene.thread
    text = scene.say("shopper.again", question=_lower(scene, scene.opener()[0]))
    thread.say(text, thread.at + timedelta(hours=scene.rng.uniform(5, 150)))
    question = Question(topics()["complaint"], text, scene.say("reply.complaint"), answered=None)
    scene.think(question)
    own_words(scene, "own.complaint")
    thread.resolve(scene.reviewed(pace=3), how=ResolvedBy.MEMBER, by=scene.operator())
    rating(scene)


def put_off(scene: Scene, by: Member) -> None:
    """Nothing can be done until tomorrow; then it comes back."""
    thread = scene.thread
    until = scene.until or (thread.at + timedelta(hours=scene.rng.uniform(16, 40))).replace(
        minute=0, second=0, microsecond=0
    )
    thread.snooze(thread.at + timedelta(seconds=scene.rng.uniform(20, 120)), by=by, until=until)
    thread.wake(until + timedelta(seconds=1))
    assert thread.row.state == ConversationState.OPEN


def _lower(scene: Scene, text: str) -> str:
    return text if scene.locale == "zh-hans" else text[:1].lower() + text[1:]
