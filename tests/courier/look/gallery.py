"""An app that shows every part of the page kit, for the tests of the kit."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

from flask import Blueprint, Flask, abort, redirect, render_template, request
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from courier.look import init_look, say
from courier.look.cards import (
    Choice,
    Happening,
    LineState,
    NavItem,
    Stat,
    StepCard,
    WorkItem,
)
from courier.look.forms import Form
from courier.look.signin import (
    Account,
    MemoryAccounts,
    current_account,
    hash_password,
    needs,
    signin_blueprint,
)

KEY = b"a key for tests only, 32 bytes.."


class WrongNumber(Exception):
    message_zh = "身份证号的最后一位不对，请照着证件再核对一遍"
    message_en = "The last character of the ID number does not fit; please check it again"


def check_number(text: str) -> str:
    if text != "11010519491231002X":
        raise WrongNumber
    return text


NAV = (
    NavItem("办理", "/window", "w", here=True),
    NavItem("待办", "/window?list=tasks", "d", count=7),
    NavItem("寄件", "/window?list=mail", "j", count=2),
    NavItem("台账", "/window?list=all", "t"),
    NavItem("本机", "/window?list=store", "b"),
)
LINE = LineState("amber", "3 件待上报（网络断开 12 分钟）", refresh_url="/line")
WORK = (
    WorkItem("林*梅 · 优待证", "#1", "GL017-261122-0042-K", "09:31", "green", "正常", here=True),
    WorkItem("陈*国 · 食品经营许可", "#2", "GL017-261122-0041-M", "09:12", "amber", "剩 2 天"),
    WorkItem("郑*芳 · 居住证补领", "#3", "GL017-261120-0007-3", "周五", "red", "超期 1 天"),
    WorkItem("𠮷*龘 · 医保参保登记", "#4", "GL017-261119-0102-8", "周四", tag="等补正"),
    WorkItem("福州某餐饮有限公司 · 公章备案", "#5", "GL017-261119-0099-X", "周四", tag="已寄出"),
)
HAPPENINGS = (
    Happening("收件", "11月20日（周五）09:12", "军门社区 林梅", "材料 4 件，其中原件 1 件。"),
    Happening("转往东街街道便民服务中心", "11月20日（周五）09:14", "军门社区"),
    Happening("设了一条不属于本点的事实", "11月20日（周五）11:02", "东街街道", state="aside"),
    Happening("正在受理", "11月21日（周六）10:40", "东街街道", state="now"),
    Happening("办结并寄回", "预计 11月26日（周四）前", state="next"),
)
FACTS = (
    ("办件编号", Markup('<span class="number">GL017-261122-0042-K</span>')),
    ("申请人", "林*梅（本人到场）"),
    ("证件", "居民身份证 3501**********0021"),
    ("电话", "138****5678"),
    ("决定机关", "鼓楼区卫生健康局"),
    ("期限", "11月26日（周四）前办结，5 个工作日"),
)
ROUTES = (
    Choice("self", "本人来取", "凭身份证到本受理点"),
    Choice("mail", "免费寄到家", "1 至 2 天送到，寄前会再核对地址"),
    Choice("other", "寄给别人", "需要收件人的电话"),
)
CARDS = SimpleNamespace(
    work=WORK,
    happenings=HAPPENINGS,
    facts=FACTS,
    routes=ROUTES,
    papers=(
        Choice("id", "居民身份证", "核对后当场退还"),
        Choice("form", "申请表（原件）", "收走，寄往决定机关"),
        Choice("photo", "一寸照片 2 张", "收走"),
    ),
    cities=(("3501", "福州市"), ("3502", "厦门市"), ("3505", "泉州市")),
    steps=(
        StepCard("申请人", "done", url="/window"),
        StepCard("材料", "now"),
        StepCard("寄递"),
        StepCard("核对并收件"),
    ),
    stats=(
        Stat("128", "今天收件", "#today"),
        Stat("36", "在路上的邮件", "#mail", "green", "正常"),
        Stat("9", "明天到期", "#due", "amber", "快到期"),
        Stat("2", "已经超期", "#late", "red", "超期"),
    ),
    headings=("受理点", "最近一次联系", "待上报", "状态"),
)


def rows() -> list[tuple[object, ...]]:
    def light(colour: str, word: str) -> Markup:
        template = '{% import "look/parts.html" as parts %}{{ parts.light(colour, word) }}'
        from flask import render_template_string

        return Markup(render_template_string(template, colour=colour, word=word))  # noqa: S704

    return [
        ("军门社区", "09:31（1 分钟前）", "0", light("green", "正常")),
        ("东街街道便民服务中心", "09:19（13 分钟前）", "3", light("amber", "较久未联系")),
        ("鼓楼区行政服务中心", "昨天 17:58", "41", light("red", "断线")),
    ]


def make_accounts() -> MemoryAccounts:
    secret = hash_password("door")
    return MemoryAccounts(
        Account("s-7f21", "linmei", "林梅", frozenset({"clerk"}), secret, point="350102004001"),
        Account("s-0001", "wang", "王主任", frozenset({"supervisor"}), secret),
    )


def make_gallery(
    *, clock: Callable[[], float] = lambda: 1_000_000.0, accounts: MemoryAccounts | None = None
) -> Flask:
    app = Flask("gallery", template_folder=str(__file__).replace("gallery.py", "templates"))
    init_look(
        app,
        surface="window",
        secret_key=KEY,
        product_place="军门社区受理点",
        languages=("zh", "en"),
        cookie_name="gallery",
        surfaces={"resident": "resident", "courier": "courier", "board": "board", "kiosk": "kiosk"},
        home="/window",
        nav=lambda: NAV if current_account() else (),
        line=lambda: LINE if current_account() else None,
    )
    app.register_blueprint(
        signin_blueprint(
            accounts or make_accounts(), title="窗口登录", landing_endpoint="window", clock=clock
        )
    )
    _staff_pages(app)
    for name in ("resident", "courier", "board", "kiosk"):
        app.register_blueprint(_surface_pages(name), url_prefix=f"/{name}")
    return app


def _staff_pages(app: Flask) -> None:
    @app.route("/window", methods=["GET", "POST"])
    @needs("clerk")
    def window() -> ResponseReturnValue:
        return _show("gallery.html", Form({"name": "林梅", "route": "mail", "papers": "id"}))

    @app.post("/save")
    @needs("clerk")
    def save() -> ResponseReturnValue:
        say("已收件 GL017-261122-0042-K", undo_url="/undo")
        return redirect("/window")

    @app.get("/supervisor")
    @needs("supervisor")
    def supervisor() -> str:
        return "board"

    @app.get("/line")
    @needs("clerk")
    def line() -> str:
        return render_template("line.html", line=LINE)

    @app.get("/find")
    def find() -> str:
        words = request.args.get("q", "")
        found = [WorkItem(f"{words} · 老年人优待证 {n}", f"/window?item={n}") for n in range(3)]
        return render_template("found.html", items=found if words else ())

    @app.get("/break")
    def broken() -> str:
        raise RuntimeError("林梅 13800005678 could not be saved")

    @app.get("/stop/<int:code>")
    def stop(code: int) -> str:
        abort(code)


def _surface_pages(name: str) -> Blueprint:
    blueprint = Blueprint(name, __name__)

    @blueprint.route("/", methods=["GET", "POST"])
    def show() -> ResponseReturnValue:
        form = Form(request.form)
        if request.method == "POST":
            form.text("name", missing_zh="请填写收件人姓名", missing_en="Enter a name")
            form.text("number", check_number)
            form.choice("route", [c.value for c in ROUTES])
            form.choice("city", [c[0] for c in CARDS.cities], required=False)
            if form.ok:
                say("已保存")
                return redirect(request.path)
        status = 200 if form.ok else 400
        return _show(f"{name}.html", form), status

    return blueprint


def _show(template: str, form: Form) -> str:
    return render_template(template, form=form, cards=CARDS, rows=rows())
