"""The little browser: what it sends is what a real one would, and what is not there is an error."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, redirect, request
from flask.typing import ResponseReturnValue

from central.demo.person import Lost, Person
from tests.serving import served

PAGE = """<!doctype html><title>一页</title><style>p { color: red }</style>
<script>document.write("not read")</script>
<p>第一行
  第二行</p><a href="/there">去那边</a><a href="/paper.pdf">打印</a>
<form method="post" action="/told" id="told">
  <input name="csrf" type="hidden" value="t-1"><input name="name" value="林">
  <input name="off" value="x" disabled>
  <input type="checkbox" name="paper" value="1" checked>
  <input type="checkbox" name="paper" value="2">
  <input type="radio" name="how" value="phone" checked><input type="radio" name="how" value="mail">
  <input type="checkbox" name="agree">
  <select name="area"><option value="">请选择</option><option value="350102">鼓楼</option></select>
  <select name="kind"><option value="a">甲</option><option value="b" selected>乙</option></select>
  <textarea name="note">
一句话</textarea>
  <button name="act" value="save">存 <b>好</b></button><button>不存</button>
</form>
<input name="outside" value="o" form="told">
<form><input name="q"><button>查找</button></form>
<form method="post" action="/place"><button name="county" value="350102">鼓楼</button>
<button name="county" value="350112">长乐</button></form>
<form method="post" action="/told?of=second"><input name="which" value="2"><button>销掉</button>
<p hx-post="/place" hx-trigger="load" hx-include="closest form">正在查…</p></form>
<form method="post" action="/sent"><input type="file" name="table"><button>检查</button></form>"""


def make_site() -> Flask:
    app = Flask(__name__)

    @app.get("/")
    def page() -> str:
        return PAGE

    @app.post("/told")
    @app.post("/place")
    def told() -> str:
        pairs = [f"{name}={value};" for name, value in request.form.items(multi=True)]
        return " ".join(pairs) + f" from {request.headers.get('Referer')}"

    @app.post("/sent")
    def sent() -> str:
        file = request.files["table"]
        return f"<p>{file.filename} {file.stream.read().decode()}</p>"

    @app.get("/there")
    def there() -> ResponseReturnValue:
        return redirect("/elsewhere")

    @app.get("/elsewhere")
    def elsewhere() -> ResponseReturnValue:
        return "<p>到了</p>", 418

    @app.get("/paper.pdf")
    def paper() -> ResponseReturnValue:
        return b"%PDF-1.7", {"Content-Type": "application/pdf"}

    return app


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    with served(make_site()) as address:
        yield address


@pytest.fixture
def person(site: str) -> Iterator[Person]:
    person = Person("路人", site)
    person.open("/")
    yield person
    person.close()


def sent(person: Person) -> list[str]:
    return [pair.rstrip(";") for pair in person.words.split(" from ")[0].split("; ")]


def test_it_reads_words_not_scripts(person: Person) -> None:
    assert person.sees("第一行 第二行")
    assert not person.sees("not read")
    assert not person.sees("color")


def test_an_untouched_form_sends_what_stands_in_it(person: Person) -> None:
    person.press("存 好")
    assert sent(person) == [
        "csrf=t-1", "name=林", "paper=1", "how=phone", "area=", "kind=b", "note=一句话",
        "outside=o", "act=save",
    ]  # fmt: skip
    assert person.words.endswith("/")  # it says where it comes from, as browsers do


def test_what_is_filled_in_replaces_what_stood_there(person: Person) -> None:
    person.press("存", {"name": "王", "paper": ["1", "2"], "agree": "on", "area": "350102"})
    said = sent(person)
    assert {"name=王", "paper=1", "paper=2", "agree=on", "area=350102"} <= set(said)
    assert said.count("name=王") == 1
    assert "name=林" not in said


@pytest.mark.parametrize("name", ["nothing", "off", "csrf2"])
def test_a_field_that_is_not_there_cannot_be_filled_in(person: Person, name: str) -> None:
    with pytest.raises(Lost, match=f"没有 {name}"):
        person.press("存", {name: "x"})


@pytest.mark.parametrize(("name", "value"), [("area", "1"), ("paper", "3"), ("how", "fax")])
def test_a_choice_that_is_not_offered_cannot_be_made(person: Person, name: str, value: str) -> None:
    with pytest.raises(Lost, match=f"{name} 不能选 {value}"):
        person.press("存", {name: value})


def test_a_button_or_link_that_is_not_there_is_named_with_what_is(person: Person) -> None:
    with pytest.raises(Lost, match=r"没有“归档”按钮.*不存"):
        person.press("归档")
    with pytest.raises(Lost, match=r"没有“归档”的链接.*去那边"):
        person.follow("归档")
    with pytest.raises(Lost, match="没有“归档”"):
        person.must_see("第一行", "归档")


def test_one_of_several_buttons_is_chosen_by_its_value(person: Person) -> None:
    person.choose("county", "350112")
    assert sent(person) == ["county=350112"]
    person.open("/")
    with pytest.raises(Lost, match="不能选 county=1"):
        person.choose("county", "1")


def test_a_button_that_several_forms_have_is_pressed_of_one(person: Person) -> None:
    person.press("销掉", of="second")
    assert sent(person) == ["which=2"]
    person.open("/")
    with pytest.raises(Lost, match="没有“销掉”"):
        person.press("销掉", of="third")


def test_it_waits_for_the_part_that_a_page_loads_by_itself(person: Person) -> None:
    person.wait()
    assert sent(person) == ["which=2"]
    before = person.words
    assert person.wait() == before, "nothing more comes"


def test_a_file_is_sent_with_its_name(person: Person) -> None:
    assert person.send_file("检查", "items.csv", "事项".encode()) == "items.csv 事项"


def test_a_form_without_a_method_asks_in_the_address(person: Person) -> None:
    person.press("查找", {"q": "敬老卡"})
    assert person.url.endswith("?q=%E6%95%AC%E8%80%81%E5%8D%A1")


def test_it_follows_a_link_and_where_that_leads(person: Person) -> None:
    assert person.follow("去那边") == "到了"
    assert (person.status, person.url.rsplit("/", 1)[1]) == (418, "elsewhere")


def test_it_downloads_what_a_link_leads_to_and_nothing_that_fails(person: Person) -> None:
    assert person.fetch(person.link("打印")) == b"%PDF-1.7"
    with pytest.raises(Lost, match="答 418"):
        person.fetch("/elsewhere")
    with pytest.raises(Lost, match="没有给出 PDF"):
        person.print_from("不存")


def test_nobody_at_the_other_end_is_an_error_in_words(person: Person) -> None:
    with pytest.raises(Lost, match="没有应答"):
        person.open("http://127.0.0.1:9/")
