-- The clean tables where they lie, in S3 "STO Clean", by the catalogue that Athena reads too. {database} and {reader_role}
-- are outputs of the stacks; run once per stage, by the namespace's admin.
CREATE EXTERNAL SCHEMA IF NOT EXISTS clean
FROM DATA CATALOG
DATABASE '{database}'
IAM_ROLE '{reader_role}';
