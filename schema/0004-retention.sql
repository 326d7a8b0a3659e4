-- How far back the ledger goes in each of its units, and what must outlive the calls that are deleted.

-- What is older than from_at (whole days UTC) no answer is made of; what is older than gone_at has been
-- deleted, and what lies between will be next.  0: it goes back to the beginning.
CREATE TABLE horizons (
	unit TEXT PRIMARY KEY,                          -- keys (key_last_gone), calls (with their attempts), marks (call_marks), minutes, hours
	from_at INTEGER NOT NULL DEFAULT 0 CHECK (from_at % 86400000 = 0),
	gone_at INTEGER NOT NULL DEFAULT 0 CHECK (gone_at <= from_at)
) STRICT, WITHOUT ROWID;
INSERT INTO horizons (unit) VALUES ('keys'), ('calls'), ('marks'), ('minutes'), ('hours');

-- What was spent from from_at, where the window of a budget of this scope and model begins, until
-- until_at: the ledger can no longer tell.  Made with the deletion, so that budgets lose nothing by it.
CREATE TABLE budget_kept (
	scope TEXT NOT NULL,                            -- scope, scope_id, model: as in budgets
	scope_id INTEGER NOT NULL,
	model TEXT NOT NULL,
	from_at INTEGER NOT NULL,
	counted_at INTEGER NOT NULL,                    -- from when it was counted: later than from_at where calls were gone before the budget came
	until_at INTEGER NOT NULL,
	nusd INTEGER NOT NULL,
	PRIMARY KEY (scope, scope_id, model, from_at)
) STRICT, WITHOUT ROWID;

-- The newest call of each key whose calls are all deleted: when it was last used.
CREATE TABLE key_last_gone (
	key_id INTEGER PRIMARY KEY,
	call_id INTEGER NOT NULL
) STRICT;
