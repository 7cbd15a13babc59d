"""What is wrong with a ruleset before anybody asks it: pure functions over rules as data.

`analyse`: rules that can never match, hidden rules, gaps, questions without end. `unknown_facts`, `unknown_values`:
names that nothing answers to. `contradictions`: what FAQs promise and rules do not keep.
"""

from .claims import Claim, FaqText, Figure, claims
from .contradictions import contradictions
from .findings import Finding, Kind
from .names import unknown_facts, unknown_values
from .rules import analyse

__all__ = [
    "Claim",
    "FaqText",
    "Figure",
    "Finding",
    "Kind",
    "analyse",
    "claims",
    "contradictions",
    "unknown_facts",
    "unknown_values",
]
