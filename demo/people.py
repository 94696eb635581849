"""Who uses the demo shop: an account for every role, and twenty customers. All are invented.

Their password and what ``make demo`` prints of them are in ``demo.accounts``.
"""

from dataclasses import dataclass

from accounts.roles import Role

CUSTOMER = "customer@example.com"


@dataclass(frozen=True)
class DemoAccount:
    email: str
    first_name: str
    last_name: str
    role: Role | None
    is_superuser: bool = False


@dataclass(frozen=True)
class DemoCustomer:
    """Someone who buys, with the address goods and invoices go to."""

    email: str
    first_name: str
    last_name: str
    line1: str
    city: str
    region: str
    postal_code: str
    country: str
    phone_number: str
    line2: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


STAFF = (
    DemoAccount("admin@example.com", "Ada", "Keller", Role.ADMINISTRATOR, is_superuser=True),
    DemoAccount("catalog@example.com", "Clara", "Voss", Role.CATALOG_MANAGER),
    DemoAccount("orders@example.com", "Omar", "Haddad", Role.ORDER_MANAGER),
    DemoAccount("support@example.com", "Sunniva", "Berg", Role.SUPPORT),
    DemoAccount("manager@example.com", "Marisol", "Quiroga", Role.BRANCH_MANAGER),
    DemoAccount("sales@example.com", "Sam", "Okafor", Role.SALES_REPRESENTATIVE),
    DemoAccount("seller@example.com", "Selma", "Lindqvist", Role.SELLER),
)

# E-mail name | first | last | line 1 | line 2 | city | region | postal code | country | phone
_CUSTOMERS = """
customer|Jane|Whitfield|1425 Maple Street|Apt 4B|Portland|OR|97205|US|+15035550142
daniel.ortiz|Daniel|Ortiz|880 West End Avenue||New York|NY|10025|US|+12125550117
grace.thompson|Grace|Thompson|312 Congress Avenue|Suite 210|Austin|TX|78701|US|+15125550163
noah.becker|Noah|Becker|2100 Pearl Street||Boulder|CO|80302|US|+13035550128
priya.raman|Priya|Raman|45 Brattle Street||Cambridge|MA|02138|US|+16175550184
eleanor.marsh|Eleanor|Marsh|18 Gower Street|Flat 3|London||WC1E 6DP|GB|+442079460123
callum.fraser|Callum|Fraser|27 Marchmont Road||Edinburgh||EH9 1HY|GB|+441314960187
nia.pritchard|Nia|Pritchard|9 Cathedral Road||Cardiff||CF11 9HA|GB|+442920180345
lena.hoffmann|Lena|Hoffmann|Kastanienallee 42||Berlin||10435|DE|+493023125014
jonas.schreiber|Jonas|Schreiber|Schellingstraße 17||München||80799|DE|+498999998301
mareike.janssen|Mareike|Janssen|Eppendorfer Weg 88||Hamburg||20259|DE|+494066969123
camille.laurent|Camille|Laurent|14 rue de Bretagne||Paris||75003|FR|+33142685300
hugo.marchand|Hugo|Marchand|6 place Bellecour||Lyon||69002|FR|+33472773000
sari.wijaya|Sari|Wijaya|Jl. Kemang Raya No. 24||Jakarta Selatan|DKI Jakarta|12730|ID|+62217190000
budi.santoso|Budi|Santoso|Jl. Braga No. 61||Bandung|Jawa Barat|40111|ID|+62224200000
made.astawa|Made|Astawa|Jl. Raya Ubud No. 8||Gianyar|Bali|80571|ID|+62361970000
yuki.tanaka|Yuki|Tanaka|2-11-3 Kanda Jimbocho||Chiyoda-ku|Tokyo|101-0051|JP|+81332910000
haruto.mori|Haruto|Mori|3-5-12 Umeda|Room 502|Osaka-shi Kita-ku|Osaka|530-0001|JP|+81663410000
aoi.nakamura|Aoi|Nakamura|48 Sanjo-cho||Kyoto-shi Nakagyo-ku|Kyoto|604-8083|JP|+81752210000
theo.renaud|Théo|Renaud|22 cours Mirabeau||Aix-en-Provence||13100|FR|+33442160000
"""


def _customer(line: str) -> DemoCustomer:
    name, first, last, line1, line2, city, region, postal_code, country, phone = line.split("|")
    return DemoCustomer(
        email=f"{name}@example.com",
        first_name=first,
        last_name=last,
        line1=line1,
        line2=line2,
        city=city,
        region=region,
        postal_code=postal_code,
        country=country,
        phone_number=phone,
    )


CUSTOMERS = tuple(_customer(line) for line in _CUSTOMERS.strip().splitlines())
