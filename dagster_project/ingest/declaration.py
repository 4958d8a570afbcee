"""What a source object is declared to deliver; the YAML under defs/sources holds instances of this.

Belongs here: the shape of a declaration and its validation. Does not belong here: reading any data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

ColumnType = Literal["string", "integer", "decimal", "date", "timestamp", "boolean"]
Format = Literal["csv", "jsonl", "parquet", "xlsx"]
EXCEL_SERIAL = "excel"
"""Among the formats of a date: days since 1899-12-30, as spreadsheets store them."""

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
    "_undeclared": "varchar",
    "_deleted": "boolean",
}


class Column(BaseModel):
    """One column as the source titles it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    type: ColumnType = "string"
    formats: tuple[str, ...] = Field(
        default=(),
        description="strptime formats tried in order, for dates and times, or 'excel' for the day numbers of spreadsheets;"
        " without any, ISO 8601 is expected.",
    )
    field: str | None = Field(default=None, description="Its name in the API or database; by default the title.")
    optional: bool = Field(
        default=False, description="A delivery without this column is accepted; its values are NULL."
    )
    required: bool = Field(default=False, description="A row without a value in this column goes to quarantine.")
    personal: bool = Field(default=False, description="Personal data: its values are masked in every message.")
    may_be_future: bool = Field(
        default=False, description="Dates and times after the load are plausible: an appointment, an expiry."
    )
    may_be_negative: bool = Field(
        default=True, description="Of numbers; where false, a negative one goes to quarantine."
    )
    decimal_comma: bool = Field(default=False, description="Numbers are written 1.234,50 instead of 1,234.50.")
    currency: str | None = Field(
        default=None, description="ISO 4217 code: the column holds amounts, and may show the sign of this currency."
    )
    currency_column: str | None = Field(
        default=None, description="Like currency, where another column of the row names the code."
    )

    @model_validator(mode="after")
    def options_fit_the_type(self) -> Column:
        """An option means nothing for other types; saying so beats ignoring it."""
        is_time, is_number = self.type in ("date", "timestamp"), self.type in ("integer", "decimal")
        if (self.formats or self.may_be_future) and not is_time:
            raise ValueError(f"formats and may_be_future are for dates and timestamps, not for type {self.type!r}")
        if (not self.may_be_negative or self.decimal_comma or self.currency or self.currency_column) and not is_number:
            raise ValueError(
                "may_be_negative, decimal_comma, currency and currency_column are for numbers,"
                f" not for type {self.type!r}"
            )
        return self

    @property
    def sql_type(self) -> str:
        """The engine's type of this column in the raw table."""
        return SQL_TYPES[self.type]


class Pull(BaseModel):
    """How an object is fetched from an API or a database. What a connector needs stands in its own settings class."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    connector: Literal["zoho", "fxiaoke", "database"]
    source: str = Field(description="Module of the API or table of the database, such as Contacts.")
    overlap_minutes: Annotated[int, Field(ge=0)] = Field(
        default=60, description="Rows so much older than the newest one seen are asked for again: late data."
    )
    overlap_numbers: Annotated[int, Field(ge=0)] = Field(
        default=0, description="The same for a cursor of whole numbers: so far below the highest one seen."
    )
    credentials: str = Field(
        description="Prefix of the environment variables with address and secrets, such as GOLDEN_ZOHO."
    )
    options: dict[str, str] = Field(default_factory=dict, description="What only this connector knows.")


def _column_from_shorthand(value: Any) -> Any:  # noqa: ANN401 - YAML holds a bare type name or a mapping
    return {"type": value} if isinstance(value, str) else value


class SourceObject(BaseModel):
    """One object of a source system (a table, an export): where its files are and what they hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    system: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    description: str = ""
    files: str = Field(
        description="Pattern of the files inside the landing folder, such as pos/members_*.csv; .gz may follow."
    )
    format: Format
    sheet: str | None = Field(default=None, description="Of a workbook; by default its first sheet.")
    time_zone: str = Field(default="UTC", description="Of times that come without an offset, such as Asia/Shanghai.")
    delivers: Literal["changes", "snapshot"] = Field(
        default="changes",
        description="A snapshot holds all records there are: what the newest one lacks has been deleted at the source.",
    )
    deletion_marker: str | None = Field(
        default=None, description="Column with a value (or true) in rows that say: this record was deleted."
    )
    deletion_limit: Annotated[float, Field(ge=0, le=1)] = Field(
        default=0.5, description="Share of the records that one snapshot may delete; beyond it, it is refused."
    )
    pull: Pull | None = Field(default=None, description="How the object is fetched, beside files that are delivered.")
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
        roles = {
            "key": self.key,
            "cursor": (self.cursor,),
            "deletion_marker": (self.deletion_marker,),
            "currency_column": tuple(column.currency_column for column in self.columns.values()),
        }
        for role, titles in roles.items():
            unknown = [title for title in titles if title is not None and title not in self.columns]
            if unknown:
                raise ValueError(f"{self.qualified_name}: {role} names columns that are not declared: {unknown}")
        return self

    @field_validator("time_zone")
    @classmethod
    def _time_zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError) as error:
            raise ValueError(f"no time zone is called {value!r}; take a name like Asia/Shanghai") from error
        return value

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
