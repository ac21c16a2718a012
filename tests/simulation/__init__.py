"""The district in one process: real stores, real sync, real router, by chance, in virtual time."""
