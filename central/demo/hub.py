"""The demonstration's first page: every surface, with its sign-in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from flask import Flask, render_template
from waitress.server import create_server  # type: ignore[import-untyped]  # it ships none

from central.demo.plan import (
    COURIER,
    PASSWORD,
    PIN,
    PLACES,
    STAFF,
    SUPERVISOR,
    Place,
    Plan,
    Someone,
    marked,
)
from courier.look import init_look


class Door(NamedTuple):
    """One surface: its title, what is done there, its address, who signs in."""

    title: str
    english: str
    words: str
    open: str
    url: str
    people: tuple[Someone, ...] = ()


class Step(NamedTuple):
    """One step of the walk: who, and what they do."""

    who: str
    does: str


WINDOWS = {
    "junmen": ("community point", "居民就近来办；本点有权的事项当场办结。"),
    "dongjie": ("subdistrict centre", "街道便民服务中心，同一套窗口。"),
    "centre": ("district centre", "各部门在这里受理、决定，结果从这里寄出。"),
}
WALK = (
    Step("军门社区 lin", "搜“叉车证复审”或 ccz，按 R 收件，打印收件凭证。"),
    Step("居民", "用编号和手机后四位查到这件，填寄递单：寄到哪里。"),
    Step("区行政服务中心 zheng", "办件里打开它：受理、准予、办结，结果选“寄给申请人”。"),
    Step("军门社区 lin", "核对寄递单；zheng 随后在“寄递”装封、打印面单。"),
    Step("快递员 1001", "扫面单或输入邮件号：揽收，送到报“已送达”。"),
    Step("监督看板 guan", "看各状态办件、各点多久没联系，每个数字都能点开。"),
)


def doors(plan: Plan) -> list[Door]:
    """Every surface of the demonstration."""
    portal = plan.portal
    rider = "扫一扫：揽收，送达，没送到。请用手机看。"
    return [
        *(_window(plan, place) for place in PLACES),
        Door("居民", "residents", "手机上填寄递单、查进度，中文和英文。", "打开居民页", portal),
        Door("快递员", "courier", rider, "打开快递员页", f"{portal}/courier/", (COURIER,)),
        Door("监督看板", "supervisor", "各状态办件、时限、各点最近联系。", "打开看板",
             f"{portal}/board/", (SUPERVISOR,)),
    ]  # fmt: skip


def _window(plan: Plan, place: Place) -> Door:
    english, words = WINDOWS[place.key]
    return Door(place.name, english, words, "打开窗口", plan.window(place), STAFF[place.key])


def create_hub(plan: Plan) -> Flask:
    """The page as an application."""
    app = Flask(__name__)
    init_look(
        app,
        surface="board",
        secret_key=b"the first page holds no session",
        product_place="演示",
        cookie_name="doorstep_hub",
    )

    @app.get("/")
    def first_page() -> str:
        return render_template(
            "hub.html",
            doors=doors(plan),
            walk=WALK,
            example=(marked(plan.folder) or {}).get("example"),
            password=PASSWORD,
            pin=PIN,
            folder=str(plan.folder),
        )

    return app


@contextmanager
def serve_hub(plan: Plan) -> Iterator[None]:
    """Serve the page in a thread of its own."""
    server = create_server(create_hub(plan), host="127.0.0.1", port=plan.port, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.close()
