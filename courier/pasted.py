"""智能粘贴: an address with name and phone, pasted in one go, cut into a slip's fields. Pure.

The phone is found wherever it stands, the name by its label or at either end, and what is left
behind the county is the street, kept as it was written. Nothing is made up: a field that is not
found stays empty, one that may be wrong is named in ``unsure``, and a person looks at all of them.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from cases.fields import BadField
from cases.people import check_name, check_phone
from courier import surnames
from courier.regions import Region, Regions

PASTED_CHARS_MAX = 600

_GAP = "\n"
_MOBILE = (
    r"(?:[(（]?(?:\+|00)?86[)）]?[ -]*)?1[3-9]\d{9}",
    r"(?:[(（]?(?:\+|00)?86[)）]?[ -]*)?1[3-9]\d[ -]\d{4}[ -]\d{4}",
    r"(?:[(（]?(?:\+|00)?86[)）]?[ -]*)?1[3-9](?:[ -]?\d){9}",
)
_LANDLINE = (
    r"(?:(?:\+|00)?86[ -]*)?[(（]?0?(?:10|2\d|[3-9]\d\d)[)）]?[ -]?[2-8]\d{2,3}[ -]?\d{4}"
    r"(?:[ ]?(?:-|转|分机|#|ext\.?)[ ]?\d{1,6})?"
)
_ABROAD = r"[(（]?(?:\+|00)?(?:852|853|886)[)）]?[ -]*\d(?:[ -]?\d){7,9}"
_PHONES = tuple(
    re.compile(rf"(?<![\dA-Za-z]){form}(?!\d)(?![ -]?\d{{5}})", re.IGNORECASE)
    for form in (*_MOBILE, _ABROAD, _LANDLINE)
)
_GLUED = re.compile(r"(?<=\D\d{3})(1[3-9]\d{9})(?!\d)|(?<=\D\d{4})(1[3-9]\d{9})(?!\d)")
_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_POSTCODE = re.compile(r"(?:(?<=[\s,，;；(（])|^)(?:邮编)?\d{6}(?=[\s,，;；)）]|$)")

_LABELS = {
    "name": "to|收件人姓名|联系人姓名|收货人姓名|收件人|收货人|联系人|收件方|姓名|名字"
    "|recipient|receiver|consignee|full name|name|attn|contact",
    "phone": "收件人电话|收货人电话|收件人手机|联系人电话|联系手机|我的电话|我的手机|我电话|我手机"
    "|手机号码|手机号|联系电话|联系方式|电话号码|手机|电话|mobile|telephone|phone|tel|cell",
    "region": "所在地区|所在区域|省市区县|省市区|地区|区域|region|area|district",
    "street": "收件人地址|收货人地址|我的地址|我家地址|家庭住址|居住地址|邮寄地址"
    "|寄送地址|快递地址|送货地址"
    "|详细地址|收件地址|收货地址|联系地址|通讯地址|家庭地址|现住址|住址|地址|街道地址"
    "|shipping address|address|addr|street",
    "drop": "邮政编码|邮编|国家/地区|国家|备注|身份证号码|身份证号|身份证|postal code|postcode"
    "|zip code|zip|country|id",
}
_ALL_LABELS = "|".join(_LABELS.values())
_LABEL = re.compile(
    rf"(?:(?<=[\s,，;；。、|）)】\]0-9\u3400-\u9fff])|^|[【\[(（])(?P<marked>{_ALL_LABELS})"
    r"(?:[】\])）][ ]*[:：]?|[ ]*(?:no\.?|number)?[ ]*[:：=|｜是])"
    rf"|(?:(?<=[\s,，;；。])|^)(?P<bare>{_ALL_LABELS})"
    r"(?<=[\u4e00-\u9fff])(?:[ \t]+|[ \t]*(?=\n)|(?<=地址))",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"(?:(?:麻烦|请|帮忙|帮我|我要|您|你)*(?:邮|快递)?(?:寄|发|送)(?:给|到|至|往)"
    r"|(?:您好|你好)[,，!！ ]*(?:我的)?|收[货件]人?信息)[:： ]*"
)
_THANKS = re.compile(
    r"(?:(?<=[\s,，;；。!！])|^)(?:谢谢|多谢|感谢|辛苦|拜托|麻烦)(?:您|你|了|啦|师傅)*"
    r"(?=[\s,，;；。.!！~]|$)[.!！~]*"
)
_LIVES = re.compile(r"(?:(?<=[\s,，;；。])|^)(?:我?家?住在|我?家在)")
_COUNTED = re.compile(r"(?:^|(?<=\s))[1-5][.、)）] ?(?!\d{1,2}[号栋幢座])")
_LONG_NUMBER = re.compile(r"(?<![\dA-Za-z])\d{9,12}(?!\d)")
_EDGE = " \t\n\r,，;；。、|:：./-—_"
_SPLIT = re.compile(r"[\n\t,，;；|。]+|\s+")
_TITLE = re.compile(
    r"[ (（【\[]*(?:亲启|亲收|收启|收件|签收|转交|收)[)）】\]]*$|[(（【\[][)）】\]]"
)
_HONOUR = re.compile(
    r"(?:先生|女士|小姐|老师|阿姨|叔叔|大爷|大妈|同志|师傅|医生|经理|教授|奶奶|爷爷)$"
)
_HAN = r"\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003fffd〇"
_CALLED = re.compile(
    r"(?:(?<=[\s,，;；。])|^)(?:收件人|收货人|联系人|姓名|我叫|我是)"
    rf"(?!电话|手机|地址|信息|姓名|联系)([{_HAN}]{{2,4}})(?=[\s,，;；。\d]|$)"
)
_NOTE = re.compile(r"[(（【\[][^()（）【】\[\]]*[)）】\]]")
_CHINESE = re.compile(rf"[{_HAN}]{{2,4}}")
_BARE = re.compile(rf"[{_HAN}]{{2,5}}")
_DOTTED = re.compile(rf"[{_HAN}]+(?:[·•・‧．.][{_HAN}]+)+")
_LATIN = re.compile(
    r"[A-Za-z\u00c0-\u024f][A-Za-z\u00c0-\u024f.'’-]*(?: [A-Za-z\u00c0-\u024f.'’-]+){0,4}"
)
_LATIN_END = re.compile(
    r"(?:[\n,，;；] *|(?<=[0-9\u4e00-\u9fff]) +)([A-Za-z][A-Za-z.'’-]*(?: [A-Za-z.'’-]+)*)$"
)
_ORGANISATION = re.compile(
    r"(?:公司|事务所|合作社|经营部|商行|工作室|居委会|村委会|委员会|学校|集团|厂|店)$"
)
_OF_A_PLACE = re.compile(
    r"(?:[省市区县旗镇乡村路街道巷弄里坊号幢座楼层室房户院园苑城厦场店局所站组队社桥门口旁边侧内]|单元|小区|花园|公寓|新村)$"
)
_HOUSE_END = re.compile(
    r"(?<=[\d号室楼层房栋幢座元户院])(?=[^\d\sA-Za-z号室楼层房栋幢座元户院]{2,4}$)"
)


class Pasted(NamedTuple):
    """What was found, in the form in which it is typed; empty where nothing was."""

    name: str = ""
    phone: str = ""
    county: str = ""
    street: str = ""
    unsure: tuple[str, ...] = ()
    """The fields a person must look at, in the slip's order: missing ones and guesses."""
    choices: tuple[str, ...] = ()
    """The counties it could be, where the text does not say which or contradicts itself."""
    within: str = ""
    """The province or city that was named without a county."""

    def typed(self) -> dict[str, str]:
        """What a draft keeps: the fields that were found, and what is to be looked at."""
        fields = {"name": self.name, "phone": self.phone, "street": self.street}
        found = {field: value for field, value in fields.items() if value}
        return {
            **found,
            "county": self.county,
            "unsure": ",".join(self.unsure),
            "choices": ",".join(self.choices),
            "within": "" if self.county else self.within,
        }


