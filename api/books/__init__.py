"""The books: keys, batches, runs, results; SQLite or PostgreSQL (SQLAlchemy)."""

from typing_extensions import override

from api.books import form, noting
from api.books.alarms import Alarms
from api.books.audit import Audit
from api.books.batches import Batches
from api.books.changes import Changes
from api.books.engines import engine_of
from api.books.entries import Entries
from api.books.genealogy import Genealogy
from api.books.glances import Glances
from api.books.kept_answers import KeptAnswers
from api.books.keys import Keys
from api.books.marks import Marks
from api.books.people import People
from api.books.periods import Periods
from api.books.proofs import Proofs
from api.books.results import Results
from api.books.reviews import Reviews
from api.books.run_entries import RunEntries
from api.books.runs import Runs
from api.books.said import Said
from api.books.seals import Seals
from api.books.sessions import Sessions
from api.books.tallies import Tallies


class Books:
    """The books of one site. Each method is one transaction; safe from several threads."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = engine_of(url)
        noting.listen(self.engine)
        self.audit = Audit(self.engine)
        self.keys = Keys(self.engine)
        self.reviews = Reviews(self.engine)
        self.people = People(self.engine)
        self.sessions = Sessions(self.engine)
        self.batches = Batches(self.engine)
        self.runs = Runs(self.engine)
        self.run_entries = RunEntries(self.engine)
        self.results = Results(self.engine)
        self.glances = Glances(self.engine)
        self.tallies = Tallies(self.engine)
        self.changes = Changes(self.engine)
        self.periods = Periods(self.engine)
        self.entries = Entries(self.engine)
        self.genealogy = Genealogy(self.entries)
        self.said = Said(self.engine)
        self.proofs = Proofs(self.engine)
        self.marks = Marks(self.engine)
        self.seals = Seals(self.engine)
        self.alarms = Alarms(self.engine)
        self.kept_answers = KeptAnswers(self.engine)

    @override
    def __reduce__(self) -> tuple[type["Books"], tuple[str]]:
        """Another process gets their address and opens them itself."""
        return Books, (self.url,)

    def migrate(self) -> None:
        """Bring the tables to this version's form; `Refused` where a later one made them."""
        if form.is_newest(self.engine):
            return
        from api.books import migration  # who only reads the books need not wait for Alembic

        migration.migrate(self.engine)

    def close(self) -> None:
        """Let go of every connection."""
        self.engine.dispose()
