"""Arabs: one name in several transliterations, the article, bin and ibn, abd, chains of fathers.

Belongs here: Arabic names, towns and how systems write them. Does not belong here: the frame (``abroad``).
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.accuracy.varied.abroad import Country, Who, home, records, somebody, towns
from benchmarks.accuracy.varied.damage import misspelled
from benchmarks.accuracy.varied.shape import Row, named
from benchmarks.accuracy.varied.western import ranked
from sample_data.chance import Chance, Weighted

# The Arabic name and its spellings in Latin letters, the usual one first.
_MEN = ranked(
    "محمد:Mohammed,Muhammad,Mohamed,Mohammad,Mohd;أحمد:Ahmed,Ahmad;علي:Ali,Aly;محمود:Mahmoud,Mahmood,Mahmud;حسن:Hassan,Hasan;"
    "حسين:Hussein,Hussain,Husain,Hossein;عبدالله:Abdullah,Abdallah,Abd Allah,Abdulla;"
    "عبدالرحمن:Abdulrahman,Abd al-Rahman,Abdel Rahman,Abdurrahman;"
    "عبدالعزيز:Abdulaziz,Abd al-Aziz,Abdel Aziz,Abdelaziz;خالد:Khaled,Khalid;عمر:Omar,Umar,Omer;يوسف:Youssef,Yousef,Yusuf,Yousuf;"
    "إبراهيم:Ibrahim,Ebrahim;مصطفى:Mustafa,Mostafa,Moustafa;سعيد:Saeed,Said,Saied;ناصر:Nasser,Nasir,Naser;فيصل:Faisal,Faysal,Feisal;"
    "سلطان:Sultan;راشد:Rashid,Rashed;طارق:Tariq,Tarek,Tareq;كريم:Karim,Kareem;سامي:Sami,Samy;هاني:Hani,Hany;وليد:Walid,Waleed;"
    "ماجد:Majid,Majed,Maged;جمال:Jamal,Gamal;سعد:Saad,Sa'd;فهد:Fahad,Fahd;تركي:Turki;بدر:Badr,Bader;حمد:Hamad,Hamed;سالم:Salem,Salim;"
    "عبدالرحيم:Abdulrahim,Abdel Rahim,Abdelrahim;عبدالحميد:Abdulhamid,Abdel Hamid,Abdelhamid;زياد:Ziad,Ziyad;رامي:Rami,Ramy;"
    "أيمن:Ayman,Aiman;شريف:Sherif,Sharif,Shareef;حمزة:Hamza,Hamzah;بلال:Bilal,Belal;أنس:Anas;مازن:Mazen,Mazin;نبيل:Nabil,Nabeel;"
    "عادل:Adel,Adil;صالح:Saleh,Salih;منصور:Mansour,Mansoor;غسان:Ghassan,Gassan;قاسم:Qasim,Kassem,Qassem;إسماعيل:Ismail,Esmail".split(
        ";"
    ),
    0.8,
)
_WOMEN = ranked(
    "فاطمة:Fatima,Fatma,Fatimah;عائشة:Aisha,Aysha,Ayesha;مريم:Mariam,Maryam,Meriem;خديجة:Khadija,Khadijah;زينب:Zainab,Zeinab,Zaynab;"
    "نورة:Noura,Nora,Norah;سارة:Sara,Sarah;هند:Hind,Hend;منى:Mona,Muna;ليلى:Layla,Laila,Leila;أمل:Amal,Amel;هدى:Huda,Hoda;نور:Nour,Noor;"
    "ريم:Reem,Rim;سلمى:Salma,Selma;أسماء:Asma,Asmaa;إيمان:Iman,Eman;دينا:Dina,Deena;رانيا:Rania,Raniah;سميرة:Samira,Sameera;"
    "نادية:Nadia,Nadiya;حنان:Hanan,Hanane;لطيفة:Latifa,Lateefa;موزة:Moza,Mozah;شيماء:Shaimaa,Shaima;ياسمين:Yasmin,Yasmine,Yasmeen;"
    "رنا:Rana;غادة:Ghada,Gada;وفاء:Wafa,Wafaa;سعاد:Suad,Souad;آية:Aya,Ayah;بشرى:Bushra,Boshra;جميلة:Jamila,Gamila,Jameela".split(
        ";"
    ),
    0.8,
)
_FAMILIES = ranked(
    "السيد:Sayed,Sayyid,Said;الغامدي:Ghamdi,Ghamdy;العتيبي:Otaibi,Utaybi,Oteibi;القحطاني:Qahtani,Kahtani;الحربي:Harbi,Harby;"
    "الشمري:Shammari,Shamari,Shamri;الزهراني:Zahrani,Zahrany;الدوسري:Dosari,Dossary,Dawsari;المطيري:Mutairi,Mutayri,Motairi;"
    "الشهري:Shehri,Shahri;المنصوري:Mansoori,Mansouri;النعيمي:Nuaimi,Naimi,Noaimi;المكتوم:Maktoum,Maktum;الهاشمي:Hashimi,Hashemi;"
    "المري:Marri,Merri;الكعبي:Kaabi,Kabi;السويدي:Suwaidi,Suweidi,Sowaidi;الظاهري:Dhaheri,Zaheri;الفارسي:Farsi,Farisi;"
    "المصري:Masri,Masry;البغدادي:Baghdadi,Bagdadi;الحسيني:Husseini,Hussaini;الشريف:Sherif,Sharif;النجار:Najjar,Naggar;"
    "الحداد:Haddad,Hadad;الخطيب:Khatib,Khateeb;العلي:Ali,Aly;الأحمد:Ahmad,Ahmed;القاضي:Qadi,Kadi,Qadhi;العنزي:Anazi,Enezi,Anzi;"
    "الرشيدي:Rashidi,Rasheedi;السبيعي:Subaie,Subaiey;الجابري:Jabri,Jaberi;البلوشي:Balushi,Blooshi,Baloushi;الحارثي:Harthi,Harithi;"
    "الصباح:Sabah;الخليفة:Khalifa,Khalifah;التميمي:Tamimi,Tameemi;الأنصاري:Ansari,Ansary;الراوي:Rawi;الطائي:Taie,Tai;العاني:Ani".split(
        ";"
    ),
    0.8,
)


def _street(chance: Chance) -> tuple[str, str]:
    kings = (
        "King Fahd",
        "King Abdulaziz",
        "Sheikh Zayed",
        "Prince Sultan",
        "Tahrir",
        "Olaya",
        "Corniche",
        "Al Wasl",
        "Al Nahda",
        "Airport",
    )
    return f"{chance.pick(kings)} {chance.pick(['Road', 'Street', 'St.'])}", str(chance.between(1, 300))


_COUNTRIES = Weighted(
    [
        Country("SA", "+966", ("50", "53", "54", "55", "56"), 7, towns(
            "Riyadh/Riyadh/11; Jeddah/Makkah/21; Dammam/Eastern/31;"
            "Makkah/Makkah/24; Medina/Medina/42; Khobar/Eastern/34"), 5, _street),
        Country("AE", "+971", ("50", "52", "54", "55", "56", "58"), 7, towns(
            "Dubai/Dubai/; Abu Dhabi/Abu Dhabi/; Sharjah/Sharjah/; Al Ain/Abu Dhabi/; Ajman/Ajman/"), 0, _street),
        Country("EG", "+20", ("10", "11", "12", "15"), 8, towns(
            "Cairo/Cairo/11; Alexandria/Alexandria/21; Giza/Giza/12;"
            "Mansoura/Dakahlia/35; Tanta/Gharbia/31; Luxor/Luxor/85"), 5, _street),
    ],
    [4, 3, 4],
)  # fmt: skip
_SOURCES = {
    "bank:clients": {"birth_date": 0.9, "email": 0.6, "phone": 0.85, "gender": 0.9, "address": 0.6},
    "shop:accounts": {"birth_date": 0.2, "email": 0.95, "phone": 0.85, "gender": 0.1, "address": 0.6},
    "airline:passengers": {"birth_date": 0.97, "email": 0.7, "phone": 0.5, "gender": 0.9, "address": 0.05},
    "branch:visitors": {"birth_date": 0.4, "email": 0.2, "phone": 0.97, "gender": 0.5, "address": 0.3},
}


@dataclass(frozen=True)
class _Name:
    given: str  # each as in the lists: Arabic:Latin,Latin
    father: str
    grandfather: str
    family: str


def arabic(seed: int, size: int) -> list[Row]:
    """Saudi, Emirati and Egyptian customers: given name, father, grandfather, family, of which each system keeps some.

    Realistic: Mohammed, Muhammad and Mohamed; al-, el-, Al or joined or nothing; bin, ibn, ben; Abdulrahman in one word or
    three; Arabic script in the branches, passports in capitals. Trap: a few given names cover most men, brothers differ in
    the first name only, father and son exchange names (Ahmed Mohammed, Mohammed Ahmed), families live at one address.
    """
    return records(Chance("arabic", seed), size, _household, _spell, _SOURCES)


def _household(chance: Chance) -> list[Who[_Name]]:
    at, year = home(chance, chance.weighted(_COUNTRIES)), chance.between(1950, 1990)
    family = chance.weighted(_FAMILIES)
    kind = chance.uniform()
    genders = [chance.pick(["female", "male", "male"])] if kind < 0.45 else ["male", "female"]
    if kind > 0.65:
        genders += [chance.pick(["female", "male"]) for _ in range(chance.between(1, 3))]
    result: list[Who[_Name]] = []
    for place, gender in enumerate(genders):
        given = chance.weighted(_MEN if gender == "male" else _WOMEN)
        if place > 1:
            father, grandfather, own = result[0].name.given, result[0].name.father, family
            if gender == "male" and chance.happens(0.12):
                given = grandfather
        else:
            father, grandfather = chance.weighted(_MEN), chance.weighted(_MEN)
            own = chance.weighted(_FAMILIES) if gender == "female" else family  # women keep their name
        born = (year - 5, year + 5) if place < 2 else (year + 20, year + 34)
        latin = (_latin_forms(given)[0], _latin_forms(own)[0])
        result.append(somebody(chance, _Name(given, father, grandfather, own), latin, gender, at, born))
    return result


def _latin_forms(entry: str) -> list[str]:
    return entry.split(":")[1].split(",")


def _latin(chance: Chance, entry: str) -> str:
    forms = _latin_forms(entry)
    text = forms[0] if chance.happens(0.5) else chance.pick(forms)
    return misspelled(chance, text) if chance.happens(0.03) else text


def _spell(chance: Chance, who: Who[_Name], source: str, details: Row) -> Row:
    name, egyptian = who.name, details["country"] == "EG"
    fathers = chance.pick([0, 1, 1, 2]) if source in ("bank:clients", "branch:visitors") else chance.pick([0, 0, 0, 1])
    chain = [name.given, name.father, name.grandfather][: 1 + fathers]
    with_family = chance.happens(0.5 if egyptian and fathers else 0.93)
    if not with_family and len(chain) == 1:
        chain.append(name.father)
    bin_word = "" if egyptian else chance.pick(["bin", "bin", "ibn", "ben", "", ""])
    if who.gender == "female" and bin_word:
        bin_word = "bint"
    if source == "branch:visitors" and chance.happens(0.8):
        joint = " بن " if bin_word and who.gender == "male" else " بنت " if bin_word else " "
        parts = [part.split(":")[0] for part in chain]
        text = parts[0] + "".join(joint + part for part in parts[1:2]) + "".join(f" {part}" for part in parts[2:])
        return named(f"{text} {name.family.split(':')[0]}" if with_family else text)
    words = [_latin(chance, part) for part in chain]
    link = f" {bin_word} " if bin_word else " "
    given = words[0] if len(words) == 1 else f"{words[0]}{link}{' '.join(words[1:])}"
    if not with_family:
        return named(f"{given}")
    family = chance.pick(["Al-", "Al ", "Al", "El-" if egyptian else "Al-", "El " if egyptian else "al-", ""]) + _latin(
        chance, name.family
    )
    if source == "airline:passengers":
        return named(f"{given} {family}".upper())
    if chance.happens(0.02):
        given, family = family, given
    return named(given=given, family=family)
