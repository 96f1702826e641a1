"""Words of the rooms without Qt: English templates in the code, Chinese in ``resources/i18n/messages_zh.d/*.json``.

The window has Qt Linguist; the command line, reports and errors have this: one flat catalogue, English as the key.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
from collections.abc import Iterator
from contextvars import ContextVar
from functools import cache

from app.domain.errors import KnownError
from app.paths import RESOURCES

LANGUAGES = ("zh", "en")
_SYSTEM = {
    os.strerror(code)
    for code in (
        errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENOSPC, errno.EROFS, errno.ENAMETOOLONG, errno.ENOTDIR,
        errno.EISDIR, errno.EEXIST, errno.EIO, errno.EDQUOT, errno.EBUSY, errno.ELOOP, errno.EFBIG,
        errno.EPIPE, errno.EINVAL,
    )
}  # fmt: skip
_language: ContextVar[str] = ContextVar("language", default="zh")


def language() -> str:
    return _language.get()


def set_language(code: str) -> None:
    """Raises KnownError for a language there is no catalogue of."""
    if code not in LANGUAGES:
        raise KnownError("Unknown language {language}; there are {known}.", language=code, known=", ".join(LANGUAGES))
    _language.set(code)


@contextlib.contextmanager
def speaking(code: str) -> Iterator[None]:
    before = language()
    set_language(code)
    try:
        yield
    finally:
        _language.set(before)


@cache
def catalogue() -> dict[str, str]:
    merged: dict[str, str] = {}
    for part in sorted((RESOURCES / "i18n" / "messages_zh.d").glob("*.json")):
        merged.update(json.loads(part.read_text(encoding="utf-8")))
    return merged


def t(template: str, /, **params: object) -> str:
    """The template in the user's language, filled in. A template without Chinese is shown in English."""
    text = catalogue().get(template, template) if language() == "zh" else template
    return text.format(**params) if params else text


def explain(error: KnownError) -> str:
    """A known error in the user's language, the system's reasons in it as well."""
    words = {name: of_system(value) if isinstance(value, str) else value for name, value in error.params.items()}
    return t(error.template, **words)


def of_system(reason: str) -> str:
    """What the system says (in English, whatever the user's language) in the user's words, where it is a common one."""
    return t(reason) if reason in _SYSTEM else reason
