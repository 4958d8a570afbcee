"""Splink's part: comparison vectors, settings and charts. The only module that imports splink.

Belongs here: the translation of the declarations into Splink settings and the Splink SQL that is run. Does not belong
here: what is declared (``comparisons``, ``blocking``) or how parameters are learned (``mixture``).
"""

from __future__ import annotations

import functools
import logging
import re
from typing import TYPE_CHECKING, Any

from dagster_project.linkage.blocking import RULES
from dagster_project.linkage.comparisons import FREQUENCY_BANDS, PARTIES, Comparison, Party

if TYPE_CHECKING:
    from splink import SettingsCreator
    from splink.internals.blocking_rule_creator import BlockingRuleCreator
    from splink.internals.comparison_level_creator import ComparisonLevelCreator


def level_names(comparison: Comparison) -> list[tuple[str, str, float]]:
    """(label, condition, agreement) of every level but null, best first, ``else`` last; banded levels spelled out."""
    levels: list[tuple[str, str, float]] = []
    for position, level in enumerate(comparison.levels):
        if position == 0 and comparison.banded:
            levels.extend(
                (
                    f"{level.name}, {_band_label(band)}",
                    f"({level.condition}) and {comparison.banded}_band_l = {band}",
                    level.agreement,
                )
                for band in range(len(FREQUENCY_BANDS), 0, -1)
            )
            levels.append((f"{level.name}, {_band_label(0)}", level.condition, level.agreement))
        else:
            levels.append((level.name, level.condition, level.agreement))
    return [*levels, ("different", "ELSE", 0.0)]


def _band_label(band: int) -> str:
    if band == 0:
        return f"in {FREQUENCY_BANDS[0]:.2%} of records or more"
    return f"in less than {FREQUENCY_BANDS[band - 1]:.2%} of records"


def settings_creator(
    party: Party, parameters: dict[str, list[tuple[float, float]]] | None = None, prior: float = 1e-4
) -> SettingsCreator:
    """Splink settings of a party; ``parameters`` maps a comparison to (m, u) per level in ``level_names`` order."""
    import splink.comparison_level_library as cll
    import splink.comparison_library as cl
    from splink import SettingsCreator
    from splink.blocking_rule_library import CustomRule

    columns = sorted({*party.helper_columns, *(name for c in party.comparisons for name in c.columns), "given_roots"})
    comparisons = []
    for comparison in party.comparisons:
        levels: list[ComparisonLevelCreator | dict[str, Any]] = [
            cll.CustomLevel(comparison.null_when, "no comparison").configure(is_null_level=True)
        ]
        for number, (label, condition, _) in enumerate(level_names(comparison)):
            level = cll.ElseLevel() if condition == "ELSE" else cll.CustomLevel(condition, label)
            if parameters is not None:
                m, u = parameters[comparison.name][number]
                level = level.configure(m_probability=m, u_probability=u)
            levels.append(level)
        comparisons.append(
            cl.CustomComparison(
                comparison_levels=levels,
                output_column_name=comparison.name,
                comparison_description=comparison.name.replace("_", " "),
            )
        )
    rules: list[BlockingRuleCreator | dict[str, Any]] = [
        CustomRule(_as_join(rule.keys, columns)) for rule in RULES[party.party_type]
    ]
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="i",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=rules,
        probability_two_random_records_match=prior,
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )


def _as_join(keys: tuple[str, ...], columns: list[str]) -> str:
    """A blocking rule as Splink writes it: every key of ``l`` equal to the key of ``r``."""
    name = re.compile(rf"\b({'|'.join(columns)})\b")

    def side(key: str, alias: str) -> str:
        return name.sub(lambda found: f"{alias}.{found.group(1)}", key)

    return " and ".join(f"({side(key, 'l')}) = ({side(key, 'r')})" for key in keys)


