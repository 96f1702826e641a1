"""Entry point: ``python -m app`` and ``mailiu``.

Start-up order: language (environment or ``--language``, before any help text is made) -> command line -> the one
command asked for. Qt and torch load inside the commands that need them, never here.
"""

from __future__ import annotations

import os
import sys

from app import i18n


def _language(arguments: list[str]) -> str:
    for index, word in enumerate(arguments):
        if word == "--language" and index + 1 < len(arguments):
            return arguments[index + 1]
        if word.startswith("--language="):
            return word.partition("=")[2]
    return os.environ.get("MAILIU_LANGUAGE", "zh")


def main() -> None:
    """Run the command line; exit codes: 0 fine, 1 refused with a message, 2 wrong usage."""
    chosen = _language(sys.argv[1:])
    i18n.set_language(chosen if chosen in i18n.LANGUAGES else "zh")
    from app.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
