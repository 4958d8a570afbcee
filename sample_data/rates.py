"""How often what happens in the demo company: every probability of the generator in one frozen place.

A rate of a person is the share of persons it happens to; a rate of a record or value is the share of records
(that hold such a value at all) on which it happens, independently of the others.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class ErrorRates:
    """Shares between 0 and 1; see the module docstring for what each is a share of."""

    # Who there is (shares of persons)
    chinese: float = 1 / 3
    """Chinese personas among the customers with orders, and among the prospects."""
    prospects: float = 0.12
    """Persons who never ordered, as a share of the customers with orders."""
    company_contact: float = 0.08
    """Persons who are contacts of a company."""
    second_contact: float = 0.35
    """A company contact belongs to the company of the contact before, instead of a new one."""
    in_household: float = 0.22
    """Persons who share a home with another customer (Chinese and British personas only)."""

    # Where they are known (shares of customers with orders)
    in_crm: float = 0.60
    in_shop: float = 0.64
    in_pos: float = 0.66
    in_service_desk: float = 0.25
    prospect_in_crm: float = 0.85
    prospect_in_service_desk: float = 0.30
    entered_twice: float = 0.06
    """A second record of the same person in the same system, of the records first made."""
    account_entered_twice: float = 0.18
    """A company has a second account under a variant of its name."""
    member_number_in_crm: float = 0.30
    """A member's CRM contact carries the member number."""
    member_number_in_shop: float = 0.20
    member_number_of_partner: float = 0.02
    """The number given is that of another person of the household."""

    # What changes in life (shares of persons; each once, at a random time)
    moved_house: float = 0.12
    changed_email: float = 0.10
    changed_phone: float = 0.08
    changed_family_name: float = 0.10
    """Of the western women aged 22 to 60: a maiden name before."""
    not_updated: float = 0.15
    """An updated record keeps the value from the time of its creation."""

    # What a household shares
    shared_phone: float = 0.07
    """A record of a household member carries the mobile of another member."""
    shared_mailbox: float = 0.16
    """A household has one mailbox; half of its members' records then carry it."""

    # Names (shares of records)
    name_typo: float = 0.03
    """Per name part: transposition, dropped, doubled or neighbouring letter."""
    character_confusion: float = 0.03
    """A 汉字 replaced by a homophone or a look-alike."""
    nickname: float = 0.08
    """Of those whose given name has one."""
    english_name: float = 0.05
    """A Chinese persona gives an English given name."""
    pinyin: float = 0.10
    """A Chinese name in pinyin (half as often at the POS, half again as often in the shop)."""
    pinyin_given_first: float = 0.40
    """Of the pinyin names: given name before family name, or in each other's field."""
    pinyin_spaced: float = 0.25
    """Of the pinyin names of two characters: 'Xiao Ming' instead of 'Xiaoming'."""
    pinyin_joined: float = 0.15
    """Of the pinyin names in one field: 'wangxiaoming'."""
    swapped_names: float = 0.012
    """Given and family name in each other's field."""
    family_name_only: float = 0.02
    """No given name: 王先生, 'Mr Smith'."""
    initial_only: float = 0.02
    upper_case: float = 0.06
    """Latin names (five times as often at the POS)."""
    name_in_one_field: float = 0.08
    """The whole 汉字 name in the family name field."""
    placeholder_name: float = 0.002

    # Other values (shares of values)
    full_width: float = 0.02
    """Digits and Latin letters as full-width forms, on Chinese personas."""
    email_typo: float = 0.012
    phone_typo: float = 0.012
    address_typo: float = 0.03
    address_abbreviated: float = 0.25
    """'Rd' for 'Road', '北京' for '北京市'."""
    birth_day_month_swapped: float = 0.012
    """Only where the result is a date."""
    birth_first_of_january: float = 0.012
    """The right year with 01-01."""
    birth_year_off: float = 0.006
    placeholder_email: float = 0.008
    placeholder_phone: float = 0.008
    placeholder_birth_date: float = 0.008
    placeholder_address: float = 0.008
    wrong_gender: float = 0.004
    role_mailbox: float = 0.06
    """A company contact's record carries info@ or sales@."""

    # Rows that cannot be loaded (shares of rows)
    duplicate_rows: float = 0.001
    """The same row twice in one file."""
    broken_rows: float = 0.0006
    """Customer, ticket and order rows delivered a second time with no key, an impossible time or a text as amount."""
    broken_line_rows: float = 0.00005
    """Order lines with a broken quantity or no order: the only rows whose amount is lost."""
