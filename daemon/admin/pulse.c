/* SPDX-License-Identifier: MIT */
/* Settled calls are counted into lanes of minutes, and read back as rates, here. */
#include "admin/pulse.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/money.h"
#include "ledger/histogram.h"
#include "store/ledger_store.h"
#include "store/overview_store.h"

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS (60 * MINUTE_MS)
#define RATE_MINUTES 10
#define KEY_MINUTES (RATE_MINUTES + 1)
#define LATENCY_MINUTES 15
#define NOW_MINUTES 5
#define SECONDS 16                      /* a power of two above ten */

/* A provider is degraded when at least this many attempts were seen and two minutes were bad. */
#define DEGRADED_CALLS 20

/* Of a family; those silent for an hour go first.  A provider's is large, for its histograms. */
static const size_t lanes_max[PULSE_FAMILIES] = {
	[PULSE_TEAM] = 4096,
	[PULSE_KEY] = 16384,
	[PULSE_PROVIDER] = 256,
	[PULSE_MODEL] = 4096,
};

struct cell {
	int64_t minute;                 /* since 1970; another one: the cell is stale */
	int64_t calls, errors, cost_nusd;
};

struct latency_cell {
	int64_t minute;
	struct histogram total, first_byte, gateway;
};

struct lane {
	int64_t id;
	char name[MODEL_TEXT];
	int64_t newest;                 /* minute of the last call */
	struct latency_cell *latency;   /* LATENCY_MINUTES of them, or NULL */
	unsigned num_cells;
	struct cell cells[];
};

struct pulse {
	pthread_mutex_t lock;
	struct lane *all;
	struct map lanes[PULSE_FAMILIES];
	int64_t since_ms[PULSE_FAMILIES];       /* how far back a lane may speak for */
	struct {
		int64_t second, calls;
	} seconds[SECONDS];
};

/* -- lanes --------------------------------------------------------------------------------------- */

static struct lane *lane_new(unsigned num_cells, bool with_latency)
{
	struct lane *lane = xcalloc(1, sizeof(*lane) + num_cells * sizeof(lane->cells[0]));

	lane->num_cells = num_cells;
	if (with_latency)
		lane->latency = xcalloc(LATENCY_MINUTES, sizeof(*lane->latency));
	return lane;
}

static void lane_free(struct lane *lane)
{
	free(lane->latency);
	free(lane);
}

static struct cell *cell_at(struct lane *lane, int64_t minute)
{
	struct cell *cell = &lane->cells[minute % lane->num_cells];

	if (cell->minute < minute)
		*cell = (struct cell){.minute = minute};
	return cell->minute == minute ? cell : NULL;
}

static struct latency_cell *latency_at(struct lane *lane, int64_t minute)
{
	struct latency_cell *cell = &lane->latency[minute % LATENCY_MINUTES];

	if (cell->minute < minute) {
		memset(cell, 0, sizeof(*cell));
		cell->minute = minute;
	}
	return cell->minute == minute ? cell : NULL;
}

static void lane_count(struct lane *lane, int64_t minute, int64_t calls, int64_t errors, int64_t cost_nusd)
{
	struct cell *cell = cell_at(lane, minute);

	if (cell == NULL)       /* older than the lane remembers */
		return;
	cell->calls += calls;
	cell->errors += errors;
	cell->cost_nusd = money_add(cell->cost_nusd, cost_nusd);
	if (lane->newest < minute)
		lane->newest = minute;
}

/* The last n minutes, the one that runs included. */
static struct cell lane_sum(const struct lane *lane, int64_t minute, int n)
{
	struct cell sum = {0};

	for (unsigned i = 0; i < lane->num_cells; i++) {
		const struct cell *cell = &lane->cells[i];

		if (cell->minute <= minute - n || cell->minute > minute)
			continue;
		sum.calls += cell->calls;
		sum.errors += cell->errors;
		sum.cost_nusd = money_add(sum.cost_nusd, cell->cost_nusd);
	}
	return sum;
}

