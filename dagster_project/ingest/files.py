"""Delivered files: finding them, recognising them again, unpacking them, and making their text readable.

Belongs here: everything about a file as bytes (fingerprint, compression, encoding, truncation). Does not belong here: rows.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import hashlib
import shutil
import zlib
from dataclasses import dataclass, field
from pathlib import Path

from dagster_project.ingest.declaration import Format, SourceObject
from dagster_project.ingest.errors import DeliveryRefused
from dagster_project.ingest.pull import PULLED, pulled_files

CHUNK = 1 << 22
COMPRESSED = ".gz"


@dataclass(frozen=True)
class DeliveredFile:
    """A file in the landing folder: `name` is its path inside that folder, `fingerprint` the SHA-256 of its bytes."""

    name: str
    path: Path
    fingerprint: str
    format: Format


@dataclass(frozen=True)
class Text:
    """The readable text of a file: UTF-8, without byte order mark and without the lines that are of another encoding.

    `undecodable` has these lines (counted from 1, the header included), bytes that cannot be read written as \\xNN.
    """

    path: Path
    has_nul: bool = False
    undecodable: list[tuple[int, str]] = field(default_factory=list)


def find_files(landing: Path, declaration: SourceObject) -> list[DeliveredFile]:
    """Files of one source object in the order in which they are loaded: delivered ones by name, then pulled ones.

    A folder in place of a file is reported when it is opened.
    """
    delivered = {*landing.glob(declaration.files), *landing.glob(declaration.files + COMPRESSED)}
    pulled = pulled_files(landing / declaration.system / PULLED, declaration)
    found: list[tuple[Path, Format]] = [(path, declaration.format) for path in sorted(delivered - set(pulled))]
    pulls: list[tuple[Path, Format]] = [(path, "jsonl") for path in pulled]
    return [
        DeliveredFile(path.relative_to(landing).as_posix(), path, _fingerprint(path) if path.is_file() else "", form)
        for path, form in found + pulls
    ]


def _fingerprint(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def unpacked(file: DeliveredFile, scratch: Path) -> Path:
    """The file itself, or its unpacked copy in the scratch folder. Raises DeliveryRefused for what is no whole file."""
    if not file.path.is_file():
        raise DeliveryRefused(file.name, "is a folder, not a file", "Deliver a file of this name.")
    if file.path.stat().st_size == 0:
        raise DeliveryRefused(file.name, "is empty (0 bytes)", "Ask the source to deliver it again.")
    if file.path.suffix != COMPRESSED:
        return file.path
    target = scratch / f"{file.fingerprint}.unpacked"
    try:
        with gzip.open(file.path, "rb") as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, CHUNK)
    except EOFError:
        raise DeliveryRefused(
            file.name, "is truncated: its gzip stream ends too early", "Ask the source to deliver it again, whole."
        ) from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise DeliveryRefused(
            file.name, f"is not a whole gzip file ({error})", "Ask the source to deliver it again, or drop the .gz."
        ) from None
    if target.stat().st_size == 0:
        raise DeliveryRefused(file.name, "is empty once unpacked", "Ask the source to deliver it again.")
    return target


def readable_text(file: DeliveredFile, declaration: SourceObject, scratch: Path) -> Text:
    """The file's text in UTF-8: the file itself where it is clean already, else a copy in the scratch folder.

    Single lines of another encoding are set apart, so that they can be quarantined. Raises DeliveryRefused when the
    header is one of them, or more of the lines than `quarantine_limit` are: then the file as a whole is of another
    encoding. The message names the line, and for CSV the column, in which the first such byte stands.
    """
    source = unpacked(file, scratch)
    # Pulled files are written here, in UTF-8, whatever the source's own files are.
    encoding = "utf-8" if file.format == "jsonl" and PULLED in file.path.parts else declaration.encoding
    codec = codecs.lookup(encoding).name
    with source.open("rb") as stream:
        has_mark = codec == "utf-8" and stream.read(3) == codecs.BOM_UTF8
    if codec == "utf-8" and not has_mark:
        has_nul = False
        decoder = codecs.getincrementaldecoder("utf-8")("strict")
        try:
            with source.open("rb") as stream:
                while chunk := stream.read(CHUNK):
                    has_nul = has_nul or b"\0" in chunk
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return _line_by_line(file, source, declaration, "utf-8", scratch)
        return Text(source, has_nul)
    target = scratch / f"{file.fingerprint}.utf8"
    decoder = codecs.getincrementaldecoder("utf-8-sig" if codec == "utf-8" else codec)("strict")
    has_nul = False
    try:
        with source.open("rb") as stream, target.open("wb") as sink:
            while chunk := stream.read(CHUNK):
                text = decoder.decode(chunk)
                has_nul = has_nul or "\0" in text
                sink.write(text.encode("utf-8"))
            sink.write(decoder.decode(b"", final=True).encode("utf-8"))
    except UnicodeDecodeError:
        return _line_by_line(file, source, declaration, codec, scratch)
    return Text(target, has_nul)


def _line_by_line(file: DeliveredFile, source: Path, declaration: SourceObject, codec: str, scratch: Path) -> Text:
    """The slow way, for a file with bytes that cannot be read: each line by itself."""
    target = scratch / f"{file.fingerprint}.utf8"
    undecodable: list[tuple[int, str]] = []
    first: tuple[int, int, bytes] | None = None
    has_nul, number, position = False, 0, 0
    with source.open("rb") as stream, target.open("wb") as sink:
        for number, line in enumerate(stream, start=1):
            if number == 1:
                line = line.removeprefix(codecs.BOM_UTF8)
            try:
                text = line.decode(codec)
            except UnicodeDecodeError as error:
                if first is None:
                    first = (number, position + error.start, line[: error.start])
                undecodable.append((number, line.rstrip(b"\r\n").decode(codec, errors="backslashreplace")))
            else:
                has_nul = has_nul or "\0" in text
                sink.write(text.encode("utf-8"))
            position += len(line)
    assert first is not None
    rows = number - (declaration.format == "csv")
    if first[0] == 1 or len(undecodable) > declaration.quarantine_limit * rows:
        with source.open("rb") as stream:
            header = stream.readline()
        raise _wrong_encoding(file, declaration, *first, header)
    return Text(target, has_nul, undecodable)


def _wrong_encoding(
    file: DeliveredFile, declaration: SourceObject, line: int, position: int, before: bytes, header: bytes
) -> DeliveryRefused:
    where = f"line {line}, byte {position}"
    if declaration.format == "csv":
        titles = list(declaration.columns)
        if line > 1:
            text = header.decode(declaration.encoding, errors="replace")
            titles = next(csv.reader([text], delimiter=declaration.delimiter), titles)
        text = before.decode(declaration.encoding, errors="replace")
        fields = next(csv.reader([text], delimiter=declaration.delimiter), [""])
        where += f", column '{titles[len(fields) - 1].strip()}'" if 0 < len(fields) <= len(titles) else ""
    return DeliveryRefused(
        file.name,
        f"is not {declaration.encoding}: the first byte that cannot be read is in {where}",
        "Save it in the declared encoding, or correct `encoding` in the declaration.",
    )


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
