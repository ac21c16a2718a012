"""The carriers as central is configured to know them."""

from __future__ import annotations

from collections.abc import Mapping

from cases.tracking import EMS, OWN
from central.carrier_db import CarrierDb
from central.carrier_poll import HttpFeed
from central.config import Mail
from central.district import District
from courier.carriers.codes import read_codes
from courier.carriers.ems import Ems
from courier.carriers.own import Own
from courier.carriers.ports import Carrier


def carriers_of(mail: Mail) -> Mapping[str, Carrier]:
    """Each carrier by its code."""
    if mail.codes_file is None:
        return {OWN: Own(), EMS: Ems()}
    text = mail.codes_file.read_text("utf-8-sig")
    return {OWN: Own(), EMS: Ems(read_codes(mail.codes_file.name, text))}


def open_carrier_db(district: District) -> CarrierDb:
    """What carriers told. Close it."""
    return CarrierDb(district.config.data, district.secrets.carrier_key)


def feed_of(mail: Mail) -> HttpFeed | None:
    """Where China Post is asked, or None where its files are uploaded. Close it."""
    if mail.status_url is None:
        return None
    key = mail.status_key_file.text if mail.status_key_file else ""
    return HttpFeed(
        mail.status_url, key, ca_file=str(mail.status_ca_file) if mail.status_ca_file else None
    )
