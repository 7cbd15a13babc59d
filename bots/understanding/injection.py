"""A scanner for text that tries to command the bot: phrases, and likeness to examples where meanings are known.

A hit never blocks a message: it sends it to a person. What is not found can do no more than any other message.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bots.expressions.folding import CJK, fold, normalised, without_format_characters
from bots.understanding.intents import IntentClassifier
from bots.understanding.personal_names import find_names

_PATTERNS = re.compile(
    "|".join(
        (
            r"\b(?:ignore|disregard|forget|override|bypass|skip)\b.{0,30}\b(?:previous|above|prior|earlier"
            r"|all|your|these|the)\b.{0,25}"
            r"\b(?:instructions?|rules?|prompts?|guidelines?|policy|policies|restrictions?|directives?|training)\b",
            r"\b(?:you are|you're) (?:now|no longer)\b.{0,40}\b(?:an?|the|bot|assistant|admin|dan"
            r"|unrestricted|free)\b",
            r"\b(?:act|behave|respond|roleplay) as (?:if|an?|the)\b.{0,40}\b(?:admin\w*|developer|system"
            r"|manager|jailbroken|unrestricted|dan|owner)\b",
            r"\b(?:reveal|show|print|repeat|output|tell me|leak|dump)\b.{0,30}\b(?:system|initial|hidden"
            r"|secret|your) (?:prompt|instructions?|message|rules|configuration|password|api key)",
            r"\b(?:system|developer|admin|debug|god|maintenance) (?:mode|override|prompt|message|command)\b"
            r"|\bjailbreak\b|\bdo anything now\b|\bprompt injection\b",
            r"<\s*/?\s*(?:system|assistant|instructions?|prompt|im_start|im_end)\b|\[/?(?:inst|system)\]"
            r"|<\|.{1,30}\|>|^\s*(?:###?\s*)?(?:system|assistant)\s*:",
            r"\b(?:new|updated) (?:instructions?|system prompt|policy)\s*[::]|\bfrom now on,? you (?:will"
            r"|must|are|should)\b",
            r"\b(?:mark|set|approve|issue|grant|process)\b.{0,40}\b(?:without|no) (?:approval|review"
            r"|check\w*|verification|asking)\b",
            r"\b(?:as|i am|i'm) (?:the|an?|your) (?:system )?(?:admin(?:istrator)?|developer|store owner"
            r"|ceo)\b.{0,60}\b(?:refund|approve|order|give|show|list|must)\b",
            r"\b(?:list|show|give me|send me|export)\b.{0,25}\b(?:all|other|every|another) (?:customers?"
            r"|users?|shoppers?|people)('s?|s')?\b",
            r"\bdrop table\b|\bunion select\b|;\s*--|\{\{.*\}\}|\{%.*%\}|\$\{.*\}",
            r"(?:忽略|无视|忘记|忘掉|跳过|绕过|不要(?:理会|遵守)|抛开).{0,12}(?:之前|以上|上面|前面|所有"
            r"|全部|一切|你的|系统|原来|先前).{0,10}(?:指令|指示|规则|提示|设定|限制|要求|政策|命令|对话)",
            r"(?:你现在是|从现在(?:开始|起)[,，]?你|假装你是|扮演|你不再是).{0,20}(?:管理员|开发者|系统"
            r"|没有限制|不受限|老板|助手|机器人|超级|模型|经理|店主)",
            r"(?:输出|显示|告诉我|打印|泄露|重复|展示|复述).{0,10}(?:系统提示|提示词|系统指令|初始指令"
            r"|你的(?:指令|规则|设定)|隐藏|密钥|密码)",
            r"(?:系统|开发者|管理员|调试|上帝)(?:模式|指令|命令|提示词|消息[::])|越狱|\bdan模式",
            r"(?:新的?|最新)(?:系统)?(?:指令|提示)\s*[::]|(?:直接|立即|自动)(?:批准|通过"
            r"|同意).{0,12}(?:无需|不用|不要|不需要).{0,6}(?:审核|人工|确认|批准)",
            r"(?:无需|跳过|绕过)(?:人工)?(?:审核|审批|验证|核实|身份验证)",
            r"(?:其他|别的|所有|全部|别人)(?:的)?(?:客户|顾客|用户|买家|人)(?:的)?.{0,6}(?:订单|信息|地址"
            r"|电话|手机|邮箱|数据|资料)",
            r"我是(?:系统)?(?:管理员|开发者|开发人员|店主|老板|平台).{0,20}(?:退款|批准|执行|显示|给我|必须|授权)",
        )
    ),
    re.IGNORECASE | re.MULTILINE | re.ASCII,
)


def looks_like_injection(text: str) -> bool:
    """Whether ``text`` holds a phrase that orders the bot about, in either language."""
    visible = without_format_characters(text)
    return _PATTERNS.search(normalised(visible)) is not None or _PATTERNS.search(visible) is not None


#: The classifier's labels, and from which probability on a text counts as an attempt: below one half, for who is sent
#: to a person for nothing loses little. Chosen with `bench/injection` in view.
ATTACK, BENIGN = "attack", "benign"
SUSPICIOUS = 0.37
#: From which on one does that speaks of an order, a thing or a wish.
SURELY = 0.8
_A_NAME, _A_CHINESE_NAME = "Anna", "小王"
#: Names that no list holds, by how they are introduced.
_INTRODUCED = re.compile(r"(?:我叫|我的名字是)(?P<name>[^\s,.。!?;、]{1,12})")


def _of_nobody(text: str) -> str:
    """``text`` with every name the same: who somebody is must not tell whether they attack."""
    folded, spans = fold(text), [match.span("name") for match in _INTRODUCED.finditer(fold(text))]
    for start, end in find_names(folded):
        if all(end <= other_start or other_end <= start for other_start, other_end in spans):
            spans.append((start, end))
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + (_A_NAME if CJK.search(text[start:end]) is None else _A_CHINESE_NAME) + text[end:]
    return text


@dataclass(frozen=True)
class InjectionScanner:
    """Phrases, and a classifier of ``ATTACK`` and ``BENIGN`` where there is one. Safe to share between threads."""

    classifier: IntentClassifier | None = None

    def probability(self, text: str) -> float:
        """How likely ``text`` orders the bot about; 1 where a known phrase does."""
        if looks_like_injection(text):
            return 1.0
        if self.classifier is None or not text.strip():
            return 0.0
        return self.classifier.classify([_of_nobody(without_format_characters(text))])[0].probabilities[ATTACK]

    def flags(self, text: str) -> bool:
        return self.probability(text) >= SUSPICIOUS
