"""WHAT THE PHONE INSTALLS: pages, assets, manifest and service worker, as one release.

A release is made whole and named by the hash of everything in it; every address of an asset
carries that name, so that two releases never mix. The words come from guidance and the templates,
a single clinic's own slots are handed in. Nothing here knows a patient.
"""
