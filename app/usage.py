"""The usage errors of the command line's libraries, which know English only, in the user's language."""

from __future__ import annotations

import re

from app.i18n import t

_USAGE = {
    r"Missing option '(?P<name>[^']+)'.*": "option {name} is missing.",
    r"Missing argument '(?P<name>[^']+)'.*": "argument {name} is missing.",
    r"No such option: (?P<name>\S+).*": "there is no option {name}.",
    r"No such command '(?P<name>[^']+)'.*": "there is no command {name}.",
    r"Option '(?P<name>[^']+)' requires an argument.*": "option {name} needs a value.",
    r"Got unexpected extra argument(?:s|\(s\))? \((?P<words>.*)\)": "too many words: {words}",
    r"Invalid value for '(?P<name>[^']+)'[^:]*: (?P<why>.*)": "the value of {name} is wrong: {why}",
    r"Invalid value: (?P<why>.*)": "{why}",
}
_REASONS = {
    r"(?:Value error, )?'(?P<value>.*)' is not one of (?P<known>.*?)\.?": "{value} is none of {known}.",
    r"Input should be greater than or equal to (?P<bound>\S+)": "at least {bound}.",
    r"Input should be less than or equal to (?P<bound>\S+)": "at most {bound}.",
    r"Input should be a valid (?:integer|number).*": "a number is expected.",
}


def in_words(message: str) -> str:
    """A usage error in the user's language; one that is not known here stays as it is."""
    return _told(_USAGE, message.replace("\n", " "))


def _told(table: dict[str, str], message: str) -> str:
    for pattern, template in table.items():
        if match := re.fullmatch(pattern, message):
            words = match.groupdict()
            if "why" in words:
                words["why"] = _told(_REASONS, words["why"])
            return t(template, **words)
    return message
