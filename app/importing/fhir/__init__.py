"""FHIR R4 in and out: ``holds_fhir`` tells a file of it, ``read_bundle`` reads cases, ``to_bundle`` writes them."""

from __future__ import annotations

from app.importing.fhir.entries import holds_fhir
from app.importing.fhir.reading import read_bundle
from app.importing.fhir.terms import CONCEPT
from app.importing.fhir.writing import to_bundle

__all__ = ["CONCEPT", "holds_fhir", "read_bundle", "to_bundle"]
