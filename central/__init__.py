"""The district's centre: embedded store, router, read model, portal, courier page, board."""
