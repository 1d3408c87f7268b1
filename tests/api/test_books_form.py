"""Books that have the newest form are opened without what changes forms."""

import subprocess
import sys
from pathlib import Path

from alembic.script import ScriptDirectory

from api.books import Books, form


def test_the_newest_form_is_that_of_the_last_migration() -> None:
    assert form.newest() == ScriptDirectory(str(form.MIGRATIONS)).get_current_head()


def test_who_opens_books_of_the_newest_form_loads_no_alembic(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/books.db"
    books = Books(url)
    books.migrate()
    books.close()

    code = (
        f"import sys; from api.books import Books; books = Books({url!r}); books.migrate(); "
        "print('alembic' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "False"
