"""What a source object is declared to deliver; the YAML under defs/sources holds instances of this.

Belongs here: the shape of a declaration and its validation. Does not belong here: reading any data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

ColumnType = Literal["string", "integer", "decimal", "date", "timestamp", "boolean"]

SQL_TYPES: dict[str, str] = {
    "string": "varchar",
    "integer": "bigint",
    "decimal": "decimal(18, 4)",
    "date": "date",
    "timestamp": "timestamp",
    "boolean": "boolean",
}
LOAD_COLUMNS: dict[str, str] = {
    "_load_id": "varchar",
    "_file": "varchar",
    "_row_number": "bigint",
    "_loaded_at": "timestamp",
    "_row_hash": "varchar",
    "_undeclared": "varchar",
}


class Column(BaseModel):
    """One column as the source titles it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: ColumnType = "string"
    formats: tuple[str, ...] = Field(
        default=(),
        description="strptime formats tried in order, for dates and times; without any, ISO 8601 is expected.",
    )
    optional: bool = Field(
        default=False, description="A delivery without this column is accepted; its values are NULL."
    )
    required: bool = Field(default=False, description="A row without a value in this column goes to quarantine.")
    personal: bool = Field(default=False, description="Personal data: its values are masked in every message.")

    @model_validator(mode="after")
    def formats_only_for_times(self) -> Column:
        """Formats mean nothing for other types; saying so beats ignoring them."""
        if self.formats and self.type not in ("date", "timestamp"):
            raise ValueError(f"formats are for dates and timestamps, not for type {self.type!r}")
        return self

    @property
    def sql_type(self) -> str:
        """The engine's type of this column in the raw table."""
        return SQL_TYPES[self.type]


def _column_from_shorthand(value: Any) -> Any:  # noqa: ANN401 - YAML holds a bare type name or a mapping
    return {"type": value} if isinstance(value, str) else value


class SourceObject(BaseModel):
    """One object of a source system (a table, an export): where its files are and what they hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    description: str = ""
    files: str = Field(description="Pattern of the files inside the landing folder, such as pos/members_*.csv.")
    format: Literal["csv", "jsonl", "parquet"]
    encoding: str = Field(default="utf-8", description="Of text files; any encoding that Python knows.")
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    key: Annotated[tuple[str, ...], Field(min_length=1, description="Columns that name one source record.")]
    cursor: str | None = Field(default=None, description="Column that says which version of a record is newer.")
    null_values: tuple[str, ...] = Field(default=("",), description="Texts that mean 'no value' in this export.")
    fresh_within_hours: Annotated[int, Field(gt=0)] | None = Field(
        default=None, description="How old the last load may be before the source counts as stale."
    )
    quarantine_limit: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.05, description="Share of a delivery's rows in quarantine above which the check of the object fails."
    )
    columns: dict[str, Column]

    @field_validator("columns", mode="before")
    @classmethod
    def _expand_shorthand(cls, value: Any) -> Any:  # noqa: ANN401
        if isinstance(value, dict):
            return {title: _column_from_shorthand(column) for title, column in value.items()}
        return value

    @model_validator(mode="after")
    def _key_and_cursor_are_columns(self) -> SourceObject:
        for role, titles in (("key", self.key), ("cursor", (self.cursor,) if self.cursor else ())):
            unknown = [title for title in titles if title not in self.columns]
            if unknown:
                raise ValueError(f"{self.system}.{self.name}: {role} names columns that are not declared: {unknown}")
        return self

    @property
    def table(self) -> str:
        """Name of the raw table, without the schema."""
        return f"{self.system}__{self.name}"

    @property
    def qualified_name(self) -> str:
        """system.name, as it stands in logs and messages."""
        return f"{self.system}.{self.name}"

    def is_required(self, title: str) -> bool:
        """Key columns and columns marked required must have a value in every row."""
        return title in self.key or self.columns[title].required


def read_source_objects(folder: Path) -> list[SourceObject]:
    """All source objects declared under a folder of source declarations, by system and name.

    Raises ValueError that names the file when a declaration is not valid.
    """
    objects: list[SourceObject] = []
    for path in sorted(folder.glob("*/defs.yaml")):
        attributes = yaml.safe_load(path.read_text(encoding="utf-8"))["attributes"]
        try:
            objects += [SourceObject(system=attributes["system"], **item) for item in attributes["objects"]]
        except ValueError as error:
            raise ValueError(f"{path.parent.name}/{path.name}: {error}") from error
    return sorted(objects, key=lambda item: (item.system, item.name))
