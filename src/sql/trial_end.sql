-- Ends session $1 of ours, whatever it is doing, and with it its locks. $1 int4[]: its process id, one element.
SELECT pg_terminate_backend(($1::int4[])[1])
