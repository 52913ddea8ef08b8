"""The browser's part: JavaScript that runs a trained network, and what packs a run for it.

The JavaScript is plain ES modules without dependencies, used as they stand in this folder.
"""
