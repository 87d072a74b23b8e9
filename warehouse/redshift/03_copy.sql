-- A month of the clean flights as a table of Redshift's own: for questions asked so often that what Spectrum takes for
-- reading would pass the storage. Columns by name and order of the files; run again, it is emptied of that month first.
CREATE TABLE IF NOT EXISTS star.copied_flight (
{columns}
)
SORTKEY (scheduled_departure_at);
DELETE FROM star.copied_flight
WHERE scheduled_departure_at >= '{month}-01' AND scheduled_departure_at < DATEADD(month, 1, '{month}-01');
COPY star.copied_flight
FROM 's3://{clean_bucket}/flight/month={month}/'
IAM_ROLE '{reader_role}'
FORMAT AS PARQUET;
