/* SPDX-License-Identifier: MIT */
/*
 * Records become rows, and are summed up in memory before their rollups are touched, here.
 *
 * A record whose row is there already (a replay after a crash) is neither inserted nor summed again,
 * so it may come as often as it likes.
 */
#include "store/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/id.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/money.h"
#include "store/budget_kept.h"
#include "store/ledger_private.h"
#include "store/ledger_store.h"

/* Records in one transaction: enough that its cost and that of its rollups is spread thin (8000 are a
 * tenth faster than 4000, and those a fifth than 2000), few enough that others who write wait for a tenth of a
 * second at most.  So many wait only when tens of thousands come in a second. */
#define RECORDS_MAX 8000

/* Cells of one rollup summed in memory, 2.4 KiB each where they are used.  Who brings more has them put
 * early. */
#define CELLS_MAX 4000

/* What the batch adds to one rollup: each cell of it is put once. */
struct cells {
	struct map places;              /* struct rollup_cell → one more than its place, so that none is NULL */
	unsigned num;
	struct rollup_cell keys[CELLS_MAX];
	struct rollup_sum sums[CELLS_MAX];
};

#define HOUR_MS INT64_C(3600000)

struct batch {
	struct db *db;
	struct journal **journals;
	unsigned num_journals;
	unsigned first;                 /* journals take turns, so that a busy one starves nobody */
	struct cells minutes, hours;    /* what all other rollups can be made of */
	struct cells others;            /* of the rollup that is being put */
	struct horizons horizons;       /* of this transaction */
	struct call_record record;      /* the one at hand; too large for a stack */
};

struct batch *batch_new(struct db *db, struct journal **journals, unsigned num_journals)
{
	struct batch *b = xcalloc(1, sizeof(*b));

	b->db = db;
	b->journals = journals;
	b->num_journals = num_journals;
	map_init(&b->minutes.places);
	map_init(&b->hours.places);
	map_init(&b->others.places);
	return b;
}

void batch_free(struct batch *b)
{
	if (b == NULL)
		return;
	map_release(&b->minutes.places);
	map_release(&b->hours.places);
	map_release(&b->others.places);
	free(b);
}

/* -- cells -------------------------------------------------------------------------------------- */

static void forget(struct cells *cells)
{
	map_release(&cells->places);
	cells->num = 0;
}

static void forget_all(struct batch *b)
{
	forget(&b->minutes);
	forget(&b->hours);
	forget(&b->others);
}

static struct rollup_sum *find_cell(struct cells *cells, const struct rollup_cell *key)
{
	uintptr_t place = (uintptr_t)map_get(&cells->places, key, sizeof(*key));

	if (place == 0) {
		cells->keys[cells->num] = *key;
		memset(&cells->sums[cells->num], 0, sizeof(cells->sums[0]));
		place = ++cells->num;
		map_put(&cells->places, key, sizeof(*key), (void *)place);
	}
	return &cells->sums[place - 1];
}

static int put_cells(struct batch *b, enum rollup rollup, const struct cells *cells, struct err *err)
{
	int rc = 0;

	for (unsigned i = 0; i < cells->num && rc == 0; i++)
		if (rollup_is_kept(rollup, &b->horizons, cells->keys[i].at))
			rc = rollup_put(b->db, rollup, &cells->keys[i], &cells->sums[i], err);
	return rc;
}

/* Hours of everything add up to days, and to what knows less. */
static int put_others(struct batch *b, enum rollup rollup, struct err *err)
{
	forget(&b->others);
	for (unsigned i = 0; i < b->hours.num; i++) {
		const struct rollup_cell *hour = &b->hours.keys[i];
		struct rollup_cell cell = rollup_cell_of(rollup, hour->at * HOUR_MS, hour);

		rollup_merge(find_cell(&b->others, &cell), &b->hours.sums[i]);
	}
	return put_cells(b, rollup, &b->others, err);
}

static int put_all(struct batch *b, struct err *err)
{
	int rc = put_cells(b, ROLLUP_MINUTE, &b->minutes, err);

	if (rc == 0)
		rc = put_cells(b, ROLLUP_HOUR, &b->hours, err);
	for (int i = 0; i < ROLLUP_NUM && rc == 0; i++)
		if (i != ROLLUP_MINUTE && i != ROLLUP_HOUR)
			rc = put_others(b, (enum rollup)i, err);
	forget_all(b);
	return rc;
}

static int sum_up(struct batch *b, const struct call_record *r, const struct rollup_cell *call, struct err *err)
{
	struct rollup_cell minute = rollup_cell_of(ROLLUP_MINUTE, id_wall_ms(r->id), call);
	struct rollup_cell hour = rollup_cell_of(ROLLUP_HOUR, id_wall_ms(r->id), call);
	int rc = 0;

	if (b->minutes.num == CELLS_MAX || b->hours.num == CELLS_MAX)
		rc = put_all(b, err);
	if (rc < 0)
		return rc;
	rollup_add(find_cell(&b->minutes, &minute), r);
	rollup_add(find_cell(&b->hours, &hour), r);
	return 0;
}

/* -- records ------------------------------------------------------------------------------------ */

static int count_record(struct batch *b, const struct call_record *r, struct err *err)
{
	const struct rollup_cell call = {
		.team_id = r->team_id,
		.key_id = r->key_id,
		.provider_name = name_intern(b->db, r->provider, err),
		.model_name = name_intern(b->db, r->model, err),
	};
	int64_t wall_ms = id_wall_ms(r->id);
	int rc = 0;

	if (call.provider_name < 0 || call.model_name < 0)
		return ERR_SYSTEM;
	if (wall_ms < horizons_newest(&b->horizons) && r->cost_nusd != COST_UNKNOWN)
		rc = budget_kept_correct(b->db, wall_ms, &call, r->asked, r->cost_nusd, err);
	return rc == 0 ? sum_up(b, r, &call, err) : rc;
}