class _Left(NamedTuple):
    """The text without its phone and labelled fields."""

    text: str
    name: str = ""
    region: str = ""


def split_pasted(pasted: str, regions: Regions) -> Pasted:
    """Cut what was pasted into the fields of a slip."""
    text = _COUNTED.sub("", _COURTESY.sub(_GAP, _said_plainly(_plain(pasted)), count=1))
    phone, text, phones = _take_phone(text)
    wrong = _LONG_NUMBER.search(text)  # what was to be a phone: never printed in an address
    text = _LONG_NUMBER.sub(_GAP, text)
    left = _take_labels(_POSTCODE.sub(_GAP, text))
    name, region, street, guessed = _cut(left, regions)
    street, name, from_end = _name_at_the_end(street, name)
    street = _without_repeat(street, region, regions)
    typed = phone or (wrong[0] if wrong else "")
    found = {"name": _proper(name), "phone": typed, "county": region.county, "street": street}
    doubtful = {
        "name": guessed or from_end,
        "phone": phones != 1,
        "county": region.loose,
        "street": len(street) < 4,
    }
    unsure = tuple(field for field, value in found.items() if not value or doubtful[field])
    return Pasted(**found, unsure=unsure, choices=region.choices, within=region.within)


def _plain(pasted: str) -> str:
    """Ordinary digits, letters and spaces; Chinese punctuation and rare characters stay."""
    made = "".join(_one(c) for c in unicodedata.normalize("NFC", pasted[:PASTED_CHARS_MAX]))
    return _ID_NUMBER.sub(_GAP, made).strip()


