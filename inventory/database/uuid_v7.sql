-- Makes keys as ``core.models.new_id`` does: the time in milliseconds replaces the first 48 bits
-- of a random UUID, 7 its version.
CREATE OR REPLACE FUNCTION uuid_v7() RETURNS uuid
LANGUAGE sql PARALLEL SAFE AS $$
  SELECT encode(
    set_bit(set_bit(overlay(
      uuid_send(gen_random_uuid())
      PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
      FROM 1 FOR 6
    ), 52, 1), 53, 1), 'hex')::uuid
$$;
