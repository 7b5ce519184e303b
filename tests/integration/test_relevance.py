"""Search finds at least what PostgreSQL finds of itself, on three hundred letters read without a fault."""

import statistics

import psycopg

from cli.datadir import load_secrets
from cli.engines import Stack
from tests.integration.conftest import MakeAccount
from tests.relevance.engines import Exact, Ours
from tests.relevance.figures import ndcg, recall
from tests.relevance.letters import letters
from tests.relevance.queries import Query, judged


def test_ours_is_no_worse_than_exact_full_text(archive: Stack, account: MakeAccount) -> None:
    chosen = list(letters()[:300])
    ids = {letter.id for letter in chosen}
    queries = [
        Query(query.id, query.sort, query.text, grades)
        for query in judged()
        if (grades := {id_: grade for id_, grade in query.grades.items() if id_ in ids})
    ]
    assert len(queries) >= 100
    url = (
        f"postgresql://postgres:{load_secrets(archive.data).postgres_password}@127.0.0.1:{archive.ports.postgres}/arsip"
    )
    with psycopg.connect(url, autocommit=True) as connection:
        exact = Exact(connection, "uji", chosen, 0)
        ours = Ours(connection, account("pejabat"), chosen, 0, sealed=False)
        for figure in (ndcg, recall):
            plain, own = (
                statistics.mean(figure(engine.find(query.text), query.grades) for query in queries)
                for engine in (exact, ours)
            )
            assert own >= plain
