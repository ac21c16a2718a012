"""Samples (样图) as a resident reads them, in Chinese or English."""

from __future__ import annotations

from cases.catalogue import MaterialSpec
from cases.samples import Sample
from courier.look.cards import SampleCard
from courier.look.surface import current_language
from sync.bundle import load_samples


def sample_of(spec: MaterialSpec) -> SampleCard:
    """The sample of a paper of the catalogue."""
    return _card(load_samples().of(spec))


def sample_named(name: str) -> SampleCard:
    """The sample of a paper of which only the name is known."""
    return _card(load_samples().named(name))


def _card(found: Sample) -> SampleCard:
    if current_language() == "en":
        return SampleCard(
            found.picture, found.english, found.caption_english, found.marks_english, found.general
        )
    return SampleCard(found.picture, found.name, found.caption, found.marks, found.general)
