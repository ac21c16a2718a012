"""The journal and its travel: store, signing, sealing, push, pull, and the one CouchDB client."""

import sys

# sqlite-utils loads numpy where it finds it, for types that we never store: 13 MB in each process.
_numpy = sys.modules.get("numpy")
sys.modules["numpy"] = None  # type: ignore[assignment]  # Python's word for "must not be found"
try:
    import sqlite_utils  # noqa: F401 - so that whoever imports it later finds it loaded
finally:
    if _numpy is None:
        del sys.modules["numpy"]
    else:
        sys.modules["numpy"] = _numpy
