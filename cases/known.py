"""What the guide need not ask, because the window knows it already."""

from __future__ import annotations

from datetime import date

from cases.catalogue import Matter
from cases.people import birth_date, is_female

#: The lowest age at which anybody retires at the statutory age, by sex: women (of whom workers
#: retire earlier than staff), men. 国务院关于渐进式延迟法定退休年龄的办法 (2024), which began from
#: 50, 55 and 60 and only ever raises them.
_RETIRES_FROM = {True: 50, False: 60}


def known_answers(
    matter: Matter, *, kind: str = "", capacity: str = "", resident_id: str = "", today: date
) -> dict[str, frozenset[str]]:
    """The answers that follow from the matter, from who applies and came, and from an ID number.

    :param resident_id: a checked number of the applicant's, or empty where there is none.
    """
    found: dict[str, str] = {}
    if matter.applicant != "both":
        kind = matter.applicant.value
    if kind:
        found["kind"] = kind
    if capacity:
        found["here"] = capacity
    if resident_id and kind != "organization":
        found |= _of_id_number(resident_id, today)
    return {question: frozenset({answer}) for question, answer in found.items()}


def _of_id_number(number: str, today: date) -> dict[str, str]:
    born = birth_date(number)
    if born is None:
        return {}
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    band = "u16" if age < 16 else "u18" if age < 18 else "adult"
    early = age < _RETIRES_FROM[is_female(number)]
    return {"age": band, **({"early_retired": "yes"} if early else {})}
