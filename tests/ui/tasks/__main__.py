"""Play the ten tasks and tell how each went and what looked wrong.

python -m tests.ui.tasks --out pictures              off-screen
xvfb-run -a python -m tests.ui.tasks --screen        on a screen
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path


def main() -> int:
    """Exit code 0 where every task could be done and nothing looked wrong."""
    asked = arguments()
    if not asked.screen:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory() as folder:
        for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "APPDATA", "LOCALAPPDATA"):
            os.environ[name] = folder  # nobody's own settings are read or written
        code = play(asked, Path(folder))
    sys.stdout.flush()
    return code


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.ui.tasks", description=__doc__)
    parser.add_argument("--out", type=Path, help="folder for a picture after each step")
    parser.add_argument("--sheet", type=Path, help="PNG with the last picture of each task, small")
    parser.add_argument("--size", default="1280x800", type=size)
    parser.add_argument("--scheme", choices=("light", "dark"), default="light")
    parser.add_argument("--language", choices=("zh", "en"), default="zh")
    parser.add_argument("--real", type=Path, metavar="FOLDER", help="the demo clinic of this folder and its network")
    parser.add_argument("--screen", action="store_true", help="on the screen there is, instead of none")
    return parser.parse_args()


def size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    return int(width), int(height)


def play(asked: argparse.Namespace, here: Path) -> int:
    from app.ui.main import application
    from tests.ui.tasks.hands import StuckError
    from tests.ui.tasks.sheet import contact_sheet
    from tests.ui.tasks.stage import Setting, demo, desk, invented
    from tests.ui.tasks.ten import TASKS

    application()
    scene = demo(asked.real, here) if asked.real else invented(here)
    setting = Setting(asked.language, asked.scheme, asked.size)
    failed = 0
    with desk(scene, setting, out=asked.out) as at:
        for name, task in TASKS.items():
            began, steps = time.monotonic(), len(at.steps)
            try:
                at.play(name, task)
                how = f"done in {len(at.steps) - steps} steps"
            except StuckError as stuck:
                failed += 1
                how = f"STUCK: {stuck}"
            say(f"{name:9s} {time.monotonic() - began:5.1f} s  {how}")
        for step, finding in at.found:
            say(f"  {step}: {finding}")
        if asked.sheet and at.pictures:
            contact_sheet(at.pictures, asked.sheet)
        say(f"{len(at.steps)} steps, {failed} tasks not done, {len(at.found)} things look wrong")
    return int(bool(failed or at.found))


def say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
