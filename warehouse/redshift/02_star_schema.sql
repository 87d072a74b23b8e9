-- Where dbt puts the star, and who may: {jobs_user} is the jobs' login, which IAM gives them. It reads clean and owns star.
CREATE SCHEMA IF NOT EXISTS star;
GRANT USAGE ON SCHEMA clean TO "{jobs_user}";
GRANT USAGE, CREATE ON SCHEMA star TO "{jobs_user}";
