"""The cases of standardization: what is delivered, what must come out, and where the rule stands.

A case with `not_handled` is a known gap: the expected value is right, the code does not reach it, the text says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).with_name("cases")


@dataclass(frozen=True)
class Case:
    """One delivered record with one or more expected values."""

    area: str
    number: int
    given: dict[str, Any]
    expected: dict[str, Any]
    source: str
    not_handled: str | None = None

    @property
    def name(self) -> str:
        return f"{self.area}-{self.number:03d}"

    @property
    def is_chinese(self) -> bool:
        """Whether the case is about China: Han script, a Chinese number, or China as its country."""
        values = " ".join(str(value) for value in [*self.given.values(), *self.expected.values()])
        return (
            any("\u3400" <= sign <= "\u9fff" for sign in values)
            or "+86" in values
            or str(self.given.get("country", "")).upper() in ("CN", "CHN", "CHINA")
            or bool(self.expected.get("name_pinyin"))
            or any(mark in self.source for mark in ("GB ", "GB/T", "Chinese", "pypinyin", "stdnum.cn"))
        )


def read_cases() -> list[Case]:
    """All cases, in the order of their files."""
    return [
        Case(path.stem, number, case["given"], case["expected"], case["source"], case.get("not_handled"))
        for path in sorted(FOLDER.glob("*.yaml"))
        for number, case in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), 1)
    ]


def coverage(cases: list[Case]) -> str:
    """The share handled per area, and each case that is not, as lines of text."""
    lines = [f"{'area':12} {'cases':>6} {'Chinese':>8} {'handled':>8} {'share':>7}"]
    for area in [*dict.fromkeys(case.area for case in cases), "all"]:
        own = [case for case in cases if area in (case.area, "all")]
        handled = sum(case.not_handled is None for case in own)
        chinese = sum(case.is_chinese for case in own)
        lines.append(f"{area:12} {len(own):6} {chinese:8} {handled:8} {handled / len(own):7.1%}")
    gaps = [case for case in cases if case.not_handled]
    lines += ["", "not handled:"] if gaps else []
    lines += [f"  {case.name}: {case.given} -> {case.expected} ({case.not_handled})" for case in gaps]
    return "\n".join(lines)


if __name__ == "__main__":
    print(coverage(read_cases()))
