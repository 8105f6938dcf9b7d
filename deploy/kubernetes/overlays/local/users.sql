-- Run once, by the superuser, when Postgres makes its data: the roles and users of docs/security.md.
CREATE ROLE entitlement_migrate NOLOGIN;
CREATE ROLE entitlement_serve NOLOGIN;
CREATE ROLE entitlement_report NOLOGIN;
CREATE ROLE deployer LOGIN PASSWORD 'deployer' IN ROLE entitlement_migrate;
ALTER ROLE deployer SET role TO entitlement_migrate;
CREATE ROLE service LOGIN PASSWORD 'service' IN ROLE entitlement_serve;
ALTER DATABASE entitlement OWNER TO entitlement_migrate;
