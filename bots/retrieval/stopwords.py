"""Search tokens that carry no subject: they are skipped where texts are compared, unless a text has nothing else."""

from __future__ import annotations

_ENGLISH = """
i me my we us our you your u he him his she her it its they them their what which who whom whose
this that these those am is are was were be been being have has had having do does did doing a an
the and but if or because as until while of at by for with about into to from in on up out off over
under again then once here there when where why how all any both each few more most other some such
no nor not only own same so than too very can could will would shall should may might must just now
also please let get got i'm i'd i've i'll don't dont didn't doesn't isn't can't cant won't wont it's
that's there's what's you're
"""

# Function words and the bigrams that cross their borders.
_CHINESE = """
怎么 么办 怎么办 怎样 如何 什么 什么时候 么时 时候 为什么 为什 可以 以吗 可不 不可 是否 能否 能不能 能不 不能 请问
一下 下我 我的 我想 我要 你们 我们 的我 吗我 了吗 的吗 了怎 是什 有没 有没有 没有 这个 那个 个怎 想问 问一
"""

STOPWORDS: frozenset[str] = frozenset(_ENGLISH.split()) | frozenset(_CHINESE.split())
