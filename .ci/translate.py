"""Bring the window's catalogues up to date with its sources and compile them. A maintainer's tool.

python .ci/translate.py     then fill what it names in resources/i18n/mailiu_zh.ts and run it again
"""

import pathlib
import subprocess
import sys
import xml.etree.ElementTree as ET

ROOT = pathlib.Path(__file__).resolve().parent.parent
BIN = pathlib.Path(sys.executable).parent
CATALOGUES = {"zh": ["-target-language", "zh_CN"], "en": ["-target-language", "en_GB", "-pluralonly"]}


def main() -> int:
    """Exit code 1 where a string still has no translation."""
    sources = [str(p.relative_to(ROOT)) for p in sorted((ROOT / "app" / "ui").rglob("*.py"))]
    missing = []
    for language, options in CATALOGUES.items():
        catalogue = f"resources/i18n/mailiu_{language}.ts"
        update = [
            str(BIN / "pyside6-lupdate"),
            *sources,
            "-locations",
            "none",
            "-source-language",
            "en",
            "-no-obsolete",
        ]
        subprocess.run([*update, *options, "-ts", catalogue], cwd=ROOT, check=True, capture_output=True)
        compiled = catalogue.replace(".ts", ".qm")
        release = [str(BIN / "pyside6-lrelease"), catalogue, "-qm", compiled]
        subprocess.run(release, cwd=ROOT, check=True, capture_output=True)
        for message in ET.parse(ROOT / catalogue).iter("message"):
            if message.find("translation[@type='unfinished']") is not None:
                missing.append(f"{catalogue}: {message.findtext('source')}")
    sys.stdout.write("\n".join(missing) + "\n" if missing else "complete\n")
    return bool(missing)


if __name__ == "__main__":
    sys.exit(main())
