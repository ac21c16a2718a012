"""Signing in and out: `signin_blueprint`, `needs(*roles)`, `current_account()`."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from secrets import token_urlsafe
from typing import Any, ParamSpec, TypeVar, cast
from urllib.parse import urlsplit

from flask import (
    Blueprint,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue

from courier.look.accounts import (
    TRIES_FREE_ANYWHERE,
    Account,
    Accounts,
    Ended,
    MemoryAccounts,
    Throttle,
    hash_of_nobody,
    hash_password,
    password_fits,
    stamp_of,
)
from courier.look.cards import ErrorCard
from courier.look.devices import Devices, device_of, new_secret, remember, this_device
from courier.look.errors import error_page, forbidden_page, signed_out_page, wants_json
from courier.look.forms import Form
from courier.look.words import _

__all__ = [
    "Account",
    "Accounts",
    "MemoryAccounts",
    "current_account",
    "hash_password",
    "needs",
    "safe_next",
    "signin_blueprint",
]

P = ParamSpec("P")
R = TypeVar("R")

OTHER_PHONE = (
    "这个账号已经绑定了另一部手机，不能在这部手机上登录。换手机请找主管解绑，解绑后再登录一次。",
    "This login belongs to another phone. To change phones, ask your supervisor to release it.",
)
IDLE_SECONDS = 12 * 3600
SEEN_SECONDS = 60


@dataclass(frozen=True)
class Door:
    """One way of signing in to an app; sessions of different doors live side by side."""

    name: str
    accounts: Accounts
    throttle: Throttle
    anywhere: Throttle
    ended: Ended
    clock: Callable[[], float]
    title: str
    landing_endpoint: str
    pin: bool
    stay: bool
    hint: str
    template: str
    devices: Devices | None
    forgets: tuple[str, ...]


def signin_blueprint(
    accounts: Accounts,
    *,
    title: str,
    landing_endpoint: str,
    pin: bool = False,
    name: str = "signin",
    url_prefix: str = "/signin",
    stay: bool = False,
    hint: str = "",
    template: str = "look/signin.html",
    clock: Callable[[], float] = time.time,
    devices: Devices | None = None,
    forgets: Sequence[str] = (),
) -> Blueprint:
    """Pages to sign in (GET, POST `/`) and out (POST `/out`), to be registered on an app.

    `pin` asks for digits (couriers); `stay` keeps the session when a phone closes its browser;
    with `devices` an account works on one phone only; what the session keeps under `forgets` goes
    with who signs out; `hint` is shown under the form (the demo's accounts); `template` extends the
    kit's page. The endpoints are `<name>.sign_in` and `<name>.sign_out`; the blueprint that was
    registered first is the one `needs` asks for.
    """
    hash_of_nobody()  # made now, or the first unknown login would take twice as long
    door = Door(
        name, accounts, Throttle(clock), Throttle(clock, TRIES_FREE_ANYWHERE), Ended(), clock,
        title, landing_endpoint, pin, stay, hint, template, devices, tuple(forgets),
    )  # fmt: skip
    blueprint = Blueprint(name, __name__, url_prefix=url_prefix)
    blueprint.record_once(
        lambda state: state.app.extensions.setdefault("look_doors", {}).update({name: door})
    )
    blueprint.add_url_rule("/", "sign_in", lambda: _sign_in(door), methods=["GET", "POST"])
    blueprint.add_url_rule("/out", "sign_out", lambda: _sign_out(door), methods=["POST"])
    return blueprint


def current_account(door: str | None = None) -> Account | None:
    """Who is signed in, or None; the accounts are asked each time, so a change counts at once.

    What a page sends by itself (a view sets ``g.look_quiet``) does not keep a session alive.
    """
    found = _door(door)
    record = session.get(f"door-{found.name}")
    if not isinstance(record, dict):
        return None
    account = found.accounts.by_id(str(record.get("id")))
    now = found.clock()
    seen = float(record.get("seen", 0))
    if (
        account is None
        or record.get("sid") in found.ended
        or now - seen > IDLE_SECONDS
        or record.get("stamp") != stamp_of(account, _key())
        or (found.devices is not None and not found.devices.holds(account.id, this_device()))
    ):
        return None  # the cookie stays: this answer may come after the page to sign in, and undo it
    if now - seen > SEEN_SECONDS and not g.get("look_quiet"):
        session[f"door-{found.name}"] = {**record, "seen": int(now)}
        if found.devices is not None:
            found.devices.seen(account.id)
    g.look_account, g.look_door = account, found.name
    return account


def needs(
    *roles: str, door: str | None = None
) -> Callable[[Callable[P, R]], Callable[P, R | ResponseReturnValue]]:
    """Only for somebody signed in who has one of these roles (any account if none is named)."""

    def decorate(view: Callable[P, R]) -> Callable[P, R | ResponseReturnValue]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R | ResponseReturnValue:
            refusal = refuse(*roles, door=door)
            return view(*args, **kwargs) if refusal is None else refusal

        return guarded

    return decorate


def refuse(*roles: str, door: str | None = None) -> ResponseReturnValue | None:
    """The answer for somebody who may not go on, or None; for a blueprint's `before_request`."""
    account = current_account(door)
    if account is None:
        return _to_sign_in(_door(door))
    if roles and not account.roles & set(roles):
        return forbidden_page()
    return None


def safe_next(wish: str | None, otherwise: str) -> str:
    """Where to go after signing in: only an address inside this site."""
    if not wish or not wish.startswith("/") or wish.startswith("//"):
        return otherwise
    parts = urlsplit(wish)
    odd = any(c == "\\" or c.isspace() or ord(c) < 32 for c in wish)
    return otherwise if odd or parts.scheme or parts.netloc else wish


def _door(name: str | None) -> Door:
    doors = cast(dict[str, Door], current_app.extensions["look_doors"])
    return doors[name] if name else next(iter(doors.values()))


def _key() -> bytes:
    return cast(bytes, current_app.secret_key)


def _to_sign_in(door: Door) -> ResponseReturnValue:
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    url = url_for(f"{door.name}.sign_in", next=here)
    if request.headers.get("HX-Request"):
        plain = url_for(f"{door.name}.sign_in")
        return Response(status=204, headers={"HX-Redirect": plain})
    if wants_json():
        return error_page(ErrorCard(401, _("请先登录"), _("登录已过期。"), "", "", url))
    if here is None:
        return signed_out_page(url)
    return redirect(url)


def _sign_in(door: Door) -> ResponseReturnValue:
    wish = request.values.get("next")
    target = safe_next(wish, url_for(door.landing_endpoint))
    if request.method != "POST":
        if current_account(door.name) is not None:
            return redirect(target)
        return _form(door, Form(), 200)
    form = Form(request.form)
    login = form.text("login", missing_zh="请填写账号", missing_en="Enter your login")
    password = request.form.get("password", "")
    if not password:
        form.fail("password", f"请填写{_secret(door)}", "Enter your password")
    if not form.ok:
        return _form(door, form, 400)
    return _check(door, form, login, password, target)


def _check(door: Door, form: Form, login: str, password: str, target: str) -> ResponseReturnValue:
    key = f"{login}\n{request.remote_addr}"
    wait = door.throttle.wait_seconds(key)
    if not wait and not _was_here(door, login):
        wait = door.anywhere.wait_seconds(login)
    if wait:
        form.fail(
            "password",
            f"试错的次数太多，请过 {wait} 秒再试。忘记了请找管理员重设。",
            f"Too many tries. Please wait {wait} seconds.",
        )
        response = _form(door, form, 429)
        response.headers["Retry-After"] = str(wait)
        return response
    account = door.accounts.find(login)
    fits = password_fits(account, password)
    if account is None or not fits:
        form.fail("password", f"账号或{_secret(door)}不对", "Login or password is wrong")
        return _form(door, form, 401)
    response = make_response(redirect(target))
    if door.devices is not None and not _is_its_phone(door.devices, account, response):
        form.fail("login", *OTHER_PHONE)
        return _form(door, form, 403)
    door.throttle.forget(key)
    door.anywhere.forget(login)
    _open(door, account)
    return response


def _is_its_phone(devices: Devices, account: Account, response: Response) -> bool:
    """Whether the account may work on this phone; one that was never here is given its secret."""
    device = this_device()
    if not device:
        secret = new_secret()
        device = device_of(secret)
        remember(response, secret)
    return devices.bind(account.id, device)


def _open(door: Door, account: Account) -> None:
    """Start a session for this door; the form token changes with it."""
    session.pop("csrf_token", None)
    session.permanent = door.stay
    record: dict[str, Any] = {"id": account.id, "stamp": stamp_of(account, _key())}
    record |= {"sid": token_urlsafe(12), "seen": int(door.clock())}
    session[f"door-{door.name}"] = record
    session[f"known-{door.name}"] = account.login


def _was_here(door: Door, login: str) -> bool:
    """Whether this browser has signed in with this login before.

    Its tries are counted for itself alone: strangers who guess cannot lock out who works here.
    """
    return bool(session.get(f"known-{door.name}") == login)


def _sign_out(door: Door) -> ResponseReturnValue:
    record = session.pop(f"door-{door.name}", None)
    for name in door.forgets:
        session.pop(name, None)
    if isinstance(record, dict) and isinstance(record.get("sid"), str):
        door.ended.add(record["sid"])  # a copy of the cookie must not open the door again
    session.pop("csrf_token", None)
    return redirect(url_for(f"{door.name}.sign_in"))


def _form(door: Door, form: Form, status: int) -> Response:
    page = render_template(
        door.template,
        form=form,
        title=door.title,
        secret=_secret(door),
        inputmode="numeric" if door.pin else "",
        hint=door.hint,
        action=url_for(f"{door.name}.sign_in"),
        next=safe_next(request.values.get("next"), ""),
    )
    return make_response(page, status)


def _secret(door: Door) -> str:
    return "PIN 码" if door.pin else "密码"
