"""Indians: initials before or after the name, the father's name as family name, one name alone, long addresses.

Belongs here: Indian names, addresses and how systems write them. Does not belong here: the frame (``abroad``).
"""

from __future__ import annotations

from dataclasses import dataclass

from benchmarks.accuracy.varied.abroad import Country, Who, home, records, somebody, towns
from benchmarks.accuracy.varied.damage import misspelled
from benchmarks.accuracy.varied.shape import Row, named
from benchmarks.accuracy.varied.western import ranked
from sample_data.chance import Chance

_MEN = ranked(
    "Rajesh Ramesh Suresh Mahesh Sanjay Vijay Ajay Anil Sunil Rakesh Mukesh Manoj Rahul Amit Sandeep Deepak Ashok Vinod Ravi "
    "Arun Santosh Dinesh Pankaj Vikram Arjun Rohit Nitin Sachin Gaurav Abhishek Vivek Prakash Mohan Gopal Krishna Harish "
    "Girish Naresh Yogesh Jitendra Narendra Devendra Surendra Dharmendra Ganesh Karthik Srinivas Venkatesh Murugan Senthil "
    "Balaji Prabhu Anand Bharat Chandra Raghu Shankar Subramanian Lakshmanan Natarajan Ramachandran Krishnamurthy Selvam "
    "Imran Salman Aamir Arif Irfan Gurpreet Harpreet Manpreet Kuldeep Baldev Jaspreet Thomas Joseph Mathew Varghese".split(),
    0.6,
)
_WOMEN = ranked(
    "Sunita Anita Kavita Savita Rekha Meena Geeta Seema Neha Pooja Priya Anjali Lakshmi Saraswati Parvati Radha Sita Deepa "
    "Asha Usha Shobha Pushpa Kamala Vimala Nirmala Sharada Padma Jyoti Swati Shweta Ritu Nisha Divya Kavya Aishwarya Sangeeta "
    "Vidya Bhavana Archana Vandana Sushma Manju Rani Mamta Kiran Suman Poonam Preeti Shanti Gayatri Revathi Sowmya Meenakshi "
    "Bhagyalakshmi Vijayalakshmi Rajeshwari Fatima Ayesha Shabana Nasreen Harleen Simran Manjeet Mary Annamma Susan".split(),
    0.6,
)
_FAMILIES = ranked(
    "Kumar Singh Sharma Devi Khan Patel Yadav Das Gupta Verma Shah Reddy Rao Nair Joshi Mishra Pandey Chauhan Jain Mehta "
    "Agarwal Choudhary Thakur Roy Ghosh Banerjee Mukherjee Chatterjee Sinha Patil Kulkarni Deshmukh Desai Iyer Iyengar Naidu "
    "Pillai Menon Gowda Shetty Hegde Bhat Kaur Gill Dhillon Sandhu Malhotra Kapoor Khanna Chopra Bhatia Arora Saxena Srivastava "
    "Tiwari Dubey Tripathi Ansari Siddiqui Shaikh Qureshi Pathan Solanki Parmar Rathod Pawar Jadhav Shinde More".split(),
    1.0,
)
# Spellings of one name, each of which somebody uses.
_ALIKE = (
    ("lakshmi", "laxmi"), ("sri", "shri"), ("venkatesh", "venkatesha"), ("sh", "s"), ("th", "t"), ("choudhary", "chaudhari"),
    ("agarwal", "aggarwal"), ("shaikh", "sheikh"), ("siddiqui", "siddiqi"), ("geeta", "gita"), ("ee", "i"), ("aa", "a"),
    ("krishna", "krshna"), ("vi", "bi"), ("pooja", "puja"), ("v", "w"), ("murthy", "moorthy"), ("mukherjee", "mukherji"),
    ("banerjee", "banerji"), ("kumar", "kumaar"), ("swathi", "swati"), ("preeti", "prithi"), ("ayesha", "aisha"),
)  # fmt: skip
_TOWNS = towns(
    "Mumbai/Maharashtra/400; Delhi/Delhi/110; Bengaluru/Karnataka/560; Hyderabad/Telangana/500; Chennai/Tamil Nadu/600;"
    "Ahmedabad/Gujarat/380; Kolkata/West Bengal/700; Pune/Maharashtra/411; Jaipur/Rajasthan/302; Lucknow/Uttar Pradesh/226;"
    "Coimbatore/Tamil Nadu/641; Kochi/Kerala/682; Thiruvananthapuram/Kerala/695; Madurai/Tamil Nadu/625; Nagpur/Maharashtra/440;"
    "Indore/Madhya Pradesh/452; Patna/Bihar/800; Ludhiana/Punjab/141; Visakhapatnam/Andhra Pradesh/530; Mysuru/Karnataka/570"
)
_OLD_NAMES = {"Mumbai": "Bombay", "Bengaluru": "Bangalore", "Chennai": "Madras", "Kolkata": "Calcutta", "Kochi": "Cochin",
              "Thiruvananthapuram": "Trivandrum", "Mysuru": "Mysore", "Delhi": "New Delhi", "Visakhapatnam": "Vizag"}  # fmt: skip
