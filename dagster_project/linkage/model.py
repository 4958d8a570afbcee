"""The learned linkage model: what it is, how it is kept, how it is shown.

Belongs here: the model as data (parameters, profile of the data it was learned from, version), saving and loading, Splink
settings and charts. Does not belong here: learning it (``training``) or applying it (``scoring``, ``clustering``).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dagster_project.linkage.blocking import RULES
from dagster_project.linkage.comparisons import PARTIES, Party
from dagster_project.linkage.mixture import Layout, Mixture
from dagster_project.linkage.reference import FILE_NAME as REFERENCE_FILE_NAME
from dagster_project.linkage.reference import PartyReference
from dagster_project.linkage.splink_engine import charts, level_names, settings_creator

FILE_NAME = "linkage_model.json"


def party_of(party_type: str) -> Party:
    """The declarations of a party type. Raises KeyError for an unknown one."""
    return {p.party_type: p for p in PARTIES}[party_type]


def layout_of(party: Party) -> Layout:
    """Where each declared level stands (gamma 0 = different first, best last, as in Splink)."""
    return Layout(
        names=tuple(c.name for c in party.comparisons),
        kinds=tuple(c.kind for c in party.comparisons),
        agreements=tuple(tuple(a for _, _, a in reversed(level_names(c))) for c in party.comparisons),
    )


@dataclass(frozen=True)
class PartyModel:
    """Parameters of one party type: the mixture, the levels of random pairs, and facts about the training data."""

    party_type: str
    mixture: Mixture
    chance: np.ndarray
    match_share: float
    profile: dict[str, Any]
    reference: PartyReference

    @property
    def party(self) -> Party:
        """The declarations the parameters belong to."""
        return party_of(self.party_type)

    @property
    def layout(self) -> Layout:
        """Where each level stands in ``mixture.levels`` and ``chance``."""
        return layout_of(self.party)

    def to_dict(self) -> dict[str, Any]:
        """Readable form: class -> comparison -> level -> probability."""
        party, layout = self.party, self.layout
        labels = [[label for label, _, _ in reversed(level_names(c))] for c in party.comparisons]

        def spelled(flat: np.ndarray) -> dict[str, dict[str, float]]:
            return {
                name: {label: _rounded(p) for label, p in zip(label_list, flat[part], strict=True)}
                for name, label_list, part in zip(layout.names, labels, layout.slices(), strict=True)
            }

        return {
            "party_type": self.party_type,
            "match_share_of_random_pairs": _rounded(self.match_share),
            "random_pairs": spelled(self.chance),
            "classes": [
                {
                    "name": c.name,
                    "is_match": c.is_match,
                    "prior": _rounded(self.mixture.prior[k]),
                    "levels": spelled(self.mixture.levels[k]),
                }
                for k, c in enumerate(party.classes)
            ],
            "blocking_rules": [{"name": r.name, "keys": list(r.keys)} for r in RULES[self.party_type]],
            "profile": self.profile,
            "reference": self.reference.summary(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any], frequent_values: dict[str, dict[str, int]]) -> PartyModel:
        """Read ``to_dict``. Raises ValueError when the declarations have changed since the model was learned."""
        party = party_of(data["party_type"])
        if "reference" not in data:
            raise ValueError("the saved model has no reference statistics: train again")
        if list(data["reference"]["largest_blocks"]) != [r.name for r in RULES[party.party_type]]:
            raise ValueError("the saved model does not fit the declared blocking rules: train again")

        def flat(spelled: dict[str, dict[str, float]]) -> np.ndarray:
            values: list[float] = []
            for comparison in party.comparisons:
                labels = [label for label, _, _ in reversed(level_names(comparison))]
                known = spelled.get(comparison.name, {})
                if list(known) != labels:
                    raise ValueError(
                        f"the saved model does not fit the declared levels of {comparison.name}: train again"
                    )
                values.extend(known[label] for label in labels)
            return np.array(values)

        if [c["name"] for c in data["classes"]] != [c.name for c in party.classes]:
            raise ValueError("the saved model does not fit the declared classes: train again")
        mixture = Mixture(
            prior=np.array([c["prior"] for c in data["classes"]]),
            levels=np.array([flat(c["levels"]) for c in data["classes"]]),
            is_match=np.array([c["is_match"] for c in data["classes"]]),
        )
        return cls(
            data["party_type"],
            mixture,
            flat(data["random_pairs"]),
            data["match_share_of_random_pairs"],
            data["profile"],
            PartyReference.from_summary(data["reference"], frequent_values),
        )

    def splink_settings(self) -> dict[str, Any]:
        """The two-class summary as Splink settings: m = mean over the match classes, u = random pairs."""
        party, layout, mixture = self.party, self.layout, self.mixture
        share = mixture.prior[mixture.is_match] / mixture.prior[mixture.is_match].sum()
        match = share @ mixture.levels[mixture.is_match]
        parameters = {
            c.name: [(float(m), float(u)) for m, u in zip(match[part][::-1], self.chance[part][::-1], strict=True)]
            for c, part in zip(party.comparisons, layout.slices(), strict=True)
        }
        return settings_creator(party, parameters, self.match_share).create_settings_dict("duckdb")


@dataclass(frozen=True)
class LinkageModel:
    """Everything learned, one ``PartyModel`` per party type present in the training data."""

    parties: tuple[PartyModel, ...]

    def party(self, party_type: str) -> PartyModel | None:
        """The model of a party type, or None when the training data had none of it."""
        return next((p for p in self.parties if p.party_type == party_type), None)

    def to_json(self) -> str:
        """Stable readable text of the whole model."""
        return json.dumps({"parties": [p.to_dict() for p in self.parties]}, indent=1, ensure_ascii=False)

    @property
    def version(self) -> str:
        """Hash of the content: the same model has the same version wherever it was learned."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]

    def save(self, folder: Path | str) -> Path:
        """Write the model, and its reference statistics and Splink settings beside it; return the model's path."""
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / FILE_NAME
        path.write_text(self.to_json() + "\n", encoding="utf-8")
        values = json.dumps({p.party_type: p.reference.frequent_values for p in self.parties}, indent=1)
        (folder / REFERENCE_FILE_NAME).write_text(values + "\n", encoding="utf-8")
        for party_type, settings in self.splink_settings().items():
            text = json.dumps(settings, indent=1, ensure_ascii=False, default=str)
            (folder / f"splink_settings_{party_type}.json").write_text(text + "\n", encoding="utf-8")
        return path

    @classmethod
    def load(cls, folder: Path | str) -> LinkageModel:
        """Read a saved model. Raises FileNotFoundError, or ValueError when the declarations have changed since."""
        data = json.loads((Path(folder) / FILE_NAME).read_text(encoding="utf-8"))
        reference = Path(folder) / REFERENCE_FILE_NAME
        values = json.loads(reference.read_text(encoding="utf-8")) if reference.exists() else {}
        return cls(tuple(PartyModel.from_dict(p, values.get(p["party_type"], {})) for p in data["parties"]))

    def splink_settings(self) -> dict[str, dict[str, Any]]:
        """Splink settings per party type, ready for ``splink.Linker``."""
        return {p.party_type: p.splink_settings() for p in self.parties}

    def charts(self) -> dict[str, str]:
        """Splink's parameter charts: ``<party type>_<chart>`` -> whole HTML page that needs no network."""
        return {
            f"{party_type}_{name}": chart
            for party_type, settings in self.splink_settings().items()
            for name, chart in charts(settings).items()
        }


def _rounded(value: float) -> float:
    """Nine significant digits: more than any decision needs, fewer than machines disagree on."""
    return float(f"{float(value):.9g}")
