"""The campaign tool: campaigns, target lists with a control group, and coupons with their redemption.

A coupon is redeemed with an order that its customer placed anyway: the real histories stay as they are, so a campaign
has no effect on sales, and the control group, a random split, buys as much as the others.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from sample_data.chance import Chance
from sample_data.files import spoil
from sample_data.marketing import Target, campaigns, targets
from sample_data.people import Organisation, Person
from sample_data.records import MEMBERS, Record, Recorder
from sample_data.systems import Block

FILES = ("campaigns/campaigns_*.csv", "campaigns/targets_*.csv", "campaigns/coupons_*.csv")
IDENTIFIERS: Mapping[str, Callable[[int], str]] = {}

_ISSUED = 0.35
"""Share of the messages of a campaign with coupons that carry one."""
_VALID_AFTER_END = timedelta(days=30)
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def sign_ups(persons: list[Person], organisations: list[Organisation], recorder: Recorder) -> list[Record]:
    """None: targets are contacts of the CRM and members of the POS."""
    del persons, organisations, recorder
    return []


def write(block: Block) -> None:
    """Campaigns once, targets and coupons of this block's customers."""
    of_block = targets(block)
    if block.first == 0:
        _write_campaigns(block)
    _write_targets(block, of_block)
    _write_coupons(block, of_block)


def _write_campaigns(block: Block) -> None:
    rows = [
        {
            "campaign_id": campaign.campaign_id,
            "name": campaign.name,
            "name_zh": campaign.name_zh,
            "channel": campaign.channel,
            "offer": campaign.offer,
            "start_date": f"{campaign.start:%Y-%m-%d}",
            "end_date": f"{campaign.end:%Y-%m-%d}",
            "budget": campaign.budget,
            "budget_currency": campaign.currency,
        }
        for campaign in campaigns()
    ]
    _write(block, "campaigns", rows, [("budget", "待定"), ("start_date", "2011-02-30")])


def _write_targets(block: Block, of_block: list[Target]) -> None:
    rows = [
        {
            "target_id": f"TG{block.number('campaigns:targets'):08d}",
            "campaign_id": target.campaign.campaign_id,
            **_customer(target.record),
            "group": "control" if target.is_control else "treatment",
            "sent_at": _time(target.sent_at),
        }
        for target in of_block
    ]
    _write(block, "targets", rows, [("target_id", ""), ("sent_at", "2011-02-30 09:00:00"), ("campaign_id", "")])


def _write_coupons(block: Block, of_block: list[Target]) -> None:
    chance = block.chance("campaigns", "coupons")
    issued = [
        (target, target.sent_at)
        for target in of_block
        if target.sent_at is not None and target.campaign.coupon_prefix and chance.happens(_ISSUED)
    ]
    buyer_of = {
        target.record.source_id: target.record.owner.buyer.number
        for target, _ in issued
        if isinstance(target.record.owner, Person) and target.record.owner.buyer
    }
    orders = block.book.orders_by_buyer(set(buyer_of.values()))
    used: set[str] = set()
    rows = []
    for target, issued_at in issued:
        valid_to = target.campaign.end + _VALID_AFTER_END
        while_valid = [
            (order_id, ordered_at)
            for order_id, ordered_at in orders.get(buyer_of.get(target.record.source_id, -1), [])
            if issued_at < ordered_at <= valid_to and order_id not in used
        ]
        order_id, redeemed_at = "", None
        if while_valid and chance.happens(block.rates.coupon_redeemed):
            order_id, redeemed_at = chance.pick(while_valid)
            used.add(order_id)
        rows.append(
            {
                "coupon_code": _code(target.campaign.coupon_prefix, block.number("campaigns:coupons"), chance),
                "campaign_id": target.campaign.campaign_id,
                **_customer(target.record),
                "issued_at": _time(issued_at),
                "redeemed_at": _time(redeemed_at),
                "redeemed_in": {"SO": "web", "T0": "store"}.get(order_id[:2], ""),
                "order_no": order_id,
            }
        )
    _write(block, "coupons", rows, [("coupon_code", ""), ("issued_at", "2011-02-30 09:00:00"), ("issued_at", "")])


def _customer(record: Record) -> dict[str, str]:
    """The customer as the tool knows them: by one of two identifiers."""
    is_member = record.object_key == MEMBERS
    return {
        "contact_id": "" if is_member else record.source_id,
        "member_no": record.source_id if is_member else "",
    }


def _code(prefix: str, number: int, chance: Chance) -> str:
    """A code that is no code's successor, and unique by its running number."""
    text = ""
    for _ in range(4):
        number, letter = divmod(number, len(_LETTERS))
        text = _LETTERS[letter] + text
    return f"{prefix}-{text}{''.join(chance.pick(_LETTERS) for _ in range(3))}"


def _time(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}"


def _write(block: Block, name: str, rows: list[dict[str, str]], broken_values: Sequence[tuple[str, object]]) -> None:
    spoiled, duplicates, broken = spoil(rows, broken_values, block.rates, block.chance("campaigns", name, "spoil"))
    if rows:
        values = [list(row.values()) for row in spoiled]
        block.deliveries.append_csv(f"campaigns/{name}_{block.day}.csv", list(rows[0]), values, "utf-8")
    block.count(f"campaigns.{name}", len(rows), duplicates, broken)
