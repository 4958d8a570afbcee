-- depends_on: {{ ref('skip_values') }}
with delivered as (
    select distinct {{ address_columns() | join(', ') }}
    from {{ ref('delivered_customer_records') }}
),

cleaned as (
    select
        {{ address_key('delivered.') }} as address_key,
        countries.country_code as country,
        {% for column in ['address_full', 'street', 'house_number', 'district', 'city', 'region'] -%}
        {{ null_if_skip_value(clean_text('delivered.' ~ column), 'address') }} as {{ column }},
        {% endfor -%}
        upper({{ null_if_skip_value(clean_text('delivered.postcode'), 'address') }}) as postcode
    from delivered
    left join {{ ref('country_names') }} as countries
        on lower({{ clean_text('delivered.country') }}) = countries.country_name
),

scripted as (
    select
        *,
        coalesce({{ contains_match("coalesce(street, city, region)", "'[一-龥]'") }}, false) as is_chinese
    from cleaned
),

-- '辽宁省沈阳市于洪区兴业路357号14栋2601室': the parts that a Chinese street line repeats in front of the street.
chinese as (
    select
        *,
        case when is_chinese then {{ first_match('street', "'^([一-龥]{2,7}?(?:省|自治区))'", 1) }} end as line_region,
        case when is_chinese then {{ first_match('street', "'^(?:[一-龥]{2,7}?(?:省|自治区))?([一-龥]{2,6}?市)'", 1) }} end as line_city,
        case
            when is_chinese
                then {{ first_match('street', "'^(?:[一-龥]{2,7}?(?:省|自治区))?(?:[一-龥]{2,6}?市)?([一-龥]{1,5}?[^小社园厂街路](?:区|县|旗))'", 1) }}
        end as line_district
    from scripted
),

-- '12 High Street', 'Flat 4, 12a High Street', 'Hauptstr. 5', '建国路88号': the number leaves the street, the flat is
-- not part of it.
lines as (
    select
        *,
        case
            when is_chinese
                then nullif(substr(street, 1 + length(concat(coalesce(line_region, ''), coalesce(line_city, ''), coalesce(line_district, '')))), '')
            else nullif(trim({{ replace_all('street', "'(?i)^(flat|apt\\.?|apartment|unit|suite|room) *[0-9a-z-]+ *,? +'", "''") }}), '')
        end as street_line
    from chinese
),

numbered as (
    select
        *,
        coalesce(
            house_number,
            case
                when is_chinese then {{ first_match('street_line', "'([0-9]+(?:[-之][0-9]+)?) ?(?:号|弄)'", 1) }}
                else coalesce(
                    {{ first_match('street_line', "'^([0-9]+ ?[A-Za-z]?(?:[-/][0-9]+)?)(?:,|\\s)'", 1) }},
                    {{ first_match('street_line', "'\\s([0-9]+ ?[A-Za-z]?)$'", 1) }}
                )
            end
        ) as number_in_line
    from lines
),

named as (
    select
        *,
        case
            when is_chinese
                then coalesce(
                    {{ first_match('street_line', "'^([^0-9]*?(?:大道|大街|路|街|道|巷|弄|胡同))'", 1) }},
                    nullif(trim({{ replace_all('street_line', "'[0-9].*$'", "''") }}), '')
                )
            when house_number is null and number_in_line is not null
                then nullif(trim({{ replace_all('street_line', "'^[0-9]+ ?[A-Za-z]?([-/][0-9]+)?(,|\\s)+|\\s[0-9]+ ?[A-Za-z]?$'", "''") }}), '')
            else street_line
        end as street_name,
        coalesce(district, line_district) as whole_district,
        {{ short_place_name('coalesce(city, line_city)') }} as whole_city,
        {{ short_place_name('coalesce(region, line_region)') }} as whole_region
    from numbered
)

select
    address_key,
    country,
    {{ proper_case('street_name') }} as street,
    lower(replace(number_in_line, ' ', '')) as house_number,
    {{ proper_case('whole_district') }} as district,
    {{ proper_case('whole_city') }} as city,
    {{ proper_case('whole_region') }} as region,
    case
        when country = 'GB' and length(replace(postcode, ' ', '')) between 5 and 7
            then
                left(replace(postcode, ' ', ''), length(replace(postcode, ' ', '')) - 3)
                || ' ' || right(replace(postcode, ' ', ''), 3)
        else postcode
    end as postcode,
    -- Without a street, town and postcode are no whole address: they would pass for one that many share.
    case
        when address_full is not null or street_line is null then address_full
        when is_chinese
            then concat_ws('', whole_region, case when whole_city is distinct from whole_region then whole_city end, whole_district, street_line)
        else concat_ws(', ', concat_ws(' ', house_number, street), district, city, region, postcode)
    end as address_full
from named