_QUARTERS = "Gandhi Nehru Indira Rajiv Lakshmi Ganesh Shivaji Vijaya Jaya Rama Krishna Anna Ashok Sai Shanti Tilak Subhash".split()
_LANDMARKS = (
    "SBI Bank,Ganesh Temple,Bus Stand,Government School,Railway Station,Post Office,Apollo Hospital,Water Tank".split(
        ","
    )
)


def _street(chance: Chance) -> tuple[str, str]:
    """A house number, a cross or main road, a quarter, often a landmark."""
    road = chance.pick(
        [
            f"{chance.between(1, 14)}th Cross, ",
            f"{chance.between(1, 9)}th Main Road, ",
            "",
            "M.G. Road, ",
            "Station Road, ",
        ]
    )
    quarter = f"{chance.pick(_QUARTERS)} {chance.pick(['Nagar', 'Nagar', 'Colony', 'Layout', 'Puram', 'Enclave'])}"
    near = f", Near {chance.pick(_LANDMARKS)}" if chance.happens(0.5) else ""
    flat = (
        f"Flat {chance.between(1, 9)}0{chance.between(1, 8)}, {chance.pick(_QUARTERS)} Apartments, "
        if chance.happens(0.4)
        else ""
    )
    number = (
        f"{chance.between(1, 40)}-{chance.between(1, 300)}/{chance.between(1, 20)}"
        if chance.happens(0.4)
        else str(chance.between(1, 900))
    )
    return f"{flat}{road}{quarter}{near}", number


_INDIA = Country("IN", "+91", ("98", "99", "97", "94", "90", "88", "87", "73", "63"), 8, _TOWNS, 6, _street,
                 ("gmail.com", "gmail.com", "yahoo.co.in", "rediffmail.com", "outlook.com"))  # fmt: skip
_SOURCES = {
    "bank:customers": {"birth_date": 0.9, "email": 0.5, "phone": 0.85, "gender": 0.9, "address": 0.9},
    "shop:accounts": {"birth_date": 0.1, "email": 0.8, "phone": 0.95, "gender": 0.2, "address": 0.8},
    "telecom:subscribers": {"birth_date": 0.6, "email": 0.3, "phone": 0.97, "gender": 0.5, "address": 0.7},
    "clinic:patients": {"birth_date": 0.8, "email": 0.1, "phone": 0.9, "gender": 0.95, "address": 0.5},
}


@dataclass(frozen=True)
class _Name:
    given: str
    father: str  # the father's given name
    family: str  # empty in the South, where the father's name stands for it
    village: str


def india(seed: int, size: int) -> list[Row]:
    """Indian customers: in the North a family name that millions share, in the South the father's name or its initial.

    Realistic: R Karthik, Karthik R, Karthik Ramasamy and Karthik are one man; spellings vary (Lakshmi, Laxmi); Kumar is a
    middle name, a family name or left out; addresses are long, with landmarks, in any order, and towns have two names.
    Trap: a tenth have one name only; couples share the address, and often one mobile and mailbox; brothers have the same
    initials; Singh, Kumar and Devi tell next to nothing.
    """
    return records(Chance("india", seed), size, _household, _spell, _SOURCES)


