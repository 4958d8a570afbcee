{# Small, pure text rules that every attribute shares. #}

{# Full-width letters, digits and signs as half-width ones, every kind of blank as one blank, no outer blanks; empty becomes NULL. #}
{% macro clean_text(text) -%}
    nullif(trim({{ replace_all(half_width(text), "'[\\s　]+'", "' '") }}), '')
{%- endmacro %}

{# Translating is costly and full-width signs are rare, so a look comes first. #}
{% macro half_width(text) -%}
    case when {{ contains_match(text, "'[！-～　]'") }} then translate(
        {{ text }},
        '！＂＃＄％＆＇（）＊＋，－．／０１２３４５６７８９：；＜＝＞？＠ＡＢＣＤＥＦＧＨＩＪＫＬＭＮＯＰＱＲＳＴＵＶＷＸＹＺ［＼］＾＿｀ａｂｃｄｅｆｇｈｉｊｋｌｍｎｏｐｑｒｓｔｕｖｗｘｙｚ｛｜｝～　',
        '!"#$%&''()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\]^_`abcdefghijklmnopqrstuvwxyz{|}~ '
    ) else {{ text }} end
{%- endmacro %}

{# Without the last administrative word: 浙江省 -> 浙江, 杭州市 -> 杭州. Districts keep theirs, because 东区 and 东城区 differ by it. #}
{% macro short_place_name(text) -%}
    case
        when length({{ text }}) > 2
            then {{ replace_all(text, "'(维吾尔自治区|壮族自治区|回族自治区|特别行政区|自治区|省|市)$'", "''") }}
        else {{ text }}
    end
{%- endmacro %}

{# Names and places that a source writes all in capitals or all in small letters, with capital initials; mixed case stays. #}
{% macro proper_case(text) -%}
    case
        when {{ text }} = upper({{ text }}) or {{ text }} = lower({{ text }}) then {{ initial_capitals(text) }}
        else {{ text }}
    end
{%- endmacro %}
