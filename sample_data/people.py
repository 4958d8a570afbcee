"""Who there is in the demo company: persons, their homes and households, and the companies some work for.

The truth belongs here: values as they are, and as they were before a person moved, married or changed a number.
What a source system knows of them, and how wrong, is decided in ``records``.
"""

import re
import unicodedata
import zlib
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar

from sample_data.chance import Chance
from sample_data.identifiers import organisation_code, resident_id, social_credit_code, vat_number
from sample_data.rates import ErrorRates
from sample_data.reference import ChinesePlace, Country, Reference, WesternPlace

T = TypeVar("T")
CHINA = Country("CN", "zh", "86", "1", 10, "")
FIRST_CHANGE = datetime(2009, 6, 1)
_END_DATE = date(2011, 12, 9)


@dataclass(frozen=True)
class Lasting(Generic[T]):
    """A value that may have been another one before ``since``."""

    now: T
    before: T | None = None
    since: datetime | None = None

    def at(self, moment: datetime) -> T:
        """The value at a moment."""
        if self.since is not None and self.before is not None and moment < self.since:
            return self.before
        return self.now


@dataclass(frozen=True)
class Address:
    """A postal address in parts; ``unit`` is the flat (or estate, building and room), '' where there is none."""

    country_code: str
    region: str
    city: str
    district: str
    street: str
    house_number: str
    unit: str
    postcode: str


@dataclass(frozen=True)
class Phone:
    """A number in parts: ``national`` is without trunk prefix, so E.164 is '+' + calling_code + national.

    ``subscriber_digits`` is set on Chinese fixed lines, whose area code is written apart.
    """

    calling_code: str
    trunk_prefix: str
    national: str
    subscriber_digits: int = 0

    @property
    def e164(self) -> str:
        """The number in E.164."""
        return f"+{self.calling_code}{self.national}"


@dataclass(frozen=True)
class Buyer:
    """A customer with orders, as the order histories tell: where from, and from when to when."""

    number: int
    invoice_country: str
    first_order: datetime
    last_order: datetime


@dataclass
class Organisation:
    """A company, with the contacts' shared address, switchboard and mail domain."""

    entity_id: str
    population: str
    name: str
    credit_code: str
    domain: str
    phone: Phone
    address: Address
    industry: str
    contacts: int = 1

    @property
    def vat_number(self) -> str:
        """The number under which it pays value added tax, '' where companies of its country have none here."""
        return vat_number(self.address.country_code, Chance("vat", self.entity_id).between(10**7, 10**8 - 1))


@dataclass
class Household:
    """Persons of one home."""

    household_id: str
    shares_mailbox: bool = False
    members: list["Person"] = field(default_factory=list)


@dataclass
class Person:
    """One real customer or prospect."""

    entity_id: str
    population: str
    country: Country
    gender: str
    given: str
    family: Lasting[str]
    birth_date: date
    national_id: str
    mobile: Lasting[Phone]
    email: Lasting[str]
    address: Lasting[Address]
    landline: Phone
    occupation: tuple[str, str]
    english_name: str
    household: Household
    relation: str = ""
    """To the others of the household: spouse, twin, sibling, father_son or parent_child; '' for a person alone."""
    buyer: Buyer | None = None
    organisation: Organisation | None = None
    namesake: bool = False

    @property
    def trap(self) -> str | None:
        """What makes this person easy to take for another one, if anything."""
        if self.relation:
            return self.relation
        if self.organisation is not None and self.organisation.contacts > 1:
            return "colleague"
        return "namesake" if self.namesake else None

    def given_pinyin(self, pinyin: dict[str, str]) -> list[str]:
        """Given name in pinyin, one syllable per character, lower case; only for Chinese personas."""
        return [pinyin[character] for character in self.given]


def ascii_letters(text: str) -> str:
    """Lower-case ASCII letters of a name, accents and everything else removed: 'Müller' is 'muller'."""
    plain = unicodedata.normalize("NFKD", text.replace("ß", "ss").replace("ø", "o").replace("Ø", "O"))
    return "".join(character for character in plain.lower() if "a" <= character <= "z")


