"""Blobs: sealed scans, named by the hash of their sealed bytes, carried in resumable chunks.

``seal`` makes and opens them, ``folder`` keeps them on a disk, ``book`` knows at a node what must
still travel, ``travel`` carries one chunk, over a ``ports.BlobRemote``: ``web`` speaks to central,
``memory`` is its twin. ``request`` is what a store signs for each question to central.
"""
