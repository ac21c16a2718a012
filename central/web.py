"""Central's web: the portal, the slip pages, the courier's pages, the board. It only registers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import structlog
from flask import Flask, jsonify
from flask.typing import ResponseReturnValue
from gunicorn.app.base import BaseApplication  # type: ignore[import-untyped]
from gunicorn.glogging import Logger  # type: ignore[import-untyped]
from werkzeug.middleware.proxy_fix import ProxyFix

from central import (
    answer_pages,
    bill_pages,
    board_pages,
    carrier_pages,
    context,
    correction_pages,
    dispute_pages,
    guide_pages,
    home_pages,
    home_progress,
    import_pages,
    licence_pages,
    mail_board_pages,
    portal_pages,
    proof_pages,
    rider_pages,
    standards_edit_pages,
    standards_pages,
    verify_pages,
)
from central.accounts import ADMIN, COURIER, SUPERVISOR, FileAccounts
from central.ask_pages import add_questions
from central.blob_pages import add_blobs
from central.board_nav import nav
from central.compress import compress_answers
from central.config import CentralConfig, load_central
from central.courier_desk import CentralCourierDesk
from central.district import District, open_district
from central.freshness import read_model_at
from central.rider_devices import PortalDevices
from central.slip_desk import CentralSlipDesk
from central.visit_numbers import VisitNumbers
from courier import app_frame
from courier.app_pages import add_courier
from courier.look import init_look
from courier.look.logs import set_up_logs
from courier.look.signin import signin_blueprint
from courier.look.surface import Surface
from courier.places import PlaceFinder
from courier.regions import Regions
from courier.slip_pages import slip_blueprint
from sync.process import process

log = structlog.get_logger()
PLACE = "福州市鼓楼区"
SURFACES: Mapping[str, Surface] = {
    "board": "board",
    "answers": "board",
    "licences": "board",
    "bills": "board",
    "post": "board",
    "riders": "board",
    "proofs": "board",
    "standards": "board",
    "imports": "board",
    "values": "board",
    "carriers": "board",
    "signin": "board",
    **app_frame.SURFACES,
}


def believe_proxies(app: Flask, count: int) -> None:
    """Take whose request it is, and by which address, from so many proxies of ours before it."""
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]  # as its documentation shows
            app.wsgi_app, x_for=count, x_proto=count, x_host=count
        )


def create_app(district: District, *, signin_hint: str = "", courier_hint: str = "") -> Flask:
    """Central's pages. The hints stand under the sign-in forms (a demo's accounts)."""
    app = Flask("central")
    context.bind(app, district)
    believe_proxies(app, district.config.web.trusted_proxies)
    bundle = district.bundle
    app.extensions["regions"] = Regions(bundle.divisions)
    app.extensions["places"] = PlaceFinder(bundle.divisions, bundle.directory.district)
    author = app.extensions["author"].author
    app.extensions["visit_numbers"] = VisitNumbers(author.partition(".")[2])
    init_look(
        app,
        surface="resident",
        secret_key=district.secrets.session_key,
        product_place=PLACE,
        languages=("zh", "en"),
        secure_cookies=district.config.web.secure_cookies,
        cookie_name="doorstep_central",
        surfaces=SURFACES,
        nav=nav,
    )
    data = district.config.data
    staff = FileAccounts(data, (SUPERVISOR, ADMIN))
    app.register_blueprint(
        signin_blueprint(
            staff, title="区中心登录", landing_endpoint="board.overview", hint=signin_hint
        )
    )
    app.register_blueprint(portal_pages.blueprint)
    app.register_blueprint(correction_pages.blueprint)
    app.register_blueprint(dispute_pages.blueprint)
    app.register_blueprint(verify_pages.blueprint)
    app.register_blueprint(guide_pages.blueprint)
    app.register_blueprint(home_pages.blueprint)
    app.register_blueprint(home_progress.blueprint)
    app.register_blueprint(slip_blueprint(CentralSlipDesk))
    app.register_blueprint(board_pages.blueprint)
    app.register_blueprint(answer_pages.blueprint)
    app.register_blueprint(licence_pages.blueprint)
    app.register_blueprint(bill_pages.blueprint)
    app.register_blueprint(mail_board_pages.blueprint)
    for pages in (standards_pages, import_pages, standards_edit_pages, carrier_pages):
        app.register_blueprint(pages.blueprint)
    riders = FileAccounts(data, (COURIER,))
    add_courier(app, CentralCourierDesk, riders, hint=courier_hint, devices=PortalDevices())
    app.register_blueprint(rider_pages.blueprint)
    app.register_blueprint(proof_pages.blueprint)
    add_blobs(app)
    add_questions(app)
    app.add_url_rule("/health", "health", health)
    compress_answers(app)
    return app


def health() -> ResponseReturnValue:
    """For whoever watches the processes: alive, and how far the read model is."""
    return jsonify(ok=True, now=context.now(), read_model_at=read_model_at(context.store()))


class Logs(Logger):  # type: ignore[misc]  # gunicorn has no types
    """What gunicorn says goes where all our logs go, and is masked as they are."""

    def setup(self, cfg: object) -> None:
        """Take gunicorn's own handlers away."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn with our configuration; each worker makes its own app, and so its own author."""

    def __init__(self, config: CentralConfig) -> None:
        self.config = config
        super().__init__()

    def load_config(self) -> None:
        """Tell gunicorn what the configuration says."""
        web = self.config.web
        settings: dict[str, Any] = {
            "bind": f"[{web.host}]:{web.port}" if ":" in web.host else f"{web.host}:{web.port}",
            "worker_class": "gthread",
            "workers": web.workers,
            "threads": web.threads,
            "graceful_timeout": 5,
            "timeout": 60,
            "keepalive": 5,
            "loglevel": "warning",
            "proc_name": "doorstep-web",
            "control_socket_disable": True,
            "logger_class": Logs,
        }
        for name, value in settings.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        """A worker's app."""
        return create_app(open_district(self.config))


def main() -> int:
    """``python -m central.web --config FILE``: serve until stopped."""
    with process("web") as path:
        set_up_logs("web")
        Server(load_central(path)).run()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
