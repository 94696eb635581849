CREATE OR REPLACE FUNCTION catalog_lowest_price(variant uuid, compare_at numeric) RETURNS numeric
LANGUAGE sql STABLE PARALLEL SAFE AS $$
  WITH latest AS (
         SELECT id, at, price, currency FROM catalog_pricechange
         WHERE variant_id = variant ORDER BY id DESC LIMIT 1),
       previous AS (
         SELECT change.price, change.currency FROM catalog_pricechange AS change, latest
         WHERE change.variant_id = variant AND change.id < latest.id
         ORDER BY change.id DESC LIMIT 1),
       oldest AS (
         SELECT change.id FROM catalog_pricechange AS change, latest
         WHERE change.variant_id = variant AND change.id < latest.id
           AND change.at <= latest.at - interval '30 days'
         ORDER BY change.id DESC LIMIT 1)
  SELECT min(change.price)
  FROM catalog_pricechange AS change, latest, previous
  WHERE change.variant_id = variant AND change.id < latest.id
    AND change.id >= coalesce((SELECT id FROM oldest), 0)
    AND change.currency = latest.currency AND previous.currency = latest.currency
    AND (latest.price < previous.price OR compare_at IS NOT NULL)
$$;

COMMENT ON FUNCTION catalog_lowest_price IS
  'The lowest price of the 30 days before the present one began, if that is a reduction.';
