"""Every sentence the domain says has its Chinese, with the same fields."""

from __future__ import annotations

import ast
import string
from pathlib import Path

from app import i18n
from app.domain import messages
from app.domain.messages import Message

DOMAIN = Path(messages.__file__).parent


def _templates() -> set[str]:
    """Literals with a field or a full stop that are handed to Message or held as ``template``."""
    found: set[object] = set()
    for path in DOMAIN.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Message":
                found |= {n.value for n in ast.walk(node.args[0]) if isinstance(n, ast.Constant)}
            elif isinstance(node, ast.Assign) and "template" in ast.dump(node.targets[0]):
                found |= {n.value for n in ast.walk(node.value) if isinstance(n, ast.Constant)}
    return {text for text in found if isinstance(text, str) and "{" in text}


def test_every_message_of_the_domain_has_its_chinese():
    templates = _templates()
    assert len(templates) >= 12
    assert not templates - i18n.catalogue().keys()


def test_a_message_is_said_in_either_language():
    message = Message("{herb} is {grade}.", herb="附子", grade="有毒")
    assert i18n.t(message.template, **message.params) == "附子有毒。"
    assert str(message) == "附子 is 有毒."
    fields = {name for _, name, _, _ in string.Formatter().parse(message.template) if name}
    assert fields == set(message.params)
    assert message == Message("{herb} is {grade}.", herb="附子", grade="有毒")
