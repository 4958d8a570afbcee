"""make replay-quarantine: rows that a mended declaration accepts leave quarantine; what cannot be replayed is said."""

from __future__ import annotations

import json

from tests.project import Project

TICKET = {
    "ticket_id": "T900001", "requester_id": "R90001", "requester_name": "Ann Lee", "requester_email": "ann@example.org",
    "requester_phone": None, "requester_company": None, "language": "en", "channel": "email", "category": "question",
    "subject": "Where is it?", "priority": "low", "status": "open", "created_at": "08.12.2011 10:00",
    "first_reply_at": None, "resolved_at": None, "updated_at": "2011-12-08T10:00:00Z", "satisfaction": None,
    "order_id": None,
}  # fmt: skip


def quarantined(project: Project) -> list[tuple[str, int]]:
    return project.query(
        "select rule, count(*) from raw.quarantine where source_system = 'service_desk' group by rule order by rule",
        database=project.warehouse,
    )


def test_rows_come_back_after_a_declaration_was_mended(project_after_run: Project) -> None:
    project = project_after_run
    before = quarantined(project)
    file = project.landing / "service_desk/tickets_20111210.jsonl"
    file.write_text(json.dumps(TICKET) + "\n", encoding="utf-8")
    first = project.run("replay-quarantine", "--source", "service_desk")
    assert first.returncode == 0, first.stdout + first.stderr
    assert sum(rows for _, rows in quarantined(project)) == sum(rows for _, rows in before) + 1

    declaration = project.root / "dagster_project/defs/sources/service_desk/defs.yaml"
    text = declaration.read_text(encoding="utf-8")
    old = "created_at: {type: timestamp, required: true}"
    assert old in text
    formats = '["%Y-%m-%dT%H:%M:%SZ", "%d.%m.%Y %H:%M"]'
    new = f"created_at: {{type: timestamp, required: true, formats: {formats}}}"
    declaration.write_text(text.replace(old, new), encoding="utf-8")
    second = project.run("replay-quarantine", "--source", "service_desk.tickets")
    assert second.returncode == 0, second.stdout + second.stderr
    assert quarantined(project) == before
    assert "make run" in second.stdout
    loaded = "select cast(created_at as varchar) from raw.service_desk__tickets where ticket_id = 'T900001'"
    assert project.query(loaded, database=project.warehouse) == [("2011-12-08 10:00:00",)]

    for gone in (project.landing / "service_desk").glob("tickets_*.jsonl"):
        gone.unlink()
    third = project.run("replay-quarantine", "--source", "service_desk")
    assert "no longer in the landing folder" in third.stdout
    assert quarantined(project) == before


def test_an_unknown_source_is_said(project_after_run: Project) -> None:
    done = project_after_run.run("replay-quarantine", "--source", "cash_box")
    assert done.returncode == 2
    assert "cash_box" in done.stdout
