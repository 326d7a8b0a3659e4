-- Where in the ledger calls of some kind are, so that the newest of a rare kind are found without
-- reading all the others.  Coarser than an index, and so a twentieth of its size: one row says that
-- among the calls of some 17 seconds there is at least one of that kind.

CREATE TABLE call_marks (
	what INTEGER NOT NULL,                          -- 1 model, asked for or answered; 2 provider; 3 app; 4 status; 5 its class; 6 result
	value INTEGER NOT NULL,                         -- 1 to 3: names(id).  Statuses of 2xx and result 0 have no marks: they are most calls
	at INTEGER NOT NULL,                            -- calls.id >> 34
	PRIMARY KEY (what, value, at)
) STRICT, WITHOUT ROWID;

INSERT OR IGNORE INTO call_marks SELECT DISTINCT 1, asked_name, id >> 34 FROM calls WHERE asked_name IS NOT NULL;
INSERT OR IGNORE INTO call_marks SELECT DISTINCT 1, model_name, id >> 34 FROM calls WHERE model_name IS NOT NULL;
INSERT OR IGNORE INTO call_marks SELECT DISTINCT 2, provider_name, id >> 34 FROM calls WHERE provider_name IS NOT NULL;
INSERT OR IGNORE INTO call_marks SELECT DISTINCT 3, app_name, id >> 34 FROM calls WHERE app_name IS NOT NULL;
INSERT OR IGNORE INTO call_marks SELECT DISTINCT 4, status, id >> 34 FROM calls WHERE status / 100 <> 2;
INSERT OR IGNORE INTO call_marks SELECT DISTINCT 5, status / 100, id >> 34 FROM calls WHERE status / 100 <> 2;
INSERT OR IGNORE INTO call_marks SELECT DISTINCT 6, result, id >> 34 FROM calls WHERE result <> 0;
