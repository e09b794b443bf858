"""The shop's database: what there is to buy, what was ordered and what was charged.

A real one in SQL, through SQLAlchemy; here it is SQLite in memory, filled with a few rows, so that the example runs as
it stands. Charges and orders carry the key of the handler run that asked for them: to ask twice is to charge once.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, StaticPool, create_engine, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    """The base of all tables."""


class Lamp(Base):
    """A lamp that can be ordered."""

    __tablename__ = "lamps"

    name: Mapped[str] = mapped_column(primary_key=True)
    price: Mapped[float]
    """In euros."""
    stock: Mapped[int]


class Order(Base):
    """An order that was placed."""

    __tablename__ = "orders"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    lamp: Mapped[str] = mapped_column(ForeignKey("lamps.name"))
    quantity: Mapped[int]
    email: Mapped[str]
    status: Mapped[str] = mapped_column(default="is being packed")

    @property
    def number(self) -> str:
        """The number that the customer knows."""
        return f"L-{self.id}"


class Charge(Base):
    """An amount that was charged."""

    __tablename__ = "charges"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    amount: Mapped[float]
    """In euros."""


class Shop:
    """The shop, as its order desk sees it."""

    def __init__(self, url: str = "sqlite://") -> None:
        self._engine = create_engine(url, connect_args={"check_same_thread": False}, poolclass=StaticPool)
        Base.metadata.create_all(self._engine)
        with Session(self._engine) as session, session.begin():
            if session.scalar(select(Lamp)) is None:
                session.add_all(
                    [
                        Lamp(name="desk lamp", price=39.5, stock=12),
                        Lamp(name="floor lamp", price=89, stock=3),
                        Lamp(name="night light", price=12, stock=0),
                        Order(id=1001, key="", lamp="desk lamp", quantity=1, email="", status="is on its way"),
                    ]
                )

    def lamp(self, name: str) -> Lamp:
        """Return the lamp of this name."""
        with Session(self._engine) as session:
            return session.get_one(Lamp, name)

    def lamps(self) -> list[Lamp]:
        """Return what can be ordered now."""
        with Session(self._engine) as session:
            return [*session.scalars(select(Lamp).where(Lamp.stock > 0).order_by(Lamp.price))]

    def charge(self, amount: float, *, key: str) -> str:
        """Charge an amount once for each key; return the number of the receipt."""
        return f"R-{self._once(Charge(key=key, amount=amount)):04}"

    def place(self, lamp: str, quantity: int, email: str, *, key: str) -> str:
        """Place an order once for each key; return its number."""
        return f"L-{self._once(Order(key=key, lamp=lamp, quantity=quantity, email=email))}"

    def order(self, number: str) -> Order | None:
        """Return an order, if there is one of this number."""
        with Session(self._engine) as session:
            return session.get(Order, int(number.removeprefix("L-")))

    def _once(self, row: Order | Charge) -> int:
        """Store a row unless there is one of its key; return the id."""
        kind, key = type(row), row.key
        with Session(self._engine) as session:
            try:
                with session.begin():
                    session.add(row)
            except IntegrityError:
                session.rollback()
            return session.scalars(select(kind.id).where(kind.key == key)).one()
