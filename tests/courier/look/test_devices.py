"""An account that works on one device only, in any app: bound by the first sign-in."""

from __future__ import annotations

from flask import Flask

from courier.look import init_look
from courier.look.devices import MemoryDevices
from courier.look.signin import needs, signin_blueprint
from tests.courier.look.conftest import Clock, Visitor
from tests.courier.look.gallery import make_accounts


def app_of(devices: MemoryDevices, clock: Clock) -> Flask:
    app = Flask("devices")
    init_look(app, surface="window", secret_key=b"a key for tests only, 32 bytes..",
              product_place="x", cookie_name="devices", home="/")  # fmt: skip
    app.register_blueprint(
        signin_blueprint(
            make_accounts(), title="登录", landing_endpoint="home", clock=clock, devices=devices
        )
    )
    app.add_url_rule("/", "home", needs()(lambda: "at work"))
    return app


def test_a_second_device_is_refused_and_the_first_is_noted_while_it_works(clock: Clock) -> None:
    devices = MemoryDevices()
    app = app_of(devices, clock)
    first, other = Visitor(app.test_client()), Visitor(app.test_client())
    assert first.sign_in().status_code == 302
    refused = other.sign_in()
    assert (refused.status_code, "找主管解绑" in refused.text) == (403, True)
    assert devices.at_work == set()
    clock.now += 61
    assert first.open("/").text == "at work"
    assert len(devices.at_work) == 1
    devices.bound.clear()
    assert first.open("/").status_code == 302
    assert other.sign_in().status_code == 302
