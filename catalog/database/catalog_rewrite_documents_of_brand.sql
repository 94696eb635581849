CREATE OR REPLACE FUNCTION catalog_rewrite_documents_of_brand() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE catalog_product
  SET search_document = catalog_document(
    name, brand_id, catalog_codes(id), attributes, description)
  WHERE brand_id = NEW.id;
  RETURN NULL;
END $$;
