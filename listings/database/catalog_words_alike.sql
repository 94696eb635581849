-- Trigrams find what shares most of its letters. Short words share few with their neighbours, and
-- two swapped letters spoil four trigrams: those neighbours are spelled out and looked up.
CREATE OR REPLACE FUNCTION catalog_words_alike(typed text)
RETURNS TABLE (word text, documents integer)
LANGUAGE sql STABLE
SET "pg_trgm.similarity_threshold" = 0.3 AS $$
  (SELECT known.word, known.documents FROM catalog_word AS known
   WHERE known.word % typed AND known.documents > 0
     AND length(known.word) BETWEEN length(typed) - 2 AND length(typed) + 2
   ORDER BY similarity(known.word, typed) DESC, known.documents DESC LIMIT 40)
  UNION
  SELECT known.word, known.documents FROM catalog_word AS known
  WHERE known.documents > 0 AND known.word = ANY (ARRAY(
    SELECT left(typed, place) || reverse(substr(typed, place + 1, 2)) || substr(typed, place + 3)
    FROM generate_series(0, length(typed) - 2) AS place
    UNION ALL
    SELECT left(typed, place) || letter || substr(typed, place + 1 + dropped)
    FROM generate_series(0, length(typed)) AS place, generate_series(0, 1) AS dropped,
         string_to_table('abcdefghijklmnopqrstuvwxyz', NULL) AS letter
    WHERE length(typed) <= 4))
$$;

COMMENT ON FUNCTION catalog_words_alike IS
  'Words one or two letters away, and some others.';
