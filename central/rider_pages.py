"""The board's page of the couriers: on which phone each works, and how it is released."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from cases.times import shown
from central import rider_devices
from central.accounts import COURIER, SUPERVISOR, FileAccounts
from central.context import district, now
from courier.look import say, show_place
from courier.look.signin import Account, current_account, refuse

blueprint = Blueprint("riders", __name__, url_prefix="/board/couriers", template_folder="templates")


@dataclass(frozen=True)
class RiderRow:
    """One courier: the account, and the phone it is bound to (empty if none)."""

    id: str
    login: str
    name: str
    since: str
    seen: str


@blueprint.before_request
def guard() -> ResponseReturnValue | None:
    """Supervisors only."""
    show_place("区中心监督看板")
    return refuse(SUPERVISOR, door="signin")


@blueprint.get("")
def show() -> str:
    """Every courier."""
    bound = rider_devices.bound()
    rows = [_row(account, bound.get(account.id)) for account in _riders().everybody()]
    return render_template("central/board_couriers.html", rows=rows)


@blueprint.post("/<account>/release")
def release(account: str) -> ResponseReturnValue:
    """Release a courier's phone: whoever signs in next binds theirs."""
    rider, me = _riders().by_id(account), current_account("signin")
    if rider is None or me is None:
        say("没有这位快递员。", tone="amber")
    elif rider_devices.release(account, me.id):
        say(f"已解绑：{rider.display}下次登录的手机就是新绑定的手机。")
    else:
        say(f"{rider.display}现在没有绑定手机，不用解绑。", tone="amber")
    return redirect(url_for(".show"), 303)


def _riders() -> FileAccounts:
    return FileAccounts(district().config.data, (COURIER,))


def _row(account: Account, phone: rider_devices.Bound | None) -> RiderRow:
    since, seen = (shown(phone.since, now()), shown(phone.seen, now())) if phone else ("", "")
    return RiderRow(account.id, account.login, account.display, since, seen)
