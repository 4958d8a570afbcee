"""Delivered files: finding them, recognising them again, and making their text readable.

Belongs here: everything about a file as bytes (fingerprint, encoding, truncation). Does not belong here: rows.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path

from dagster_project.ingest.declaration import SourceObject
from dagster_project.ingest.errors import DeliveryRefused

CHUNK = 1 << 22


@dataclass(frozen=True)
class DeliveredFile:
    """A file in the landing folder: `name` is its path inside that folder, `fingerprint` the SHA-256 of its bytes."""

    name: str
    path: Path
    fingerprint: str


def find_files(landing: Path, declaration: SourceObject) -> list[DeliveredFile]:
    """Files of one source object, by name. A folder in place of a file is reported when it is opened."""
    return [
        DeliveredFile(path.relative_to(landing).as_posix(), path, _fingerprint(path) if path.is_file() else "")
        for path in sorted(landing.glob(declaration.files))
    ]


def _fingerprint(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def readable_text(file: DeliveredFile, declaration: SourceObject, scratch: Path) -> Path:
    """A UTF-8 copy of a text file in the scratch folder (or the file itself where it is clean UTF-8 already).

    Raises DeliveryRefused for an empty file and for bytes that are not of the declared encoding; the message names
    the line, and for CSV the column, in which the first such byte stands.
    """
    if not file.path.is_file():
        raise DeliveryRefused(file.name, "is a folder, not a file", "Deliver a file of this name.")
    if file.path.stat().st_size == 0:
        raise DeliveryRefused(file.name, "is empty (0 bytes)", "Ask the source to deliver it again.")
    encoding = codecs.lookup(declaration.encoding).name
    target = scratch / f"{file.fingerprint}.utf8"
    copy_needed = encoding != "utf-8"
    decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)(errors="strict")
    with file.path.open("rb") as source, target.open("wb") if copy_needed else io.BytesIO() as sink:
        if source.read(3) == codecs.BOM_UTF8 and encoding == "utf-8":
            return _without_byte_order_mark(file, declaration, target)
        source.seek(0)
        position = 0
        while True:
            chunk = source.read(CHUNK)
            try:
                text = decoder.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise _wrong_encoding(file, declaration, position + max(error.start, 0)) from None
            if copy_needed:
                sink.write(text.encode("utf-8"))
            if not chunk:
                break
            position += len(chunk)
    return target if copy_needed else file.path


def _without_byte_order_mark(file: DeliveredFile, declaration: SourceObject, target: Path) -> Path:
    decoder = codecs.getincrementaldecoder("utf-8")(errors="strict")
    with file.path.open("rb") as source, target.open("wb") as sink:
        source.seek(len(codecs.BOM_UTF8))
        while chunk := source.read(CHUNK):
            try:
                sink.write(decoder.decode(chunk).encode("utf-8"))
            except UnicodeDecodeError as error:
                raise _wrong_encoding(file, declaration, source.tell() - len(chunk) + error.start) from None
    return target


def _wrong_encoding(file: DeliveredFile, declaration: SourceObject, position: int) -> DeliveryRefused:
    with file.path.open("rb") as source:
        before = source.read(position)
    line = before.count(b"\n") + 1
    where = f"line {line}, byte {position}"
    if declaration.format == "csv":
        title = _column_at(before, declaration)
        where += f", column '{title}'" if title else ""
    return DeliveryRefused(
        file.name,
        f"is not {declaration.encoding}: the first byte that cannot be read is in {where}",
        "Save it in the declared encoding, or correct `encoding` in the declaration.",
    )


def _column_at(before: bytes, declaration: SourceObject) -> str | None:
    last_line = before.rsplit(b"\n", 1)[-1].decode(declaration.encoding, errors="replace")
    fields = next(csv.reader([last_line], delimiter=declaration.delimiter), [""])
    titles = list(declaration.columns)
    header = before.split(b"\n", 1)[0].decode(declaration.encoding, errors="replace")
    if b"\n" in before:
        titles = next(csv.reader([header], delimiter=declaration.delimiter), titles)
    return titles[len(fields) - 1].strip() if 0 < len(fields) <= len(titles) else None


def check_not_truncated(file: DeliveredFile, text: Path, declaration: SourceObject, titles: list[str]) -> None:
    """Refuse a CSV file that stops in the middle of its last record.

    Only a file whose last line has no line end is looked at: a complete last record there is accepted.
    """
    with text.open("rb") as stream:
        stream.seek(max(0, text.stat().st_size - (1 << 20)))
        tail = stream.read()
    if tail.endswith(b"\n"):
        return
    last = tail.rsplit(b"\n", 1)[-1].decode("utf-8", errors="replace")
    fields = next(csv.reader([last], delimiter=declaration.delimiter), [])
    if len(fields) < len(titles) and "\n" in tail.decode("utf-8", errors="replace"):
        raise DeliveryRefused(
            file.name,
            f"is truncated: it ends inside column '{titles[max(len(fields) - 1, 0)]}' of its last row",
            "Ask the source to deliver it again, whole.",
        )