/* One of a time whose calls are deleted makes no row: it would be the next to go.  It counts wherever there
 * still are sums. */
static int take_record(struct batch *b, const struct call_record *r, uint64_t *rows, struct err *err)
{
	bool is_gone = id_wall_ms(r->id) < b->horizons.of[HORIZON_CALLS].gone_ms;
	int rc = is_gone ? 1 : ledger_insert(b->db, r, err);

	if (rc <= 0)
		return rc;
	*rows += !is_gone;
	return count_record(b, r, err);
}

static int take_journal(struct batch *b, const struct journal *j, uint64_t *position, unsigned *room, uint64_t *rows,
			struct err *err)
{
	uint64_t next;
	int rc = 0;

	while (rc == 0 && *room > 0 && (next = journal_read(j, *position, &b->record)) != 0) {
		if (b->record.id != 0)
			rc = take_record(b, &b->record, rows, err);
		else
			log_error("a record in the journal cannot be read and is passed over, journal=%s", journal_id(j));
		*position = next;
		--*room;
	}
	return rc;
}

static int take_all(struct batch *b, uint64_t *positions, uint64_t *rows, struct err *err)
{
	unsigned room = RECORDS_MAX;
	int rc = 0;

	b->first++;
	for (unsigned n = 0; n < b->num_journals && rc == 0; n++) {
		unsigned i = (b->first + n) % b->num_journals;
		uint64_t before = positions[i];

		rc = take_journal(b, b->journals[i], &positions[i], &room, rows, err);
		if (rc == 0 && positions[i] != before)
			rc = journal_position_put(b->db, journal_id(b->journals[i]), (int64_t)positions[i], err);
	}
	return rc;
}

int batch_write(struct batch *b, uint64_t *positions, uint64_t *ret_rows, struct err *err)
{
	size_t size = b->num_journals * sizeof(*positions);
	uint64_t *taken = xmalloc(size);
	uint64_t rows = 0;
	int rc = db_begin(b->db, err);

	memcpy(taken, positions, size);
	if (rc == 0)
		rc = horizons_get(b->db, &b->horizons, err);
	if (rc == 0)
		rc = take_all(b, taken, &rows, err);
	if (rc == 0)
		rc = put_all(b, err);
	if (rc == 0)
		rc = db_commit(b->db, err);
	if (rc == 0) {
		memcpy(positions, taken, size);
		*ret_rows = rows;
	} else {
		forget_all(b);
		db_rollback(b->db);
	}
	free(taken);
	return rc;
}

/* -- calls that were open when the daemon was killed ---------------------------------------------- */

/*
 * What is known of them: whom they were for, what they had been sent to and what had come back.
 * Tokens are estimated (four bytes each), so what they cost is unknown until somebody reprices
 * them; a call that had not been sent anywhere cost nothing.
 */
static void interrupted_record(const struct journal_slot *slot, struct call_record *r)
{
	bool sent = slot->provider[0] != '\0';

	memset(r, 0, sizeof(*r));
	r->id = slot->id;
	r->team_id = slot->team_id;
	r->key_id = slot->key_id;
	r->result = CALL_INTERRUPTED;
	r->flags = slot->flags;
	r->first_byte_us = -1;
	r->num_attempts = sent;
	r->cost_nusd = r->billed_nusd = sent ? COST_UNKNOWN : 0;
	copy_text(r->asked, sizeof(r->asked), slot->asked);
	copy_text(r->provider, sizeof(r->provider), slot->provider);
	copy_text(r->model, sizeof(r->model), slot->model);
	copy_text(r->error, sizeof(r->error), call_result_name(CALL_INTERRUPTED));
	usage_init(&r->usage);
	if (!sent)
		return;
	r->flags |= CALL_ESTIMATED;
	usage_set(&r->usage, USAGE_INPUT, slot->input_estimate, USAGE_ESTIMATED);
	usage_set(&r->usage, USAGE_OUTPUT, slot->output_bytes / 4, USAGE_ESTIMATED);
}

struct open_walk {
	struct batch *batch;
	uint64_t rows;
	int rc;
	struct err *err;
};

static void take_open(void *arg, const struct journal_slot *slot)
{
	struct open_walk *walk = arg;

	if (walk->rc < 0)
		return;
	interrupted_record(slot, &walk->batch->record);
	walk->rc = take_record(walk->batch, &walk->batch->record, &walk->rows, walk->err);
}

int batch_write_interrupted(struct batch *b, uint64_t *ret_rows, struct err *err)
{
	struct open_walk walk = {b, 0, 0, err};
	int rc = db_begin(b->db, err);

	if (rc == 0)
		rc = horizons_get(b->db, &b->horizons, err);
	for (unsigned i = 0; i < b->num_journals && rc == 0; i++) {
		journal_each_open(b->journals[i], take_open, &walk);
		rc = walk.rc;
	}
	if (rc == 0)
		rc = put_all(b, err);
	if (rc == 0)
		rc = db_commit(b->db, err);
	if (rc < 0) {
		forget_all(b);
		db_rollback(b->db);
		return rc;
	}
	/* Killed before this, they are found again and their rows are there. */
	for (unsigned i = 0; i < b->num_journals; i++)
		journal_clear_open(b->journals[i]);
	*ret_rows = walk.rows;
	return 0;
}