static void forget_silent(struct map *lanes, int64_t minute)
{
	struct lane *silent[256];
	size_t n = 0;

	for (const struct map_entry *e = map_next(lanes, NULL); e; e = map_next(lanes, e)) {
		struct lane *lane = e->value;

		if (lane->newest < minute - PULSE_MINUTES && n < ARRAY_LEN(silent))
			silent[n++] = lane;
	}
	for (size_t i = 0; i < n; i++) {
		if (silent[i]->name[0] != '\0')
			map_remove(lanes, silent[i]->name, strlen(silent[i]->name));
		else
			map_remove(lanes, &silent[i]->id, sizeof(silent[i]->id));
		lane_free(silent[i]);
	}
}

/* NULL when there are too many lanes already. */
static struct lane *lane_make(struct pulse *p, enum pulse_family family, const void *key, size_t key_len,
			      int64_t minute)
{
	struct map *lanes = &p->lanes[family];
	struct lane *lane = map_get(lanes, key, key_len);

	if (lane != NULL)
		return lane;
	if (lanes->count >= lanes_max[family])
		forget_silent(lanes, minute);
	if (lanes->count >= lanes_max[family])
		return NULL;
	lane = lane_new(family == PULSE_KEY ? KEY_MINUTES : PULSE_MINUTES, family == PULSE_PROVIDER);
	map_put(lanes, key, key_len, lane);
	return lane;
}

static struct lane *lane_by_id(struct pulse *p, enum pulse_family family, int64_t id, int64_t minute)
{
	struct lane *lane = lane_make(p, family, &id, sizeof(id), minute);

	if (lane != NULL)
		lane->id = id;
	return lane;
}

/* NULL also for "", which is nobody. */
static struct lane *lane_by_name(struct pulse *p, enum pulse_family family, const char *name, int64_t minute)
{
	struct lane *lane = *name != '\0' ? lane_make(p, family, name, strlen(name), minute) : NULL;

	if (lane != NULL)
		copy_text(lane->name, sizeof(lane->name), name);
	return lane;
}

/* -- beginning and end --------------------------------------------------------------------------- */

struct pulse *pulse_new(int64_t now_ms)
{
	struct pulse *p = xcalloc(1, sizeof(*p));

	pthread_mutex_init(&p->lock, NULL);
	p->all = lane_new(PULSE_MINUTES, true);
	for (int i = 0; i < PULSE_FAMILIES; i++) {
		map_init(&p->lanes[i]);
		p->since_ms[i] = now_ms;
	}
	return p;
}

