CREATE OR REPLACE FUNCTION catalog_rewrite_document_of_variant() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  UPDATE catalog_product
  SET search_document = catalog_document(
    name, brand_id, catalog_codes(id), attributes, description)
  WHERE id IN (OLD.product_id, NEW.product_id);
  RETURN NULL;
END $$;
