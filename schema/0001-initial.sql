-- The tables as first shipped.  Frozen once released: later changes are files of their own.
--
-- Units are in the names: _nusd nano-dollars, _nusd_per_m nano-dollars per million units, _at unix
-- milliseconds UTC, _us microseconds, _ms milliseconds.  NULL means unknown or none, never 0.
-- `revision` counts the changes of a row; it is what If-Match compares.

-- Facts about this database that are no rows elsewhere: key → value.
CREATE TABLE meta (
	name TEXT PRIMARY KEY,
	value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Who pays.  models: JSON list of allowed chains and models, NULL = all.  Limits: NULL = none.
CREATE TABLE teams (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE,
	blocked INTEGER NOT NULL DEFAULT 0 CHECK (blocked IN (0, 1)),
	blocked_reason TEXT,
	models TEXT,
	rpm INTEGER CHECK (rpm > 0),
	tpm INTEGER CHECK (tpm > 0),
	parallel INTEGER CHECK (parallel > 0),
	markup_ppm INTEGER NOT NULL DEFAULT 0,          -- billed = cost × (1 + markup_ppm / 1e6)
	allow_unpriced INTEGER NOT NULL DEFAULT 0,      -- calls of unknown price pass a budget
	note TEXT,
	revision INTEGER NOT NULL DEFAULT 1,
	created_at INTEGER NOT NULL,
	deleted_at INTEGER                              -- kept while the ledger names it
) STRICT;

-- Secrets clients send: only their hash is here.
CREATE TABLE keys (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	public_id TEXT NOT NULL UNIQUE,                 -- "key_…", what people and logs say
	team_id INTEGER NOT NULL REFERENCES teams(id),
	name TEXT NOT NULL,
	hash BLOB NOT NULL UNIQUE,                      -- SHA-256 of the secret
	prefix TEXT NOT NULL,                           -- its first characters, to recognise it by
	state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked', 'revoked')),
	state_reason TEXT,
	expires_at INTEGER,
	models TEXT,
	rpm INTEGER CHECK (rpm > 0),
	tpm INTEGER CHECK (tpm > 0),
	parallel INTEGER CHECK (parallel > 0),
	note TEXT,
	previous_hash BLOB,                             -- after a rotation, until previous_until
	previous_until INTEGER,
	revision INTEGER NOT NULL DEFAULT 1,
	created_at INTEGER NOT NULL,
	revoked_at INTEGER
) STRICT;
CREATE INDEX keys_team ON keys(team_id);
CREATE UNIQUE INDEX keys_name ON keys(team_id, name) WHERE state <> 'revoked';

-- Upstream accounts.  credential: "env:NAME", "file:PATH", or "box:…" (sealed with libsodium).
CREATE TABLE providers (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	name TEXT NOT NULL UNIQUE,
	kind TEXT NOT NULL,                             -- a row of the provider kinds
	base_url TEXT,                                  -- NULL: the kind's own
	credential TEXT,
	state TEXT NOT NULL DEFAULT 'enabled' CHECK (state IN ('enabled', 'disabled', 'draining')),
	state_reason TEXT,
	state_by TEXT,
	state_at INTEGER,
	models TEXT,                                    -- JSON list of what it serves; NULL: not known, anything
	options TEXT,                                   -- JSON object of what the kind understands
	revision INTEGER NOT NULL DEFAULT 1,
	created_at INTEGER NOT NULL
) STRICT;

-- Public model name → tiers.  spec is the JSON of the admin API: tiers, timeouts, retries.
CREATE TABLE chains (
	name TEXT PRIMARY KEY,
	spec TEXT NOT NULL,
	version INTEGER NOT NULL,
	updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Every version there ever was; spec NULL: deleted in that version.
CREATE TABLE chain_history (
	name TEXT NOT NULL,
	version INTEGER NOT NULL,
	spec TEXT,
	who TEXT NOT NULL,
	reason TEXT,
	at INTEGER NOT NULL,
	PRIMARY KEY (name, version)
) STRICT, WITHOUT ROWID;

-- Amount and window.  scope_id: team or key id; provider id; 0 for the gateway.
CREATE TABLE budgets (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	scope TEXT NOT NULL CHECK (scope IN ('team', 'key', 'provider', 'gateway')),
	scope_id INTEGER NOT NULL,
	model TEXT NOT NULL DEFAULT '',                 -- '' = all; else only calls that asked for this one
	amount_nusd INTEGER NOT NULL CHECK (amount_nusd >= 0),
	window TEXT NOT NULL CHECK (window IN ('hour', 'day', 'week', 'month', 'year', 'total')),
	utc_offset_min INTEGER NOT NULL DEFAULT 0,      -- of the calendar its windows follow
	mode TEXT NOT NULL DEFAULT 'standard' CHECK (mode IN ('standard', 'strict')),
	created_at INTEGER NOT NULL,
	UNIQUE (scope, scope_id, model, window)
) STRICT;

-- What a model costs from a date on.  provider '' = wherever it is served.  A unit that is NULL is
-- charged as the unit it is part of.
CREATE TABLE prices (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	provider TEXT NOT NULL DEFAULT '',
	model TEXT NOT NULL,
	from_at INTEGER NOT NULL DEFAULT 0,
	above_input INTEGER NOT NULL DEFAULT 0,         -- tier: holds for calls whose whole input is above this
	input_nusd_per_m INTEGER,
	output_nusd_per_m INTEGER,
	cache_read_nusd_per_m INTEGER,
	cache_write_5m_nusd_per_m INTEGER,
	cache_write_1h_nusd_per_m INTEGER,
	input_audio_nusd_per_m INTEGER,
	input_image_nusd_per_m INTEGER,
	reasoning_nusd_per_m INTEGER,
	output_audio_nusd_per_m INTEGER,
	output_image_nusd_per_m INTEGER,
	request_nusd INTEGER,                           -- per call
	source TEXT NOT NULL,                           -- who said so: "admin", "litellm", …
	created_at INTEGER NOT NULL,
	UNIQUE (provider, model, from_at, above_input)
) STRICT;

-- -- The ledger --------------------------------------------------------------------------------

-- Words that repeat in every row (models, providers, apps …), once each.
CREATE TABLE names (
	id INTEGER PRIMARY KEY,
	name TEXT NOT NULL UNIQUE
) STRICT;

-- One row per call of a known key.  id sorts by time and holds the start in its upper bits
-- (daemon/base/id.h), so there is no time column and no index for it.  …_name → names(id), NULL = none.
CREATE TABLE calls (
	id INTEGER PRIMARY KEY,
	team_id INTEGER NOT NULL,
	key_id INTEGER NOT NULL,
	asked_name INTEGER,                             -- the model the client asked for
	provider_name INTEGER,                          -- who answered, or was tried last
	model_name INTEGER,
	status INTEGER NOT NULL,                        -- HTTP status given to the client; 0: it left before
	result INTEGER NOT NULL,                        -- 0 answered 1 refused 2 failed 3 aborted 4 interrupted
	flags INTEGER NOT NULL,                         -- 1 stream 2 estimated 4 cached 8 simulated
	error_name INTEGER,                             -- the code of spec section 3, NULL when answered
	finish INTEGER NOT NULL,                        -- 0 none 1 stop 2 length 3 tool_calls 4 content_filter 5 error
	input INTEGER, output INTEGER,
	cache_read INTEGER, cache_write_5m INTEGER, cache_write_1h INTEGER, reasoning INTEGER,
	usage_detail TEXT,                              -- JSON: sources, and counts without a column; NULL: all reported
	cost_nusd INTEGER,
	billed_nusd INTEGER,
	provider_cost_nusd INTEGER,                     -- what the provider itself said
	price_id INTEGER,
	total_us INTEGER NOT NULL,
	first_byte_us INTEGER,
	upstream_us INTEGER,                            -- waiting for providers, all attempts
	gateway_us INTEGER,                             -- our own part of total_us
	num_attempts INTEGER NOT NULL,
	app_name INTEGER, user_name INTEGER, session TEXT, tags TEXT, remote_name INTEGER
) STRICT;
CREATE INDEX calls_key ON calls(key_id, id);
CREATE INDEX calls_team ON calls(team_id, id);

-- One row per attempt, and one for each target that was passed over, with why.
CREATE TABLE attempts (
	call_id INTEGER NOT NULL,
	seq INTEGER NOT NULL,
	provider_name INTEGER NOT NULL,
	model_name INTEGER NOT NULL,
	reason INTEGER NOT NULL,                        -- ledger/record.h, enum attempt_reason
	status INTEGER,                                 -- HTTP status of the provider, NULL: none came
	start_us INTEGER NOT NULL,                      -- after the call's start
	first_byte_us INTEGER,                          -- after the attempt's start
	total_us INTEGER,
	error TEXT,
	PRIMARY KEY (call_id, seq)
) STRICT, WITHOUT ROWID;

-- Sums, committed with the rows they sum up.  A call counts in the minute, hour and day (UTC) in
-- which it started.  The keys are chosen so that they stay small: no key in the minute.
-- latency and first_byte are histograms (daemon/ledger/histogram.h).
CREATE TABLE rollup_minute (
	at INTEGER NOT NULL,                            -- minutes since 1970
	team_id INTEGER NOT NULL,
	provider_name INTEGER NOT NULL,                 -- 0 = none
	model_name INTEGER NOT NULL,                    -- 0 = none
	calls INTEGER NOT NULL, errors INTEGER NOT NULL, refused INTEGER NOT NULL,
	input INTEGER NOT NULL, output INTEGER NOT NULL, cache_read INTEGER NOT NULL,
	cache_write INTEGER NOT NULL, reasoning INTEGER NOT NULL,
	cost_nusd INTEGER NOT NULL, billed_nusd INTEGER NOT NULL, unpriced INTEGER NOT NULL,
	latency BLOB NOT NULL, first_byte BLOB NOT NULL,
	PRIMARY KEY (at, team_id, provider_name, model_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_hour (
	at INTEGER NOT NULL,                            -- hours since 1970
	team_id INTEGER NOT NULL,
	key_id INTEGER NOT NULL,
	provider_name INTEGER NOT NULL,
	model_name INTEGER NOT NULL,
	calls INTEGER NOT NULL, errors INTEGER NOT NULL, refused INTEGER NOT NULL,
	input INTEGER NOT NULL, output INTEGER NOT NULL, cache_read INTEGER NOT NULL,
	cache_write INTEGER NOT NULL, reasoning INTEGER NOT NULL,
	cost_nusd INTEGER NOT NULL, billed_nusd INTEGER NOT NULL, unpriced INTEGER NOT NULL,
	latency BLOB NOT NULL, first_byte BLOB NOT NULL,
	PRIMARY KEY (at, team_id, key_id, provider_name, model_name)
) STRICT, WITHOUT ROWID;

CREATE TABLE rollup_day (
	at INTEGER NOT NULL,                            -- days since 1970
	team_id INTEGER NOT NULL,
	key_id INTEGER NOT NULL,
	provider_name INTEGER NOT NULL,
	model_name INTEGER NOT NULL,
	calls INTEGER NOT NULL, errors INTEGER NOT NULL, refused INTEGER NOT NULL,
	input INTEGER NOT NULL, output INTEGER NOT NULL, cache_read INTEGER NOT NULL,
	cache_write INTEGER NOT NULL, reasoning INTEGER NOT NULL,
	cost_nusd INTEGER NOT NULL, billed_nusd INTEGER NOT NULL, unpriced INTEGER NOT NULL,
	latency BLOB NOT NULL, first_byte BLOB NOT NULL,
	PRIMARY KEY (at, team_id, key_id, provider_name, model_name)
) STRICT, WITHOUT ROWID;

-- How far each journal was taken over; committed with what was.
CREATE TABLE journal_positions (
	journal TEXT PRIMARY KEY,                       -- the id in the journal file's head
	position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- -- Who changed what -----------------------------------------------------------------------------

CREATE TABLE audit (
	id INTEGER PRIMARY KEY AUTOINCREMENT,
	at INTEGER NOT NULL,
	uid INTEGER, user_name TEXT, pid INTEGER,       -- of the peer; NULL: the daemon itself
	via TEXT NOT NULL,                              -- "tui", "cli", "api", "config", "daemon"
	action TEXT NOT NULL,                           -- "provider.disable"
	object TEXT NOT NULL,                           -- "provider openai"
	before TEXT, after TEXT,                        -- JSON, secrets left out
	reason TEXT,
	refused TEXT                                    -- why it was not done; NULL: it was
) STRICT;
CREATE INDEX audit_object ON audit(object, id);

-- Answers given to changes that carried an Idempotency-Key; secrets are never kept here.
CREATE TABLE idempotency (
	key TEXT PRIMARY KEY,
	uid INTEGER NOT NULL,
	request_hash BLOB NOT NULL,
	status INTEGER NOT NULL,
	answer TEXT NOT NULL,
	at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
