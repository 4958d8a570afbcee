"""Spaniards and Latin Americans: two family names, composed given names, accents.

Belongs here: Spanish names, streets and towns and how systems write them. Does not belong here: the frame (``abroad``).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from benchmarks.accuracy.varied.abroad import Country, Who, home, records, somebody, towns
from benchmarks.accuracy.varied.damage import misspelled, without_marks
from benchmarks.accuracy.varied.shape import Row, named
from benchmarks.accuracy.varied.western import ranked
from sample_data.chance import Chance, Weighted

_MEN = ranked(
    "José~Luis Antonio José Manuel Francisco Juan David José~Antonio Javier Daniel José~Manuel Francisco~Javier Carlos Jesús "
    "Alejandro Miguel Rafael Pedro Pablo Ángel Sergio Fernando Jorge Luis Alberto Juan~Carlos Álvaro Adrián Diego Juan~José "
    "Raúl Iván Enrique Rubén Ramón Vicente Óscar Andrés Joaquín Santiago Eduardo Víctor Mario Roberto Jaime Marcos Ignacio "
    "Juan~Antonio Luis~Fernando Guillermo Ricardo Julián Salvador Gonzalo Martín Nicolás Sebastián Felipe Emilio José~María "
    "Miguel~Ángel Héctor Hugo César Gabriel Matías Tomás Mateo Gustavo Rodrigo Agustín Ernesto Cristóbal Esteban Leandro "
    "Maximiliano Ezequiel Facundo Efraín Lázaro Víctor~Manuel Jesús~María Wilson Jhon Yeison Nelson Aníbal".split(),
    0.75,
)
_WOMEN = ranked(
    "María~Carmen María Carmen Ana~María María~Pilar Laura Josefa Isabel María~Dolores Cristina Marta María~Teresa María~José "
    "Lucía Ana María~Ángeles Sara Paula Elena Raquel Pilar Beatriz Rosa Silvia Mercedes Nuria Julia Patricia Irene Andrea "
    "Rocío Mónica Montserrat Dolores Inés Alicia María~Isabel Teresa Sonia Rosario Sandra Marina Ángela Susana Yolanda "
    "Natalia Margarita María~Jesús Eva Claudia Verónica Esther Sofía Carolina Noelia Inmaculada Lorena María~Luisa Guadalupe "
    "Gabriela Daniela Valentina Ximena Fernanda Alejandra Adriana Ana~Lucía Rosa~María Luz~Marina Gloria Leticia María~del~Mar "
    "Concepción Encarnación Blanca Consuelo Esperanza Yesenia Milagros Viviana Graciela Paola Jimena Camila Renata Itzel".split(),
    0.75,
)
_FAMILIES = (
    "García Rodríguez González Fernández López Martínez Sánchez Pérez Gómez Martín Jiménez Hernández Ruiz Díaz Moreno Muñoz "
    "Álvarez Romero Gutiérrez Alonso Navarro Torres Domínguez Ramos Vázquez Ramírez Gil Serrano Morales Molina Blanco Suárez "
    "Castro Ortega Delgado Ortiz Marín Rubio Núñez Medina Sanz Castillo Iglesias Cortés Garrido Santos Guerrero Lozano Cano "
    "Cruz Méndez Flores Prieto Herrera Peña León Márquez Cabrera Gallego Calvo Vidal Campos Reyes Vega Fuentes Carrasco Díez "
    "Aguilar Caballero Nieto Santana Vargas Pascual Giménez Hidalgo Montero Lorenzo Santiago Benítez Durán Arias Mora Ferrer "
    "Carmona Rojas Soto Crespo Román Pastor Velasco Parra Sáez Moya Bravo Rivera Gallardo Soler Silva Esteban Contreras Rivas "
    "Mendoza Quintero Guzmán Salazar Ríos Valencia Restrepo Ospina Zapata Cárdenas Escobar Cifuentes Barrios Acosta Ibáñez "
    "Zúñiga Villanueva Figueroa Espinoza Espinosa Maldonado Paredes Ávila Bustamante Echeverría Arévalo Galindo Pineda Lugo "
    "Villalobos Ochoa Montoya Trujillo Orozco Bermúdez Saavedra Quispe Mamani Huamán Condori Etxeberria Aguirre Uribe "
    "de~la~Fuente de~la~Torre del~Río de~León San~Martín Ponce~de~León Puig Roca Vila Ferreiro Otero Pazos Lago Seoane"
).split()
_SAINTS = "San Juan,San José,Santa María,Santa Ana,San Martín,San Miguel,San Antonio,Santiago".split(",")
_STREET_NAMES = (
    "Mayor,Real,Nueva,Iglesia,Fuente,de la Constitución,de Cervantes,del Sol,de la Paz,de Goya,de Velázquez,Libertad,Colón,"
    "Independencia,Hidalgo,Juárez,Morelos,Reforma,Bolívar,San Martín,Belgrano,Rivadavia,Sarmiento,de Serrano,de Alcalá,"
    "de Aragón,de Andalucía,de los Reyes Católicos,del Prado,Ramón y Cajal,Miguel Ángel,Doctor Fleming,Insurgentes"
).split(",")
_KINDS = {
    "Calle": ("C/", "C.", "Cl.", "Calle"),
    "Avenida": ("Av.", "Avda.", "Avda", "Av"),
    "Plaza": ("Pl.", "Pza.", "Plza."),
}


def _street(chance: Chance) -> tuple[str, str]:
    name = chance.pick(_STREET_NAMES) if chance.happens(0.6) else f"de {chance.pick(_SAINTS)}"
    if chance.happens(0.25):
        name = chance.weighted(_families()).replace("~", " ")
    return f"{chance.pick(['Calle', 'Calle', 'Calle', 'Avenida', 'Avenida', 'Plaza'])} {name}", str(
        chance.between(1, 400)
    )


_COUNTRIES = Weighted(
    [
        Country("ES", "+34", tuple("67"), 8, towns(
            "Madrid/Madrid/280; Barcelona/Cataluña/080; Valencia/Comunidad Valenciana/460; Sevilla/Andalucía/410;"
            "Málaga/Andalucía/290;"
            "Zaragoza/Aragón/500; Murcia/Murcia/300; Córdoba/Andalucía/140; Valladolid/Castilla y León/470; Vigo/Galicia/362;"
            "Gijón/Asturias/332; A Coruña/Galicia/150; Cádiz/Andalucía/110; León/Castilla y León/240; Logroño/La Rioja/260"),
            5, _street),
        Country("MX", "+52", ("55", "33", "81", "22", "99"), 8, towns(
            "Ciudad de México/CDMX/06; Guadalajara/Jalisco/44; Monterrey/Nuevo León/64; Puebla/Puebla/72;"
            "Tijuana/Baja California/22;"
            "León/Guanajuato/37; Mérida/Yucatán/97; Querétaro/Querétaro/76; Cancún/Quintana Roo/77"), 5, _street),
        Country("CO", "+57", ("300", "310", "311", "315", "320"), 7, towns(
            "Bogotá/Cundinamarca/11; Medellín/Antioquia/05; Cali/Valle del Cauca/76; Barranquilla/Atlántico/08;"
            "Cúcuta/Santander/54"),
            6, _street),
        Country("AR", "+54", ("911", "9351", "9341", "9261"), 7, towns(
            "Buenos Aires/Buenos Aires/1; Córdoba/Córdoba/5; Rosario/Santa Fe/2; Mendoza/Mendoza/5;"
            "Tucumán/Tucumán/4"), 4, _street),
    ],
    [5, 4, 2, 2],
)  # fmt: skip
_SOURCES = {
    "crm:contactos": {"birth_date": 0.6, "email": 0.75, "phone": 0.8, "gender": 0.8, "address": 0.8},
    "erp:clientes": {"birth_date": 0.2, "email": 0.4, "phone": 0.6, "gender": 0.2, "address": 0.95},
    "shop:accounts": {"birth_date": 0.3, "email": 0.98, "phone": 0.6, "gender": 0.1, "address": 0.7},
    "airline:passengers": {"birth_date": 0.95, "email": 0.8, "phone": 0.4, "gender": 0.9, "address": 0.1},
}


@dataclass(frozen=True)
class _Name:
    given: str
    father: str  # first family name
    mother: str  # second family name
    husband: str


@cache
def _families() -> Weighted[str]:
    return ranked(_FAMILIES, 0.8)


def spain_latin_america(seed: int, size: int) -> list[Row]:
    """Spanish, Mexican, Colombian and Argentine customers with two family names, of which systems keep both or either.

    Realistic: a shop with the first family name only, an airline that takes the last word for the family name, an ERP in
    capitals without accents; María José as Mª José, M. José or María; 'de' with the husband's name; Calle as C/, Avenida as
    Avda. Trap: brothers and sisters share both family names, father and son often given name and first family name, and
    the first hundred family names cover most people.
    """
    return records(Chance("spain_latin_america", seed), size, _household, _spell, _SOURCES)


def _household(chance: Chance) -> list[Who[_Name]]:
    at, year = home(chance, chance.weighted(_COUNTRIES)), chance.between(1945, 1990)

    def member(
        gender: str, families: tuple[str, str], born: tuple[int, int], given: str = "", husband: str = ""
    ) -> Who[_Name]:
        given = given or chance.weighted(_MEN if gender == "male" else _WOMEN).replace("~", " ")
        return somebody(chance, _Name(given, *families, husband), (given.split()[0], families[0]), gender, at, born)

    def two_families() -> tuple[str, str]:
        first, second = (chance.weighted(_families()).replace("~", " ") for _ in range(2))
        return first, second

    kind = chance.uniform()
    if kind < 0.45:
        return [member(chance.pick(["female", "male"]), two_families(), (year - 5, year + 12))]
    father = member("male", two_families(), (year - 5, year + 5))
    husband = father.name.father if chance.happens(0.3) else ""
    mother = member("female", two_families(), (year - 5, year + 5), husband=husband)
    result = [father, mother]
    if kind > 0.7:
        families, born = (father.name.father, mother.name.father), (year + 23, year + 33)
        for number in range(chance.between(1, 2)):
            gender = chance.pick(["female", "male"])
            namesake = number == 0 and gender == "male" and chance.happens(0.2)
            result.append(member(gender, families, born, given=father.name.given if namesake else ""))
    return result


def _spell(chance: Chance, who: Who[_Name], source: str, details: Row) -> Row:
    name = who.name
    given, father, mother = name.given, name.father, name.mother
    words = given.split()
    if len(words) > 1 and chance.happens(0.4):
        short = {"María": chance.pick(["Mª", "M.", "Ma."]), "José": "J.", "Francisco": "Fco.", "Juan": "J."}
        given = chance.pick([words[0], " ".join([short.get(words[0], words[0]), *words[1:]]), words[-1]])
    elif chance.happens(0.04):
        given = misspelled(chance, given)
    if chance.happens(0.05):
        father = misspelled(chance, father)
    elif chance.happens(0.02):
        father, mother = mother, father
    families = f"{father} {mother}"
    if source == "shop:accounts" and chance.happens(0.6):
        families = father
    elif source == "crm:contactos" and chance.happens(0.2):
        families = f"{father} {mother[0]}." if chance.happens(0.5) else father
    if name.husband and chance.happens(0.3):
        families = f"{father} de {name.husband}"
    row = _address(chance, details, capitals=source == "erp:clientes")
    if source == "erp:clientes":
        text = f"{families}, {given}" if chance.happens(0.5) else f"{given} {families}"
        return {**row, **named(without_marks(text).upper())}
    if source == "airline:passengers":
        given, families = without_marks(given), without_marks(families)
        if chance.happens(0.4) and " " in families:
            return named(given=f"{given} {without_marks(father)}", family=without_marks(mother))
    elif source == "shop:accounts" and chance.happens(0.5):
        given, families = without_marks(given), without_marks(families)
    return {**row, **named(given=given, family=families)}


def _address(chance: Chance, details: Row, *, capitals: bool) -> Row:
    street, city = str(details["street"]), str(details["city"])
    kind, _, rest = street.partition(" ")
    if chance.happens(0.6) and kind in _KINDS:
        street = f"{chance.pick(_KINDS[kind])} {rest}"
    if capitals or chance.happens(0.25):
        street, city = without_marks(street), without_marks(city)
    return {"street": street, "city": city}
