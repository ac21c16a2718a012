import re

import msgspec
import pytest

from cases.catalogue import (
    Accepting,
    Basis,
    Catalogue,
    DayUnit,
    Form,
    Handling,
    Level,
    Source,
    Timing,
    UnknownMatter,
)
from cases.catalogue_tables import read_catalogue
from cases.initial import is_identity_document
from cases.reading import BadData
from tests.cases.reference import table_texts, the_catalogue

UNCONFIRMED = ("basis", "accepting", "day_unit", "legal_basis", "extension_days")
IDENTITY_WORDS = re.compile("居民身份证|户口簿|护照|通行证")


def test_the_sample_catalogue_has_the_proportions_of_the_district() -> None:
    matters = the_catalogue().matters
    assert len(matters) == 997 + 1  # what the sample lacked: the yearly check of the senior card
    assert len({matter.main_code for matter in matters}) == 634
    assert sum(matter.timing is Timing.IMMEDIATE for matter in matters) == 414 + 1
    assert sum(matter.trips == 0 for matter in matters) == 996 + 1
    assert sum(matter.delegated for matter in matters) == 94 + 1
    assert sum(matter.kiosk for matter in matters) == 104
    assert sum(matter.instant for matter in matters) == 26
    assert sum(matter.commitment for matter in matters) == 80
    assert sum(len(matter.materials) for matter in matters) == 4183 + 3
    assert sum(len(matter.guide) for matter in matters) == 258 + 3
    assert len(the_catalogue().licences) == 69
    assert len(the_catalogue().bundles) == 12
    assert len(the_catalogue().departments) == 25


def test_a_delegated_matter_is_the_communitys_and_names_who_entrusts_it() -> None:
    for matter in the_catalogue().matters:
        department = the_catalogue().department(matter.department)
        if matter.delegated:
            assert matter.level is Level.COMMUNITY
            assert department.level is Level.DISTRICT
        else:
            assert matter.level is department.level


def test_identity_documents_are_always_looked_at_and_never_travel() -> None:
    for matter in the_catalogue().matters:
        for material in matter.materials:
            if material.identity:
                assert material.handling is Handling.LOOKED_AT
                assert not material.travels


@pytest.mark.parametrize(
    "name",
    [
        "申请人居民身份证",
        "居民户口簿",
        "普通护照",
        "往来台湾通行证",
        "居住证",
        "外国人永久居留身份证",
    ],
)
def test_these_are_identity_documents(name: str) -> None:
    assert is_identity_document(name, "")


@pytest.mark.parametrize(
    "name",
    ["居住证办理申请表", "居民身份证丢失补领登记表", "居住证明", "户口迁移申请表", "近期照片"],
)
def test_forms_about_identity_documents_are_none(name: str) -> None:
    assert not is_identity_document(name, "")


def test_no_material_that_names_an_identity_document_would_be_posted() -> None:
    travelling = {
        material.name
        for matter in the_catalogue().matters
        for material in matter.materials
        if material.travels and IDENTITY_WORDS.search(material.name)
    }
    assert all(name.endswith(("表", "书")) for name in travelling), travelling


def test_every_material_has_the_handling_its_form_calls_for() -> None:
    for matter in the_catalogue().matters:
        for material in matter.materials:
            if material.identity:
                continue
            if material.form is Form.COPY:
                assert material.handling is Handling.COPY_KEPT
            elif material.form is Form.ELECTRONIC:
                assert material.handling is Handling.ELECTRONIC
            elif material.source is not Source.GOVERNMENT:
                assert material.handling is Handling.ORIGINAL_KEPT


def test_a_certificate_is_handed_in_only_where_it_is_replaced_or_cancelled() -> None:
    catalogue = the_catalogue()
    cancelled = next(
        matter
        for matter in catalogue.matters
        if matter.variant == "注销登记" and any(x.licence == "YYZZ" for x in matter.materials)
    )
    licence = next(x for x in cancelled.materials if x.licence == "YYZZ")
    assert licence.form is not Form.ORIGINAL or licence.handling is Handling.ORIGINAL_KEPT
    looked_at = [
        x
        for matter in catalogue.matters
        for x in matter.materials
        if x.handling is Handling.LOOKED_AT and not x.identity
    ]
    assert all(x.source is Source.GOVERNMENT and x.licence for x in looked_at)


