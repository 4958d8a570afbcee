"""Delivered files: finding them, recognising them again, unpacking them, and making their text readable.

Belongs here: everything about a file as bytes (fingerprint, compression, encoding, truncation). Does not belong here: rows.
"""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import os
import shutil
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from dagster_project.ingest.declaration import Format, SourceObject
from dagster_project.ingest.errors import DeliveryRefused
from dagster_project.ingest.look import Look
from dagster_project.ingest.pull import PULLED, pulled_files
from dagster_project.ingest.recognition import HEAD, recognised
from dagster_project.ingest.records import split_record

CHUNK = 1 << 22
COMPRESSED = ".gz"
DELIVER_AGAIN = "Ask the source to deliver it again, whole."
_WIDE = ("utf-16", "utf-32")
"""Encodings in which a line end is more than one byte."""
MAX_LINES_OF_A_RECORD = 100
"""So many lines are looked at to find where the last record of a file begins."""


@dataclass(frozen=True)
class DeliveredFile:
    """A file in the landing folder: `name` is its path inside that folder, `fingerprint` the SHA-256 of its bytes.

    The fingerprint of what cannot be read is empty.
    """

    name: str
    path: Path
    fingerprint: str
    format: Format


@dataclass(frozen=True)
class Text:
    """The readable text of a file: UTF-8, without byte order mark and without the lines that are of another encoding.

    `undecodable` has these lines by number (from 1, the header included), bytes that cannot be read written as \\xNN.
    """

    path: Path
    look: Look
    undecodable: dict[int, str] = field(default_factory=dict)


def find_files(landing: Path, declaration: SourceObject) -> list[DeliveredFile]:
    """Files of one source object in the order in which they are loaded: delivered ones by name, then pulled ones.

    What is no readable file is reported when it is opened.
    """
    delivered = {*landing.glob(declaration.files), *landing.glob(declaration.files + COMPRESSED)}
    pulled = pulled_files(landing / declaration.system / PULLED, declaration)
    found: list[tuple[Path, Format]] = [(path, declaration.format) for path in sorted(delivered - set(pulled))]
    pulls: list[tuple[Path, Format]] = [(path, "jsonl") for path in pulled]
    return [
        DeliveredFile(path.relative_to(landing).as_posix(), path, _fingerprint(path), form)
        for path, form in found + pulls
    ]


def _fingerprint(path: Path) -> str:
    try:
        if not path.is_file():
            return ""  # opening a pipe would wait for ever
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return ""


def unpacked(file: DeliveredFile, scratch: Path) -> Path:
    """The file itself, or its unpacked copy in the scratch folder. Raises DeliveryRefused for what is no whole file."""
    _check_readable(file)
    if file.path.suffix != COMPRESSED:
        return file.path
    target = scratch / f"{file.fingerprint}.unpacked"
    try:
        with gzip.open(file.path, "rb") as source, target.open("wb") as sink:
            shutil.copyfileobj(source, sink, CHUNK)
    except EOFError:
        raise DeliveryRefused(file.name, "is truncated: its gzip stream ends too early", DELIVER_AGAIN) from None
    except (gzip.BadGzipFile, zlib.error):
        raise DeliveryRefused(
            file.name, "is not a whole gzip file", "Ask the source to deliver it again, or drop the .gz from its name."
        ) from None
    if target.stat().st_size == 0:
        raise DeliveryRefused(file.name, "is empty once unpacked", "Ask the source to deliver it again.")
    return target


def _check_readable(file: DeliveredFile) -> None:
    path, again = file.path, "Deliver a file of this name."
    if path.is_symlink() and not path.exists():
        raise DeliveryRefused(file.name, "is a link to a file that is not there", again)
    if not path.exists():
        raise DeliveryRefused(file.name, "has vanished since it was found", "Put it back; the next run loads it.")
    if path.is_dir():
        raise DeliveryRefused(file.name, "is a folder, not a file", again)
    if not path.is_file():
        raise DeliveryRefused(file.name, "is neither a file nor a folder", again)
    try:
        with path.open("rb") as stream:
            is_empty = not stream.read(1)
    except OSError as error:
        raise DeliveryRefused(
            file.name,
            f"cannot be read ({error.strerror})",
            "Give the account that runs the platform the right to read it, and check the disk.",
        ) from None
    if is_empty:
        raise DeliveryRefused(file.name, "is empty (0 bytes)", "Ask the source to deliver it again.")


