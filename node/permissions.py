"""Who at a point may do what: pure, one sentence for everybody who may not.

The fold judges which *point* is entitled; this judges which of its *people* are.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cases.folded import Case
from courier.look.accounts import Account

CLERK, OFFICER, MAIL, LEAD = "clerk", "officer", "mail", "lead"
ROLES_ZH = {CLERK: "窗口人员", OFFICER: "审批人员", MAIL: "寄递人员", LEAD: "负责人"}

DECIDING = frozenset({OFFICER, LEAD})
RECEIVING = frozenset({CLERK, OFFICER, LEAD})
POSTING = frozenset({CLERK, MAIL, LEAD})
ANYBODY = frozenset(ROLES_ZH)


class NotPermitted(ValueError):
    """This person may not do this; the message is the sentence for them."""


@dataclass(frozen=True)
class Person:
    """Somebody of the staff. No ``departments`` means all of them."""

    id: str
    name: str
    roles: frozenset[str]
    departments: frozenset[str] = frozenset()

    def handles(self, department: str) -> bool:
        """Whether cases of this department are theirs."""
        return not self.departments or department in self.departments


def person_of(account: Account) -> Person:
    """The person behind a signed-in account."""
    departments = account.extra.get("departments") or ()
    return Person(account.id, account.display, account.roles, frozenset(departments))


def refusal(person: Person, roles: Iterable[str], verb: str, case: Case | None = None) -> str:
    """Why this person may not do ``verb``, or empty. With a case, its department counts too."""
    allowed = frozenset(roles)
    if not person.roles & allowed:
        who = "、".join(ROLES_ZH[role] for role in ROLES_ZH if role in allowed)
        return f"{verb}要由{who}来做，您的岗位不能办理"
    if case is not None and not person.handles(case.department):
        name = case.department_name or case.department
        return f"本件属于{name}，不在您负责的部门内，不能{verb}"
    return ""


def require(person: Person, roles: Iterable[str], verb: str, case: Case | None = None) -> None:
    """:raises NotPermitted: with the sentence of :func:`refusal`."""
    if problem := refusal(person, roles, verb, case):
        raise NotPermitted(problem)
