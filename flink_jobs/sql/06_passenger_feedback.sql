-- What does a passenger's answer add?
CREATE TEMPORARY VIEW passenger_feedback AS
SELECT
    message,
    CASE
        WHEN satisfaction NOT BETWEEN 1 AND 5 THEN 'satisfaction is not 1 to 5'
        WHEN recommend NOT BETWEEN 0 AND 10 THEN 'recommend is not 0 to 10'
    END AS problem,
    IF(satisfaction IS NOT NULL, 1, 0) AS responses,
    IF(satisfaction >= 4, 1, 0) AS satisfied,
    IF(recommend IS NOT NULL, 1, 0) AS nps_responses,
    IF(recommend >= 9, 1, 0) AS promoters,
    IF(recommend <= 6, 1, 0) AS detractors,
    IF(complaint, 1, 0) AS complaints
FROM PassengerFeedback
