"""The journal and its travel: store, signing, sealing, push, pull, and the one CouchDB client."""
