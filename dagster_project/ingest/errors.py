"""The one error of ingestion: a delivery that is refused whole. A single bad row is never an error, it is quarantined."""


class DeliveryRefused(Exception):
    """A file that cannot be loaded at all. The message says what is wrong, where, what was done and what to do next."""

    def __init__(self, file: str, problem: str, advice: str) -> None:
        super().__init__(f"{file}: {problem}. Nothing of this file was loaded. {advice}")
        self.file = file