class Population:
    """Makes persons, households and companies of one block, numbered from the number given.

    ``taken`` holds every mailbox, mail domain and company name given out so far, in this block or before: no two
    persons have the same mailbox, and no two companies the same name.
    """

    def __init__(
        self,
        reference: Reference,
        rates: ErrorRates,
        chance: Chance,
        end: datetime,
        first_entity: int,
        taken: set[str],
    ) -> None:
        self.reference = reference
        self.rates = rates
        self.chance = chance
        self.end = end
        self.next_entity = first_entity
        self.taken = taken
        self.organisations: list[Organisation] = []
        """Those that some person is a contact of."""

    def make(self, buyers: list[Buyer], chinese_share_of_british: float) -> list[Person]:
        """One person per buyer, and the prospects; those of one home share a ``Household``.

        Args:
            buyers: The customers with orders.
            chinese_share_of_british: Share of the buyers with British invoices who get a Chinese persona, such
                that the whole has the share of ``ErrorRates.chinese``.
        """
        chance = self.chance
        seats: list[tuple[str, Buyer | None]] = []
        for buyer in buyers:
            is_chinese = buyer.invoice_country == "United Kingdom" and chance.happens(chinese_share_of_british)
            seats.append(("China" if is_chinese else buyer.invoice_country, buyer))
        seats.extend(
            ("China" if chance.happens(self.rates.chinese) else "United Kingdom", None)
            for _ in range(round(len(buyers) * self.rates.prospects))
        )
        seats = chance.shuffled(seats)
        persons: list[Person] = []
        for country in sorted({country for country, _ in seats}):
            group = [buyer for seat_country, buyer in seats if seat_country == country]
            persons += self._group(country, group)
        self._employ(persons)
        _mark_namesakes(persons)
        return persons

    # -- households ------------------------------------------------------------------------------------------

    def _group(self, country: str, seats: list[Buyer | None]) -> list[Person]:
        """Persons of one country in the order of their seats, neighbours grouped into households."""
        chance = self.chance
        land = CHINA if country == "China" else self.reference.countries[country]
        shares_homes = land.code in ("CN", "GB")
        # A household of two or three (2.15 on average) starts at a seat so often that the share of persons comes out.
        starts = self.rates.in_household / (2.15 - 1.15 * self.rates.in_household)
        persons: list[Person] = []
        at = 0
        while at < len(seats):
            size = 3 if chance.happens(0.15) else 2
            if not shares_homes or not chance.happens(starts) or at + size > len(seats):
                size = 1
            members = self._household(land, size)
            for person, buyer in zip(members, seats[at : at + size], strict=True):
                person.buyer = buyer
            persons += members
            at += size
        return persons

    def _household(self, country: Country, size: int) -> list[Person]:
        household = Household(f"H{self.next_entity:08d}")
        lead = self._person(country, household)
        household.members.append(lead)
        if size > 1:
            household.shares_mailbox = self.chance.happens(self.rates.shared_mailbox)
            lead.relation = self._relation(lead)
            household.members.append(self._relative(lead, lead.relation))
        if size > 2:
            household.members.append(self._relative(lead, "parent_child"))
        return household.members

    def _relation(self, lead: Person) -> str:
        draw = self.chance.uniform()
        if draw < 0.55:
            return "spouse"
        if draw < 0.67:
            return "twin"
        if draw < 0.79:
            return "sibling"
        # Chinese families do not name a son after his father.
        may_name_his_son = lead.population == "western" and lead.gender == "male"
        return "father_son" if draw < 0.97 and may_name_his_son else "parent_child"

    def _relative(self, lead: Person, relation: str) -> Person:
        """A person of the same home: same address and landline, and what the relation implies for name and birth."""
        chance = self.chance
        chinese = lead.population == "chinese"
        gender = chance.pick(("female", "male"))
        family: str | None = lead.family.now
        shift = timedelta(0)
        if relation == "spouse":
            gender = "female" if lead.gender == "male" else "male"
            shift = timedelta(days=chance.between(-2000, 2000))
            family = None if chinese or chance.happens(0.25) else lead.family.now
        elif relation == "father_son":
            gender = "male"
            shift = timedelta(days=chance.between(20 * 365, 36 * 365))
        elif relation == "parent_child":
            shift = timedelta(days=chance.between(22 * 365, 36 * 365))
        elif relation == "sibling":
            shift = timedelta(days=chance.between(400, 2500))
        elif chance.happens(0.7):
            gender = lead.gender
        born = lead.birth_date + shift
        if born > date(1993, 6, 1):
            # The lead is too young for a grown-up child, or for a customer this much younger: this one is the elder.
            born = lead.birth_date - abs(shift)
        given = lead.given
        while relation != "father_son" and given == lead.given:
            given = self._given(lead.country, gender)
            if relation == "twin" and chinese and len(lead.given) == 2 and chance.happens(0.6):
                given = lead.given[0] + chance.pick(self.reference.chinese_given[gender, 2].values)
        return self._person(lead.country, lead.household, relation, lead, gender, given, family, born)

    # -- persons ---------------------------------------------------------------------------------------------

    def _person(
        self,
        land: Country,
        household: Household,
        relation: str = "",
        lead: Person | None = None,
        gender: str | None = None,
        given: str | None = None,
        family: str | None = None,
        born: date | None = None,
    ) -> Person:
        """A person; what is not given is drawn. ``lead`` is the person whose address and landline are shared."""
        chance, reference, rates = self.chance, self.reference, self.rates
        chinese = land.code == "CN"
        gender = gender or chance.pick(("female", "male"))
        given = given or self._given(land, gender)
        last_name = family or self._family(land)
        born = born or self._birth_date(chinese)
        age = (_END_DATE - born).days // 365
        # Twins, siblings and children keep the name of the home: only wives and women alone had another one.
        may_have_married = not chinese and gender == "female" and 22 <= age <= 60 and relation in ("", "spouse")
        family_name: Lasting[str] = Lasting(last_name)
        if may_have_married and chance.happens(rates.changed_family_name):
            family_name = Lasting(last_name, self._family(land), self._change())
        address: Lasting[Address] = Lasting(self._address(land))
        if chance.happens(rates.moved_house):
            same_city = address.now.city if chance.happens(0.7) else None
            address = Lasting(address.now, self._address(land, same_city), self._change())
        if lead is not None:
            address = lead.address
        mobile: Lasting[Phone] = Lasting(self._mobile(land))
        if chance.happens(rates.changed_phone):
            mobile = Lasting(mobile.now, self._mobile(land), self._change())
        population = "chinese" if chinese else "western"
        email: Lasting[str] = Lasting(self._email(land, given, last_name, born, mobile.now))
        if chance.happens(rates.changed_email):
            earlier = family_name.before or last_name
            before = self._email(land, given, earlier, born, mobile.before or mobile.now)
            email = Lasting(email.now, before, self._change())
        national_id = ""
        if chinese:
            # Issued where one was born: mostly in the province where one lives.
            at_home = reference.birth_places_by_province.get(address.now.region)
            places = at_home if at_home and chance.happens(0.6) else reference.birth_places
            sequence = chance.between(0, 499) * 2 + (gender == "male")
            national_id = resident_id(chance.weighted(places), born, sequence)
        person = Person(
            entity_id=f"P{self.next_entity:08d}",
            population=population,
            country=land,
            gender=gender,
            given=given,
            family=family_name,
            birth_date=born,
            national_id=national_id,
            mobile=mobile,
            email=email,
            address=address,
            landline=lead.landline if lead else self._landline(land, address.now),
            occupation=chance.weighted(reference.occupations),
            english_name=chance.pick(reference.english_names[gender]) if chinese else "",
            household=household,
            relation=relation,
        )
        self.next_entity += 1
        return person

    def _change(self) -> datetime:
        return self.chance.moment(FIRST_CHANGE, self.end)

    def _given(self, land: Country, gender: str) -> str:
        chance, reference = self.chance, self.reference
        if land.code == "CN":
            last = chance.weighted(reference.chinese_given[gender, 2])
            if chance.happens(0.18):
                return last
            first = chance.weighted(reference.chinese_given[gender, 1])
            return first + last
        if (land.language, gender) in reference.european:
            return chance.weighted(reference.european[land.language, gender])
        return chance.weighted(reference.given[gender])

    def _family(self, land: Country) -> str:
        if land.code == "CN":
            return self.chance.weighted(self.reference.chinese_family)
        if (land.language, "family") in self.reference.european:
            return self.chance.weighted(self.reference.european[land.language, "family"])
        return self.chance.weighted(self.reference.family)

    def _birth_date(self, chinese: bool) -> date:
        """Adults: Chinese mostly 20 to 50, western 20 to 80 years old in 2011."""
        chance = self.chance
        # The mean of two draws: a hump in the middle of the range instead of a flat line.
        span = (chance.uniform() + chance.uniform()) / 2
        first, last = (date(1951, 1, 1), date(1993, 6, 1)) if chinese else (date(1931, 1, 1), date(1992, 6, 1))
        return first + timedelta(days=int(span * (last - first).days))

    def _mobile(self, land: Country) -> Phone:
        chance = self.chance
        if land.code == "CN":
            return Phone("86", "", chance.weighted(self.reference.mobile_prefixes) + chance.digits(8))
        # The start may hold bracket expressions of digits: '7[45789]', '6[1-5]'.
        start = re.sub(r"\[(.+?)\]", lambda match: chance.pick(_digits_of(match[1])), land.mobile_start)
        return Phone(land.calling_code, land.trunk_prefix, start + chance.digits(land.mobile_digits))

    def _landline(self, land: Country, address: Address) -> Phone:
        """A fixed line in the city of the address; outside China and Britain numbers are like mobile ones."""
        chance = self.chance
        if land.code == "CN":
            place = self.reference.chinese_places_by_city[address.city].values[0]
            digits = int(place.subscriber_digits)
            return Phone("86", "0", f"{place.area_code[1:]}{chance.between(2, 8)}{chance.digits(digits - 1)}", digits)
        if land.code == "GB":
            area = self.reference.british_area_codes[address.city]
            return Phone(
                "44", "0", f"{area}{chance.pick('78' if area == '20' else '235678')}{chance.digits(9 - len(area))}"
            )
        return self._mobile(land)

    def _email(self, land: Country, given: str, family: str, born: date, mobile: Phone) -> str:
        """A mailbox that nobody else has."""
        while (email := self._wished_email(land, given, family, born, mobile)) in self.taken:
            continue
        self.taken.add(email)
        return email

    def _wished_email(self, land: Country, given: str, family: str, born: date, mobile: Phone) -> str:
        chance = self.chance
        domains = self.reference.email_domains
        domain = chance.weighted(domains.get(land.code, domains["other"]))
        if land.code == "CN":
            pinyin = self.reference.pinyin
            syllables = [pinyin[character] for character in given]
            draw = chance.uniform()
            if domain in ("qq.com", "foxmail.com") and draw < 0.75:
                return f"{chance.between(1, 9)}{chance.digits(chance.between(6, 9))}@{domain}"
            if domain in ("139.com", "163.com") and draw < 0.25:
                return f"{mobile.national}@{domain}"
            surname = pinyin[family]
            local = (
                surname + "".join(syllables)
                if draw < 0.5
                else surname + "".join(syllable[0] for syllable in syllables)
                if draw < 0.75
                else "".join(syllables) + "." + surname
            )
            number = chance.pick((f"{born.year % 100:02d}", chance.digits(3), str(born.year), f"{born:%m%d}"))
            return f"{local}{number}@{domain}"
        first, last = ascii_letters(given), ascii_letters(family)
        number = str(chance.between(1, 99)) if chance.happens(0.6) else ""
        draw = chance.uniform()
        if draw < 0.40:
            local = f"{first}.{last}{number}"
        elif draw < 0.65:
            local = f"{first[0]}{last}{number or born.year}"
        elif draw < 0.80:
            local = f"{first}{last}{number}"
        elif draw < 0.92:
            local = f"{first}{born.year % 100:02d}{last[:1]}{chance.digits(2)}"
        else:
            local = f"{last}.{first[0]}{chance.between(1, 999)}"
        return f"{local}@{domain}"

    def _address(self, land: Country, city: str | None = None) -> Address:
        chance, reference = self.chance, self.reference
        if land.code == "CN":
            places = reference.chinese_places_by_city[city] if city else reference.chinese_places
            return self._chinese_address(chance.weighted(places))
        places = reference.western_places[land.code]
        place = chance.weighted(places)
        while city is not None and place.town != city:
            place = chance.weighted(places)
        return self._western_address(land, place)

    def _chinese_address(self, place: ChinesePlace) -> Address:
        chance = self.chance
        streets = self.reference.chinese_streets
        unit = ""
        if chance.happens(0.8):
            room = f"{chance.between(1, 28)}0{chance.between(1, 4)}"
            unit = f"{chance.weighted(streets['estate'])}{chance.between(1, 20)}栋"
            unit += f"{chance.between(1, 4)}单元{room}室" if chance.happens(0.6) else f"{room}室"
        return Address(
            country_code="CN",
            region=place.province,
            city=place.city,
            district=place.district,
            street=chance.weighted(streets["road"]),
            house_number=f"{chance.between(1, 999)}号",
            unit=unit,
            postcode=place.postcode,
        )

    def _western_address(self, land: Country, place: WesternPlace) -> Address:
        chance, streets = self.chance, self.reference.western_streets
        number = str(1 + int(180 * chance.uniform() ** 2))
        if place.country_code == "GB":
            street = f"{chance.weighted(streets['en_name'])} {chance.weighted(streets['en_type'])}"
            area = chance.pick(place.postcode_areas)
            outward = f"{area}{chance.between(1, max(1, place.districts))}"
            # Neighbours share a postcode: it follows from town, street and the run of fifteen houses.
            code = zlib.crc32(f"{place.town}{street}{int(number) // 15}".encode())
            letters = "ABDEFGHJLNPQRSTUWXYZ"
            inward = f"{code % 10}{letters[code // 10 % 20]}{letters[code // 200 % 20]}"
            flat = f"Flat {chance.between(1, 12)}" if chance.happens(0.18) else ""
            return Address("GB", place.region, place.town, "", street, number, flat, f"{outward} {inward}")
        street = (
            chance.weighted(streets[land.language])
            if land.language in streets
            else (f"{chance.weighted(streets['en_name'])} {chance.weighted(streets['en_type'])}")
        )
        length = {"BE": 4, "CH": 4, "AT": 4, "DK": 4, "NO": 4, "AU": 4, "NL": 4, "PT": 4}.get(land.code, 5)
        start = place.postcode_areas[0]
        return Address(
            land.code, place.region, place.town, "", street, number, "", start + chance.digits(length - len(start))
        )

    # -- companies -------------------------------------------------------------------------------------------

    def _employ(self, persons: list[Person]) -> None:
        """Make some persons contacts of companies of their own country."""
        chance = self.chance
        last: dict[str, Organisation] = {}
        for person in persons:
            if person.relation or not chance.happens(self.rates.company_contact / (1 - self.rates.in_household)):
                continue
            code = person.country.code
            if code in last and chance.happens(self.rates.second_contact):
                person.organisation = last[code]
                person.organisation.contacts += 1
                continue
            person.organisation = last[code] = self._organisation(person.country, person.address.now.city)
            self.organisations.append(person.organisation)

    def strangers(self, count: int) -> list[Person]:
        """Persons alone in their homes who have nothing to do with the company, with population as prospects."""
        chinese = self.rates.chinese
        lands = [
            CHINA if self.chance.happens(chinese) else self.reference.countries["United Kingdom"] for _ in range(count)
        ]
        return [self._household(land, 1)[0] for land in lands]

    def further_organisations(self) -> list[Organisation]:
        """Companies that nobody known works for, in the towns of the others."""
        lands = {land.code: land for land in (CHINA, *self.reference.countries.values())}
        result = []
        for company in self.organisations:
            if self.chance.happens(self.rates.further_companies):
                result.append(self._organisation(lands[company.address.country_code], company.address.city))
                result[-1].contacts = 0
        return result

    def _organisation(self, land: Country, city: str) -> Organisation:
        chance = self.chance
        address = self._address(land, city)
        chinese = land.code == "CN"
        while True:
            name, trade, domain = self._chinese_company(address) if chinese else self._western_company(land, address)
            if name not in self.taken and domain not in self.taken:
                break
        self.taken.update((name, domain))
        credit_code = ""
        if chinese:
            place = chance.weighted(self.reference.chinese_places_by_city[address.city])
            credit_code = social_credit_code(place.adcode, organisation_code(chance.between(10**7, 10**8 - 1)))
        entity_id = f"C{self.next_entity:08d}"
        self.next_entity += 1
        phone = self._landline(land, address)
        population = "chinese" if chinese else "western"
        return Organisation(entity_id, population, name, credit_code, domain, phone, address, trade)

    def _chinese_company(self, address: Address) -> tuple[str, str, str]:
        """Name (city, own word, trade, legal form), trade and mail domain."""
        chance, words = self.chance, self.reference.company_words
        word, trade = chance.pick(words["word"]) + chance.pick(("", "", *words["word"])), chance.pick(words["trade"])
        form = chance.pick(("有限公司", "有限公司", "有限责任公司", "股份有限公司"))
        name = f"{address.city.removesuffix('市')}{word}{trade}{form}"
        city = self.reference.chinese_places_by_city[address.city].values[0].city_pinyin
        return name, trade, f"{city[:2]}{chance.between(100, 99999)}.{chance.pick(('com', 'cn', 'com.cn'))}"

    def _western_company(self, land: Country, address: Address) -> tuple[str, str, str]:
        """Name with its legal form, trade and mail domain."""
        chance, words = self.chance, self.reference.company_words
        trade = chance.pick(words["west_trade"])
        style = chance.uniform()
        if style < 0.4:
            base = f"{chance.pick(words['west_word'])} {trade}"
        elif style < 0.6:
            base = f"{self._family(land)} {trade}"
        elif style < 0.8:
            base = f"{self._family(land)} & {chance.pick(('Sons', 'Daughters', 'Partners', self._family(land)))}"
        else:
            base = f"{address.city} {chance.pick(words['west_word'])} {trade}"
        form = {"DE": "GmbH", "FR": "SARL", "ES": "S.L.", "IT": "S.r.l.", "NL": "B.V."}.get(land.code, "Ltd")
        suffix = {"GB": "co.uk", "DE": "de", "FR": "fr"}.get(land.code, "com")
        return f"{base} {form}", trade, f"{ascii_letters(base)}.{suffix}"


def _digits_of(expression: str) -> str:
    """The digits a bracket expression stands for: '45' is 4 and 5, '1-5' is 1 to 5."""
    if len(expression) == 3 and expression[1] == "-":
        return "0123456789"[int(expression[0]) : int(expression[2]) + 1]
    return expression


def _mark_namesakes(persons: list[Person]) -> None:
    """A namesake lives in the same city as another person of exactly the same name, in another home."""
    seen: dict[tuple[str, str, str], Person] = {}
    for person in persons:
        key = (person.family.now, person.given, person.address.now.city)
        other = seen.setdefault(key, person)
        if other is not person and other.household is not person.household:
            other.namesake = person.namesake = True
