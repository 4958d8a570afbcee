"""The errors of ingestion: a delivery or a pull that is refused whole. A single bad row is never an error, it is
quarantined."""


class DeliveryRefused(Exception):
    """A file that cannot be loaded at all. The message says what is wrong, where, what was done and what to do next."""

    consequence = "Nothing of this file was loaded."

    def __init__(self, file: str, problem: str, advice: str) -> None:
        super().__init__(f"{file}: {problem}. {self.consequence} {advice}")
        self.file = file


class PullRefused(DeliveryRefused):
    """A pull that brought nothing, because the source did not deliver. `file` is the object, such as erp.invoices.

    The message never holds what a server or a driver says: that may name users, hosts and values.
    """

    consequence = "Nothing of this pull was landed; what was landed before stays."
