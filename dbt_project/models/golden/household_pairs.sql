with record as (
    select
        xref.golden_id,
        records.party_type,
        records.source_updated_at,
        records.phone,
        records.phone_alt,
        records.email,
        lower(coalesce(nullif(split_part(records.name_pinyin, ' ', 1), ''), records.family_name)) as surname,
        {{ street_key('records.street') }} || '/' || records.house_number as house,
        lower(records.city) as city,
        replace(records.postcode, ' ', '') as postcode,
        {{ unit_key('details.unit') }} as unit
    from {{ ref('std_customer_records') }} as records
    inner join {{ ref('golden_xref') }} as xref on records.record_key = xref.record_key
    left join {{ ref('std_customer_details') }} as details on records.record_key = details.record_key
),

surname as (
    select distinct
        golden_id,
        surname
    from record
    where party_type = 'person' and surname is not null
),

-- Records of an address often lack the town or the postcode, so a house has a name by each.
housed as (
    select
        *,
        'city/' || city || '/' || house as house_key
    from record
    where house is not null and city is not null
    union all
    select
        *,
        'postcode/' || postcode || '/' || house as house_key
    from record
    where house is not null and postcode is not null
),

-- What organisations have is no home, no private telephone and no private mailbox.
organisation_key as (
    select house_key as shared_key
    from housed
    where party_type = 'organization'
    union
    select phone as shared_key
    from record
    where party_type = 'organization'
    union
    select phone_alt as shared_key
    from record
    where party_type = 'organization'
    union
    select email as shared_key
    from record
    where party_type = 'organization'
),

-- Houses of which somebody names a flat: who names none may live in any of them.
house_with_flats as (
    select distinct house_key
    from housed
    where unit is not null
),

-- What persons can share. A home is one by itself; of a house, where the flat may be unknown, only those of one surname.
stated as (
    select
        housed.golden_id,
        'home' as kind,
        housed.house_key,
        housed.house_key || '/' || coalesce(housed.unit, '') as shared_key,
        cast(null as varchar) as unit,
        housed.source_updated_at
    from housed
    left join house_with_flats on housed.house_key = house_with_flats.house_key
    where housed.party_type = 'person' and (housed.unit is not null or house_with_flats.house_key is null)
    union all
    select
        housed.golden_id,
        'house' as kind,
        cast(null as varchar) as house_key,
        housed.house_key || '/' || surname.surname as shared_key,
        housed.unit,
        housed.source_updated_at
    from housed
    inner join surname on housed.golden_id = surname.golden_id
    where housed.party_type = 'person'
    union all
    select
        golden_id,
        'phone' as kind,
        cast(null as varchar) as house_key,
        phone as shared_key,
        cast(null as varchar) as unit,
        source_updated_at
    from record
    where party_type = 'person' and phone is not null
    union all
    select
        golden_id,
        'phone' as kind,
        cast(null as varchar) as house_key,
        phone_alt as shared_key,
        cast(null as varchar) as unit,
        source_updated_at
    from record
    where party_type = 'person' and phone_alt is not null
    union all
    select
        golden_id,
        'mailbox' as kind,
        cast(null as varchar) as house_key,
        email as shared_key,
        cast(null as varchar) as unit,
        source_updated_at
    from record
    where party_type = 'person' and email is not null
),

holder as (
    select
        stated.golden_id,
        stated.kind,
        stated.shared_key,
        max(stated.unit) as unit,
        min(stated.source_updated_at) as first_stated,
        max(stated.source_updated_at) as last_stated
    from stated
    left join organisation_key on coalesce(stated.house_key, stated.shared_key) = organisation_key.shared_key
    where organisation_key.shared_key is null
    group by stated.golden_id, stated.kind, stated.shared_key
),

-- What more share than live together is a dormitory, an office, a hotline.
among_few as (
    select
        kind,
        shared_key
    from holder
    group by kind, shared_key
    having count(*) between 2 and {{ var('household_max_persons') }}
),

pair as (
    select
        one.golden_id,
        other.golden_id as related_golden_id,
        max(case when one.kind = 'home' then 1 else 0 end) = 1 as shares_home,
        max(case when one.kind = 'house' then 1 else 0 end) = 1 as shares_house,
        max(case when one.kind = 'phone' then 1 else 0 end) = 1 as shares_phone,
        max(case when one.kind = 'mailbox' then 1 else 0 end) = 1 as shares_mailbox,
        min(greatest(one.first_stated, other.first_stated)) as first_seen,
        max(greatest(one.last_stated, other.last_stated)) as last_seen
    from among_few
    inner join holder as one on among_few.kind = one.kind and among_few.shared_key = one.shared_key
    inner join holder as other on among_few.kind = other.kind and among_few.shared_key = other.shared_key
    where one.golden_id < other.golden_id and coalesce(one.unit = other.unit, true)
    group by one.golden_id, other.golden_id
),

same_surname as (
    select distinct
        pair.golden_id,
        pair.related_golden_id
    from pair
    inner join surname as one on pair.golden_id = one.golden_id
    inner join surname as other on pair.related_golden_id = other.golden_id and one.surname = other.surname
),

colleagues as (
    select distinct
        pair.golden_id,
        pair.related_golden_id
    from pair
    inner join {{ ref('organisation_people') }} as one on pair.golden_id = one.golden_id
    inner join {{ ref('organisation_people') }} as other
        on pair.related_golden_id = other.golden_id and one.organisation_golden_id = other.organisation_golden_id
)

select
    pair.golden_id,
    pair.related_golden_id,
    pair.shares_home or pair.shares_house as shares_address,
    same_surname.golden_id is not null as shares_surname,
    pair.shares_phone,
    pair.shares_mailbox,
    pair.first_seen,
    pair.last_seen
from pair
left join same_surname
    on pair.golden_id = same_surname.golden_id and pair.related_golden_id = same_surname.related_golden_id
left join colleagues
    on pair.golden_id = colleagues.golden_id and pair.related_golden_id = colleagues.related_golden_id
where
    pair.shares_house
    or (
        colleagues.golden_id is null
        and (pair.shares_home or (same_surname.golden_id is not null and (pair.shares_phone or pair.shares_mailbox)))
    )
order by pair.golden_id, pair.related_golden_id
