"""Taking a file of licences into the district's library (``doorstep licences``).

::

    NotTakenIn   never   the file has rows that cannot be used; each is named, none was taken in
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

from cases.reading import BadData
from central.config import load_central
from central.district import open_district
from central.licence_db import licence_keys, open_licence_db
from central.licence_library import DistrictLibrary, import_file
from sync.errors import DoorstepError


class NotTakenIn(DoorstepError):
    """The file cannot be used as it is."""


def import_licences(config: Path, file: Path) -> int:
    """Take in a file. :returns: how many licences. :raises NotTakenIn: every mistake in it."""
    district = open_district(load_central(config))
    known = frozenset(licence.code for licence in district.bundle.catalogue.licences)
    try:
        text = file.read_text("utf-8")
        with closing(open_licence_db(district.config.data)) as db:
            library = DistrictLibrary(db, licence_keys(district.secrets))
            return import_file(library, file.name, text, known)
    except (OSError, UnicodeDecodeError) as error:
        raise NotTakenIn(f"{file}: 读不了：{error}") from error
    except BadData as problems:
        raise NotTakenIn(str(problems)) from None
