"""The demonstration district: central and three points on one machine, driven as people would.

It starts the programs by their commands and speaks to them over HTTP only.
"""