def _household(chance: Chance) -> list[Who[_Name]]:
    at, year, south = home(chance, _INDIA), chance.between(1950, 1992), chance.happens(0.4)
    family = "" if south else chance.weighted(_FAMILIES)
    kind = chance.uniform()
    genders = [chance.pick(["female", "male", "male"])] if kind < 0.4 else ["male", "female"]
    if kind > 0.65:
        genders += [chance.pick(["female", "male"]) for _ in range(chance.between(1, 3))]
    result: list[Who[_Name]] = []
    village = chance.pick("KMPSTVN")
    for place, gender in enumerate(genders):
        given = chance.weighted(_MEN if gender == "male" else _WOMEN)
        if not south and chance.happens(0.25):
            given += " Kumar" if gender == "male" else chance.pick([" Devi", " Kumari"])
        father = result[0].name.given.split()[0] if place > 1 else chance.weighted(_MEN)
        own = (
            chance.pick(["Devi", "Kaur", family]) if gender == "female" and family and chance.happens(0.12) else family
        )
        born = (year - 5, year + 5) if place < 2 else (year + 22, year + 34)
        who = _Name(given, father, own, village)
        result.append(somebody(chance, who, (given.split()[0], own or father), gender, at, born))
    return result


def _respelled(chance: Chance, text: str) -> str:
    """Another spelling of the same name, where there is one."""
    lower = text.lower()
    possible = [(a, b) for pair in _ALIKE for a, b in (pair, pair[::-1]) if a in lower]
    if not possible:
        return text
    return lower.replace(*chance.pick(possible), 1).title()


def _spell(chance: Chance, who: Who[_Name], source: str, details: Row) -> Row:
    name = who.name
    given, father, family = name.given, name.father, name.family
    if chance.happens(0.12):
        given = _respelled(chance, given)
    elif chance.happens(0.04):
        given = misspelled(chance, given)
    if " " in given and chance.happens(0.4):
        given = given.split()[0]
    row = _address(chance, details)
    if family:
        if chance.happens(0.08):
            family = _respelled(chance, family)
        way = chance.uniform()
        if way < 0.08:
            return {**row, **named(given)}
        if way < 0.16:
            return (
                {**row, **named(f"{given[0]} {family}")}
                if chance.happens(0.5)
                else {**row, **named(f"{given} {family[0]}")}
            )
        if way < 0.22:
            return {**row, **named(f"{given} {father} {family}")}
        if way < 0.25:
            return {**row, **named(given=family, family=given)}
        text = f"{given} {family}"
        return {**row, **(named(text.upper()) if source == "bank:customers" else named(given=given, family=family))}
    way = chance.uniform()
    initials = f"{name.village}.{father[0]}." if chance.happens(0.3) else f"{father[0]}."
    if way < 0.3:
        return {**row, **named(f"{initials} {given}")}
    if way < 0.6:
        return {**row, **named(f"{given} {initials.replace('.', ' ').strip()}")}
    if way < 0.85:
        return {**row, **named(given=given, family=father)}
    return {**row, **named(given)}


def _address(chance: Chance, details: Row) -> Row:
    parts = str(details["street"]).split(", ")
    if chance.happens(0.3):
        parts = [part for part in parts if not part.startswith("Near ")] or parts
    if chance.happens(0.15):
        parts = chance.shuffled(parts)
    street = ", ".join(parts)
    for long, short in (("Apartments", "Apts"), ("Near ", "Nr "), ("Main Road", "Main Rd"), ("Colony", "Cly")):
        if chance.happens(0.25):
            street = street.replace(long, short)
    city = str(details["city"])
    if chance.happens(0.25):
        city = _OLD_NAMES.get(city, city)
    number = str(details["house_number"])
    whole = f"{number}, {street}, {city} {details['postcode']}"
    if chance.happens(0.3):  # the number is part of the text
        number = None
        street = f"{chance.pick(['H.No. ', 'No. ', 'D.No. ', '# '])}{details['house_number']}, {street}"
    return {"street": street, "house_number": number, "city": city, "address_full": whole}
