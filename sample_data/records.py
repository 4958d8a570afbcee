"""What each source system knows of a person or company, and how wrong: one ``Record`` per sign-up.

Here the truth of ``people`` meets the rates of ``rates`` and the slips of ``mistakes``. How a record becomes a
row of an export, with its titles and its encoding, is decided in ``exports``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import TypeVar

from sample_data.chance import Chance
from sample_data.mistakes import confuse_character, digit_typo, full_width, typo
from sample_data.people import Address, Lasting, Organisation, Person, Phone, ascii_letters
from sample_data.rates import ErrorRates
from sample_data.reference import Reference

T = TypeVar("T")
CONTACTS, ACCOUNTS, CUSTOMERS, MEMBERS, REQUESTERS = (
    "zoho_crm:contacts",
    "zoho_crm:accounts",
    "web_shop:customers",
    "pos:members",
    "service_desk:requesters",
)
OPENED = datetime(2008, 1, 7, 9)
"""The company opened its systems: nothing is older."""

_PLACEHOLDER_PHONES = ("13800138000", "0000000000", "无", "unknown")
_PLACEHOLDER_EMAILS = ("na@na.com", "na@na.com", "unknown", "none")
_PLACEHOLDER_NAMES = {"chinese": ("测试", "无", "未知"), "western": ("test", "unknown", "n/a")}
_PLACEHOLDER_ADDRESSES = {"chinese": ("无", "不详", "测试"), "western": ("unknown", "n/a", "test")}
_ABBREVIATIONS = {"Street": "St", "Road": "Rd", "Avenue": "Ave", "Lane": "Ln", "Drive": "Dr", "Court": "Ct"}


@dataclass
class Name:
    """A name as written down; ``title`` is set where the given name is missing from a one-field name."""

    given: str
    family: str
    is_hanzi: bool = False
    is_pinyin: bool = False
    title: str = ""


@dataclass
class Record:
    """One sign-up of one person (or one account of a company) in one system.

    ``values`` holds texts by neutral field name, '' where unknown; ``changes`` names what sets it apart from the
    person as they are now or from their other records (moved, pinyin, shared_phone, ...).
    """

    object_key: str
    owner: Person | Organisation
    created: datetime
    updated: datetime
    values: dict[str, str] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    source_id: str = ""

    @property
    def record_key(self) -> str:
        """The key that the pipeline gives the record: system, object and the source's own identifier."""
        return f"{self.object_key}:{self.source_id}"


@dataclass(frozen=True)
class Form:
    """What a system beyond the first four asks a person for: the share of its records in which each value is known.

    The values' names are the fields' names; an address comes in the parts that ``Recorder`` uses everywhere.
    """

    two_name_fields: bool = False
    """``given_name`` and ``family_name`` instead of ``full_name``."""
    name: float = 1.0
    email: float = 0.0
    mobile: float = 0.0
    phone: float = 0.0
    """A fixed line: of the company for its contacts."""
    birth_date: float = 0.0
    gender: float = 0.0
    national_id: float = 0.0
    occupation: float = 0.0
    address: float = 0.0
    company: float = 0.0
    """Of the contacts of a company, those that name it."""
    work_email: float = 0.3
    """Of the mailboxes of company contacts, those at work."""
    pinyin: float = 1.0
    """Factor on the rate of Chinese names in pinyin."""


