"""A person at a browser: opens pages, reads them, fills in forms, presses buttons.

It can do only what a page offers: links that the page has, fields that the form has, buttons by
their words. So a demonstration that it completes is one that a person can complete.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import requests

from sync.errors import DoorstepError

TIMEOUT_S = 30


class Lost(DoorstepError):
    """The page does not offer what the person looks for; the message shows what it does offer."""


@dataclass
class Control:
    """A field or button of a form."""

    name: str
    kind: str
    value: str = ""
    checked: bool = False
    words: str = ""
    to: str = ""
    """Where this button sends the form, if not where the form goes."""
    options: list[str] = field(default_factory=list)


@dataclass
class Form:
    """A form of a page."""

    action: str
    method: str
    id: str = ""
    controls: list[Control] = field(default_factory=list)

    @property
    def buttons(self) -> list[Control]:
        """What can be pressed."""
        return [c for c in self.controls if c.kind == "submit"]

    def values(self) -> list[tuple[str, str]]:
        """What the form would send if nothing were changed."""
        return [
            (c.name, c.value)
            for c in self.controls
            if c.name and c.kind != "submit"
            and (c.checked or c.kind not in ("radio", "checkbox"))
        ]  # fmt: skip


class _Reader(HTMLParser):
    """Reads the links, forms and words of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[tuple[str, str]] = []
        self.forms: list[Form] = []
        self.asks: list[tuple[str, Form | None]] = []
        self.text: list[str] = []
        self.token = ""
        self._open: list[Form] = []
        self._taking: list[tuple[str, list[str], object]] = []
        self._loose: list[tuple[str, Control]] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in ("script", "style", "template"):
            self._hidden += 1
        elif tag == "form":
            sent = ("post", given["hx-post"]) if "hx-post" in given else ("", "")
            method, action = given.get("method", sent[0] or "get"), given.get("action", sent[1])
            form = Form(action, method, given.get("id", ""))
            self.forms.append(form)
            self._open.append(form)
        elif tag == "a" and "href" in given:
            self._taking.append(("a", [], given["href"]))
        elif tag in ("input", "select", "textarea", "button"):
            self._control(tag, given)
        elif tag == "option":
            self._option(given)
        elif given.get("name") == "csrf-token":
            self.token = given.get("content", "")
        if given.get("hx-trigger", "").split(",")[0] == "load" and "hx-post" in given:
            self.asks.append((given["hx-post"], self._open[-1] if self._open else None))

    def _control(self, tag: str, given: dict[str, str]) -> None:
        kind = given.get("type", "submit" if tag == "button" else "text")
        kind = tag if tag in ("select", "textarea") else kind
        control = Control(given.get("name", ""), kind, given.get("value", ""), "checked" in given)
        if kind in ("radio", "checkbox") and "value" not in given:
            control.value = "on"
        control.words = control.value if tag == "input" else ""
        control.to = given.get("formaction", "")
        if "disabled" in given:
            return
        if "form" in given:
            self._loose.append((given["form"], control))
        elif self._open:
            self._open[-1].controls.append(control)
        if tag in ("button", "textarea"):
            self._taking.append((tag, [], control))

    def _option(self, given: dict[str, str]) -> None:
        control = self._open[-1].controls[-1] if self._open and self._open[-1].controls else None
        if control is not None and control.kind == "select":
            control.options.append(given.get("value", ""))
            if "selected" in given or len(control.options) == 1:
                control.value = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag in ("script", "style", "template"):
            self._hidden = max(0, self._hidden - 1)
        if tag == "form" and self._open:
            self._open.pop()
        if self._taking and self._taking[-1][0] == tag:
            _, words, what = self._taking.pop()
            said = " ".join("".join(words).split())
            if isinstance(what, Control):
                what.words = said
                if what.kind == "textarea":
                    what.value = "".join(words).removeprefix("\n")
            else:
                self.links.append((said, str(what)))

    def handle_data(self, data: str) -> None:
        if self._hidden:
            return
        self.text.append(data)
        for _, words, _ in self._taking:
            words.append(data)

    def finish(self) -> None:
        """Give the controls that stand outside their form to it."""
        for id, control in self._loose:
            for form in self.forms:
                if form.id == id:
                    form.controls.append(control)


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, name: str, base: str) -> None:
        self.name = name
        self.base = base
        self.session = requests.Session()
        self.session.trust_env = False
        self.url = base
        self.status = 0
        self.body = b""
        self.page = _Reader()

    def close(self) -> None:
        """Close the browser."""
        self.session.close()

    def open(self, address: str) -> str:
        """Open an address, as typed or scanned. :returns: the words of the page."""
        return self._show(self._ask("GET", address))

    def fetch(self, address: str) -> bytes:
        """Download what a link of the page leads to."""
        answer = self._ask("GET", address)
        if answer.status_code != 200:
            raise Lost(f"{self.name}: {answer.url} 答 {answer.status_code}")
        return answer.content

    def _show(self, answer: requests.Response) -> str:
        self.url, self.status, self.body = answer.url, answer.status_code, answer.content
        self.page = _Reader()
        self.page.feed(answer.text if "html" in answer.headers.get("Content-Type", "") else "")
        self.page.finish()
        return self.words

    @property
    def words(self) -> str:
        """Everything that the page says."""
        return " ".join("".join(self.page.text).split())

    def sees(self, *words: str) -> bool:
        """Whether the page says all of these."""
        return all(word in self.words for word in words)

    def must_see(self, *words: str) -> None:
        """:raises Lost: the page does not say all of these."""
        for word in words:
            if word not in self.words:
                where = f"{self.name}: {self.url}（{self.status}）"
                raise Lost(f"{where}上没有“{word}”：{self.words[:600]}")

    def link(self, words: str) -> str:
        """The address of the first link whose words contain these, or whose address does."""
        for said, address in self.page.links:
            if words in said or words in address:
                return urljoin(self.url, address)
        offered = "、".join(said for said, _ in self.page.links if said)[:400]
        raise Lost(f"{self.name}: {self.url} 上没有“{words}”的链接，有：{offered}")

    def follow(self, words: str) -> str:
        """Follow a link."""
        return self.open(self.link(words))

    def wait(self) -> str:
        """Let the page ask for the part that it loads by itself, if it has one, and show that."""
        if self.page.asks:
            address, form = self.page.asks[0]
            self._show(self._ask("POST", address, data=form.values() if form else []))
        return self.words

    def form(self, button: str, of: str = "") -> tuple[Form, Control]:
        """The form that has a button with these words, and that is ``of`` something."""
        for form in (f for f in self.page.forms if of in f.action):
            for control in form.buttons:
                if button in control.words or button == control.name:
                    return form, control
        offered = "、".join(c.words for f in self.page.forms for c in f.buttons)
        raise Lost(
            f"{self.name}: {self.url}（{self.status}）上没有“{button}”按钮，有：{offered}；"
            f"页面说：{self.words[:400]}"
        )

    def press(
        self, button: str, fields: Mapping[str, str | list[str]] | None = None, of: str = ""
    ) -> str:
        """Fill in fields by name and press a button, of the form that is ``of`` something.

        A field that is not there, or a choice that it does not offer, is an error.
        """
        form, control = self.form(button, of)
        values = [(n, v) for n, v in form.values() if n not in (fields or {})]
        for name, value in (fields or {}).items():
            given = [value] if isinstance(value, str) else value
            self._must_offer(form, name, given)
            values += [(name, v) for v in given]
        if control.name:
            values.append((control.name, control.value))
        return self._show(self._send(form, values, control.to))

    def _must_offer(self, form: Form, name: str, given: list[str]) -> None:
        controls = [c for c in form.controls if c.name == name]
        if not controls:
            known = "、".join(sorted({c.name for c in form.controls if c.name}))
            raise Lost(f"{self.name}: {self.url} 的表单里没有 {name}，有：{known}")
        offered = [value for c in controls for value in (c.options or [c.value])]
        chosen = all(c.kind in ("select", "radio", "checkbox") for c in controls)
        for value in given if chosen else ():
            if value not in offered:
                raise Lost(f"{self.name}: {self.url} 的 {name} 不能选 {value}，有：{offered[:40]}")

    def choose(self, name: str, value: str) -> str:
        """Press the button that stands for a value, as in a list of places."""
        for form in self.page.forms:
            for control in form.buttons:
                if (control.name, control.value) == (name, value):
                    return self._show(self._send(form, [*form.values(), (name, value)]))
        raise Lost(f"{self.name}: {self.url} 上不能选 {name}={value}：{self.words[:300]}")

    def print_from(self, button: str, ticked: Mapping[str, str] | None = None) -> bytes:
        """Press a button that answers with a document instead of a page."""
        form, control = self.form(button)
        more = [(control.name, control.value)] if control.name else []
        for name, value in (ticked or {}).items():
            self._must_offer(form, name, [value])
            more.append((name, value))
        answer = self._send(form, [*form.values(), *more])
        if answer.status_code != 200 or not answer.content.startswith(b"%PDF"):
            raise Lost(f"{self.name}: {answer.url} 没有给出 PDF（{answer.status_code}）")
        return answer.content

    def send_file(
        self, button: str, name: str, content: bytes, typed: Mapping[str, str] | None = None,
        *, into: str = "",
    ) -> str:  # fmt: skip
        """Choose a file in the form of a button, and press it.

        :param typed: what else is filled in. :param into: the field, where there are several.
        """
        form, _ = self.form(button)
        for given, value in (typed or {}).items():
            self._must_offer(form, given, [value])
        return self._send_file(form, name, content, typed or {}, into)

    def drop_file(self, form_id: str, name: str, content: bytes) -> str:
        """Choose a file in a form that is sent as soon as one is chosen. :returns: what answers."""
        for form in self.page.forms:
            if form.id == form_id:
                return self._send_file(form, name, content, {})
        raise Lost(f"{self.name}: {self.url} 上没有表单 {form_id}")

    def _send_file(
        self, form: Form, name: str, content: bytes, typed: Mapping[str, str], into: str = ""
    ) -> str:
        (field,) = {c.name for c in form.controls if c.kind == "file"} if not into else {into}
        address = form.action or self.url
        kept = [(n, v) for n, v in form.values() if n not in (field, "csrf_token", *typed)]
        values = [("csrf_token", self.page.token), *kept, *typed.items()]
        return self._show(self._ask("POST", address, data=values, files={field: (name, content)}))

    def _send(self, form: Form, values: list[tuple[str, str]], to: str = "") -> requests.Response:
        address = to or form.action or self.url
        if form.method.lower() == "post":
            return self._ask("POST", address, data=values)
        return self._ask("GET", address, params=values)

    def _ask(
        self,
        method: str,
        address: str,
        *,
        data: list[tuple[str, str]] | None = None,
        params: list[tuple[str, str]] | None = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
    ) -> requests.Response:
        url = urljoin(self.url, address)
        headers = {"Referer": self.url} if method == "POST" else {}
        try:
            return self.session.request(
                method, url, data=data, params=params, files=files, headers=headers,
                timeout=TIMEOUT_S,
            )  # fmt: skip
        except requests.RequestException as error:
            raise Lost(f"{self.name}: {url} 没有应答（{type(error).__name__}）") from None
