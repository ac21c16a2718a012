"""Sensible initial values for what the sample catalogue does not say.

They let the product do its job from the first day; an administrator completes them. Whoever is
given such a value also gets the field's name into ``sample``, so that pages can mark it.
"""

import re
from collections.abc import Set

from cases.catalogue import Accepting, Applicant, Basis, Form, Handling, Source

IDENTITY_LICENCES = frozenset({"SFZ", "HKB", "JZZ", "GATJ", "GATX", "HZ", "GATZ", "TWZ"})

_IDENTITY_NAME = re.compile(r"身份证(?!明)|户口[簿本]|护照|通行证|居住证(?!明)|身份证明|永久居留证")
_WRITTEN_FOR_THE_CASE = re.compile(
    r"(申请[表书]|登记表|审批表|备案表|申报表|委托书|承诺书|声明|说明|名单.*)$"
)
_SURRENDERED_VARIANT = re.compile("注销|变更|换|延续|补证|缴销|收回")
_BUSINESS_THEMES = frozenset(
    {"开办企业", "经营许可", "员工用工", "社会组织", "安全生产", "餐饮", "农业"}
)
_PROPERTY_THEMES = frozenset({"不动产", "工程建设"})
_REGISTERED_THEMES = frozenset({"户籍", "救助", "残疾", "退役军人", "养老", "身后", "生育", "婚姻"})


def basis_of_competence(
    department: str, applicant: Applicant, themes: Set[str], delegated: bool
) -> Basis:
    """What decides which area is competent for a matter.

    Property first, then the place of business, then registered residence for what follows the
    household register; everything else goes by where the person lives. What is delegated to
    communities serves whoever lives there.
    """
    if themes & _PROPERTY_THEMES or department == "ZRZY":
        return Basis.PROPERTY_PLACE
    if applicant is Applicant.ORGANIZATION or themes & _BUSINESS_THEMES:
        return Basis.BUSINESS_PLACE
    if themes & _REGISTERED_THEMES and not delegated:
        return Basis.REGISTERED_RESIDENCE
    return Basis.RESIDENCE


def accepting_body() -> Accepting:
    """The deciding body accepts, until an administrator says that a point is empowered to."""
    return Accepting.DECIDING


def longest_extension(category: str, *, immediate: bool) -> int:
    """How many days a decision may be put off once: ten for a licence (行政许可法第四十二条).

    Nothing is put off that is settled while one waits, nor where no law says that it may be.
    """
    return 10 if category == "行政许可" and not immediate else 0


def is_identity_document(name: str, licence: str) -> bool:
    """Whether a material proves who somebody is; forms about such documents do not."""
    if licence in IDENTITY_LICENCES:
        return True
    return bool(_IDENTITY_NAME.search(name)) and not _WRITTEN_FOR_THE_CASE.search(name)


def handling_of(
    *, identity: bool, form: Form, source: Source, licence: str, result_licence: str, variant: str
) -> Handling:
    """What becomes of a material at the counter.

    Identity documents are always looked at and handed back. Certificates of an authority are looked
    at too, except those that the matter replaces, changes or cancels: these are handed in.
    """
    if identity:
        return Handling.LOOKED_AT
    if form is Form.ELECTRONIC:
        return Handling.ELECTRONIC
    if form is Form.COPY:
        return Handling.COPY_KEPT
    if source is Source.GOVERNMENT and licence:
        handed_in = licence == result_licence or _SURRENDERED_VARIANT.search(variant)
        return Handling.ORIGINAL_KEPT if handed_in else Handling.LOOKED_AT
    return Handling.ORIGINAL_KEPT
