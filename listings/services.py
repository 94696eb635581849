"""The words that listed products have, for whoever mistypes one."""

from __future__ import annotations

from django.db import connection, transaction

_FOLLOW = """
    WITH gone AS (DELETE FROM catalog_wordchange RETURNING word, documents),
         summed AS (SELECT word, sum(documents) AS documents FROM gone
                    GROUP BY word HAVING sum(documents) <> 0 ORDER BY word)
    INSERT INTO catalog_word (word, documents) SELECT word, documents FROM summed
    ON CONFLICT (word) DO UPDATE SET documents = catalog_word.documents + excluded.documents
"""
_FORGET = "DELETE FROM catalog_word WHERE documents = 0"
_EMPTY = "TRUNCATE catalog_word, catalog_wordchange"
_FILL = """
    INSERT INTO catalog_word (word, documents)
    SELECT word, count(*)
    FROM catalog_product, unnest(catalog_words(search_document, true)) AS word
    WHERE deleted_at IS NULL AND is_active
    GROUP BY word
"""


@transaction.atomic
def refresh_vocabulary() -> int:
    """Let the vocabulary follow what products gained and lost; return how many words changed.

    Costs what changed, not what there is. Locks the words in their order.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FOLLOW)
        changed = cursor.rowcount
        if changed:
            cursor.execute(_FORGET)
    return int(changed)


@transaction.atomic
def rebuild_vocabulary() -> int:
    """Write the vocabulary anew from all listed products; return how many words it has.

    Locks the products against writing meanwhile.
    """
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE catalog_product IN SHARE MODE")
        cursor.execute(_EMPTY)
        cursor.execute(_FILL)
        return int(cursor.rowcount)