def comparison_vectors_sql(party: Party, table: str, pairs: str, carried: str = "", judged: bool = False) -> str:
    """SQL of the comparison vectors of ``pairs`` (l, r): l, r, ``gamma_<comparison>`` and the ``carried`` columns.

    With ``judged``, also ``match_rule`` (the first deterministic rule that holds, else NULL) and ``conflict`` (the
    party's own condition: the two cannot be one).
    """
    columns, cases = _splink_sql(party.party_type)
    compared, selected = list(columns), list(cases)
    if judged:
        compared += [f'"{side}"."{name}" as "{name}_{side}"' for name in _judged_columns(party) for side in "lr"]
        rules = " ".join(f"when {rule.condition} then '{rule.name}'" for rule in party.match_rules)
        selected += [f"case {rules} end as match_rule", f"coalesce({party.conflict}, false) as conflict"]
    return f"""
        select l, r{carried}, {", ".join(selected)}
        from (
            select p.l as l, p.r as r{carried}, {", ".join(dict.fromkeys(compared))}
            from {pairs} as p join {table} as l on l.i = p.l join {table} as r on r.i = p.r
        )"""


@functools.cache
def _splink_sql(party_type: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Splink's SQL of the columns to compare (``column_l``, ``column_r``) and of the comparison vector."""
    party = next(p for p in PARTIES if p.party_type == party_type)
    comparisons = settings_creator(party).get_settings("duckdb").comparisons
    columns = [column for c in comparisons for column in c._columns_to_select_for_blocking()]
    return tuple(columns), tuple(c._case_statement for c in comparisons)


def _judged_columns(party: Party) -> list[str]:
    text = " ".join(rule.condition for rule in party.match_rules) + f" {party.conflict}"
    return sorted(set(re.findall(r"\b(\w+)_[lr]\b", text)))


def charts(settings: dict[str, Any]) -> dict[str, str]:
    """Splink's parameter charts of trained settings: name -> whole HTML page that needs no network."""
    import duckdb
    from splink import DuckDBAPI, Linker

    logging.getLogger("splink").setLevel(logging.ERROR)
    with duckdb.connect(":memory:") as con:
        columns = sorted(_columns_of(settings))
        con.execute(f"create table nobody (i int, {', '.join(f'{c} varchar' for c in columns)})")
        api = DuckDBAPI(connection=con)
        frame = api.register(con.table("nobody"))
        linker = Linker(frame, settings, log_level=None, validate_settings=False)
        return {
            "match_weights": linker.visualisations.match_weights_chart().to_html(inline=True),
            "m_u_parameters": linker.visualisations.m_u_parameters_chart().to_html(inline=True),
        }


def waterfall_chart(bars: list[tuple[str, str, float, str | None, str | None]]) -> str:
    """Splink's waterfall chart as a whole HTML page that needs no network.

    ``bars``: name, description, bits, value on the left, value on the right; first the prior, last the final score. The
    bits are the mixture's, so the chart is built from them instead of Splink's own two-class weights.
    """
    from splink.internals.charts import WaterfallChart

    records = [
        {
            "column_name": name,
            "label_for_charts": description,
            "log2_bayes_factor": bits,
            "bayes_factor": 2.0**bits,
            "bayes_factor_description": f"{description}: {bits:+.2f} bits",
            "value_l": left or "",
            "value_r": right or "",
            "sql_condition": None,
            "comparison_vector_value": None,
            "m_probability": None,
            "u_probability": None,
            "term_frequency_adjustment": False,
            "bar_sort_order": position,
            "record_number": 0,
        }
        for position, (name, description, bits, left, right) in enumerate(bars)
    ]
    return WaterfallChart(records, filter_nulls=False).to_html(inline=True)


def _columns_of(settings: dict[str, Any]) -> set[str]:
    text = " ".join(
        [level["sql_condition"] for c in settings["comparisons"] for level in c["comparison_levels"]]
        + [rule["blocking_rule"] for rule in settings["blocking_rules_to_generate_predictions"]]
    )
    return set(re.findall(r"\b(\w+)_[lr]\b", text)) | set(re.findall(r"\bl\.(\w+)\b", text))
