"""The window's own tables beside the journal: drafts, a visit's answers, prints, showings, scans.

They belong to this PC alone: they never travel, and the journal does not depend on them.
"""

from __future__ import annotations

from node import draft_scans, drafts, hand_offs, licences, print_jobs, prints, visit_answers
from node.local import Node
from sync.blobs import book
from sync.db import write

SCHEMAS = (
    drafts.SCHEMA,
    draft_scans.SCHEMA,
    hand_offs.SCHEMA,
    prints.SCHEMA,
    print_jobs.SCHEMA,
    visit_answers.SCHEMA,
    licences.SCHEMA,
    *book.SCHEMA,
)


def prepare_tables(node: Node) -> None:
    """Make the tables that are missing."""
    with node.local() as local, write(local.store.db) as db:
        for schema in SCHEMAS:
            for statement in schema.split(";\n"):
                if statement.strip():
                    db.conn.execute(statement)
