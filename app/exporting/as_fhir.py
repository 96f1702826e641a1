"""All cases as a FHIR R4 bundle, resource by resource; what FHIR has no place for goes into an extension of ours."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from app.domain.records import Case
from app.files import replacing
from app.importing.fhir import to_bundle


def write_fhir(cases: Iterable[Case], target: Path, about: dict[str, Any]) -> None:
    """One file, whole or not at all; a case at a time, in memory as on the disk. about: stands in the bundle's meta."""
    tags = [
        {"system": "https://mailiu.app/export", "code": name, "display": str(value)} for name, value in about.items()
    ]
    head = json.dumps({"resourceType": "Bundle", "type": "collection", "meta": {"tag": tags}}, ensure_ascii=False)
    with replacing(target) as aside, aside.open("w", encoding="utf-8") as stream:
        stream.write(head[:-1])
        before = ', "entry": [\n'
        for number, case in enumerate(cases):
            for entry in to_bundle([case], number).get("entry", ()):
                stream.write(before + json.dumps(entry, ensure_ascii=False, allow_nan=False))
                before = ",\n"
        stream.write("]}\n" if before == ",\n" else "}\n")
