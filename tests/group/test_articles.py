"""What the mills' sealed results come to."""

from pathlib import Path

import pytest

from tests.group.given import Office, Sealing, mill, result, undone, word


class Group:
    """Two mills and their centre."""

    def __init__(self, folder: Path) -> None:
        self.keqiao, self.shaoxing = Sealing("keqiao"), Sealing("shaoxing")
        self.office = Office(folder, mill(self.keqiao), mill(self.shaoxing, "shaoxing", pages=""))

    def sends(self, sealing: Sealing, *rows: dict) -> None:
        answer = self.office.sends(f"mp_{sealing.site}", sealing.seals(*rows))
        assert answer.status_code == 200, answer.text

    def articles(self, place: int = 0, **period: str) -> dict[str, dict]:
        mills = self.office.reads("/mills", **period)["mills"]
        return {one["article"]: one for one in mills[place]["articles"]}


@pytest.fixture
def group(tmp_path: Path):
    one = Group(tmp_path)
    yield one
    one.office.close()


def test_an_article_carries_all_its_batches_emissions_over_their_accepted_mass(group):
    group.sends(
        group.keqiao,
        *(result("B1", "120", "100"), word(1, "B1", "poplin")),
        *(result("B2", "60", "20", ended=5), word(2, "B2", "poplin")),
        *(result("B3", "7", "0"), word(3, "B3", "poplin")),  # scrapped: the others carry it
    )

    one = group.articles()["poplin"]
    assert (one["kgco2e"], one["accepted_kg"], one["batches"]) == ("187", "120", 3)
    assert one["kgco2e_per_kg"] == "1.558333"
    assert (one["from"], one["to"]) == ("2026-03-02T00:00:00.000Z", "2026-03-02T05:00:00.000Z")


def test_a_batch_that_nobody_weighed_is_counted_and_left_out_of_the_intensity(group):
    group.sends(
        group.keqiao,
        *(result("B1", "120", "100"), word(1, "B1", "poplin")),
        *(result("B2", "60", None), word(2, "B2", "poplin")),
    )

    one = group.articles()["poplin"]
    assert (one["kgco2e_per_kg"], one["batches"], one["unweighed"]) == ("1.200000", 2, 1)


def test_the_last_revision_counts_and_names_its_own_seal(group):
    group.sends(group.keqiao, result("B1", "120"), word(1, "B1", "poplin"))
    group.sends(group.keqiao, result("B1", "110", revision=2))

    assert group.articles()["poplin"]["kgco2e"] == "110"
    (batch,) = group.office.reads("/mills/keqiao/batches", article="poplin")["batches"]
    assert (batch["revision"], batch["seal"]["number"]) == (2, 2)
    assert batch["seal"]["hash"] == group.keqiao.last.digest


def test_a_word_that_was_taken_back_does_not_count(group):
    group.sends(
        group.keqiao,
        result("B1", "120"),
        {"row": "batches", "id": "B2", "article": "of old"},
        result("B2", "120"),
        *(word(1, "B1", "poplin"), word(2, "B1", "twill", "import 4")),
    )
    assert set(group.articles()) == {"twill", "of old"}

    group.sends(group.keqiao, undone(3, "import 4"), word(4, "B2", "denim"))
    assert set(group.articles()) == {"poplin", "denim"}

    group.sends(group.keqiao, undone(5, "entry 4"), undone(6, "entry 1"))
    assert set(group.articles()) == {"", "of old"}


def test_one_mills_batch_is_not_anothers_of_the_same_name(group):
    group.sends(group.keqiao, result("B1", "120"), word(1, "B1", "poplin"))
    group.sends(group.shaoxing, result("B1", "90"), word(1, "B1", "denim"))

    assert list(group.articles(0)) == ["poplin"]
    assert list(group.articles(1)) == ["denim"]


def test_a_period_has_the_batches_that_ended_in_it(group):
    group.sends(group.keqiao, result("B1", "120", ended=1), result("B2", "50", ended=30))

    found = group.articles(**{"from": "2026-03-03T00:00:00Z", "to": "2026-03-03T06:00:00Z"})
    assert found[""]["kgco2e"] == "50"
    assert group.articles(to="2026-03-02T00:30:00Z") == {}


def test_each_leads_to_the_mills_own_page_of_it(group):
    group.sends(group.keqiao, result("B1/缸", "120"), word(1, "B1/缸", "40s poplin"))
    group.sends(group.shaoxing, result("B1", "120"))

    article = group.articles()["40s poplin"]
    assert article["page"] == "https://keqiao.example/#/office/articles?article=40s%20poplin"
    (batch,) = group.office.reads("/mills/keqiao/batches", article="40s poplin")["batches"]
    assert batch["page"] == "https://keqiao.example/#/batches/B1%2F%E7%BC%B8"
    assert group.articles(1)[""]["page"] is None


def test_a_mill_of_which_nothing_came_stands_there_without_articles(group):
    one = group.office.reads("/mills")["mills"][1]

    assert (one["mill"], one["seal"], one["articles"]) == ("shaoxing", None, [])
