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
    """Has a contact in the CRM."""
    in_shop: float = 0.64
    """Has a shop account; who is in neither shop nor POS gets one of the two, at random."""
    in_pos: float = 0.66
    """Has a loyalty card."""
    in_service_desk: float = 0.25
    """Wrote at least one ticket."""
    prospect_in_crm: float = 0.85
    """Of the prospects."""
    prospect_in_service_desk: float = 0.30
    """Of the prospects, and all who are not in the CRM."""
    entered_twice: float = 0.06
    """A second record of the same person in the same system, of the records first made."""
    account_entered_twice: float = 0.18
    """A company has a second account under a variant of its name."""
    member_number_in_crm: float = 0.30
    """A member's CRM contact carries the member number."""
    member_number_in_shop: float = 0.20
    """A member's shop account carries the member number."""
    member_number_of_partner: float = 0.02
    """The number given is that of another person of the household."""

    # Companies: where they and their contacts are known, and where they order
    further_companies: float = 0.15
    """Companies that nobody known works for, beside each company with a contact: in ERP and Fxiaoke only."""
    chinese_company_in_fxiaoke: float = 0.85
    """A Chinese company has an account in Fxiaoke."""
    contact_in_fxiaoke: float = 0.9
    """A contact of such a company is there too."""
    prospect_in_fxiaoke: float = 0.3
    """A Chinese prospect is a lead in Fxiaoke."""
    converted_lead: float = 0.25
    """A contact in Fxiaoke was a lead before, and the lead is still there."""
    company_in_erp: float = 0.9
    """A western company is a business partner in the ERP."""
    chinese_company_in_erp: float = 0.4
    """A Chinese company is."""
    contact_in_erp: float = 0.85
    """A contact of a western company in the ERP is there too."""
    deleted_partner: float = 0.03
    """A company is in the ERP a second time, by mistake, and marked as deleted there."""
    company_name_variant: float = 0.25
    """A company is written in another way in Fxiaoke or the ERP than it calls itself."""
    business_orders: float = 0.8
    """A contact in Fxiaoke or the ERP who orders does so there."""
    business_orders_only: float = 0.4
    """Of these, all orders; of the others 40 to 80 %."""
    order_without_contact: float = 0.08
    """An order in Fxiaoke or the ERP names the company only."""
    payment_in_two_parts: float = 0.1
    """An invoice of the ERP is paid in two amounts."""
    returned_payment: float = 0.02
    """A payment comes back from the bank and is made again."""

    # Social media, survey tool, data vendor, self-service form
    in_social: float = 0.25
    """Follows the company in social media."""
    in_two_social_accounts: float = 0.25
    """Of the followers: in both accounts of the company, under one unionid."""
    bound_phone: float = 0.4
    """Of the followers of an account: has bound a phone there."""
    bound_member_number: float = 0.35
    """Of the followers with a loyalty card: has bound its number."""
    answers_surveys: float = 0.3
    """Answers a survey at least once, where there was something to ask about."""
    in_third_party: float = 0.24
    """The data vendor has a profile."""
    strangers: float = 0.07
    """Profiles of people whom no system of the company knows, as a share of the persons."""
    bought_value_wrong: float = 0.25
    """City, occupation, income, interests or industry of a bought profile is somebody else's (each by itself)."""
    in_self_service: float = 0.25
    """Filled in the self-service form."""

    # Campaigns, mailing list, call centre, web analytics
    control_group: float = 0.15
    """Of a campaign's targets: get nothing, a random split."""
    coupon_redeemed: float = 0.45
    """Of the coupons whose holder orders while they are valid: used with one of these orders."""
    newsletter_only: float = 0.07
    """Subscribed to the newsletter by themselves: the mail tool knows their address and no contact."""
    unsubscribed: float = 0.03
    """Left the newsletter."""
    in_call_centre: float = 0.19
    """Spoke with the call centre."""
    caller_named: float = 0.72
    """Of the callers: the agent noted a name."""
    caller_family_name_only: float = 0.6
    """Of these names: 王先生, 'Mr Smith'."""
    caller_landline: float = 0.08
    """Of the callers: calls from the fixed line of the home."""
    caller_withheld: float = 0.03
    """Of the callers: the telephone shows no number; the agent then notes a name."""
    shared_device: float = 0.25
    """Of the households with several shop accounts: all use one device."""

    # What changes in life (shares of persons; each once, at a random time)
    moved_house: float = 0.12
    """Most within the city; a household moves together."""
    changed_email: float = 0.10
    """Another mailbox before."""
    changed_phone: float = 0.08
    """Another mobile before."""
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
    """'J' or 'J.' for the given name."""
    upper_case: float = 0.06
    """Latin names (five times as often at the POS)."""
    name_in_one_field: float = 0.08
    """The whole 汉字 name in the family name field."""
    placeholder_name: float = 0.002
    """测试, 无, 未知, test, unknown, n/a."""

    # Other values (shares of values)
    full_width: float = 0.02
    """Digits and Latin letters as full-width forms, on Chinese personas."""
    email_typo: float = 0.012
    """One slip anywhere in the address."""
    phone_typo: float = 0.012
    """A wrong digit or two transposed; the length stays."""
    address_typo: float = 0.03
    """One slip in the street name."""
    address_abbreviated: float = 0.25
    """'Rd' for 'Road', '北京' for '北京市'."""
    birth_day_month_swapped: float = 0.012
    """Only where the result is a date."""
    birth_first_of_january: float = 0.012
    """The right year with 01-01."""
    birth_year_off: float = 0.006
    """One year early or late, or ten early."""
    placeholder_email: float = 0.008
    """na@na.com, unknown, none."""
    placeholder_phone: float = 0.008
    """13800138000, 0000000000, 无, unknown."""
    placeholder_birth_date: float = 0.008
    """1900-01-01."""
    placeholder_address: float = 0.008
    """无, 不详, 测试, unknown, n/a, test."""
    wrong_gender: float = 0.004
    """The other one."""
    role_mailbox: float = 0.06
    """A company contact's record carries info@ or sales@."""

    # Rows that cannot be loaded (shares of rows)
    duplicate_rows: float = 0.001
    """The same row twice in one file."""
    broken_rows: float = 0.0006
    """Customer, ticket and order rows delivered a second time with no key, an impossible time or a text as amount."""
    broken_line_rows: float = 0.00005
    """Order lines with a broken quantity or no order: the only rows whose amount is lost."""
