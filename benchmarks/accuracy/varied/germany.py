"""Germans: umlauts, double family names, nobility, abbreviated streets.

Belongs here: German names, streets and towns and how systems write them. Does not belong here: the frame (``abroad``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from benchmarks.accuracy.varied.abroad import Country, Who, home, records, somebody, towns
from benchmarks.accuracy.varied.damage import misspelled
from benchmarks.accuracy.varied.shape import Row, named
from benchmarks.accuracy.varied.western import ranked
from sample_data.chance import Chance, Weighted

_MEN = ranked(
    "Peter Michael Thomas Andreas Wolfgang Klaus Jürgen Günter Stefan Christian Uwe Werner Horst Frank Dieter Manfred Gerhard "
    "Hans Bernd Thorsten Mathias Helmut Walter Heinz Martin Jörg Rolf Jens Sven Alexander Jan Rainer Holger Karl Dirk Joachim "
    "Ralf Carsten Herbert Oliver Wilhelm Kurt Markus Heinrich Harald Paul Hermann Björn Lukas Jonas Felix Maximilian Leon "
    "Sebastian Philipp Tobias Florian Götz Hans-Peter Karl-Heinz Hans-Jürgen Klaus-Dieter Kai-Uwe Sönke Rüdiger Lothar "
    "Volker Detlef Gerd Norbert Eberhard Siegfried Friedrich Ulrich Benedikt Fabian Timo Nils Moritz Jakob Anton Emil".split(),
    0.7,
)
_WOMEN = ranked(
    "Ursula Maria Sabine Karin Petra Monika Elisabeth Andrea Renate Brigitte Helga Susanne Ingrid Christa Claudia Gabriele "
    "Birgit Erika Gisela Stefanie Barbara Heike Katrin Kerstin Anna Christine Martina Angelika Silke Nicole Jutta Anja Bärbel "
    "Käthe Ulrike Heidi Anke Marion Sigrid Cornelia Katharina Julia Sandra Hannelore Anneliese Gertrud Irmgard Lieselotte "
    "Waltraud Edith Hildegard Annemarie Anne-Marie Eva-Maria Marie-Luise Ann-Kathrin Jördis Änne Lena Laura Sophie Johanna "
    "Charlotte Frieda Emma Mia Hannah Leonie Vanessa Jasmin Daniela Melanie Tanja Simone Britta Dörte Wiebke Antje Frauke".split(),
    0.7,
)
_FAMILIES = (
    "Müller Schmidt Schneider Fischer Weber Meyer Wagner Becker Schulz Hoffmann Schäfer Koch Bauer Richter Klein Wolf Schröder "
    "Neumann Schwarz Zimmermann Braun Krüger Hofmann Hartmann Lange Schmitt Werner Schmitz Krause Meier Lehmann Schmid Schulze "
    "Maier Köhler Herrmann König Walter Mayer Huber Kaiser Fuchs Peters Lang Scholz Möller Weiß Jung Hahn Schubert Vogel "
    "Friedrich Keller Günther Frank Berger Winkler Roth Beck Lorenz Baumann Franke Albrecht Schuster Simon Ludwig Böhm Winter "
    "Kraus Martin Schumacher Krämer Vogt Stein Jäger Otto Sommer Groß Seidel Heinrich Brandt Haas Schreiber Graf Schulte "
    "Dietrich Ziegler Kuhn Kühn Pohl Engel Horn Busch Bergmann Thomas Voigt Sauer Arnold Wolff Pfeiffer Köster Bräuer Fröhlich "
    "Lüders Göbel Jürgens Häußler Weißmann Grünwald Kästner Süß Löffler Röder Hübner Büttner Förster Görtz Nagel Ebert"
).split()
_STARTS = "Stein Berg Brück Eich Linden Hof Nieder Ober Acker Bach Birken Buch Dorn Grün Hasel Hirsch Kirch Lichten Roden Rosen Sand Schön Wald Wiesen Wester Öster Mühl Küh Rött Kess".split()  # noqa: E501
_ENDS = "mann er meier bauer hoff feld müller berger bach wald auer huber thal kamp brock stedt".split()
_STREETS = ranked(
    "Hauptstraße Schulstraße Gartenstraße Bahnhofstraße Dorfstraße Bergstraße Birkenweg Lindenstraße Kirchstraße Waldstraße "
    "Ringstraße Schillerstraße Goethestraße Mühlenweg Jahnstraße Wiesenweg Amselweg Buchenweg Rosenstraße Blumenstraße "
    "Friedhofstraße Poststraße Königstraße Mozartstraße Beethovenstraße Kastanienallee Marktplatz Schloßstraße Ahornweg "
    "Tannenweg Uhlandstraße Lessingstraße Mittelstraße Feldstraße Parkstraße Brückenstraße Grüner~Weg Alte~Landstraße "
    "Bismarckstraße Wilhelmstraße Friedrichstraße Kurfürstendamm Lerchenweg Südring Burgstraße Rathausplatz Heideweg "
    "Straße~des~Friedens Am~Sportplatz Im~Winkel Zur~Mühle Kölner~Straße Münchener~Straße Berliner~Allee".split(),
    0.6,
)
_TOWNS = towns(
    "Berlin/Berlin/10; Hamburg/Hamburg/20; München/Bayern/80; Köln/Nordrhein-Westfalen/50; Frankfurt am Main/Hessen/60;"
    "Stuttgart/Baden-Württemberg/70; Düsseldorf/Nordrhein-Westfalen/40; Leipzig/Sachsen/04; Dortmund/Nordrhein-Westfalen/44;"
    "Essen/Nordrhein-Westfalen/45; Bremen/Bremen/28; Dresden/Sachsen/01; Hannover/Niedersachsen/30; Nürnberg/Bayern/90;"
    "Duisburg/Nordrhein-Westfalen/47; Münster/Nordrhein-Westfalen/48; Karlsruhe/Baden-Württemberg/76; Lübeck/Schleswig-Holstein/23;"
    "Würzburg/Bayern/97; Göttingen/Niedersachsen/37; Saarbrücken/Saarland/66; Osnabrück/Niedersachsen/49; Fürth/Bayern/90;"
    "Halle (Saale)/Sachsen-Anhalt/06; Mülheim an der Ruhr/Nordrhein-Westfalen/45; Tübingen/Baden-Württemberg/72;"
    "Rostock/Mecklenburg-Vorpommern/18; Jena/Thüringen/07; Trier/Rheinland-Pfalz/54; Kempten (Allgäu)/Bayern/87"
)


def _street(chance: Chance) -> tuple[str, str]:
    number = str(chance.between(1, 140)) + (chance.pick("abc") if chance.happens(0.12) else "")
    return chance.weighted(_STREETS).replace("~", " "), number


_GERMANY = Country("DE", "+49", ("151", "152", "160", "170", "171", "175", "176", "179"), 8, _TOWNS, 5, _street,
                   ("gmx.de", "web.de", "t-online.de", "gmail.com", "freenet.de"))  # fmt: skip
_SOURCES = {
    "crm:contacts": {"birth_date": 0.6, "email": 0.8, "phone": 0.7, "gender": 0.9, "address": 0.85},
    "erp:debtors": {"birth_date": 0.1, "email": 0.4, "phone": 0.6, "gender": 0.3, "address": 0.97},
    "shop:accounts": {"birth_date": 0.35, "email": 0.98, "phone": 0.5, "gender": 0.2, "address": 0.8},
    "loyalty:cards": {"birth_date": 0.9, "email": 0.5, "phone": 0.5, "gender": 0.8, "address": 0.75},
}


@dataclass(frozen=True)
class _Name:
    given: str
    second: str
    particle: str
    family: str
    birth_family: str  # the family name before marriage
    title: str


@cache
def _families() -> Weighted[str]:
    tail = Chance("germans").shuffled([start + end for start in _STARTS for end in _ENDS])
    return ranked([*_FAMILIES, *tail], 0.85)


def germany(seed: int, size: int) -> list[Row]:
    """German customers in a CRM that keeps umlauts, an ERP that writes ae, oe, ue in capitals, a shop that loses the dots.

    Realistic: double names by marriage of which systems keep one half or swap them, 'von' with the given or the family
    name or lost, Dr. before the name, Straße as Str., hyphens of Hans-Peter lost. Trap: Müller, Mueller and Muller are one
    writing of one name, Kuhn and Kühn, Gross and Groß can be two people; couples share address, landline and mailbox.
    """
    return records(Chance("germany", seed), size, _household, _spell, _SOURCES)


def _household(chance: Chance) -> list[Who[_Name]]:
    at = home(chance, _GERMANY)
    family, year = chance.weighted(_families()), chance.between(1940, 1990)
    particle = chance.pick(["von", "von", "von der", "zu"]) if chance.happens(0.04) else ""
    kind = chance.uniform()
    genders = [chance.pick(["female", "male"])] if kind < 0.45 else ["male", "female"]
    if kind > 0.75:
        genders += [chance.pick(["female", "male"]) for _ in range(chance.between(1, 2))]
    result = []
    for place, gender in enumerate(genders):
        given, second = (chance.weighted(_MEN if gender == "male" else _WOMEN) for _ in range(2))
        born_as = chance.weighted(_families()) if gender == "female" and place < 2 else family
        own = family
        if born_as != family and chance.happens(0.25):
            own = chance.pick([f"{born_as}-{family}", f"{family}-{born_as}", born_as])
        name = _Name(given, second if chance.happens(0.3) else "", particle if own == family else "", own, born_as,
                     "Dr." if chance.happens(0.06) else "")  # fmt: skip
        born = (year - 5, year + 5) if place < 2 else (year + 24, year + 34)
        result.append(somebody(chance, name, (_ae(given), _ae(own.split("-")[0])), gender, at, born))
    return result


def _ae(text: str) -> str:
    for letter, pair in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("Ä", "Ae"), ("Ö", "Oe"), ("Ü", "Ue"), ("ß", "ss")):
        text = text.replace(letter, pair)
    return text


def _lost(text: str) -> str:
    return text.translate(str.maketrans("äöüÄÖÜß", "aouAOUs"))


def _spell(chance: Chance, who: Who[_Name], source: str, details: Row) -> Row:
    name, row = who.name, _places(chance, details, source)
    given, family, particle = name.given, name.family, name.particle
    if chance.happens(0.04):
        given = misspelled(chance, given)
    elif "-" in given and chance.happens(0.4):
        given = chance.pick([given.replace("-", " "), given.replace("-", ""), given.split("-")[0]])
    elif name.second and chance.happens(0.3):
        given += f" {name.second}" if chance.happens(0.5) else f" {name.second[0]}."
    elif chance.happens(0.05):
        given = f"{given[0]}."
    if chance.happens(0.04):
        family = misspelled(chance, family)
    elif "-" in family and chance.happens(0.45):
        first, last = family.split("-", 1)
        family = chance.pick([first, last, f"{last}-{first}", f"{first} {last}"])
    elif name.birth_family != family and chance.happens(0.08):
        family = name.birth_family
    if particle and chance.happens(0.45):
        given, particle = (f"{given} {particle}", "") if chance.happens(0.5) else (given, "")
    family = f"{particle} {family}".strip()
    if chance.happens(0.015):
        given, family = family, given
    given, family = (_written(chance, part, source) for part in (given, family))
    title = f"{name.title} " if name.title and source in ("crm:contacts", "erp:debtors") else ""
    if source == "erp:debtors":
        return {
            **row,
            **named(f"{title}{given} {family}".upper() if chance.happens(0.5) else f"{title}{given} {family}"),
        }
    return {**row, **named(given=title + given, family=family)}


def _written(chance: Chance, text: str, source: str) -> str:
    if source == "erp:debtors":
        return _ae(text)
    if source == "shop:accounts" and chance.happens(0.6):
        return _ae(text) if chance.happens(0.4) else _lost(text)
    return text


def _places(chance: Chance, details: Row, source: str) -> Row:
    """Street and town as the system writes them."""
    street, city = str(details["street"]), str(details["city"])
    if chance.happens(0.5):
        street = street.replace("straße", chance.pick(["str.", "strasse", "str"]))
        street = street.replace("Straße", chance.pick(["Str.", "Strasse"]))
    if " " in city and chance.happens(0.5):
        city = (
            city.replace(" am Main", chance.pick(["/M.", "", " a. M."]))
            .replace(" (Saale)", "")
            .replace(" (Allgäu)", "")
        )
    return {"street": _written(chance, street, source), "city": _written(chance, city, source)}
