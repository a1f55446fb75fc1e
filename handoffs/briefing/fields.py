"""The fields of a brief's facts: what a customer can be asked for and an agent should not ask again."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["id", "text", "name", "amount", "date", "time", "number", "e-mail", "phone", "secret"]


@dataclass(frozen=True)
class Field:
    """One thing known of a customer or their case. `code` is its name in facts, in words people read; `kind` is the shape of its values.

    A `sensitive` one may be asked again, to be sure who it is, and only its last signs are kept when it is a secret.
    """

    code: str
    label: str
    kind: Kind = "text"
    sensitive: bool = False


FIELDS: tuple[Field, ...] = (
    Field("name", "Name", "name"),
    Field("e-mail", "E-mail", "e-mail"),
    Field("phone", "Phone", "phone"),
    Field("username", "Username"),
    Field("order number", "Order number", "id"),
    Field("booking number", "Booking number", "id"),
    Field("invoice number", "Invoice number", "id"),
    Field("tracking number", "Tracking number", "id"),
    Field("account number", "Account number", "id", sensitive=True),
    Field("serial number", "Serial number", "id"),
    Field("reference", "Reference", "id"),
    Field("amount", "Amount", "amount"),
    Field("date", "Date", "date"),
    Field("time", "Time", "time"),
    Field("quantity", "Quantity", "number"),
    Field("address", "Address"),
    Field("postcode", "Postcode", "id"),
    Field("city", "City"),
    Field("product", "Product"),
    Field("plan", "Plan"),
    Field("device", "Device"),
    Field("version", "Version", "id"),
    Field("error message", "Error message"),
    Field("reason", "Reason"),
    Field("what was tried", "What was tried"),
    Field("birth date", "Birth date", "date", sensitive=True),
    Field("card number", "Card number", "secret", sensitive=True),
    Field("password", "Password", "secret", sensitive=True),
    Field("PIN", "PIN", "secret", sensitive=True),
    Field("security answer", "Security answer", "text", sensitive=True),
)
BY_CODE = {field.code: field for field in FIELDS}