def readable_text(file: DeliveredFile, declaration: SourceObject, scratch: Path) -> Text:
    """The file's text in UTF-8: the file itself where it is clean already, else a copy in the scratch folder.

    Single lines of another encoding are set apart, so that they can be quarantined. Raises DeliveryRefused when the
    file is something else than text, the header is of another encoding, or more of the lines than `quarantine_limit`
    are. The message names the line, and for CSV the column, in which the first byte stands that cannot be read.
    """
    source = unpacked(file, scratch)
    # Pulled files are written here, in UTF-8, whatever the source's own files are.
    encoding = "utf-8" if file.format == "jsonl" and PULLED in file.path.parts else declaration.encoding
    codec = codecs.lookup(encoding).name
    with source.open("rb") as stream:
        head = stream.read(HEAD)
    what = recognised(head)
    if what is not None and not codec.startswith(_WIDE):
        raise DeliveryRefused(
            file.name, f"{what}, not {file.format} in {encoding}", "Deliver it in the declared format and encoding."
        )
    copy = None
    if codec != "utf-8" or head.startswith(codecs.BOM_UTF8):
        copy = scratch / f"{file.fingerprint}.utf8"
    look = Look()
    try:
        with source.open("rb") as stream, (copy or Path(os.devnull)).open("wb") as sink:
            for text, raw in _decoded(stream, "utf-8-sig" if codec == "utf-8" else codec):
                utf8 = raw if copy is None else text.encode("utf-8")
                look.at(text, utf8, is_json=file.format == "jsonl")
                if copy is not None:
                    sink.write(utf8)
    except UnicodeDecodeError:
        if codec.startswith(_WIDE):
            raise DeliveryRefused(file.name, f"is not whole text in {encoding}", DELIVER_AGAIN) from None
        return _line_by_line(file, source, declaration, codec, scratch)
    if codec != "utf-8" and _is_utf_8(source, codec):
        raise DeliveryRefused(
            file.name,
            f"is not {encoding} but utf-8; read as {encoding}, its text would be nonsense",
            "Correct `encoding` in the declaration, or ask the source for the declared one.",
        )
    return Text(copy or source, look)