def _said_plainly(text: str) -> str:
    """Without thanks, and what is told as in a letter as if it were labelled."""
    text = _LIVES.sub("地址：", _THANKS.sub(_GAP, text))
    named = _CALLED.search(text)
    if named is None or not _is_name(named[1]):
        return text
    return f"{text[: named.start()]}姓名：{named[1]}{_GAP}{text[named.end() :]}"


def _one(character: str) -> str:
    if "０" <= character <= "ｚ" and character.isalnum():
        return chr(ord(character) - 0xFEE0)
    if character in "‐‑‒–—―−－":
        return "-"
    if character in "＋":
        return "+"
    if character in "\r\n\u2028\u2029":
        return _GAP
    if character.isspace():
        return " "
    return "" if unicodedata.category(character) == "Cf" else character


def _take_phone(text: str) -> tuple[str, str, int]:
    """The phone in its stored form, the text without any, and how many stood apart in it."""
    found: list[str] = []
    for form in _PHONES:
        for match in list(form.finditer(text))[::-1]:
            try:
                phone = check_phone(_typed(match[0]))
            except BadField:
                continue
            found.append(phone)
            text = f"{text[: match.start()]}{_GAP}{text[match.end() :]}"
    if not found and (glued := _GLUED.search(text)):  # 2号楼60113805911234: a room right before it
        return glued[0], f"{text[: glued.start()]}{_GAP}{text[glued.end() :]}", 0
    return (found[0] if found else ""), text, len(set(found))


def _typed(phone: str) -> str:
    """A phone as its check takes it: an area code has its 0, an extension its 转."""
    return re.sub(r"ext\.?", "转", phone, flags=re.IGNORECASE)


def _take_labels(text: str) -> _Left:
    """The labelled fields taken out; what stands before the first label and has none stays."""
    marks = list(_LABEL.finditer(text))
    if not marks:
        return _Left(text)
    parts = {"name": "", "phone": "", "region": "", "street": "", "drop": ""}
    loose = text[: marks[0].start()]
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        value = text[mark.end() : following.start() if following else len(text)]
        label = (mark["marked"] or mark["bare"]).lower()
        kind = next(k for k, names in _LABELS.items() if label in names.split("|"))
        if kind in ("phone", "drop", "name"):
            value = value if kind == "phone" else value.lstrip(_EDGE)
            value, _gap, more = value.partition(_GAP)
            loose += _GAP + more
        parts[kind] = parts[kind] or value.strip(_EDGE)
    if parts["drop"] and not parts["drop"].isdigit():
        parts["drop"] = ""  # a country or a note: nothing a slip has a field for
    where = f"{parts['region']} {parts['street']}".strip()
    return _Left(_GAP.join(p for p in (where, loose.strip(_EDGE)) if p), parts["name"], where)


def _cut(left: _Left, regions: Regions) -> tuple[str, Region, str, bool]:
    """The name, the county, the street, and whether the name is a guess."""
    text = left.text
    region, start = _find_region(text, regions)
    before = text[:start].strip(_EDGE)
    rest = text[start + region.end :]
    if left.name:
        return left.name, region, _tidy(f"{rest}{_GAP}{before}"), False
    if not region.levels:
        return _first_name(text)[0], region, _tidy(_first_name(text)[1]), True
    pieces = [piece for piece in _pieces(before) if piece]
    names = [piece for piece in pieces if _is_name(piece)]
    if len(pieces) > 1 and _is_name(whole := " ".join(pieces)) and _LATIN.fullmatch(whole):
        return whole, region, _tidy(rest), False
    if names:
        others = _GAP.join(piece for piece in pieces if piece != names[0])
        return names[0], region, _tidy(f"{rest}{_GAP}{others}"), len(pieces) > 1
    return before.replace(_GAP, " "), region, _tidy(rest), bool(before)


