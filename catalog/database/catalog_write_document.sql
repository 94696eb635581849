CREATE OR REPLACE FUNCTION catalog_write_document() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE
  codes tsvector := '';  -- a new product has no variants yet
BEGIN
  IF TG_OP = 'UPDATE' THEN
    codes := catalog_codes(NEW.id);
  END IF;
  NEW.search_name := catalog_fold(NEW.name);
  NEW.search_document := catalog_document(
    NEW.name, NEW.brand_id, codes, NEW.attributes, NEW.description);
  RETURN NEW;
END $$;
