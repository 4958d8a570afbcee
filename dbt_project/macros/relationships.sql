{# How names of companies and addresses are written so that they can be compared as equal or not: only for relationships.
   Linkage compares records by degrees instead. #}

{# A company's name in small letters, without signs and blanks, the article in front and the legal form at the end:
   'The Northgate Homewares Limited' and 'Northgate Homewares Ltd' are one. NULL where nothing is left. #}
{% macro company_key(name) -%}
    {%- set legal_forms = [
        'limited', 'ltd', 'plc', 'llp', 'llc', 'lp', 'inc', 'incorporated', 'corp', 'corporation', 'co', 'company', 'gmbh',
        'mbh', 'ag', 'kg', 'ohg', 'ug', 'se', 'sa', 'sas', 'sarl', 's l', 'sl', 's r l', 'srl', 'spa', 'b v', 'bv', 'nv',
        'ab', 'as', 'oy', 'aps', 'pty', 'kk', 'pte',
    ] -%}
    {%- set words = 'trim(' ~ replace_all("replace(lower(" ~ name ~ "), '&', ' and ')", "'[^\\p{L}\\p{N}]+'", "' '") ~ ')' -%}
    {%- set stem = replace_all(words, "'^the |( (and co|" ~ legal_forms | join('|') ~ "))+$'", "''") -%}
    nullif(replace({{ replace_all(stem, "'(股份|责任|有限|集团|公司)+$'", "''") }}, ' ', ''), '')
{%- endmacro %}

{# A street in small letters, without signs and blanks, its last word in the short form. #}
{% macro street_key(street) -%}
    {%- set short_forms = {
        'street': 'st', 'road': 'rd', 'avenue': 'ave', 'av': 'ave', 'lane': 'ln', 'drive': 'dr', 'court': 'ct',
        'close': 'cl', 'place': 'pl', 'boulevard': 'blvd', 'crescent': 'cres', 'square': 'sq', 'terrace': 'tce',
        'parade': 'pde', 'highway': 'hwy', 'strasse': 'str', 'straße': 'str',
    } -%}
    {%- set words = 'trim(' ~ replace_all("lower(" ~ street ~ ")", "'[^\\p{L}\\p{N}]+'", "' '") ~ ')' -%}
    nullif(replace(
        {{ replace_all(words, "'[^ ]+$'", "''") }}
        || case {{ first_match(words, "'([^ ]+)$'", 1) }}
            {%- for long, short in short_forms.items() %} when '{{ long }}' then '{{ short }}'{% endfor %}
            else coalesce({{ first_match(words, "'([^ ]+)$'", 1) }}, '')
        end,
        ' ', ''
    ), '')
{%- endmacro %}

{# The flat in a delivered address: 'Flat 4, 12a High Street' -> '4'; behind the number of a Chinese street the digits of
   building, entrance and room: '软件园路171号竹苑17栋2单元1303室' -> '17-2-1303'. NULL where the address names none. #}
{% macro home_unit(address) -%}
    {%- set text = 'lower(' ~ half_width(address) ~ ')' -%}
    {%- set rooms = first_match(text, "'[0-9] ?[号弄](.*[0-9].*)$'", 1) -%}
    coalesce(
        {{ first_match(text, "'\\b(?:flat|apt\\.?|apartment|unit|suite|room) *([0-9]+[a-z]?|[a-z])\\b'", 1) }},
        nullif(trim({{ replace_all(rooms, "'[^0-9]+'", "' '") }}), '')
    )
{%- endmacro %}
