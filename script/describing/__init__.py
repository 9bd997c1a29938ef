"""What script/describe-security writes: pages of docs/security that are made from the tests.

Only the standard library may be imported here. A page is a module with PATH, `text()` and
`problems()`; PAGES in `pages.py` lists them.
"""
