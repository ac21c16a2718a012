"""The one command: ``doorstep node | central | enrol | staff | account | revoke | licences |
verify | demo``, and, in a source tree, ``simulate``.

The only file that knows both programs.
"""

from __future__ import annotations

import argparse
import getpass
import importlib
import runpy
import sys
from pathlib import Path
from typing import Any

from sync.errors import DoorstepError


def main(arguments: list[str] | None = None) -> int:
    """Run a subcommand. :returns: its exit code; a known failure is one clear message."""
    wishes = _parser().parse_args(arguments)
    try:
        code: int = wishes.run(wishes)
    except DoorstepError as error:
        sys.stderr.write(f"doorstep {wishes.command}: {error}\n")
        return 1
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="doorstep", description="家门口：就近办事，结果寄到家")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, words in (("node", "run one point's node"), ("central", "run central")):
        program = commands.add_parser(name, help=words)
        program.add_argument("--config", type=Path, required=True, help="the configuration file")
        program.set_defaults(run=_program)
    enrol = commands.add_parser("enrol", help="write a point's enrolment file (central must run)")
    enrol.add_argument("--config", type=Path, required=True, help="central's configuration file")
    enrol.add_argument("--point", required=True, help="the point's twelve-digit code")
    enrol.add_argument("--staff", type=Path, help="its first staff, as JSON")
    enrol.add_argument("--out", type=Path, required=True, help="where the file goes")
    enrol.set_defaults(run=_enrol)
    staff = commands.add_parser("staff", help="send a point its new list of staff")
    staff.add_argument("--config", type=Path, required=True, help="central's configuration file")
    staff.add_argument("--point", required=True, help="the point's twelve-digit code")
    staff.add_argument("--staff", type=Path, required=True, help="the list, as JSON")
    staff.set_defaults(run=_staff)
    account = commands.add_parser("account", help="an account at central; asks for its password")
    account.add_argument("--config", type=Path, required=True, help="central's configuration file")
    account.add_argument("--login", required=True)
    account.add_argument("--name", required=True, help="as others see it")
    account.add_argument(
        "--role", action="append", required=True, choices=("supervisor", "courier", "admin")
    )
    account.set_defaults(run=_account)
    revoke = commands.add_parser("revoke", help="let a lost receipt's code lead nowhere any more")
    revoke.add_argument("--config", type=Path, required=True, help="central's configuration file")
    revoke.add_argument("code", help="the code's address, or the case's number")
    revoke.set_defaults(run=_revoke)
    licences = commands.add_parser("licences", help="take a file of licences into the library")
    licences.add_argument("--config", type=Path, required=True, help="central's configuration file")
    licences.add_argument(
        "file", type=Path, help="CSV: licence,document_number,number,issuer,valid_until"
    )
    licences.set_defaults(run=_licences)
    verify = commands.add_parser("verify", help="prove a data folder, a node's or central's")
    verify.add_argument("data", type=Path, help="the data folder")
    verify.set_defaults(run=_verify)
    demo = commands.add_parser("demo", help="central and three points on this machine")
    demo.add_argument("--data", type=Path, default=Path("demo-data"), help="its one folder")
    demo.add_argument("--port", type=int, default=8400, help="the first of its ports")
    demo.add_argument("--reset", action="store_true", help="start afresh")
    demo.add_argument(
        "--check", nargs="*", metavar="PART", help="prove the main job, or the parts named"
    )
    demo.set_defaults(run=_demo)
    _add_simulate(
        commands.add_parser("simulate", help="play a district under faults, and judge it")
    )
    return parser


def _add_simulate(play: argparse.ArgumentParser) -> None:
    play.add_argument("--points", type=int, default=8, help="how many of the district's, up to 81")
    play.add_argument("--days", type=int, default=1)
    play.add_argument("--seed", type=int, help="the same seed plays the same run")
    play.add_argument("--forever", action="store_true", help="seed after seed, until one fails")
    play.add_argument(
        "--seconds", type=float, default=0, help="seed after seed until so much time has gone by"
    )
    play.add_argument("--couch", choices=("embedded", "memory"), default="embedded")
    play.add_argument("--calm", action="store_true", help="without any fault")
    play.add_argument("--twice", action="store_true", help="a disk lives twice, and that alone")
    play.add_argument("--sabotage", default="", help="with a built-in bug; 'list' names them")
    play.set_defaults(run=_simulate)


def _program(wishes: argparse.Namespace) -> int:
    """Run ``python -m node`` or ``python -m central`` in this process."""
    sys.argv = [wishes.command, "--config", str(wishes.config)]
    try:
        runpy.run_module(wishes.command, run_name="__main__")
    except SystemExit as end:
        return int(end.code or 0)
    return 0


def _enrol(wishes: argparse.Namespace) -> int:
    from central.enrol import write_enrolment

    note = write_enrolment(wishes.config, wishes.point, wishes.staff, wishes.out)
    sys.stdout.write(f"{wishes.out}: 交给受理点，只用一次 / hand it to the point, for use once\n")
    if note:
        sys.stdout.write(f"{note}\n")
    return 0


def _staff(wishes: argparse.Namespace) -> int:
    from central.enrol import send_staff

    send_staff(wishes.config, wishes.point, wishes.staff)
    sys.stdout.write("已发往受理点，下次联网时生效 / sent; in force at its next sync\n")
    return 0


def _account(wishes: argparse.Namespace) -> int:
    from central.accounts import add_account
    from central.config import load_central

    data = load_central(wishes.config).data
    secret = getpass.getpass("密码（快递员用数字 PIN）/ password: ")
    add_account(data, login=wishes.login, display=wishes.name, roles=wishes.role, secret=secret)
    sys.stdout.write(f"{wishes.login}: 可以登录了 / may sign in\n")
    return 0


def _revoke(wishes: argparse.Namespace) -> int:
    from central.config import load_central
    from central.qr import revoke

    revoke(load_central(wishes.config).data, wishes.code)
    sys.stdout.write("已作废 / revoked\n")
    return 0


def _licences(wishes: argparse.Namespace) -> int:
    from central.licence_import import import_licences

    count = import_licences(wishes.config, wishes.file)
    sys.stdout.write(f"{count} 份证照已入库 / licences taken in\n")
    return 0


def _verify(wishes: argparse.Namespace) -> int:
    if (wishes.data / "node.db").exists():
        from node.verifying import problems
    else:
        from central.verifying import problems

    wrong = 0
    for problem in problems(wishes.data):
        sys.stdout.write(f"✗ {problem}\n")
        wrong += 1
    words = f"{wrong} 处问题 / problems" if wrong else "ok: 日志完整，签名有效，台账一致"
    sys.stdout.write(f"{words}\n")
    return 1 if wrong else 0


def _simulate(wishes: argparse.Namespace) -> int:
    play: Any = importlib.import_module("tests.simulation.command")  # only a source tree has it
    code: int = play.play(wishes)
    return code


def _demo(wishes: argparse.Namespace) -> int:
    from central.demo.check import check
    from central.demo.run import run

    if wishes.check is not None:
        return check(*wishes.check)
    return run(wishes.data, wishes.port, reset=wishes.reset)


if __name__ == "__main__":
    sys.exit(main())
