CREATE OR REPLACE FUNCTION timestamp_text(moment timestamp with time zone) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE STRICT AS $$
  SELECT to_char(moment AT TIME ZONE 'UTC', CASE
    WHEN date_trunc('second', moment) = moment THEN 'YYYY-MM-DD"T"HH24:MI:SS"Z"'
    ELSE 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"' END)
$$;
