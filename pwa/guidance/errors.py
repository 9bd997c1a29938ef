"""How the clinic's content says that it is wrong.

One error for every file of content, so that a start that is refused always names the file,
the key and the reason. Reading and judging live in `library`, `questions` and `triage`.
"""


class ContentError(Exception):
    """Content that may not be served: which file, which key in it, and why."""

    def __init__(self, file: str, key: str, reason: str) -> None:
        super().__init__(f"{file}: {key}: {reason}")
        self.file = file
        self.key = key
        self.reason = reason