def _decoded(stream: io.BufferedReader, codec: str) -> Iterator[tuple[str, bytes]]:
    """Pieces of a text, decoded, each with the bytes read for it. Raises UnicodeDecodeError."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    while chunk := stream.read(CHUNK):
        yield decoder.decode(chunk), chunk
    yield decoder.decode(b"", final=True), b""


def _is_utf_8(source: Path, codec: str) -> bool:
    """Whether a text of another encoding is UTF-8 as well: then it is UTF-8, but for chance in very short texts.

    Two bytes of GB18030 may be a letter of two bytes in UTF-8, so a character of three bytes is asked for there.
    """
    beyond = "\x7f" if _is_single_byte(codec) else "\u07ff"
    has_evidence = False
    try:
        with source.open("rb") as stream:
            for text, _ in _decoded(stream, "utf-8"):
                has_evidence = has_evidence or (not text.isascii() and max(text) > beyond)
    except UnicodeDecodeError:
        return False
    return has_evidence


def _is_single_byte(codec: str) -> bool:
    return len(bytes(range(0xA0, 0xB0)).decode(codec, errors="ignore")) > 12


def _line_by_line(file: DeliveredFile, source: Path, declaration: SourceObject, codec: str, scratch: Path) -> Text:
    """The slow way, for a file with bytes that cannot be read: each line by itself."""
    target = scratch / f"{file.fingerprint}.utf8"
    look, undecodable = Look(), {}
    first: tuple[int, int, bytes] | None = None
    reads_as = ["gb18030", "big5", "shift_jis", "utf-8"]
    number = position = 0
    with source.open("rb") as stream, target.open("wb") as sink:
        for number, line in enumerate(stream, start=1):
            line = line.removeprefix(codecs.BOM_UTF8) if number == 1 else line
            try:
                text = line.decode(codec)
            except UnicodeDecodeError as error:
                if first is None:
                    first = (number, position + error.start, line[: error.start])
                reads_as = [other for other in reads_as if _can_be_read(line, other)]
                undecodable[number] = line.rstrip(b"\r\n").decode(codec, errors="backslashreplace")
                if file.format == "jsonl":
                    sink.write(b"\n")  # a blank line keeps the place: the lines after it keep their numbers
            else:
                utf8 = text.encode("utf-8")
                look.at(text, utf8, is_json=file.format == "jsonl")
                sink.write(utf8)
            position += len(line)
    assert first is not None
    rows = number - (declaration.format == "csv")
    if first[0] == 1 or len(undecodable) > declaration.quarantine_limit * rows:
        with source.open("rb") as stream:
            header = stream.readline()
        raise _wrong_encoding(file, declaration, *first, header, reads_as)
    return Text(target, look, undecodable)


def _can_be_read(line: bytes, codec: str) -> bool:
    try:
        line.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _wrong_encoding(
    file: DeliveredFile,
    declaration: SourceObject,
    line: int,
    position: int,
    before: bytes,
    header: bytes,
    reads_as: list[str],
) -> DeliveryRefused:
    where = f"line {line}, byte {position}"
    if declaration.format == "csv":
        titles = list(declaration.columns)
        if line > 1:
            titles, _ = split_record(header.decode(declaration.encoding, errors="replace"), declaration.delimiter)
        cells, _ = split_record(before.decode(declaration.encoding, errors="replace"), declaration.delimiter)
        where += f", column '{titles[len(cells) - 1].strip()}'" if len(cells) <= len(titles) else ""
    hint = f"; what cannot be read would be {reads_as[0]}" if reads_as else ""
    return DeliveryRefused(
        file.name,
        f"is not {declaration.encoding}: the first byte that cannot be read is in {where}{hint}",
        "Save it in the declared encoding, or correct `encoding` in the declaration.",
    )


def check_not_truncated(file: DeliveredFile, text: Path, declaration: SourceObject, titles: list[str]) -> None:
    """Refuse a CSV file that stops in the middle of its last record.

    Only a file whose last line has no line end is looked at: a complete last record there is accepted.
    """
    with text.open("rb") as stream:
        stream.seek(max(0, text.stat().st_size - (1 << 20)))
        tail = stream.read()
    check_not_filled_with_nul(file, tail)
    if tail.endswith((b"\n", b"\r")):
        return
    lines = io.StringIO(tail.decode("utf-8", errors="replace"), newline="").readlines()
    if len(lines) < 2:
        return  # the header alone
    for count in range(1, min(len(lines), MAX_LINES_OF_A_RECORD)):
        # The record may have begun some lines above, in a quoted cell with line breaks.
        if count > 1 and split_record("".join(lines[-count:-1]), declaration.delimiter)[1] != "open":
            continue
        cells, state = split_record("".join(lines[-count:]), declaration.delimiter)
        if state == "whole" and len(cells) >= len(titles):
            return
    cells, _ = split_record(lines[-1], declaration.delimiter)
    raise DeliveryRefused(
        file.name,
        f"is truncated: it ends inside column '{titles[min(len(cells), len(titles)) - 1]}' of its last row,"
        f" line {count_lines(text)}",
        DELIVER_AGAIN,
    )


def check_not_filled_with_nul(file: DeliveredFile, tail: bytes) -> None:
    """Refuse a file that ends in NUL bytes: its end was reserved on the disk, and never written."""
    if tail.endswith(b"\0"):
        raise DeliveryRefused(
            file.name, "is truncated: NUL bytes stand in place of its end, which was never written", DELIVER_AGAIN
        )


def count_lines(text: Path) -> int:
    """Number of lines; a last one without line end counts as well."""
    with text.open("rb") as stream:
        return sum(1 for _ in stream)
