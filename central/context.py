"""What every page of central starts from: this request's read model, line and author."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import cast

from flask import Flask, current_app, g
from sqlite_utils import Database

from cases.times import day_of
from central.author import OUTBOX
from central.district import District
from central.portal_db import open_portal_db
from central.shelf import Standing
from central.web_author import WebAuthor
from sync.bundle import Bundle
from sync.ports import Server
from sync.store import Store

PATIENCE_S = 8.0  # a person is waiting, and the same form can be sent again


def bind(app: Flask, district: District) -> None:
    """Let the pages of this app reach the district; each request gets its own connections."""
    district = replace(district, patience_s=min(district.patience_s, PATIENCE_S))
    app.extensions["district"] = district
    app.extensions["author"] = WebAuthor(
        lambda: server().database(OUTBOX), district.secrets.box.public, district.clock
    )
    app.extensions["standing"] = Standing(
        district.config.data, district.secrets.root.public, district.clock, district.bundle
    )
    open_portal_db(district.config.data).close()
    district.open_store().close()
    app.teardown_appcontext(_close)


def district() -> District:
    """The district that this app serves."""
    return cast(District, current_app.extensions["district"])


def district_of(app: Flask) -> District:
    """The district that an app serves, outside of a request."""
    return cast(District, app.extensions["district"])


def bundle() -> Bundle:
    """The district's public reference data, as they hold today: one content a request."""
    if "bundle" not in g:
        g.bundle = cast(Standing, current_app.extensions["standing"]).bundle()
    return cast(Bundle, g.bundle)


def author() -> WebAuthor:
    """The one author of this process."""
    return cast(WebAuthor, current_app.extensions["author"])


def store() -> Store:
    """This request's connection to the read model: for reading only."""
    if "store" not in g:
        g.store = district().open_store()
    return cast(Store, g.store)


def portal_db() -> Database:
    """This request's connection to the web's own tables."""
    if "portal_db" not in g:
        g.portal_db = open_portal_db(district().config.data)
    return cast(Database, g.portal_db)


def server() -> Server:
    """This request's connection to CouchDB, opened when first asked for."""
    if "server" not in g:
        g.server = district().connect()
    return cast(Server, g.server)


def now() -> str:
    """The time of this request (UTC, ISO)."""
    if "now" not in g:
        g.now = district().clock()
    return cast(str, g.now)


def today() -> date:
    """The day in Shanghai."""
    return day_of(now())


def _close(_error: BaseException | None) -> None:
    for name in ("store", "portal_db", "server"):
        found = g.pop(name, None)
        if found is not None:
            found.close()
