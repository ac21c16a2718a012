"""Central's jobs: the read model follows the journal, residents are told, old things are dropped.

Every step may be repeated. The web only reads what is written here.
"""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import schedule
import structlog

from cases.times import day_of
from cases.tracking import EMS, OWN
from central import persons
from central.arrivals import Arrivals
from central.author import OUTBOX
from central.blob_desk import BlobDesk
from central.blob_index import FOLDER, open_index
from central.carrier_alerts import note_homes, note_numbers, note_silence
from central.carrier_poll import poll_once
from central.carrier_reports import CarrierReports
from central.carriers import carriers_of, feed_of, open_carrier_db
from central.config import load_central
from central.district import CATALOGUE, District, open_district
from central.forgetting import Forgetting
from central.freshness import note_followed
from central.licence_db import licence_keys, open_licence_db
from central.licence_library import DistrictLibrary
from central.limits import forget_old_tries
from central.notices import Notifier, SpoolNotifier, notify_once
from central.portal_db import open_portal_db
from central.publishing import mend
from central.router import follow_journal, forget_if_foreign, repeat
from central.shelf import restock
from central.slip_drafts import forget_old_drafts
from central.web_author import WebAuthor, forget_old_operations
from sync.blobs.folder import BlobFolder
from sync.bundle import BadBundle
from sync.heads import publish_heads
from sync.process import process, stop_on_signals

log = structlog.get_logger()
SPOOL = "spool"
WAIT_SECONDS = 2.0  # a stop is noticed within this time
MINUTES_CHECK = 10
MINUTES_CLEAN = 30
SECONDS_CHECKPOINT = 30
SECONDS_CATALOGUE = 30


