"""What the models refuse, in the user's language: they know nothing of languages, and say it in English."""

from __future__ import annotations

import re

from app.i18n import of_system, t

# whole message, or how it begins where the rest is detail for a developer -> template
_KNOWN = {
    r"there is no readable model .*: (?P<why>[^:]*)": "its file cannot be read ({why}). Restore it or train again.",
    r"the weights of model .* are missing: (?P<why>[^:]*)": "its weights cannot be read ({why}). Train it again.",
    r"the weights of model .* are damaged or were exchanged.*": (
        "its weights are damaged or were exchanged. Train it again."
    ),
    r"model .* has format version (?P<found>.*); this program reads (?P<known>.*)": (
        "it has format {found}, this program reads {known}. Update Mailiu or train it again."
    ),
    r"checkpoint (?P<file>.*) belongs to other data or settings.*": (
        "{file} belongs to other data or settings. Train without --resume to begin anew."
    ),
    r"(?P<file>.*\.checkpoint) is not a readable model file.*": (
        "{file} is damaged. Train without --resume to begin anew."
    ),
    r"(?P<n>\d+) patients were held out of the training; a comparison needs (?P<needed>\d+)": (
        "only {n} patients were held out of its training, {needed} are needed. Import more patients and train again."
    ),
    r"(?P<n>\d+) patients were held out of both trainings; a comparison needs (?P<needed>\d+)": (
        "only {n} patients were held out of both trainings, {needed} are needed. Train both with the same seed."
    ),
    r"the two models forecast no variable in common": "they forecast no variable in common.",
    r"(?P<file>.*) is not the file expected: its SHA-256 is (?P<found>.*)": (
        "{file} is not the file expected: its SHA-256 is {found}."
    ),
    r"(?P<file>.*) is not a model that was exported.*": "{file} is not a model that was exported.",
    r"no study can be kept (?:in )?(?P<place>[^:]*(?::\d+)?): .*": (
        "no study can be kept there ({place}). Check the address and the server."
    ),
    r"model .* was trained anew since its last update.*": "it was trained anew since its last update.",
    r".* cannot name a model: .*": "the name cannot be a file name; use letters, digits or Chinese.",
    r"there is no generation of model .*": "there is no generation before it.",
    r"study .* has trials of other patients, settings or ranges.*": (
        "the study has trials of other patients, settings or ranges. Give it another name with --study."
    ),
    r"no course has a visit that is new.*": "nothing is recorded to learn from. Import more visits.",
    r"every patient with a new visit is held out.*": (
        "all patients with new visits are held out of learning. Wait for more."
    ),
    r"there is no CUDA device here.*": "there is no CUDA device here. Choose the device cpu or auto.",
    r"learning diverged at epoch (?P<epoch>\d+).*": "learning diverged in epoch {epoch}. Try another seed.",
    r"no (?:value is observed|course has a visit).*": "nothing is recorded to learn from. Import more visits.",
    r"(?:the card of model|the model card|the card tells|the weights|.* is not a model card|.* is not a readable).*": (
        "its files are damaged or of another program. Train it again."
    ),
}


def in_words(error: Exception) -> str:
    """The reason in the user's language; one that is not known here stays as it is."""
    message = str(error).replace("\n", " ")
    for pattern, template in _KNOWN.items():
        if match := re.fullmatch(pattern, message):
            return t(template, **{name: of_system(word) for name, word in match.groupdict().items()})
    return message
