"""The mail tool: newsletters and campaign mails, and what became of each message.

Most recipients come from the CRM and are known by their contact. Those who signed up for the newsletter by themselves
are records of their own, with nothing but an address; and so is everyone who unsubscribed, because nobody else tells it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sample_data.chance import Chance, Weighted
from sample_data.files import spoil
from sample_data.marketing import (
    ISSUES,
    RECIPIENTS,
    SHOP,
    arrives,
    is_mailbox,
    left_at,
    targets,
    unsubscribed_contacts,
)
from sample_data.people import Organisation, Person
from sample_data.records import CONTACTS, Form, Record, Recorder
from sample_data.service import iso
from sample_data.systems import Block

FILES = ("email_marketing/events_*.jsonl",)
IDENTIFIERS: Mapping[str, Callable[[int], str]] = {RECIPIENTS: lambda number: f"RCP{number:07d}"}

_SUBSCRIBED_CONTACTS = 0.5
"""Share of the CRM contacts with a mailbox who get the newsletter."""
_SOFT_BOUNCE = 0.012
_OPENED = 0.3
_CLICKED = 0.15
"""Of the opened ones."""
_REPLIED = 0.012
"""Of the opened ones."""
_SOFT_REASONS = Weighted(("mailbox full", "greylisted, try again later", "邮箱已满"), (5, 3, 2))
_HARD_REASONS = Weighted(("user unknown", "no such domain", "用户不存在"), (5, 3, 2))


@dataclass(frozen=True)
class _Mail:
    sent_at: datetime
    page: str
    campaign_id: str | None = None
    visited_at: datetime | None = None
    """Of campaign mails only: when the link was followed, if it was."""


@dataclass
class _Recipient:
    recipient_id: str
    record: Record
    contact: Record | None
    leaves_with: datetime | None = None
    """The issue with which they unsubscribe; there is none after it."""
    mails: list[_Mail] = field(default_factory=list)


def sign_ups(persons: list[Person], organisations: list[Organisation], recorder: Recorder) -> list[Record]:
    """Those who signed up by themselves and those who unsubscribed, each with an address and nothing else."""
    del organisations
    chance, rates, records = recorder.chance, recorder.rates, []
    form = Form(name=0, email=1, work_email=0.2)
    for person in persons:
        draw = chance.uniform()
        if draw >= rates.newsletter_only + rates.unsubscribed:
            continue
        created = chance.moment(datetime(2010, 6, 1), ISSUES[-1] - timedelta(days=1))
        record = recorder.person_record(RECIPIENTS, person, created, form)
        record.values["came_from"] = "form"
        if draw < rates.unsubscribed and is_mailbox(record.values["email"]) and arrives(record):
            later = [number for number, sent_at in enumerate(ISSUES) if sent_at > record.created]
            record.values["leaves_with_issue"] = str(chance.pick(later))
            record.values["came_from"] = chance.pick(("crm", "crm", "crm", "form"))
        records.append(record)
    return records


def write(block: Block) -> None:
    """One line per event, oldest first."""
    chance = block.chance("email_marketing")
    events = []
    for recipient in _mailing_list(block, chance):
        for mail in sorted(recipient.mails, key=lambda mail: mail.sent_at):
            events += _events(recipient, mail, block, chance)
    events.sort(key=lambda event: event[0])
    rows = [
        {"event_id": f"EV{block.number('email_marketing:events'):09d}", **row, "occurred_at": iso(moment)}
        for moment, row in events
    ]
    broken_values = [("occurred_at", "2011-02-30T25:61:00Z"), ("event_id", None), ("type", None)]
    spoiled, duplicates, broken = spoil(rows, broken_values, block.rates, chance)
    block.deliveries.append_json_lines(f"email_marketing/events_{block.day}.jsonl", spoiled)
    block.count("email_marketing.events", len(rows), duplicates, broken)


def _mailing_list(block: Block, chance: Chance) -> list[_Recipient]:
    """Every recipient with the mails to them: newsletters while on the list, and campaign mails as targeted."""
    contact_of = {own.source_id: contact for own, contact in unsubscribed_contacts(block)}
    recipients = [
        _Recipient(
            record.source_id,
            record,
            contact_of.get(record.source_id),
            left_at(record) if "leaves_with_issue" in record.values else None,
        )
        for record in block.of(RECIPIENTS)
    ]
    by_contact = {recipient.contact.source_id: recipient for recipient in recipients if recipient.contact}
    subscribed = list(recipients)
    for contact in block.of(CONTACTS):
        if is_mailbox(contact.values["email"]) and contact.source_id not in by_contact:
            recipient = _Recipient(IDENTIFIERS[RECIPIENTS](block.number(RECIPIENTS)), contact, contact)
            recipients.append(recipient)
            by_contact[contact.source_id] = recipient
            if chance.happens(_SUBSCRIBED_CONTACTS):
                subscribed.append(recipient)
    for recipient in subscribed:
        for issue in ISSUES:
            if recipient.record.created < issue <= (recipient.leaves_with or block.end):
                recipient.mails.append(_Mail(issue + timedelta(seconds=chance.between(0, 3600)), "/c/new"))
    for target in targets(block):
        if target.campaign.channel == "email" and target.sent_at is not None:
            mail = _Mail(target.sent_at, target.campaign.page, target.campaign.campaign_id, target.visited_at)
            by_contact[target.record.source_id].mails.append(mail)
    return recipients


def _events(
    recipient: _Recipient, mail: _Mail, block: Block, chance: Chance
) -> list[tuple[datetime, dict[str, object]]]:
    """What became of one mail; nothing is opened that was not delivered, nothing clicked that was not opened."""
    common = {
        "message_id": f"MSG{block.number('email_marketing:messages'):08d}",
        "campaign_id": mail.campaign_id,
        "recipient_id": recipient.recipient_id,
        "recipient": recipient.record.values["email"],
        "contact_id": recipient.contact.source_id if recipient.contact else None,
    }
    events: list[tuple[datetime, dict[str, object]]] = []

    def happened(moment: datetime, kind: str, link: str | None = None, bounce_reason: str | None = None) -> None:
        if moment <= block.end:
            events.append((moment, {**common, "type": kind, "link": link, "bounce_reason": bounce_reason}))

    happened(mail.sent_at, "sent")
    settled_at = mail.sent_at + timedelta(seconds=chance.between(2, 90))
    leaves = recipient.leaves_with is not None and mail.campaign_id is None and mail.sent_at >= recipient.leaves_with
    clicks = mail.visited_at is not None or (mail.campaign_id is None and chance.happens(_OPENED * _CLICKED))
    if not arrives(recipient.record):
        happened(settled_at, "bounced", bounce_reason=chance.weighted(_HARD_REASONS))
        return events
    if not (leaves or clicks) and chance.happens(_SOFT_BOUNCE):
        happened(settled_at, "bounced", bounce_reason=chance.weighted(_SOFT_REASONS))
        return events
    happened(settled_at, "delivered")
    if not (leaves or clicks or chance.happens(_OPENED)):
        return events
    if mail.visited_at is not None:
        opened_at = chance.moment(settled_at, mail.visited_at)
    else:
        opened_at = settled_at + timedelta(seconds=30 + int(chance.uniform() ** 3 * 2 * 86400))
    happened(opened_at, "opened")
    if clicks:
        campaign = f"?utm_campaign={mail.campaign_id}" if mail.campaign_id else ""
        clicked_at = mail.visited_at or opened_at + timedelta(seconds=chance.between(4, 240))
        happened(clicked_at, "clicked", link=f"{SHOP}{mail.page}{campaign}")
    if leaves:
        happened(opened_at + timedelta(seconds=chance.between(5, 120)), "unsubscribed")
    elif chance.happens(_REPLIED):
        happened(opened_at + timedelta(seconds=chance.between(300, 86400)), "replied")
    return events