def _first_name(text: str) -> tuple[str, str]:
    """The first piece if it is a name, and what is left; of an address that names no place."""
    first, gap, rest = text.strip(_EDGE).partition(_GAP)
    if gap and _LATIN.fullmatch(first) and _is_name(first):
        return first, rest
    pieces = _pieces(text.strip(_EDGE))
    if len(pieces) > 1 and _is_name(pieces[0]):
        at = text.index(pieces[0])
        return pieces[0], f"{text[:at]}{text[at + len(pieces[0]) :]}"
    return "", text


def _find_region(text: str, regions: Regions) -> tuple[Region, int]:
    """The place the text names best, and where that begins."""
    starts = [0, *(match.end() for match in _SPLIT.finditer(text))]
    found = [(regions.read(text[start:]), start) for start in starts if text[start : start + 1]]
    best = max(found, key=lambda one: (_worth(one[0]), -one[1]), default=(Region(), 0))
    if best[0].levels:
        return best
    for start in range(2, min(6, len(text))):  # 林小梅福建省福州市…
        region = regions.read(text[start:])
        if region.levels > 1 and _is_name(text[:start].strip(_EDGE)):
            return region, start
    return best


def _worth(region: Region) -> tuple[int, int, int]:
    return 2 * bool(region.county) + bool(region.choices), region.levels, region.end


def _pieces(text: str) -> list[str]:
    return [piece for piece in _SPLIT.split(text) if piece.strip(_EDGE)]


def _is_name(piece: str) -> bool:
    """Whether it reads as somebody's name: a surname first, a dot within, Latin words."""
    bare = _HONOUR.sub("", _without_title(piece))
    if _LATIN.fullmatch(bare):
        return not re.search(
            r"(?i)\b(?:room|road|street|no|unit|floor|block|district|city)\b", bare
        )
    if _DOTTED.fullmatch(bare) or _ORGANISATION.search(bare):
        return True
    if bare != _without_title(piece) and bare[:1] in surnames.SHORT and len(bare) < 4:
        return True
    if not _CHINESE.fullmatch(bare) or _OF_A_PLACE.search(bare):
        return False
    return bare[:2] in surnames.LONG or (bare[0] in surnames.SHORT and len(bare) < 5)


def _name_at_the_end(street: str, name: str) -> tuple[str, str, bool]:
    """A name taken out of the street where none was found elsewhere; whether it is a guess."""
    if name:
        return street.replace(_GAP, " "), name, False
    for cut, guess in _name_cuts(street):
        found = street[cut].strip(_EDGE)
        left = _tidy(street[: cut.start] + street[cut.stop :])
        if found and len(left) > 3:
            return left.replace(_GAP, " "), found, guess
    return street.replace(_GAP, " "), "", False


def _name_cuts(street: str) -> Iterator[tuple[slice, bool]]:
    """Where a name may stand in a street, the likeliest first, and whether that is a guess."""
    latin = _LATIN_END.search(street)
    if latin and _is_name(latin[1]):
        yield slice(latin.start(1), len(street)), False
    pieces = _pieces(street)
    if len(pieces) > 1:
        last = slice(street.rindex(pieces[-1]), len(street))
        if _is_name(pieces[-1]):
            yield last, False
        if pieces[-1][0] in "(（" and _is_name(pieces[-2]):  # a note stands behind it
            at = street.rindex(pieces[-2])
            yield slice(at, at + len(pieces[-2])), True
        if _is_name(pieces[0]):
            yield slice(street.index(pieces[0]), street.index(pieces[0]) + len(pieces[0])), True
        if _BARE.fullmatch(_without_title(pieces[-1])) and not _OF_A_PLACE.search(pieces[-1]):
            yield last, True  # 扎西多吉: no surname, but nothing of an address either
    bare = _without_title(street)
    cut = _HOUSE_END.search(bare)
    if cut and _is_name(bare[cut.start() :]):
        yield slice(cut.start(), len(street)), True


def _without_repeat(street: str, region: Region, regions: Regions) -> str:
    """A street before which the region was written once more."""
    again = regions.read(street)
    if again.county and again.county == region.county and again.levels > 1:
        return _tidy(street[again.end :])
    return street


def _without_title(text: str) -> str:
    """Without 收, (收), 亲启 behind a name."""
    return _TITLE.sub("", text.strip(_EDGE)).strip(_EDGE)


def _tidy(street: str) -> str:
    """One space for many; no punctuation at the ends."""
    lines = (" ".join(line.split()).strip(_EDGE) for line in street.split(_GAP))
    return _GAP.join(line for line in lines if line)


def _proper(name: str) -> str:
    """A name in its stored form, or nothing if it is none."""
    try:
        return check_name(_without_title(_NOTE.sub("", name) or name))
    except BadField:
        return ""
