CREATE OR REPLACE FUNCTION catalog_fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT btrim(regexp_replace(
    translate(lower(public.unaccent('public.unaccent'::regdictionary, value)), '''’`', ''),
    '[\s!-/:-@\[-`{-~]+', ' ', 'g'))
$$;

COMMENT ON FUNCTION catalog_fold IS
  'Text without case, accents and punctuation.';
