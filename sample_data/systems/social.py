"""The company's two official accounts in social media: who follows them, and what followers do there.

A follower has an openid in each account, and one unionid over both. Nobody's name is known, only a nickname; phone and
member number only of those who bound them. Who bound nothing is in the truth, but nothing can tell whose record it is.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sample_data.chance import Chance, Weighted
from sample_data.files import spoil
from sample_data.people import Organisation, Person, Phone
from sample_data.records import MEMBERS, Form, Record, Recorder
from sample_data.service import iso
from sample_data.systems import Block

FOLLOWERS = "social:followers"
FILES = ("social/followers_*.jsonl", "social/events_*.jsonl")
IDENTIFIERS: Mapping[str, Callable[[int], str]] = {FOLLOWERS: lambda number: f"oGC5u1k{number:08d}"}

ACCOUNTS = ("service_account", "mini_program")
_OPENED = datetime(2010, 3, 1, 9)
"""The accounts were opened then."""
_HIDES_PLACE = 0.15
"""Share of the followers who show no place."""
_HIDES_GENDER = 0.2
_NO_NICKNAME = 0.03
_UNFOLLOWS = 0.18
_REFERRED = 0.12
"""Share of the followers whom another follower brought."""
_ONLY_READS = 0.4
"""Share of the followers who never like, comment or share."""
_MOST_EVENTS = 12
"""Of the others: one up to so many, all equally likely."""
_KINDS = Weighted(("like", "comment", "share", "mention"), (60, 20, 14, 6))
_GENDER_CODES = {"male": "1", "female": "2", "": "0"}
_PLACES_IN_ENGLISH = {"CN": "China", "GB": "United Kingdom"}
_PLACES_IN_CHINESE = {"CN": "中国", "GB": "英国"}

_NICKNAMES = {
    "chinese": (
        "小雨", "阳光灿烂", "快乐的猫", "随风", "清茶一杯", "向日葵🌻", "月光", "大海", "简单生活", "糖糖",
        "北方的狼", "一叶知秋", "小鱼儿", "云淡风轻", "星空✨", "蓝天白云", "麦田", "慢生活", "可乐加冰", "豆豆妈",
    ),
    "western": (
        "tealover", "Sunny", "rosegarden", "BlueSky", "the_cat_lady", "HappyHome", "bookworm", "cupcake🧁", "Wanderer",
        "gin&tonic", "vintagegirl", "LeedsFan", "mrs_b", "dog_dad", "Starlight✨", "baker", "craftycorner", "Robin",
    ),
}  # fmt: skip
_POSTS = {
    "chinese": ("春季新品上架", "圣诞礼物清单", "如何布置小客厅", "周年庆抽奖", "茶具搭配指南", "门店活动预告"),
    "western": ("New this spring", "Gift ideas for Christmas", "Small rooms, big ideas", "Our birthday raffle",
                "A guide to afternoon tea", "What is on in our stores"),
}  # fmt: skip
_COMMENTS = {
    "chinese": ("太好看了！", "求链接", "还有货吗？", "已下单", "包装很用心", "等很久了还没收到", "什么时候补货？", "有点贵"),
    "western": ("Love this!", "Is it back in stock?", "Just ordered two.", "Still waiting for mine to arrive",
                "A bit pricey", "Perfect for my kitchen", "Do you ship to Ireland?", "So pretty"),
}  # fmt: skip
_MENTIONS = {
    "chinese": ("推荐这家小店，礼物很特别", "客服很耐心，点赞", "在这家买的杯子碎了，失望"),
    "western": ("Found the sweetest gift shop", "Great service from this lot", "My parcel came broken, not impressed"),
}


def sign_ups(persons: list[Person], organisations: list[Organisation], recorder: Recorder) -> list[Record]:
    """A record per account that a person follows; some follow both."""
    del organisations
    chance, rates, records = recorder.chance, recorder.rates, []
    for person in persons:
        if not chance.happens(rates.in_social):
            continue
        accounts = ACCOUNTS if chance.happens(rates.in_two_social_accounts) else (chance.pick(ACCOUNTS),)
        nickname = "" if chance.happens(_NO_NICKNAME) else _nickname(person, chance)
        for account in accounts:
            followed_at = chance.moment(_OPENED, recorder.end - timedelta(days=1))
            record = recorder.person_record(FOLLOWERS, person, followed_at, Form(name=0, gender=1 - _HIDES_GENDER))
            record.values |= {"account": account, "nickname": nickname, **_place(record, person, chance)}
            record.values["mobile"] = _bound_phone(record, person, chance) if chance.happens(rates.bound_phone) else ""
            records.append(record)
    return records


def write(block: Block) -> None:
    """Both objects, oldest first."""
    chance = block.chance("social")
    followers = block.of(FOLLOWERS)
    rows = _follower_rows(followers, block, chance)
    broken_values = [("openid", None), ("followed_at", "2011-02-30T08:00:00Z"), ("unionid", None)]
    spoiled, duplicates, broken = spoil(rows, broken_values, block.rates, chance)
    block.deliveries.append_json_lines(f"social/followers_{block.day}.jsonl", spoiled)
    block.count("social.followers", len(rows), duplicates, broken)

    left_at = {row["openid"]: row["unfollowed_at"] for row in rows}
    events = _events(followers, left_at, block, chance)
    broken_values = [("occurred_at", "yesterday"), ("event_id", None), ("openid", None)]
    spoiled, duplicates, broken = spoil(events, broken_values, block.rates, chance)
    block.deliveries.append_json_lines(f"social/events_{block.day}.jsonl", spoiled)
    block.count("social.events", len(events), duplicates, broken)


def _nickname(person: Person, chance: Chance) -> str:
    nickname = chance.pick(_NICKNAMES[person.population])
    return f"{nickname}{chance.between(1, 99)}" if chance.happens(0.3) else nickname


def _place(record: Record, person: Person, chance: Chance) -> dict[str, str]:
    """City, province and country as the follower's own phone names them."""
    if chance.happens(_HIDES_PLACE):
        return {"city": "", "region": "", "country": ""}
    address = person.address.at(record.updated)
    if address != person.address.now:
        record.changes.append("moved")
    if person.population == "chinese":
        region = address.region.removesuffix("省").removesuffix("市")
        return {"city": address.city.removesuffix("市"), "region": region, "country": _PLACES_IN_CHINESE["CN"]}
    country = _PLACES_IN_ENGLISH.get(address.country_code, address.country_code)
    return {"city": address.city, "region": address.region, "country": country}


