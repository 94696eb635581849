"""What must hold of what the public sees, for ``manage.py audit``."""

from __future__ import annotations

from collections.abc import Iterator

from core.audit import Discrepancy, identity, rows


@identity("the vocabulary has the words of listed products, and how many have each")
def vocabulary_is_current() -> Iterator[Discrepancy]:
    """Count the words of all listed products; what the job has not summed up yet is counted in."""
    return rows("""
        SELECT coalesce(said.word, noted.word), coalesce(said.documents, 0),
               coalesce(noted.documents, 0)
        FROM (SELECT word, count(*) AS documents
              FROM catalog_product, unnest(catalog_words(search_document, true)) AS word
              WHERE deleted_at IS NULL AND is_active
              GROUP BY word) AS said
        FULL JOIN (SELECT word, sum(documents) AS documents
                   FROM (SELECT word, documents FROM catalog_word
                         UNION ALL
                         SELECT word, documents FROM catalog_wordchange) AS entries
                   GROUP BY word) AS noted ON noted.word = said.word
        WHERE coalesce(said.documents, 0) <> coalesce(noted.documents, 0)
    """)
