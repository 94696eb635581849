-- "C++" and "C#" are words of their own, not "c" with punctuation. A character of Chinese or Japanese
-- is a word: there are no spaces, and titles are looked for by their middle.
CREATE OR REPLACE FUNCTION catalog_fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT btrim(regexp_replace(
    regexp_replace(
      regexp_replace(
        regexp_replace(
          translate(lower(public.unaccent('public.unaccent'::regdictionary, value)), '''’`', ''),
          '\m([a-z])\+\+(?![a-z0-9])', '\1plusplus', 'g'),
        '\m([a-z])#(?![a-z0-9])', '\1sharp', 'g'),
      '([\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])', ' \1 ', 'g'),
    '[\s!-/:-@\[-`{-~]+', ' ', 'g'))
$$;

COMMENT ON FUNCTION catalog_fold IS
  'Text without case, accents and punctuation.';