class Recorder:
    """Writes persons and companies down the way the systems' users do."""

    def __init__(
        self,
        reference: Reference,
        rates: ErrorRates,
        chance: Chance,
        end: datetime,
        strangers: Sequence[Person] = (),
    ) -> None:
        self.reference = reference
        self.rates = rates
        self.chance = chance
        self.end = end
        self.strangers = strangers
        """Persons who are no customers of the company; bought data has them."""

    # -- who is known where ----------------------------------------------------------------------------------

    def records_of(self, person: Person) -> list[Record]:
        """Every sign-up of a person; a customer with orders has at least one in shop or POS."""
        happens, rates = self.chance.happens, self.rates
        if person.buyer is None:
            in_crm, in_desk = happens(rates.prospect_in_crm), happens(rates.prospect_in_service_desk)
            objects = [CONTACTS] * in_crm + [REQUESTERS] * (in_desk or not in_crm)
        else:
            in_shop, in_pos = happens(rates.in_shop), happens(rates.in_pos)
            if not in_shop and not in_pos:
                in_shop = happens(0.5)
                in_pos = not in_shop
            objects = [CUSTOMERS] * in_shop + [MEMBERS] * in_pos
            objects += [CONTACTS] * happens(rates.in_crm) + [REQUESTERS] * happens(rates.in_service_desk)
        records: list[Record] = []
        for object_key in objects:
            first = self._sign_up(object_key, person, self._first_created(object_key, person))
            records.append(first)
            if happens(rates.entered_twice):
                again = self._sign_up(object_key, person, self._created_again(first, person))
                again.changes.append("entered_twice")
                records.append(again)
        return records

    def accounts_of(self, organisation: Organisation) -> list[Record]:
        """The accounts of a company in the CRM: one, sometimes a second under a variant of its name."""
        first = self.company_record(ACCOUNTS, organisation)
        if not self.chance.happens(self.rates.account_entered_twice):
            return [first]
        again = self.company_record(ACCOUNTS, organisation, is_variant=True)
        again.changes.append("entered_twice")
        return [first, again]

    def person_record(self, object_key: str, person: Person, created: datetime, form: Form) -> Record:
        """A sign-up in a system that asks for other things than the first four; as wrong as theirs.

        Args:
            object_key: "system:object".
            person: Whose it is.
            created: When it was made; it is updated at some time from then on.
            form: Which values are known.
        """
        record = self._new(object_key, person, created)
        happens, values = self.chance.happens, record.values
        name = self._name(record, person, form.pinyin) if happens(form.name) else Name("", "")
        if form.two_name_fields:
            self._put_two_names(record, name)
        else:
            values["full_name"] = self._full_name(name, person, family_first=0.02)
        values["email"] = self._email(record, person, form.work_email) if happens(form.email) else ""
        values["mobile"] = self._mobile(record, person) if happens(form.mobile) else ""
        values["phone"] = self._fixed_line(record, person) if happens(form.phone) else ""
        values["birth_date"] = self._birth_date(record, person) if happens(form.birth_date) else ""
        values["gender"] = self._gender(person) if happens(form.gender) else ""
        values["national_id"] = person.national_id if happens(form.national_id) else ""
        values["occupation"] = person.occupation[person.population == "western"] if happens(form.occupation) else ""
        values["company"] = person.organisation.name if person.organisation and happens(form.company) else ""
        self._put_address(record, person, known=happens(form.address))
        return record

    def company_record(
        self,
        object_key: str,
        organisation: Organisation,
        created: datetime | None = None,
        *,
        is_variant: bool = False,
        credit_code: float = 0.75,
    ) -> Record:
        """An account of a company, under its name or a variant of it.

        Args:
            object_key: "system:object".
            organisation: Whose it is.
            created: When it was made; by default any time since the systems were opened.
            is_variant: The name is written in another way, as when someone enters the company a second time.
            credit_code: Share of the records that carry the 统一社会信用代码, where there is one.
        """
        name = self._company_variant(organisation) if is_variant else organisation.name
        chance, happens = self.chance, self.chance.happens
        created = created or chance.moment(OPENED, self.end)
        record = Record(object_key, organisation, created, chance.moment(created, self.end))
        record.values = {
            "company": name,
            "phone": self._phone(organisation.phone, organisation.population) if happens(0.8) else "",
            "website": f"{chance.pick(('www.', 'https://www.', 'http://', ''))}{organisation.domain}"
            if happens(0.6)
            else "",
            "industry": organisation.industry if happens(0.5) else "",
            "credit_code": organisation.credit_code if happens(credit_code) else "",
        }
        self._put_address_values(record, organisation.address, organisation.population, known=happens(0.85), upper=0.0)
        return record

    def _first_created(self, object_key: str, person: Person) -> datetime:
        """Shop and POS sign-ups come before the first order, the others any time around."""
        chance = self.chance
        start = person.buyer.first_order if person.buyer else chance.moment(datetime(2010, 6, 1), self.end)
        if object_key in (CUSTOMERS, MEMBERS):
            if chance.happens(0.6):
                return start - timedelta(minutes=chance.between(2, 40))
            return chance.moment(OPENED, start - timedelta(hours=1))
        return chance.moment(max(OPENED, start - timedelta(days=400)), self.end)

    def _created_again(self, first: Record, person: Person) -> datetime:
        last = person.buyer.last_order if person.buyer else self.end
        return self.chance.moment(first.created + timedelta(minutes=5), max(last, first.created + timedelta(hours=1)))

    def _new(self, object_key: str, person: Person, created: datetime) -> Record:
        created = min(created, self.end - timedelta(hours=1))
        updated = created if self.chance.happens(0.4) else self.chance.moment(created, self.end)
        return Record(object_key, person, created, updated)

    def _sign_up(self, object_key: str, person: Person, created: datetime) -> Record:
        record = self._new(object_key, person, created)
        fill: dict[str, Callable[[Record, Person], None]] = {
            CONTACTS: self._fill_contact,
            CUSTOMERS: self._fill_customer,
            MEMBERS: self._fill_member,
            REQUESTERS: self._fill_requester,
        }
        fill[object_key](record, person)
        return record

    # -- the systems -----------------------------------------------------------------------------------------

    def _fill_contact(self, record: Record, person: Person) -> None:
        happens, values = self.chance.happens, record.values
        self._put_two_names(record, self._name(record, person))
        values["email"] = self._email(record, person, work=0.6) if happens(0.86) else ""
        values["mobile"] = self._mobile(record, person) if happens(0.84) or not values["email"] else ""
        values["phone"] = self._fixed_line(record, person) if happens(0.24) else ""
        values["second_email"] = person.email.before or "" if happens(0.5) else ""
        values["birth_date"] = self._birth_date(record, person) if happens(0.35) else ""
        values["gender"] = self._gender(person) if happens(0.6) else ""
        values["occupation"] = person.occupation[person.population == "western"] if happens(0.3) else ""
        self._put_address(record, person, known=happens(0.6))
        if person.organisation is not None and happens(0.9):
            values["company"] = person.organisation.name

    def _fill_customer(self, record: Record, person: Person) -> None:
        happens, values = self.chance.happens, record.values
        self._put_two_names(record, self._name(record, person, pinyin=1.5))
        values["email"] = self._email(record, person, work=0.3) if happens(0.98) else ""
        values["phone"] = self._mobile(record, person) if happens(0.82) or not values["email"] else ""
        values["birth_date"] = self._birth_date(record, person) if happens(0.5) else ""
        values["gender"] = self._gender(person) if happens(0.6) else ""
        self._put_address(record, person, known=happens(0.85))
        if person.organisation is not None and happens(0.6):
            values["company"] = person.organisation.name

    def _fill_member(self, record: Record, person: Person) -> None:
        happens, values = self.chance.happens, record.values
        name = self._name(record, person, pinyin=0.5, upper=5)
        values["full_name"] = self._full_name(name, person, family_first=0.2) if happens(0.985) else ""
        values["phone"] = self._mobile(record, person) if happens(0.95) else ""
        values["landline"] = self._fixed_line(record, person) if happens(0.12) else ""
        values["email"] = self._email(record, person, work=0.1) if happens(0.28) or not values["phone"] else ""
        values["birth_date"] = self._birth_date(record, person) if happens(0.5) else ""
        values["gender"] = self._gender(person) if happens(0.7) else ""
        values["national_id"] = person.national_id if happens(0.16) else ""
        values["occupation"] = person.occupation[person.population == "western"] if happens(0.2) else ""
        self._put_address(record, person, known=happens(0.4), upper=0.25)

    def _fill_requester(self, record: Record, person: Person) -> None:
        happens, values = self.chance.happens, record.values
        name = self._name(record, person)
        values["full_name"] = self._full_name(name, person, family_first=0.02) if happens(0.93) else ""
        values["email"] = self._email(record, person, work=0.4) if happens(0.75) else ""
        values["phone"] = self._mobile(record, person) if happens(0.6) or not values["email"] else ""
        values["company"] = person.organisation.name if person.organisation and happens(0.7) else ""

    def _company_variant(self, organisation: Organisation) -> str:
        chance, name = self.chance, organisation.name
        if organisation.population == "chinese":
            city = organisation.address.city.removesuffix("市")
            for form in ("股份有限公司", "有限责任公司", "有限公司"):
                if name.endswith(form):
                    base = name.removesuffix(form)
                    break
            else:
                base = name
            return chance.pick(
                (
                    f"{base}公司",
                    base.removeprefix(city) + "有限公司",
                    f"{name}{chance.pick(('上海', '深圳', '成都', '北京'))}分公司",
                    f"{base}（{city}）有限公司",
                    confuse_character(base, self.reference.confusions, chance) + "有限公司",
                )
            )
        base, form = name.rsplit(" ", 1)
        longer = {"Ltd": "Limited", "GmbH": "Gesellschaft mbH", "SARL": "S.A.R.L."}.get(form, form.replace(".", ""))
        return chance.pick(
            (
                f"{base} {longer}",
                base,
                f"{base.upper()} {form.upper()}",
                f"{name} ({organisation.address.city} Branch)",
                f"{base.replace('&', 'and')} {form}",
                f"{typo(base, chance)} {form}",
                f"The {base} {longer}",
            )
        )

    # -- names -----------------------------------------------------------------------------------------------

    def _name(self, record: Record, person: Person, pinyin: float = 1.0, upper: float = 1.0) -> Name:
        """The name as this system's user wrote it; the factors scale the rates of pinyin and upper case."""
        chance, rates = self.chance, self.rates
        if chance.happens(rates.placeholder_name):
            record.changes.append("placeholder_name")
            return Name("", chance.pick(_PLACEHOLDER_NAMES[person.population]))
        family = self._known(person.family, record, "former_family_name")
        if person.population == "chinese":
            name = self._chinese_name(record, person, family, pinyin)
        else:
            name = self._western_name(record, person, family)
        if chance.happens(rates.family_name_only):
            record.changes.append("family_name_only")
            if name.is_hanzi:
                name.title = "先生" if person.gender == "male" else "女士"
            else:
                name.title = "Mr" if person.gender == "male" else "Ms"
            name.given = ""
        if not name.is_hanzi and chance.happens(rates.upper_case * upper):
            name.given, name.family = name.given.upper(), name.family.upper()
        if not name.is_hanzi and person.population == "chinese" and chance.happens(rates.full_width):
            name.given, name.family = full_width(name.given), full_width(name.family)
        return name

    def _chinese_name(self, record: Record, person: Person, family: str, pinyin_factor: float) -> Name:
        chance, rates, pinyin = self.chance, self.rates, self.reference.pinyin
        draw = chance.uniform()
        if draw < rates.pinyin * pinyin_factor:
            record.changes.append("pinyin")
            syllables = person.given_pinyin(pinyin)
            spaced = chance.happens(rates.pinyin_spaced)
            given = " ".join(s.capitalize() for s in syllables) if spaced else "".join(syllables).capitalize()
            return Name(self._mistyped(given, record), pinyin[family].capitalize(), is_pinyin=True)
        if draw < rates.pinyin * pinyin_factor + rates.english_name:
            record.changes.append("english_name")
            return Name(person.english_name, pinyin[family].capitalize())
        given = person.given
        if chance.happens(rates.character_confusion):
            record.changes.append("character_confusion")
            if chance.happens(0.8):
                given = confuse_character(given, self.reference.confusions, chance)
            else:
                family = confuse_character(family, self.reference.confusions, chance)
        return Name(given, family, is_hanzi=True)

    def _western_name(self, record: Record, person: Person, family: str) -> Name:
        chance, rates = self.chance, self.rates
        given = person.given
        nicknames = self.reference.nicknames.get(given)
        if nicknames and chance.happens(rates.nickname):
            record.changes.append("nickname")
            given = chance.pick(nicknames)
        elif chance.happens(rates.initial_only):
            record.changes.append("initial_only")
            return Name(given[0] + chance.pick(("", ".")), family)
        return Name(self._mistyped(given, record), self._mistyped(family, record))

    def _mistyped(self, text: str, record: Record) -> str:
        if not self.chance.happens(self.rates.name_typo):
            return text
        record.changes.append("name_typo")
        return typo(text, self.chance)

    def _put_two_names(self, record: Record, name: Name) -> None:
        """Given and family name in the fields of a form, sometimes in each other's."""
        chance, rates = self.chance, self.rates
        given, family = name.given, name.family
        swapped = rates.pinyin_given_first / 2 if name.is_pinyin else rates.swapped_names
        if name.is_hanzi and given and chance.happens(rates.name_in_one_field):
            record.changes.append("name_in_one_field")
            given, family = "", family + given
        elif given and chance.happens(swapped):
            record.changes.append("swapped_names")
            given, family = family, given
        record.values["given_name"], record.values["family_name"] = given, family

    def _full_name(self, name: Name, person: Person, family_first: float) -> str:
        """The name in one field; ``family_first`` is the share of western names as 'Smith, John'."""
        chance, rates = self.chance, self.rates
        if not name.given:
            return f"{name.family}{name.title}" if name.is_hanzi else f"{name.title} {name.family}".strip()
        if name.is_hanzi:
            return name.family + name.given
        if name.is_pinyin:
            if chance.happens(rates.pinyin_joined):
                return (name.family + name.given).replace(" ", "").lower()
            if not chance.happens(rates.pinyin_given_first):
                return f"{name.family} {name.given}"
        elif person.population == "western":
            if chance.happens(family_first):
                return f"{name.family}, {name.given}"
            if chance.happens(rates.swapped_names):
                return f"{name.family} {name.given}"
            if chance.happens(0.04):
                return f"{'Mr' if person.gender == 'male' else 'Ms'} {name.given} {name.family}"
        return f"{name.given} {name.family}"

    # -- other values ----------------------------------------------------------------------------------------

    def _known(self, value: Lasting[T], record: Record, label: str) -> T:
        """The value as known when the record was last updated, noting ``label`` when it no longer holds."""
        moment = record.created if self.chance.happens(self.rates.not_updated) else record.updated
        known = value.at(moment)
        if known != value.now:
            record.changes.append(label)
        return known

    def _mobile(self, record: Record, person: Person) -> str:
        chance, rates = self.chance, self.rates
        if chance.happens(rates.placeholder_phone):
            record.changes.append("placeholder_phone")
            return chance.pick(_PLACEHOLDER_PHONES)
        phone = self._known(person.mobile, record, "former_phone")
        others = [member for member in person.household.members if member is not person]
        if others and chance.happens(rates.shared_phone):
            record.changes.append("shared_phone")
            phone = chance.pick(others).mobile.now
        if chance.happens(rates.phone_typo):
            record.changes.append("phone_typo")
            phone = Phone(phone.calling_code, phone.trunk_prefix, digit_typo(phone.national, chance))
        return self._phone(phone, person.population)

    def _fixed_line(self, record: Record, person: Person) -> str:
        if person.organisation is not None and record.object_key != MEMBERS:
            return self._phone(person.organisation.phone, person.population)
        return self._phone(person.landline, person.population)

    def _phone(self, phone: Phone, population: str) -> str:
        """One of the ways in which people write a number."""
        chance, number, draw = self.chance, phone.national, self.chance.uniform()
        if phone.calling_code == "86":
            if phone.subscriber_digits:
                area, subscriber = number[: -phone.subscriber_digits], number[-phone.subscriber_digits :]
                text = f"0{area}-{subscriber}" if draw < 0.7 else f"0{area}{subscriber}"
            elif draw < 0.58:
                text = number
            else:
                parts = f"{number[:3]} {number[3:7]} {number[7:]}"
                forms = [f"+86{number}", f"+86 {parts}", f"0086{number}", f"0086-{number}", f"86{number}"]
                text = chance.pick([*forms, parts, parts.replace(" ", "-"), f"+86-{number}"])
            return full_width(text) if population == "chinese" and chance.happens(self.rates.full_width) else text
        national = phone.trunk_prefix + number
        spaced = f"{number[:4]} {number[4:]}"
        if draw < 0.42:
            return national if phone.calling_code == "44" else phone.e164
        forms = [f"{phone.trunk_prefix}{spaced}", f"+{phone.calling_code} {spaced}", phone.e164]
        forms += [f"00{phone.calling_code}{number}", f"+{phone.calling_code}-{number}"]
        if phone.trunk_prefix:
            forms += [
                f"+{phone.calling_code} ({phone.trunk_prefix}){spaced}",
                f"({phone.trunk_prefix}{number[:4]}) {number[4:]}",
            ]
        return chance.pick(forms)

    def _email(self, record: Record, person: Person, work: float) -> str:
        """An address; ``work`` is the share of a company contact's records that carry the one at work."""
        chance, rates = self.chance, self.rates
        if chance.happens(rates.placeholder_email):
            record.changes.append("placeholder_email")
            return chance.pick(_PLACEHOLDER_EMAILS)
        if person.organisation is not None:
            if chance.happens(rates.role_mailbox):
                record.changes.append("role_mailbox")
                return f"{chance.pick(('info', 'sales', 'office'))}@{person.organisation.domain}"
            if chance.happens(work):
                return work_email(person, self.reference)
        email = self._known(person.email, record, "former_email")
        household = person.household
        if household.shares_mailbox and chance.happens(0.5) and household.members[0] is not person:
            record.changes.append("shared_mailbox")
            email = household.members[0].email.now
        if chance.happens(rates.email_typo):
            record.changes.append("email_typo")
            email = typo(email, chance)
        if chance.happens(0.04):
            return chance.pick((email.upper(), email.title(), email + " "))
        return email

    def _birth_date(self, record: Record, person: Person) -> str:
        """ISO 8601; every mistake still gives a date that exists."""
        chance, rates, born = self.chance, self.rates, person.birth_date
        draw = chance.uniform()
        if draw < rates.placeholder_birth_date:
            record.changes.append("placeholder_birth_date")
            return "1900-01-01"
        draw -= rates.placeholder_birth_date
        if draw < rates.birth_first_of_january:
            record.changes.append("birth_first_of_january")
            return f"{born.year}-01-01"
        draw -= rates.birth_first_of_january
        if draw < rates.birth_day_month_swapped:
            if born.day <= 12 and born.day != born.month:
                record.changes.append("birth_day_month_swapped")
                born = date(born.year, born.day, born.month)
        elif draw < rates.birth_day_month_swapped + rates.birth_year_off:
            record.changes.append("birth_year_off")
            born = date(born.year + chance.pick((-10, -1, 1)), born.month, min(born.day, 28))
        return born.isoformat()

    def _gender(self, person: Person) -> str:
        if self.chance.happens(self.rates.wrong_gender):
            return "female" if person.gender == "male" else "male"
        return person.gender

    def _put_address(self, record: Record, person: Person, known: bool, upper: float = 0.0) -> None:
        """The address of the person, or of the company for most records that name the company's contact."""
        address = self._known(person.address, record, "moved") if known else person.address.now
        if person.organisation is not None and record.object_key != MEMBERS and self.chance.happens(0.6):
            address = person.organisation.address
            if "moved" in record.changes:
                record.changes.remove("moved")
        self._put_address_values(record, address, person.population, known, upper)

    def _put_address_values(self, record: Record, address: Address, population: str, known: bool, upper: float) -> None:
        chance, rates, values = self.chance, self.rates, record.values
        values.update(dict.fromkeys(("street", "district", "city", "region", "postcode", "country"), ""))
        if not known:
            if chance.happens(0.5):
                values["country"] = address.country_code
            return
        values["country"] = address.country_code
        if chance.happens(rates.placeholder_address):
            record.changes.append("placeholder_address")
            values["street"] = chance.pick(_PLACEHOLDER_ADDRESSES[population])
            return
        street, city = address.street, address.city
        region, district = address.region, address.district
        if chance.happens(rates.address_typo):
            record.changes.append("address_typo")
            if address.country_code == "CN":
                street = confuse_character(street, self.reference.confusions, chance)
            else:
                street = typo(street, chance)
        if address.country_code == "CN":
            if chance.happens(rates.address_abbreviated):
                city = city.removesuffix("市")
                region = region.removesuffix("市").removesuffix("省")
            unit = address.unit if chance.happens(0.8) else ""
            line = f"{street}{address.house_number}{unit}"
            if chance.happens(0.15):
                # The whole address typed once more into the street field.
                line = f"{region if region != city else ''}{city}{district}{line}"
            if chance.happens(rates.full_width):
                line = full_width(line)
        else:
            if chance.happens(rates.address_abbreviated):
                words = street.split(" ")
                words[-1] = _ABBREVIATIONS.get(words[-1], words[-1])
                street = " ".join(words)
            if address.country_code in ("GB", "IE", "FR", "US", "CA", "AU"):
                line = f"{address.house_number} {street}"
            else:
                line = f"{street} {address.house_number}"
            if address.unit and chance.happens(0.7):
                line = f"{address.unit}, {line}"
            if chance.happens(upper):
                line, city = line.upper(), city.upper()
        values["street"], values["city"], values["district"] = line, city, district
        values["region"] = region if chance.happens(0.8) else ""
        values["postcode"] = self._postcode(address.postcode) if chance.happens(0.85) else ""

    def _postcode(self, postcode: str) -> str:
        if self.chance.happens(0.1):
            return postcode.replace(" ", "").lower() if self.chance.happens(0.5) else postcode.replace(" ", "")
        return postcode


def work_email(person: Person, reference: Reference) -> str:
    """A company contact's address at work, the same wherever it is used."""
    assert person.organisation is not None
    if person.population == "chinese":
        local = reference.pinyin[person.family.now] + "".join(person.given_pinyin(reference.pinyin))
    else:
        local = f"{ascii_letters(person.given)}.{ascii_letters(person.family.now)}"
    return f"{local}@{person.organisation.domain}"
