-- Finds the events of some parts that differ. $1 int4[], $2 int4[]: the first part and the last, one element each. One row: how many.
WITH found AS (
	INSERT INTO audit_event
	SELECT * FROM audit
	WHERE part BETWEEN ($1::int4[])[1] AND ($2::int4[])[1]
	RETURNING 1
)
SELECT count(*) FROM found
