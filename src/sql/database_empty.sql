-- Is nothing stored yet that was matched or hashed with the key?
SELECT NOT EXISTS (SELECT FROM feedback) AND NOT EXISTS (SELECT FROM interaction)