def test_each_basis_of_competence_follows_what_the_matter_is_about() -> None:
    catalogue = the_catalogue()
    assert catalogue.matter("SCJG-000101").basis is Basis.BUSINESS_PLACE
    for matter in catalogue.matters:
        if "不动产" in matter.themes:
            assert matter.basis is Basis.PROPERTY_PLACE
        if "户籍" in matter.themes and matter.applicant.value == "person" and not matter.delegated:
            assert matter.basis in (Basis.REGISTERED_RESIDENCE, Basis.PROPERTY_PLACE)


def test_what_the_sample_does_not_say_is_marked() -> None:
    for matter in the_catalogue().matters:
        assert matter.sample == UNCONFIRMED + (("fee_reference",) if matter.fee_yuan else ())
        assert matter.day_unit is DayUnit.WORKING
        assert matter.accepting is Accepting.DECIDING
        assert all(material.sample == ("handling",) for material in matter.materials)


def test_what_an_administrator_decided_is_taken_and_not_marked() -> None:
    texts = table_texts()
    head, first, *rest = texts["items"].splitlines()
    texts["items"] = "\n".join(
        [f"{head},basis,day_unit", f"{first},residence,calendar", *(f"{line},," for line in rest)]
    )
    matter = read_catalogue(texts).matters[0]
    assert matter.basis is Basis.RESIDENCE
    assert matter.day_unit is DayUnit.CALENDAR
    assert matter.sample == ("accepting", "legal_basis", "extension_days")


def test_what_is_settled_at_once_is_due_today_and_not_in_a_day() -> None:
    texts = table_texts()
    assert re.search(r",immediate,\d+,1,", texts["items"])
    for matter in read_catalogue(texts).matters:
        assert matter.promised_days == 0 or not matter.immediate
        assert matter.extension_days == 0 or not matter.immediate


def test_the_yearly_check_of_the_senior_card_is_the_communitys() -> None:
    matter = the_catalogue().matter("MZJ-080103")
    assert (matter.level, matter.immediate) == (Level.COMMUNITY, True)
    assert "敬老卡年检" in matter.aliases
    assert [m.handling for m in matter.materials] == [Handling.LOOKED_AT] * 3


def test_the_version_names_the_content() -> None:
    texts = table_texts()
    assert read_catalogue(texts).version == the_catalogue().version
    assert the_catalogue().version.startswith("sample-")
    texts["bundles"] = texts["bundles"].replace("小餐馆", "小吃店")
    assert read_catalogue(texts).version != the_catalogue().version


def test_the_catalogue_survives_the_way_through_json() -> None:
    again = msgspec.json.decode(msgspec.json.encode(the_catalogue()), type=Catalogue)
    assert again == the_catalogue()
    assert again.version == the_catalogue().version


def test_an_unknown_matter_is_named() -> None:
    with pytest.raises(UnknownMatter, match="XX-000100"):
        the_catalogue().matter("XX-000100")
    assert the_catalogue().get("XX-000100") is None


def test_the_variants_of_a_matter_are_found_together() -> None:
    catalogue = the_catalogue()
    variants = catalogue.variants(catalogue.matter("MZJ-080101"))
    assert [matter.code for matter in variants] == ["MZJ-080101", "MZJ-080102", "MZJ-080103"]


@pytest.mark.parametrize(
    ("table", "old", "new", "says"),
    [
        ("items", ",SCJG,organization", ",XXXX,organization", "no department XXXX"),
        ("items", ",district,SCJG", ",county,SCJG", "level is 'county'"),
        ("departments", "RSJ,区人力", "SCJG,区人力", "twice"),
        ("materials", "SCJG-000101,2,", "SCJG-000101,1,", "not in order"),
        ("materials", "SCJG-000101,1,", "SCJG-999999,1,", "no matter SCJG-999999"),
        ("materials", ",government,SFZ,always", ",government,ZZZ,always", "no licence type ZZZ"),
        ("materials", ",applicant,,always", ",applicant,,never", "required is 'never'"),
        ("bundles", "SCJG-000501;", "SCJG-009999;", "no matter SCJG-009999"),
        ("departments", "code,name", "kode,name", "no column code"),
    ],
)
def test_a_mistake_in_a_table_is_named(table: str, old: str, new: str, says: str) -> None:
    texts = table_texts()
    assert old in texts[table]
    texts[table] = texts[table].replace(old, new, 1)
    with pytest.raises(BadData, match=says):
        read_catalogue(texts)
