-- A role for `billow api` and `billow worker` that can read and write rows and change nothing else.
-- Run it as the role that owns the schema (the one `billow migrate` runs as), in Billow's database, after `billow migrate`:
--   psql -v role=billow_app -f deploy/postgres-roles.sql billow
-- Make the role first: CREATE ROLE billow_app LOGIN PASSWORD '…';
-- The servers then run with migrate = false; `billow migrate` runs as the owner at every upgrade.
GRANT USAGE ON SCHEMA public, apalis TO :"role";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public, apalis TO :"role";
GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public, apalis TO :"role";
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public, apalis TO :"role";
-- What was migrated is for the owner to say.
REVOKE INSERT, UPDATE, DELETE ON seaql_migrations, apalis._sqlx_migrations FROM :"role";
-- And for what later versions add.
ALTER DEFAULT PRIVILEGES IN SCHEMA public, apalis GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"role";
ALTER DEFAULT PRIVILEGES IN SCHEMA public, apalis GRANT USAGE, SELECT ON SEQUENCES TO :"role";
ALTER DEFAULT PRIVILEGES IN SCHEMA public, apalis GRANT EXECUTE ON FUNCTIONS TO :"role";
