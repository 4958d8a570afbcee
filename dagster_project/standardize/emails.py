"""Mail addresses: the address as its owner writes it, the mailbox it reaches, and what kind of mailbox that is.

Belongs here: pure functions over one cell, and the slips of the keyboard that are corrected. Does not belong here: which
addresses are placeholders (the seed skip_values); providers and whole mistyped domains (the seeds email_*).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import cache, lru_cache
from typing import NamedTuple

from dagster_project.settings import PROJECT_ROOT

CODES = PROJECT_ROOT / "dbt_project" / "seeds" / "codes"


class Email(NamedTuple):
    """The address of a cell, all None where it holds none.

    `email` is lower case and keeps dots and tag as they are written; `email_mailbox` is where it arrives: without the dots
    and tags that the provider documents to ignore, under the provider's own domain. `email_provider` is the seed's code,
    None for a domain of one's own. `rules` are the codes of what changed the value (seed correction_rules).
    """

    email: str | None
    email_mailbox: str | None
    email_domain: str | None
    email_provider: str | None
    is_role_mailbox: bool | None
    is_disposable_mailbox: bool | None
    rules: tuple[str, ...]


class _Domain(NamedTuple):
    domain: str
    provider: str | None
    ignores_dots: bool
    ignores_plus: bool
    mailbox_domain: str
    is_disposable: bool
    rules: tuple[str, ...]


NO_EMAIL = Email(None, None, None, None, None, None, ())

SIMPLE_LOCAL = re.compile(r"[a-z0-9_+\-]+(?:\.[a-z0-9_+\-]+)*", re.ASCII)
# RFC 2142, then what companies use beside it.
ROLES = frozenset(
    "info marketing sales support abuse noc security postmaster hostmaster usenet news webmaster www uucp ftp "
    "admin administrator office contact hello hi enquiries enquiry inquiry mail email service services customerservice "
    "customercare care help helpdesk feedback orders order bookings booking reservations reception team accounts account "
    "accounting billing invoice invoices finance payments purchasing procurement hr jobs careers recruitment press media pr "
    "legal privacy compliance dataprotection it tech root noreply no-reply donotreply shop store "
    "kontakt buero vertrieb bestellung rechnung kundenservice datenschutz contacto ventas compras contabilidad comercial "
    "commande comptabilite accueil secretariat vente facturation amministrazione ufficio vendite "
    "kefu fuwu shouhou caiwu renshi xiaoshou shichang zhaopin bangong xingzheng 客服 服务 售后 财务 人事 销售 市场 招聘".split()
)
ROLE_STARTS = frozenset(role[:2] for role in ROLES)
ROLE_SUFFIX = re.compile(r"[._\-]?(?:\d{1,3}|cn|de|fr|uk|us|eu|hk|asia|china)$")

LABEL = re.compile(
    r"^(?:mailto:|e-?mail\s*[:=]|邮箱\s*[::=]|电子邮[件箱](?:地址)?\s*[::=]|邮件\s*[::=])\s*", re.IGNORECASE
)
SPELT_AT = re.compile(r"\s*[\[({<]\s*(?:at|@|艾特)\s*[\])}>]\s*|\s+at\s+", re.IGNORECASE)
SPELT_DOT = re.compile(r"\s*[\[({]\s*(?:dot|\.|点)\s*[\])}]\s*|\s+dot\s+", re.IGNORECASE)
HASH_AS_AT = re.compile(r"([\w.+\-]+)#((?:[\w\-]+\.)+[a-z]{2,})", re.ASCII | re.IGNORECASE)
IN_BRACKETS = re.compile(r"<\s*([^<>@]+@[^<>@]+?)\s*>")
BETWEEN_ADDRESSES = re.compile(r"[;,、|/\n\r\t]+")
BLANKS_AROUND = re.compile(r"\s*([@.])\s*")

# Endings that are no top level domain, but slips of "com"; cm and om are countries in which nobody has these mailboxes.
COM_SLIPS = frozenset(
    "con cim vom xom cmo ocm comm coom ccom cpm c0m conm comn copm clm cok coml cxom dom com1 comcom".split()
)
COM_COUNTRIES = frozenset("cm om".split())
UK_SLIPS = frozenset("co.k co.ukk co.ik co.yk couk co.u co.uk.uk".split())
NEIGHBOURS = {
    key: set(beside)
    for key, beside in {
        "a": "sqzw", "b": "vnhg", "c": "xvdf", "d": "sfercx", "e": "wrsd", "f": "dgrtcv", "g": "fhtyvb", "h": "gjyubn",
        "i": "uojk8", "j": "hkuinm", "k": "jlioml", "l": "kop1i", "m": "njk", "n": "bmhj", "o": "ipkl0", "p": "ol",
        "q": "wa", "r": "etdf", "s": "adwexz", "t": "ryfg", "u": "yihj", "v": "cbfg", "w": "qesa", "x": "zcsd", "y": "tugh",
        "z": "xas",
    }.items()
}  # fmt: skip


def parse_email(raw: str | None) -> Email:
    """Read the address of one cell, the first of several. What is no address by RFC 5322 becomes None (invalid_email)."""
    if raw is None:
        return NO_EMAIL
    text = raw.strip().lower()
    local, at, domain = text.partition("@")
    if at and domain.isascii() and len(local) <= 64 and SIMPLE_LOCAL.fullmatch(local):
        found = _domain(domain)
        if found:
            return _as_email(local, found, found.rules)
    if not text:
        return NO_EMAIL
    parsed = _parse_written(text)
    is_rewritten = not parsed.rules and "".join(text.split()) != parsed.email
    return parsed._replace(rules=("unicode_form",)) if is_rewritten else parsed


def _as_email(local: str, domain: _Domain, rules: tuple[str, ...]) -> Email:
    mailbox = local
    if domain.ignores_plus and "+" in mailbox:
        mailbox = mailbox.partition("+")[0] or mailbox
    if domain.ignores_dots and "." in mailbox:
        mailbox = mailbox.replace(".", "") or mailbox
    return Email(
        f"{local}@{domain.domain}",
        f"{mailbox}@{domain.mailbox_domain}",
        domain.domain,
        domain.provider,
        _is_role(local),
        domain.is_disposable,
        rules,
    )


def _is_role(local: str) -> bool:
    if local[:2] not in ROLE_STARTS or len(local) > 40:
        return False
    local = local.partition("+")[0]
    return local in ROLES or ROLE_SUFFIX.sub("", local) in ROLES


# --- Domains -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=200_000)
def _domain(written: str) -> _Domain | None:
    """What is known of a domain in lower case, after correction; None when it is no domain."""
    rules: tuple[str, ...] = ()
    domain = written
    if domain not in _providers() and (meant := _slips().get(domain)):
        domain, rules = meant, ("typo_domain",)
    valid = _valid("a", domain)
    if valid is None:
        return None
    if valid[1] != domain:
        domain = valid[1]
        rules += ("unicode_form",)
    known = _providers().get(domain)
    return _Domain(
        domain,
        known["provider"] if known and known["provider"] != "other" else None,
        bool(known) and known["ignores_dots"] == "true",
        bool(known) and known["ignores_plus"] == "true",
        (known["same_mailbox_as"] if known else "") or domain,
        known is None and _is_disposable(domain),
        rules,
    )


def _is_disposable(domain: str) -> bool:
    from disposable_email_domains import blocklist

    parents = domain.split(".")
    return any(".".join(parents[start:]) in blocklist for start in range(len(parents) - 1))


def _valid(local: str, domain: str) -> tuple[str, str] | None:
    """Local part and domain as email-validator normalizes them, None when they make no address."""
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(f"{local}@{domain}", check_deliverability=False)
    except EmailNotValidError:
        return None
    return found.local_part.lower(), found.domain


@cache
def _providers() -> dict[str, dict[str, str]]:
    with (CODES / "email_providers.csv").open(encoding="utf-8", newline="") as file:
        return {row["domain"]: row for row in csv.DictReader(file)}


@cache
def _slips() -> dict[str, str]:
    """Mistyped domain -> popular domain that was meant. What two of them could have meant is in doubt and stays."""
    meant: dict[str, set[str]] = {}
    for domain, row in _providers().items():
        if row["corrects_typos"] == "true":
            for slip in _slips_of(domain):
                meant.setdefault(slip, set()).add(domain)
    found = {slip: min(domains) for slip, domains in meant.items() if len(domains) == 1 and slip not in _providers()}
    with (CODES / "email_domain_typos.csv").open(encoding="utf-8", newline="") as file:
        return found | {row["typo"]: row["domain"] for row in csv.DictReader(file)}


def _slips_of(domain: str) -> set[str]:
    name, _, ending = domain.partition(".")
    slips = {domain.replace(".", "", 1), domain.replace(".", ".."), domain.replace(".", "")}
    endings: set[str] = set()
    if domain.endswith(".com"):
        stem = domain[: -len("com")]
        slips |= {stem + slip for slip in COM_SLIPS | COM_COUNTRIES}
        endings = set(COM_SLIPS)
        if domain.count(".") == 1:  # the dot one place off
            slips |= {f"{name[:-1]}.{name[-1]}com", f"{name}c.om"}
    elif ending == "co.uk":
        slips |= {f"{name}.{slip}" for slip in UK_SLIPS}
    if len(name) >= 5 and name.isalpha():  # shorter names are too near to other real ones
        for mistyped in _one_slip(name):
            slips |= {f"{mistyped}.{end}" for end in {ending, *endings}}
    return slips - {domain}


def _one_slip(name: str) -> set[str]:
    """The word with two letters swapped, one left out, doubled or hit beside; a first letter is never lost or replaced."""
    swapped = {name[:i] + name[i + 1] + name[i] + name[i + 2 :] for i in range(len(name) - 1)}
    left_out = {name[:i] + name[i + 1 :] for i in range(1, len(name))}
    doubled = {name[:i] + name[i] + name[i:] for i in range(len(name))}
    beside = {name[:i] + key + name[i + 1 :] for i in range(1, len(name)) for key in NEIGHBOURS.get(name[i], ())}
    return (swapped | left_out | doubled | beside) - {name}


# --- What people write ---------------------------------------------------------------------------------------------


def _parse_written(raw: str) -> Email:
    rules: list[str] = []
    text = unicodedata.normalize("NFKC", raw).replace("。", ".").replace("｡", ".").lower()
    if text != raw:
        rules.append("full_width")
    text = "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cc") or c in "\n\r\t").strip()
    for rule, pattern, replacement in (
        ("label_removed", LABEL, ""),
        ("at_sign_written_out", SPELT_AT, "@"),
        ("at_sign_written_out", HASH_AS_AT, r"\1@\2"),
        ("dot_written_out", SPELT_DOT, "."),
    ):
        if rule == "at_sign_written_out" and "@" in text and not re.search(r"[\[({<]\s*@", text):
            continue
        if rule == "dot_written_out" and "@" not in text:
            continue
        changed = pattern.sub(replacement, text)
        if changed != text:
            text = changed
            rules.append(rule)
    if "?" in text and "label_removed" in rules:
        text = text.partition("?")[0]  # mailto:a@b.com?subject=...
    bracketed = IN_BRACKETS.findall(text)
    if bracketed:
        rules.append("label_removed")
        text = ";".join(bracketed)
    candidates = [part for part in BETWEEN_ADDRESSES.split(text) if "@" in part]
    if len(candidates) == 1 and candidates[0].strip() != text and "label_removed" not in rules:
        rules.append("punctuation_removed")
    read = [found for part in candidates if (found := _read(part))]
    if not read and text.count("@") == 1 and "," in text:
        read = [found] if (found := _read(text.replace(",", "."))) else []  # gmail,com
        rules.append("comma_read_as_dot")
    if not read:
        return NO_EMAIL._replace(rules=(*rules, "invalid_email"))
    if len({local + domain.domain for local, domain, _ in read}) > 1:
        rules.append("several_emails")
    local, domain, own = read[0]
    return _as_email(local, domain, tuple(dict.fromkeys((*rules, *own, *domain.rules))))


def _read(text: str) -> tuple[str, _Domain, tuple[str, ...]] | None:
    """Local part, domain and rules of a text with one address in it."""
    rules: list[str] = []
    text = BLANKS_AROUND.sub(r"\1", text).strip()
    words = text.split()
    # A name may stand before the address; but one blank inside Latin letters is a slip.
    if len(words) > 2 or (len(words) == 2 and ("@" not in words[1] or not words[0].isascii() or ":" in words[0])):
        text = next(word for word in words if "@" in word)
        rules.append("label_removed")
    elif len(words) == 2:
        text = "".join(words)
        rules.append("blank_inside")
    stripped = text.strip("'\"`<>()[]{}.,;:!?·…")
    if stripped != text:
        text = stripped
        rules.append("punctuation_removed")
    local, _, domain = text.rpartition("@")
    if local.endswith("@"):
        local = local.rstrip("@")
        rules.append("punctuation_removed")
    collapsed = re.sub(r"\.{2,}", ".", domain).strip(".-")
    if collapsed != domain:
        domain = collapsed
        rules.append("punctuation_removed")
    found = _domain(domain)
    if found and found.ignores_dots and local.endswith("."):
        local = local.rstrip(".")
        rules.append("punctuation_removed")
    valid = _valid(local, found.domain) if found else None
    return (valid[0], found, tuple(rules)) if found and valid else None
