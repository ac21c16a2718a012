"""Slips, parcels, number ranges, carriers; the resident's and the courier's pages; the page kit."""