def _bound_phone(record: Record, person: Person, chance: Chance) -> str:
    """The number that was confirmed by a code when it was bound: no slip, but perhaps given up since."""
    phone = person.mobile.at(chance.moment(record.created, record.updated))
    if phone != person.mobile.now:
        record.changes.append("former_phone")
    return _as_the_platform_writes_it(phone)


def _as_the_platform_writes_it(phone: Phone) -> str:
    return phone.national if phone.calling_code == "86" else phone.e164


def _follower_rows(followers: list[Record], block: Block, chance: Chance) -> list[dict[str, str | None]]:
    cards: dict[str, str] = {}
    for member in block.of(MEMBERS):
        cards.setdefault(member.owner.entity_id, member.source_id)
    unions: dict[str, str] = {}
    rows: list[dict[str, str | None]] = []
    for record in followers:
        values, entity = record.values, record.owner.entity_id
        if entity not in unions:
            unions[entity] = f"uGC7p{block.number('social:unions'):08d}"
        card = cards.get(entity) if chance.happens(block.rates.bound_member_number) else None
        left_at = chance.moment(record.created + timedelta(hours=1), block.end) if chance.happens(_UNFOLLOWS) else None
        rows.append(
            {
                "openid": record.source_id,
                "unionid": unions[entity],
                "account": values["account"],
                "nickname": values["nickname"] or None,
                "gender": _GENDER_CODES[values["gender"]],
                "city": values["city"] or None,
                "province": values["region"] or None,
                "country": values["country"] or None,
                "phone": values["mobile"] or None,
                "member_no": card,
                "followed_at": iso(record.created),
                "unfollowed_at": iso(left_at) if left_at else None,
                "updated_at": iso(max(record.updated, left_at or record.updated)),
            }
        )
    bound = {row["unionid"] for row in rows if row["phone"] or row["member_no"]}
    for record, row in zip(followers, rows, strict=True):
        if row["unionid"] not in bound:
            record.changes.append("nothing_bound")
    return rows


def _events(
    followers: list[Record], left_at: Mapping[str | None, str | None], block: Block, chance: Chance
) -> list[dict[str, str | None]]:
    """Follow and unfollow as the followers' rows say, and what happened between."""
    happened: list[tuple[str, str, str, str | None, str | None]] = []
    for position, record in enumerate(followers):
        assert isinstance(record.owner, Person)
        openid, population = record.source_id, record.owner.population
        left = left_at[openid]
        happened.append((iso(record.created), openid, "follow", None, None))
        if left:
            happened.append((left, openid, "unfollow", None, None))
        last = datetime.strptime(left, "%Y-%m-%dT%H:%M:%SZ") if left else block.end
        for _ in range(0 if chance.happens(_ONLY_READS) else chance.between(1, _MOST_EVENTS)):
            kind = chance.weighted(_KINDS)
            contents = {"comment": _COMMENTS, "mention": _MENTIONS}.get(kind, _POSTS)[population]
            happened.append((iso(chance.moment(record.created, last)), openid, kind, chance.pick(contents), None))
        # The followers come in the order of their following: whoever stands before may have brought this one.
        if position and chance.happens(_REFERRED):
            referrer = followers[chance.between(0, position - 1)]
            referred_at = iso(max(referrer.created, record.created - timedelta(minutes=chance.between(1, 600))))
            if referrer.owner is not record.owner and referred_at <= (left_at[referrer.source_id] or referred_at):
                happened.append((referred_at, referrer.source_id, "referral", None, openid))
    happened.sort(key=lambda event: (event[0], event[1], event[2]))
    return [
        {
            "event_id": f"SE{block.number('social:events'):08d}",
            "openid": openid,
            "type": kind,
            "content": content,
            "referred_openid": referred,
            "occurred_at": occurred_at,
        }
        for occurred_at, openid, kind, content, referred in happened
    ]
