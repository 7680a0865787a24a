-- Rights of the three roles on PostgreSQL; run by the owner after every upgrade of the schema.
--   rasoat_owner   owns the tables; runs migrations, nothing else
--   rasoat_app     crawlers, assessors, the review site: reads and writes, but history only grows
--   rasoat_reader  reports and dashboards: reads what is no account
-- The triggers refuse the same things once more, to everybody.
GRANT USAGE ON SCHEMA public TO rasoat_app, rasoat_reader;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO rasoat_app, rasoat_reader;
REVOKE ALL ON accounts, sessions, login_failures, subject_requests FROM rasoat_reader;
GRANT INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO rasoat_app;
REVOKE INSERT, UPDATE, DELETE ON transitions, alembic_version FROM rasoat_app;
REVOKE UPDATE, DELETE ON events FROM rasoat_app;
REVOKE DELETE ON cases, audit_log FROM rasoat_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO rasoat_app;
-- The crawlers' shared frontier: working data in tables of its own, which the crawlers make. Nobody else reads what was fetched.
CREATE SCHEMA IF NOT EXISTS frontier;
GRANT USAGE, CREATE ON SCHEMA frontier TO rasoat_app;
