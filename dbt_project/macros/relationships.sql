{# How parts of addresses are written so that they can be compared as equal or not: only for relationships. Linkage compares
   records by degrees instead. #}

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

{# A flat without what it is called: 'Flat 4' and 'Apt 4' are '4'; of Chinese ones the numbers of building, entrance and room,
   so that a slip in the estate's name does no harm: '竹苑17栋2单元1303室' is '17 2 1303'. #}
{% macro unit_key(unit) -%}
    case
        when {{ contains_match(unit, "'[一-龥]'") }} then nullif(trim({{ replace_all(unit, "'[^0-9]+'", "' '") }}), '')
        else {{ first_match("lower(" ~ unit ~ ")", "'([0-9a-z-]+)$'", 1) }}
    end
{%- endmacro %}