class Jobs:
    """The jobs over connections of their own. Close it."""

    def __init__(self, district: District, notifier: Notifier | None = None) -> None:
        self.district = district
        self.server = district.connect()
        self.store = district.open_store(checkpoints=True)
        self.portal_db = open_portal_db(district.config.data)
        self.licences = open_licence_db(district.config.data)
        self.author = WebAuthor(
            lambda: self.server.database(OUTBOX), district.secrets.box.public, district.clock
        )
        library = DistrictLibrary(self.licences, licence_keys(district.secrets))
        self.arrivals = Arrivals(district, self.store, self.author, library, self.licences)
        self.forgetting = Forgetting(self.store, self.author, district.clock)
        mail = district.config.mail
        self.carriers, self.feed = carriers_of(mail), feed_of(mail)
        self.carrier_db = open_carrier_db(district)
        self.reports = CarrierReports(
            self.carrier_db, self.store, self.portal_db, self.author, self.carriers
        )
        self.notifier = notifier or SpoolNotifier(district.config.data / SPOOL)
        self.checked = False
        persons.prepare(self.store)
        self.schedule = schedule.Scheduler()
        self.schedule.every(MINUTES_CHECK).minutes.do(self.check)
        self.schedule.every(MINUTES_CLEAN).minutes.do(self.clean)
        self.schedule.every(MINUTES_CHECK).minutes.do(self.forget)
        self.schedule.every(MINUTES_CHECK).minutes.do(self.publish_heads)
        self.schedule.every(MINUTES_CHECK).minutes.do(self.mend_catalogue)
        self.schedule.every(MINUTES_CHECK).minutes.do(self.reports.look_again)
        self.schedule.every().minute.do(self.ask_carrier)
        self.schedule.every(MINUTES_CHECK).minutes.do(self.count_numbers)
        self.schedule.every().minute.do(self.count_homes)
        self.schedule.every(SECONDS_CATALOGUE).seconds.do(self.take_catalogue)
        self.schedule.every(SECONDS_CHECKPOINT).seconds.do(self.store.checkpoint)

    def step(self, *, wait_s: float = 0) -> None:
        """Bring the read model up to the journal, tell residents, do what is due.

        :raises RemoteError: the journal could not be read; the step may be repeated.
        """
        if not self.checked:
            self.check()
            self.take_catalogue()
            self.count_numbers()
        while follow_journal(self.store, self.server, wait_s=wait_s):
            wait_s = 0
            self.mark_persons()
            self.notify()
            self.arrive()
            self.state_reports()
        self.mark_persons()
        note_followed(self.store, self.district.clock())
        self.notify()
        self.arrive()
        self.state_reports()
        self.schedule.run_pending()

    def notify(self) -> None:
        """Tell residents what is new."""
        portal = self.district.config.web.public_url
        while not notify_once(self.store, self.notifier, self.district.clock(), portal).caught_up:
            pass

    def mark_persons(self) -> None:
        """Mark who asked and applied, so that a second visit is known."""
        while not persons.note_once(self.store, self.district.secrets.person_key):
            pass

    def arrive(self) -> None:
        """Do what central does of itself with what has arrived, and have it taken in."""
        stated = 0
        while not (step := self.arrivals.step()).caught_up:
            stated += step.stated
        if stated + step.stated:
            self.author.ring(self.server)

    def state_reports(self) -> None:
        """State what carriers told, as far as it is clear, and have it taken in."""
        if self.reports.step().stated:
            self.author.ring(self.server)

    def forget(self) -> None:
        """State what has had its time, and have it taken in."""
        if self.forgetting.step():
            self.author.ring(self.server)

    def ask_carrier(self) -> None:
        """Ask China Post what is new, if it is time to (see ``central.carrier_poll``)."""
        if self.feed is None:
            return
        every = timedelta(minutes=self.district.config.mail.status_minutes)
        now = self.district.clock()
        poll = poll_once(self.feed, self.carriers[EMS], self.carrier_db, now, every)
        if note_silence(self.carrier_db, poll, now):
            log.error("the carrier has not answered for long", carrier=EMS, why=poll.words)

    def count_numbers(self) -> None:
        """Tell the administrator in time that tracking numbers run out."""
        carrier = EMS if EMS in self.district.config.mail.used else OWN
        if note_numbers(self.carrier_db, self.server, carrier):
            log.error("tracking numbers run out")

    def count_homes(self) -> None:
        """Tell the administrator to tell China Post where it is to fetch papers."""
        note_homes(self.carrier_db, self.store, EMS)

    def check(self) -> None:
        """Start the read model afresh if the journal is not the one it followed."""
        if forget_if_foreign(self.store, self.server):
            log.warning("the journal was restored: building the read model anew")
            self.forgetting.begin_anew()
        self.checked = True

    def publish_heads(self) -> None:
        """Publish today's page of heads, if that has not been done (see ``sync.heads``)."""
        now = self.district.clock()
        catalogue, root = self.server.database(CATALOGUE), self.district.secrets.root
        if publish_heads(self.store, catalogue, root, day_of(now).isoformat(), now):
            log.info("heads published")

    def take_catalogue(self) -> None:
        """Let the pages here use what is published, by this host or by another."""
        district, catalogue = self.district, self.server.database(CATALOGUE)
        try:
            restock(district.config.data, catalogue, district.secrets.root.public, district.clock())
        except BadBundle as error:
            log.error("the published catalogue may not be used", error=str(error))

    def mend_catalogue(self) -> None:
        """Put back what of the published catalogue was spoilt or lost."""
        if count := mend(self.district, self.server):
            log.warning("the published catalogue was put back", documents=count)

    def clean(self) -> None:
        """Drop what nobody comes back to."""
        now = self.district.clock()
        forget_old_drafts(self.portal_db, now)
        forget_old_tries(self.portal_db, now)
        forget_old_operations(self.portal_db, now)
        self.carrier_db.forget_old(now)
        data = self.district.config.data
        with closing(open_index(data)) as index:
            BlobDesk(BlobFolder(data / FOLDER), index, self.store, now).clean()

    def close(self) -> None:
        """Give back the connections."""
        self.store.close()
        self.portal_db.close()
        self.licences.close()
        self.carrier_db.close()
        if self.feed is not None:
            self.feed.close()
        self.server.close()


def main() -> int:
    """``python -m central.jobs --config FILE``: until stopped."""
    with process("jobs") as path:
        jobs = Jobs(open_district(load_central(path)))
        stop = stop_on_signals()
        repeat(lambda: jobs.step(wait_s=WAIT_SECONDS), stop, "jobs")
        jobs.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
