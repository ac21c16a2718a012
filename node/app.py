"""The window's web application. The factory only registers.

Keys: the navigation has the letters W S C M J B (with Alt, or alone where nothing is being typed);
pages take other letters for what they do.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from pysqlite3 import dbapi2 as sqlite3

from courier.look import init_look
from courier.look.cards import NavItem
from courier.look.signin import current_account, needs, signin_blueprint
from node import (
    aside_pages,
    bag_pages,
    bundle_pages,
    card_pages,
    case_pages,
    context,
    draft_scan_pages,
    guide_pages,
    home,
    home_visit_pages,
    mail_pages,
    paper_pages,
    person_pages,
    pickup_pages,
    poster_pages,
    print_pages,
    proof_pages,
    receipt_pages,
    reception_pages,
    scan_pages,
    search_pages,
    shown_pages,
    slip_form_pages,
    slip_pages,
    status_page,
    troubles,
    undertaking_pages,
    visit_pages,
)
from node.local import Node
from node.staff import StaffAccounts
from node.tables import prepare_tables
from sync.db import DataFolderError
from sync.errors import StorageError

BLUEPRINTS = (
    home.blueprint,
    search_pages.blueprint,
    guide_pages.blueprint,
    visit_pages.blueprint,
    home_visit_pages.blueprint,
    person_pages.blueprint,
    reception_pages.blueprint,
    bundle_pages.blueprint,
    card_pages.blueprint,
    draft_scan_pages.blueprint,
    receipt_pages.blueprint,
    slip_pages.blueprint,
    slip_form_pages.blueprint,
    poster_pages.blueprint,
    case_pages.blueprint,
    shown_pages.blueprint,
    aside_pages.blueprint,
    scan_pages.blueprint,
    undertaking_pages.blueprint,
    mail_pages.blueprint,
    proof_pages.blueprint,
    print_pages.blueprint,
    bag_pages.blueprint,
    paper_pages.blueprint,
    pickup_pages.blueprint,
    status_page.blueprint,
)

NAV = (
    ("首页", "/", "w", ("/",)),
    ("事项", "/matters", "s", ("/matters", "/reception")),
    ("办件", "/cases", "c", ("/cases",)),
    ("在家申请", "/fromhome", "", ("/fromhome",)),
    ("邮件", "/mail", "m", ("/mail", "/parcels", "/manifests", "/pickup", "/originals")),
    ("寄递单", "/slips", "j", ("/slips",)),
    ("本机", "/status", "b", ("/status",)),
)


def create_app(node: Node, *, signin_hint: str = "", tables: bool = True) -> Flask:
    """The window of one node.

    :param signin_hint: stands under the sign-in form (a demo's accounts).
    :param tables: make the window's own tables first.
    """
    if tables:
        prepare_tables(node)
    app = Flask("node")
    context.bind(app, node)
    init_look(
        app,
        surface="window",
        secret_key=session_key(node.config.data),
        product_place=node.point.name,
        cookie_name=f"doorstep_{node.point.number:03d}",
        nav=nav,
        line=lambda: context.line_state(context.local()) if current_account() else None,
    )
    accounts = StaffAccounts(context.store, node.point.code)
    app.register_blueprint(
        signin_blueprint(accounts, title="窗口登录", landing_endpoint="home.show", hint=signin_hint)
    )
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.add_url_rule("/line", "line", line_fragment)
    for trouble in (StorageError, DataFolderError, sqlite3.DatabaseError):
        app.register_error_handler(trouble, troubles.not_saved)
    return app


def nav() -> tuple[NavItem, ...]:
    """The navigation for who is signed in."""
    if current_account() is None:
        return ()
    path = request.path
    return tuple(
        NavItem(label, url, key, here=path == url if url == "/" else path.startswith(heads))
        for label, url, key, heads in NAV
    )


@needs()
def line_fragment() -> ResponseReturnValue:
    """The state of the line, for the header of a page that stays open."""
    return render_template("node/line.html", line=context.line_state(context.local()))


def session_key(data: Path) -> bytes:
    """The key that signs this node's cookies: made once, kept beside the identity."""
    path = data / "keys" / "session"
    if not path.exists():
        spare = path.with_suffix(f".{secrets.token_hex(4)}")
        with open(os.open(spare, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(32))
        spare.replace(path)
    return path.read_bytes()