void pulse_free(struct pulse *p)
{
	if (p == NULL)
		return;
	for (int i = 0; i < PULSE_FAMILIES; i++) {
		for (const struct map_entry *e = map_next(&p->lanes[i], NULL); e; e = map_next(&p->lanes[i], e))
			lane_free(e->value);
		map_release(&p->lanes[i]);
	}
	lane_free(p->all);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

static void merge_latency(struct lane *lane, const struct provider_minute *sum)
{
	struct latency_cell *cell = latency_at(lane, sum->minute);

	if (cell == NULL)
		return;
	histogram_merge(&cell->total, &sum->latency);
	histogram_merge(&cell->first_byte, &sum->first_byte);
}

static void begin_lane(struct lane *lane, const struct provider_minute *sum)
{
	if (lane != NULL)
		lane_count(lane, sum->minute, sum->calls, sum->errors, sum->cost_nusd);
}

static int begin_minute(void *arg, const struct provider_minute *sum)
{
	struct pulse *p = arg;
	struct lane *provider = lane_by_name(p, PULSE_PROVIDER, sum->provider, sum->minute);

	begin_lane(p->all, sum);
	begin_lane(lane_by_id(p, PULSE_TEAM, sum->team_id, sum->minute), sum);
	begin_lane(lane_by_name(p, PULSE_MODEL, sum->model, sum->minute), sum);
	begin_lane(provider, sum);
	merge_latency(p->all, sum);
	if (provider != NULL)
		merge_latency(provider, sum);
	return 0;
}

int pulse_begin(struct pulse *p, struct db *db, int64_t now_ms, struct err *err)
{
	int64_t minute = now_ms / MINUTE_MS;
	int rc;

	pthread_mutex_lock(&p->lock);
	rc = overview_provider_minutes(db, minute - PULSE_MINUTES + 1, minute + 1, begin_minute, p, err);
	for (int i = 0; rc == 0 && i < PULSE_FAMILIES; i++)
		if (i != PULSE_KEY && p->lanes[i].count > 0)
			p->since_ms[i] = now_ms - HOUR_MS;
	pthread_mutex_unlock(&p->lock);
	return rc;
}

/* -- counting ------------------------------------------------------------------------------------ */

/* What a provider is not to blame for. */
static bool is_providers_fault(enum attempt_reason reason)
{
	switch (reason) {
	case ATTEMPT_OK:
	case ATTEMPT_BAD_REQUEST:
	case ATTEMPT_CLIENT_GONE:
	case ATTEMPT_CANNOT_EXPRESS:
	case ATTEMPT_DEADLINE:
	case ATTEMPT_NO_SOCKET:
	case ATTEMPT_SKIP_DISABLED:
	case ATTEMPT_SKIP_DRAINING:
	case ATTEMPT_SKIP_COOLING:
	case ATTEMPT_SKIP_BUDGET:
	case ATTEMPT_SKIP_NOT_NEEDED:
	case ATTEMPT_SKIP_NO_FALLBACK:
	case ATTEMPT_SKIP_NO_PROVIDER:
		return false;
	case ATTEMPT_REFUSED:
	case ATTEMPT_CONNECT_TIMEOUT:
	case ATTEMPT_TLS:
	case ATTEMPT_RESET:
	case ATTEMPT_FIRST_BYTE_TIMEOUT:
	case ATTEMPT_IDLE_TIMEOUT:
	case ATTEMPT_RATE_LIMITED:
	case ATTEMPT_SERVER_ERROR:
	case ATTEMPT_AUTH:
	case ATTEMPT_NOT_FOUND:
	case ATTEMPT_BAD_ANSWER:
	case ATTEMPT_CUT:
	case ATTEMPT_NO_CREDENTIAL:
		return true;
	}
	return false;
}

static void count_attempt(struct pulse *p, const struct attempt_record *attempt, int64_t minute)
{
	struct lane *lane;
	struct latency_cell *cell;

	if (!attempt_was_made(attempt->reason))
		return;
	lane = lane_by_name(p, PULSE_PROVIDER, attempt->provider, minute);
	if (lane == NULL)
		return;
	lane_count(lane, minute, 1, is_providers_fault(attempt->reason), 0);
	cell = latency_at(lane, minute);
	if (cell == NULL)
		return;
	if (attempt->total_us >= 0)
		histogram_add(&cell->total, attempt->total_us);
	if (attempt->first_byte_us >= 0)
		histogram_add(&cell->first_byte, attempt->first_byte_us);
}

static void count_second(struct pulse *p, int64_t second)
{
	size_t i = (size_t)second % SECONDS;

	if (p->seconds[i].second < second) {
		p->seconds[i].second = second;
		p->seconds[i].calls = 0;
	}
	if (p->seconds[i].second == second)
		p->seconds[i].calls++;
}

static void count_lane(struct lane *lane, int64_t minute, const struct rollup_sum *sum)
{
	if (lane != NULL)
		lane_count(lane, minute, sum->calls, sum->errors, sum->cost_nusd);
}

static void add_record(struct pulse *p, const struct call_record *r)
{
	int64_t at_ms = id_wall_ms(r->id) + r->total_us / 1000, minute = at_ms / MINUTE_MS;
	struct lane *provider = lane_by_name(p, PULSE_PROVIDER, r->provider, minute);
	struct latency_cell *cell = latency_at(p->all, minute);
	struct rollup_sum sum = {0};

	/* By the ledger's own rules of what counts as what. */
	rollup_add(&sum, r);
	count_lane(p->all, minute, &sum);
	count_lane(lane_by_id(p, PULSE_TEAM, r->team_id, minute), minute, &sum);
	count_lane(lane_by_id(p, PULSE_KEY, r->key_id, minute), minute, &sum);
	count_lane(lane_by_name(p, PULSE_MODEL, r->model, minute), minute, &sum);
	if (cell != NULL) {
		histogram_merge(&cell->total, &sum.latency);
		histogram_merge(&cell->first_byte, &sum.first_byte);
		histogram_add(&cell->gateway, r->gateway_us);
	}
	if (provider != NULL)
		lane_count(provider, minute, 0, 0, sum.cost_nusd);
	for (unsigned i = 0; i < r->num_entries; i++)
		count_attempt(p, &r->attempts[i], minute);
	count_second(p, at_ms / 1000);
}

void pulse_add(struct pulse *p, const struct call_record *records, size_t num_records)
{
	pthread_mutex_lock(&p->lock);
	for (size_t i = 0; i < num_records; i++)
		add_record(p, &records[i]);
	pthread_mutex_unlock(&p->lock);
}

/* -- reading ------------------------------------------------------------------------------------- */

static int64_t rate(const struct lane *lane, int64_t since_ms, int64_t now_ms)
{
	int64_t covered = (RATE_MINUTES - 1) * MINUTE_MS + now_ms % MINUTE_MS;

	if (lane == NULL)
		return 0;
	if (covered > now_ms - since_ms)
		covered = now_ms - since_ms;
	if (covered < MINUTE_MS)
		covered = MINUTE_MS;
	return money_scale(lane_sum(lane, now_ms / MINUTE_MS, RATE_MINUTES).cost_nusd, HOUR_MS, covered);
}

static void merge_minutes(const struct lane *lane, int64_t minute, int n, struct latency_cell *ret)
{
	memset(ret, 0, sizeof(*ret));
	for (int i = 0; i < LATENCY_MINUTES; i++) {
		const struct latency_cell *cell = &lane->latency[i];

		if (cell->minute <= minute - n || cell->minute > minute)
			continue;
		histogram_merge(&ret->total, &cell->total);
		histogram_merge(&ret->first_byte, &cell->first_byte);
		histogram_merge(&ret->gateway, &cell->gateway);
	}
}

void pulse_read(struct pulse *p, int64_t now_ms, struct pulse_now *ret)
{
	int64_t minute = now_ms / MINUTE_MS, second = now_ms / 1000;
	struct latency_cell merged;
	struct cell sum;

	memset(ret, 0, sizeof(*ret));
	pthread_mutex_lock(&p->lock);
	for (int i = 0; i < SECONDS; i++)
		if (p->seconds[i].second >= second - 10 && p->seconds[i].second < second)
			ret->requests_10s += p->seconds[i].calls;
	ret->nusd_per_hour = rate(p->all, p->since_ms[PULSE_TEAM], now_ms);
	sum = lane_sum(p->all, minute, NOW_MINUTES);
	merge_minutes(p->all, minute, NOW_MINUTES, &merged);
	pthread_mutex_unlock(&p->lock);
	ret->calls = sum.calls;
	ret->errors = sum.errors;
	ret->p50_us = histogram_percentile(&merged.total, 500);
	ret->p95_us = histogram_percentile(&merged.total, 950);
	ret->first_byte_p50_us = histogram_percentile(&merged.first_byte, 500);
	ret->gateway_p99_us = histogram_percentile(&merged.gateway, 990);
}

static char minute_letter(const struct cell *cell)
{
	if (cell->calls == 0)
		return '.';
	if (cell->errors * 2 > cell->calls)
		return 'X';
	return cell->errors * 50 > cell->calls ? 'D' : 'U';
}

static void read_minutes(const struct lane *lane, int64_t minute, char out[PULSE_MINUTES + 1])
{
	memset(out, '.', PULSE_MINUTES);
	out[PULSE_MINUTES] = '\0';
	for (unsigned i = 0; i < lane->num_cells; i++) {
		int64_t age = minute - lane->cells[i].minute;

		if (age >= 0 && age < PULSE_MINUTES)
			out[PULSE_MINUTES - 1 - age] = minute_letter(&lane->cells[i]);
	}
}

/* By the last minutes that had traffic, so that one odd minute does not make it flap. */
static char judge(const char *minutes, int64_t calls)
{
	int seen = 0, bad = 0, dead = 0;

	for (int i = PULSE_MINUTES - 1; i >= PULSE_MINUTES - LATENCY_MINUTES && seen < 3; i--) {
		seen += minutes[i] != '.';
		bad += minutes[i] == 'D' || minutes[i] == 'X';
		dead += minutes[i] == 'X';
	}
	if (dead >= 2 || (seen == 1 && dead == 1))
		return 'X';
	return bad >= 2 && calls >= DEGRADED_CALLS ? 'D' : 'U';
}

/* Attempts a minute, over the minute that is complete and what has passed of this one. */
static int64_t attempts_per_minute(const struct lane *lane, int64_t since_ms, int64_t now_ms)
{
	int64_t covered = MINUTE_MS + now_ms % MINUTE_MS;

	if (covered > now_ms - since_ms)
		covered = now_ms - since_ms;
	if (covered < 1000)
		covered = 1000;
	return lane_sum(lane, now_ms / MINUTE_MS, 2).calls * MINUTE_MS / covered;
}

void pulse_read_provider(struct pulse *p, const char *name, int64_t now_ms, struct pulse_provider *ret)
{
	int64_t minute = now_ms / MINUTE_MS;
	struct latency_cell merged = {0};
	struct cell sum = {0};
	const struct lane *lane;

	memset(ret, 0, sizeof(*ret));
	memset(ret->minutes, '.', PULSE_MINUTES);
	pthread_mutex_lock(&p->lock);
	lane = map_get_text(&p->lanes[PULSE_PROVIDER], name);
	if (lane != NULL) {
		sum = lane_sum(lane, minute, LATENCY_MINUTES);
		merge_minutes(lane, minute, LATENCY_MINUTES, &merged);
		read_minutes(lane, minute, ret->minutes);
		ret->attempts_per_minute = attempts_per_minute(lane, p->since_ms[PULSE_PROVIDER], now_ms);
	}
	ret->nusd_per_hour = rate(lane, p->since_ms[PULSE_PROVIDER], now_ms);
	pthread_mutex_unlock(&p->lock);
	ret->calls = sum.calls;
	ret->errors = sum.errors;
	ret->p50_us = histogram_percentile(&merged.total, 500);
	ret->p95_us = histogram_percentile(&merged.total, 950);
	ret->first_byte_p50_us = histogram_percentile(&merged.first_byte, 500);
	ret->letter = judge(ret->minutes, sum.calls);
}

int64_t pulse_rate_by_id(struct pulse *p, enum pulse_family family, int64_t id, int64_t now_ms)
{
	int64_t nusd_per_hour;

	pthread_mutex_lock(&p->lock);
	nusd_per_hour = rate(map_get(&p->lanes[family], &id, sizeof(id)), p->since_ms[family], now_ms);
	pthread_mutex_unlock(&p->lock);
	return nusd_per_hour;
}

/* Keeps out sorted, dearest first, and at most max long. */
static void insert_top(struct pulse_top *out, size_t *num, size_t max, const struct pulse_top *top)
{
	size_t at = *num;

	while (at > 0 && out[at - 1].nusd_per_hour < top->nusd_per_hour)
		at--;
	if (at == max)
		return;
	if (*num < max)
		(*num)++;
	memmove(&out[at + 1], &out[at], (*num - at - 1) * sizeof(out[0]));
	out[at] = *top;
}

size_t pulse_top(struct pulse *p, enum pulse_family family, int64_t now_ms, struct pulse_top *out, size_t max)
{
	const struct map *lanes = &p->lanes[family];
	size_t num = 0;

	pthread_mutex_lock(&p->lock);
	for (const struct map_entry *e = map_next(lanes, NULL); e; e = map_next(lanes, e)) {
		const struct lane *lane = e->value;
		struct cell sum = lane_sum(lane, now_ms / MINUTE_MS, RATE_MINUTES);
		struct pulse_top top = {.id = lane->id, .calls = sum.calls, .errors = sum.errors};

		if (sum.calls == 0)
			continue;
		copy_text(top.name, sizeof(top.name), lane->name);
		top.nusd_per_hour = rate(lane, p->since_ms[family], now_ms);
		insert_top(out, &num, max, &top);
	}
	pthread_mutex_unlock(&p->lock);
	return num;
}
