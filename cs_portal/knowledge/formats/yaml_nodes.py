"""YAML from outside, as plain nodes with line numbers.

Built from the parser's events and nothing else: no tags are resolved, no objects are made, aliases are refused (they
are how a small file becomes a huge one), and nesting has a limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import yaml
from django.utils.translation import gettext as _

from cs_portal.core.errors import Invalid

MAX_DEPTH = 30
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(slots=True)
class Node:
    """A scalar (``text``), a list (``items``) or a mapping (``pairs``, each key once); ``line`` counts from 1."""

    line: int
    text: str | None = None
    items: list[Node] | None = None
    pairs: dict[str, Node] | None = None
    twice: list[str] = field(default_factory=list)

    def get(self, key: str) -> Node | None:
        return self.pairs.get(key) if self.pairs else None

    def text_at(self, key: str) -> str:
        found = self.get(key)
        return found.text or "" if found else ""

    def each(self) -> list[Node]:
        return self.items or []

    def plain(self) -> object:
        """Strings, lists and dictionaries."""
        if self.items is not None:
            return [item.plain() for item in self.items]
        if self.pairs is not None:
            return {key: node.plain() for key, node in self.pairs.items()}
        return self.text or ""


def documents(text: str) -> Iterator[Node]:
    """Every document of a YAML file. Raises :class:`Invalid` with the line for what is no YAML, or not harmless."""
    try:
        yield from _built(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise _refusal(_("This is no YAML (line %(line)s)."), line) from error
    except yaml.YAMLError as error:
        raise _refusal(_("This is no YAML (line %(line)s)."), 1) from error


def _built(events: Iterator[yaml.Event]) -> Iterator[Node]:
    stack: list[tuple[Node, str | None]] = []
    for event in events:
        line = event.start_mark.line + 1 if event.start_mark else 0
        if isinstance(event, yaml.AliasEvent):
            raise _refusal(_("Aliases (“*name”) are not read (line %(line)s). Write the text out."), line)
        if isinstance(event, yaml.ScalarEvent):
            node = Node(line, text=event.value)
        elif isinstance(event, yaml.SequenceStartEvent):
            node = Node(line, items=[])
        elif isinstance(event, yaml.MappingStartEvent):
            node = Node(line, pairs={})
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            node, _key = stack.pop()
            if not stack:
                yield node
            continue
        else:
            continue
        _hang(stack, node)
        if node.text is None:
            if len(stack) >= MAX_DEPTH:
                raise _refusal(_("Nested too deeply (line %(line)s)."), line)
            stack.append((node, None))
        elif not stack:
            yield node


def _hang(stack: list[tuple[Node, str | None]], node: Node) -> None:
    """Put a node where it belongs: into the list, or under the key that came before it."""
    if not stack:
        return
    parent, key = stack[-1]
    if parent.items is not None:
        parent.items.append(node)
    elif key is None:
        stack[-1] = (parent, node.text if node.text is not None else "")
    else:
        assert parent.pairs is not None
        if key in parent.pairs:
            parent.twice.append(key)
        else:
            parent.pairs[key] = node
        stack[-1] = (parent, None)


def _refusal(sentence: str, line: int) -> Invalid:
    return Invalid(sentence % {"line": line}, field="file")
