"""Somebody at home with a phone: fills in an application, photographs papers, sends it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from io import BytesIO

from werkzeug.test import TestResponse

from tests.central.world import HERE, Browser
from tests.node.pictures import jpeg

CARE = "YBJ-080600"  # 长期护理保险申请协办: an ID to photograph, a medical record to fetch
LIN = {
    "name": "林小梅", "document": "resident_id", "document_number": "11010519491231002x",
    "phone": "138 0591 5678",
}  # fmt: skip
HOME = {"address": "东街街道军门社区12号楼3单元502室", "note": "门铃坏了", "post": "yes"}


@dataclass
class AtHome:
    """A resident's browser on the pages of one application."""

    browser: Browser
    key: str = CARE
    day: str = ""
    pages: dict[str, str] = field(default_factory=dict)

    def url(self, step: str) -> str:
        return f"/apply/{self.key}/{step}"

    def say(self, step: str, **typed: str) -> TestResponse:
        self.browser.get(self.url(step))
        return self.browser.post(self.url(step), typed)

    def photograph(self, position: int, picture: bytes = b"") -> TestResponse:
        url = self.url(f"photo/{position}")
        self.browser.get(url)
        file = (BytesIO(picture or jpeg(noted=True)), "IMG_1.jpg")
        return self.browser.post(url, {"file": file}, content_type="multipart/form-data")

    def fill_in(self) -> TestResponse:
        """Everything up to the look over all of it."""
        self.say("who", **LIN)
        self.say("point", point=HERE)
        self.photograph(1)
        self.say("photos")
        page = self.browser.get(self.url("when")).text
        self.day = re.findall(r'name="day" value="([^"]+)"', page)[0]
        self.say("when", day=self.day, hours="9-12")
        return self.say("where", **HOME)

    @property
    def op(self) -> str:
        assert self.browser.page is not None
        found = re.search(r'name="op" value="([^"]+)"', self.browser.page.text)
        assert found, self.browser.page.text
        return found[1]

    def send(self) -> TestResponse:
        self.browser.get(self.url("check"))
        return self.browser.post(self.url("check"), {"op": self.op})

    def apply(self) -> str:
        """Fill in and send. :returns: the visit's number."""
        self.fill_in()
        self.browser.get(self.url("check"))
        return self.apply_again(self.op)

    def apply_again(self, op: str) -> str:
        """Press the last button (once more). :returns: the visit's number."""
        answer = self.browser.post(self.url("check"), {"op": op})
        found = re.search(r"VGL\d{3}-[0-9A-Z-]+", answer.text)
        assert found, answer.text
        return found[0]
