-- Smaller sums of hours and days: a month of all keys by all models is more than a dashboard can read
-- between two frames.  Of each length there are now four, and whoever asks takes the smallest that
-- knows what is asked for: of teams, of targets, of keys, and (rollup_hour, rollup_day) of everything.
-- Columns and units are those of rollup_hour and rollup_day.

CREATE TABLE rollup_hour_team (
	at INTEGER NOT NULL,                            -- hours since 1970
	team_id INTEGER NOT NULL,
	calls INTEGER NOT NULL, errors INTEGER NOT NULL, refused INTEGER NOT NULL,
	input INTEGER NOT NULL, output INTEGER NOT NULL, cache_read INTEGER NOT NULL,
	cache_write INTEGER NOT NULL, reasoning INTEGER NOT NULL,
	cost_nusd INTEGER NOT NULL, billed_nusd INTEGER NOT NULL, unpriced INTEGER NOT NULL,
	latency BLOB NOT NULL, first_byte BLOB NOT NULL,
	PRIMARY KEY (at, team_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_day_team (
	at INTEGER NOT NULL,                            -- days since 1970
	team_id INTEGER NOT NULL,
	calls INTEGER NOT NULL, errors INTEGER NOT NULL, refused INTEGER NOT NULL,
	input INTEGER NOT NULL, output INTEGER NOT NULL, cache_read INTEGER NOT NULL,
	cache_write INTEGER NOT NULL, reasoning INTEGER NOT NULL,
	cost_nusd INTEGER NOT NULL, billed_nusd INTEGER NOT NULL, unpriced INTEGER NOT NULL,
	latency BLOB NOT NULL, first_byte BLOB NOT NULL,
	PRIMARY KEY (at, team_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_hour_target (
	at INTEGER NOT NULL,                            -- hours since 1970
	provider_name INTEGER NOT NULL,
	model_name INTEGER NOT NULL,
	calls INTEGER NOT NULL, errors INTEGER NOT NULL, refused INTEGER NOT NULL,
	input INTEGER NOT NULL, output INTEGER NOT NULL, cache_read INTEGER NOT NULL,
	cache_write INTEGER NOT NULL, reasoning INTEGER NOT NULL,
	cost_nusd INTEGER NOT NULL, billed_nusd INTEGER NOT NULL, unpriced INTEGER NOT NULL,
	latency BLOB NOT NULL, first_byte BLOB NOT NULL,
	PRIMARY KEY (at, provider_name, model_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_day_target (
	at INTEGER NOT NULL,                            -- days since 1970
	provider_name INTEGER NOT NULL,
	model_name INTEGER NOT NULL,
	calls INTEGER NOT NULL, errors INTEGER NOT NULL, refused INTEGER NOT NULL,
	input INTEGER NOT NULL, output INTEGER NOT NULL, cache_read INTEGER NOT NULL,
	cache_write INTEGER NOT NULL, reasoning INTEGER NOT NULL,
	cost_nusd INTEGER NOT NULL, billed_nusd INTEGER NOT NULL, unpriced INTEGER NOT NULL,
	latency BLOB NOT NULL, first_byte BLOB NOT NULL,
	PRIMARY KEY (at, provider_name, model_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_hour_key (
	at INTEGER NOT NULL,                            -- hours since 1970
	team_id INTEGER NOT NULL,
	key_id INTEGER NOT NULL,
	calls INTEGER NOT NULL, errors INTEGER NOT NULL, refused INTEGER NOT NULL,
	input INTEGER NOT NULL, output INTEGER NOT NULL, cache_read INTEGER NOT NULL,
	cache_write INTEGER NOT NULL, reasoning INTEGER NOT NULL,
	cost_nusd INTEGER NOT NULL, billed_nusd INTEGER NOT NULL, unpriced INTEGER NOT NULL,
	latency BLOB NOT NULL, first_byte BLOB NOT NULL,
	PRIMARY KEY (at, team_id, key_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_day_key (
	at INTEGER NOT NULL,                            -- days since 1970
	team_id INTEGER NOT NULL,
	key_id INTEGER NOT NULL,
	calls INTEGER NOT NULL, errors INTEGER NOT NULL, refused INTEGER NOT NULL,
	input INTEGER NOT NULL, output INTEGER NOT NULL, cache_read INTEGER NOT NULL,
	cache_write INTEGER NOT NULL, reasoning INTEGER NOT NULL,
	cost_nusd INTEGER NOT NULL, billed_nusd INTEGER NOT NULL, unpriced INTEGER NOT NULL,
	latency BLOB NOT NULL, first_byte BLOB NOT NULL,
	PRIMARY KEY (at, team_id, key_id)
) STRICT, WITHOUT ROWID;

-- What they would have summed up so far: of teams out of those of keys, which are fewer than everything.
-- histogram_sum() is the program's own (daemon/store/functions.c).
INSERT INTO rollup_hour_key
	SELECT at, team_id, key_id, sum(calls), sum(errors), sum(refused), sum(input), sum(output),
		sum(cache_read), sum(cache_write), sum(reasoning), sum(cost_nusd), sum(billed_nusd), sum(unpriced),
		histogram_sum(latency), histogram_sum(first_byte)
	FROM rollup_hour GROUP BY at, team_id, key_id;
INSERT INTO rollup_day_key
	SELECT at, team_id, key_id, sum(calls), sum(errors), sum(refused), sum(input), sum(output),
		sum(cache_read), sum(cache_write), sum(reasoning), sum(cost_nusd), sum(billed_nusd), sum(unpriced),
		histogram_sum(latency), histogram_sum(first_byte)
	FROM rollup_day GROUP BY at, team_id, key_id;
INSERT INTO rollup_hour_team
	SELECT at, team_id, sum(calls), sum(errors), sum(refused), sum(input), sum(output),
		sum(cache_read), sum(cache_write), sum(reasoning), sum(cost_nusd), sum(billed_nusd), sum(unpriced),
		histogram_sum(latency), histogram_sum(first_byte)
	FROM rollup_hour_key GROUP BY at, team_id;
INSERT INTO rollup_day_team
	SELECT at, team_id, sum(calls), sum(errors), sum(refused), sum(input), sum(output),
		sum(cache_read), sum(cache_write), sum(reasoning), sum(cost_nusd), sum(billed_nusd), sum(unpriced),
		histogram_sum(latency), histogram_sum(first_byte)
	FROM rollup_day_key GROUP BY at, team_id;
INSERT INTO rollup_hour_target
	SELECT at, provider_name, model_name, sum(calls), sum(errors), sum(refused), sum(input), sum(output),
		sum(cache_read), sum(cache_write), sum(reasoning), sum(cost_nusd), sum(billed_nusd), sum(unpriced),
		histogram_sum(latency), histogram_sum(first_byte)
	FROM rollup_hour GROUP BY at, provider_name, model_name;
INSERT INTO rollup_day_target
	SELECT at, provider_name, model_name, sum(calls), sum(errors), sum(refused), sum(input), sum(output),
		sum(cache_read), sum(cache_write), sum(reasoning), sum(cost_nusd), sum(billed_nusd), sum(unpriced),
		histogram_sum(latency), histogram_sum(first_byte)
	FROM rollup_day GROUP BY at, provider_name, model_name;

-- Calls that were not answered well are few, and looked for most: of everybody, of a team, of a key.  The
-- first has whatever else a list can be of, so that rows are read only where they belong to it.
CREATE INDEX calls_not_ok ON calls(id, status, result, app_name, provider_name, asked_name, model_name)
	WHERE status / 100 <> 2 OR result <> 0;
CREATE INDEX calls_not_ok_team ON calls(team_id) WHERE status / 100 <> 2 OR result <> 0;
CREATE INDEX calls_not_ok_key ON calls(key_id) WHERE status / 100 <> 2 OR result <> 0;

-- An entry of an index ends with the row's id anyway: naming it as a column only stores it twice.
DROP INDEX calls_key;
CREATE INDEX calls_key ON calls(key_id);
DROP INDEX calls_team;
CREATE INDEX calls_team ON calls(team_id);
