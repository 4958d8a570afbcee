"""The company's campaigns and newsletters: when, on which channel, to whom, and who followed the link.

What several systems tell in their own way is decided here once: the campaign tool has the targets, the mail tool the
messages, web analytics the visits. How each writes it down does not belong here.
"""

import csv
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sample_data.chance import Chance
from sample_data.records import CONTACTS, MEMBERS, Record
from sample_data.reference import FOLDER
from sample_data.systems import Block

SHOP = "https://shop.example"
RECIPIENTS = "email_marketing:recipients"
ISSUES = tuple(
    datetime(year, month, day, 10)
    for year, month, day in (
        (2010, 12, 7),
        (2011, 2, 1),
        (2011, 4, 5),
        (2011, 6, 7),
        (2011, 8, 2),
        (2011, 10, 4),
        (2011, 12, 6),
    )
)
"""When the newsletter goes out, UTC: the first Tuesday of every other month."""

_NOT_SENT = 0.02
"""Share of those outside the control group to whom the message could not be sent."""
_FOLLOWS_LINK = {"email": 0.12, "sms": 0.08, "post": 0.03}
"""Share of the messages whose receiver visits the shop: the one thing that a campaign really changes."""


@dataclass(frozen=True)
class Campaign:
    """One campaign. Times are UTC; ``budget`` is written as its currency is."""

    campaign_id: str
    name: str
    name_zh: str
    channel: str
    offer: str
    start: datetime
    end: datetime
    budget: str
    currency: str
    reach: float
    """Share of those known at its start whom it targets."""
    page: str
    """Path of the page in the shop that its link leads to."""
    coupon_prefix: str
    """First letters of its coupons' codes, '' where it has none."""


@cache
def campaigns() -> tuple[Campaign, ...]:
    """All campaigns, by start."""
    with (FOLDER / "campaigns.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return tuple(
        Campaign(
            start=datetime.fromisoformat(row.pop("start")),
            end=datetime.fromisoformat(row.pop("end")),
            reach=float(row.pop("reach")),
            **row,
        )
        for row in rows
    )


@dataclass(frozen=True)
class Target:
    """One record on the target list of a campaign; neither time is set in the control group."""

    campaign: Campaign
    record: Record
    is_control: bool
    sent_at: datetime | None = None
    visited_at: datetime | None = None
    """When the receiver followed the link into the shop."""


def targets(block: Block) -> list[Target]:
    """The block's targets of every campaign, in the order of campaigns and records; each call gives the same."""
    contacts, members = block.of(CONTACTS), block.of(MEMBERS)
    left = {contact.source_id: left_at(own) for own, contact in unsubscribed_contacts(block)}
    result: list[Target] = []
    for campaign in campaigns():
        chance = block.chance("marketing", campaign.campaign_id)
        opens = campaign.start + timedelta(hours=9)
        for record in members if campaign.channel == "sms" else contacts:
            if record.created < opens and _can_be_reached(record, campaign.channel) and chance.happens(campaign.reach):
                may_be_sent = campaign.channel != "email" or opens < left.get(record.source_id, block.end)
                if chance.happens(block.rates.control_group):
                    result.append(Target(campaign, record, is_control=True))
                else:
                    result.append(_treated(campaign, record, opens, may_be_sent, chance, block.end))
    return result


def _treated(
    campaign: Campaign, record: Record, opens: datetime, may_be_sent: bool, chance: Chance, end: datetime
) -> Target:
    if not may_be_sent or chance.happens(_NOT_SENT):
        return Target(campaign, record, is_control=False)
    sent_at = opens + timedelta(seconds=chance.between(0, 7200))
    if not arrives(record) or not chance.happens(_FOLLOWS_LINK[campaign.channel]):
        return Target(campaign, record, is_control=False, sent_at=sent_at)
    soonest = timedelta(days=2) if campaign.channel == "post" else timedelta(minutes=3)
    visited_at = sent_at + soonest + timedelta(seconds=int(chance.uniform() ** 3 * 4 * 86400))
    return Target(campaign, record, False, sent_at, visited_at if visited_at < end else None)


def _can_be_reached(record: Record, channel: str) -> bool:
    values = record.values
    if channel == "email":
        return is_mailbox(values["email"])
    if channel == "sms":
        return sum(character.isdecimal() for character in values["phone"]) > 8
    return len(values["street"]) > 4


def is_mailbox(text: str) -> bool:
    """Whether a form's text is an address to which mails are sent; it may still be nobody's."""
    return "@" in text and text != "na@na.com"


def arrives(record: Record) -> bool:
    """Whether messages to the record's contact values reach anybody."""
    return "email_typo" not in record.changes and "placeholder_email" not in record.changes


# -- who left the mailing list ---------------------------------------------------------------------------------


def left_at(recipient: Record) -> datetime:
    """When the newsletter went out with which a recipient unsubscribed."""
    return ISSUES[int(recipient.values["leaves_with_issue"])]


def unsubscribed_contacts(block: Block) -> list[tuple[Record, Record]]:
    """(recipient record, CRM contact) of those who unsubscribed and whom the mail tool knows as a contact."""
    first: dict[str, Record] = {}
    for contact in block.of(CONTACTS):
        first.setdefault(contact.owner.entity_id, contact)
    pairs = []
    for recipient in block.of(RECIPIENTS):
        contact = first.get(recipient.owner.entity_id)
        if contact is not None and recipient.values["came_from"] == "crm" and contact.created <= recipient.created:
            pairs.append((recipient, contact))
    return pairs
