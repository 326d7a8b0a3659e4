/* SPDX-License-Identifier: MIT */
/*
 * ledger_feed — calls described on standard input, one a line, go through the journal and the ledger's
 * own writer into the database of a daemon that is stopped.
 *
 *   ledger_feed DATABASE < LINES
 *
 * A line has the members of columns[], a tab between; "-" is unknown or none.  A call that comes twice
 * is one row, as after a crash.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/money.h"
#include "store/batch.h"
#include "store/ledger_store.h"

#define RING_BYTES (16 << 20)
/* Lines between two transactions: another number than the writer's, so that cells are met again and again. */
#define GATHER 3001

/* -- a line ---------------------------------------------------------------------------------------- */

enum column_type { NUMBER, WORD, TOKENS };

#define MEMBER(name) offsetof(struct call_record, name)
#define TEXT(name) WORD, offsetof(struct call_record, name), sizeof(((struct call_record *)0)->name), 0

static const struct column {
	enum column_type type;
	size_t offset;                  /* in struct call_record; TOKENS: enum usage_field */
	size_t size;                    /* of a text */
	int64_t none;
} columns[] = {
	{NUMBER, MEMBER(id), 0, 0},
	{NUMBER, MEMBER(team_id), 0, 0},
	{NUMBER, MEMBER(key_id), 0, 0},
	{TEXT(asked)},
	{TEXT(provider)},
	{TEXT(model)},
	{TOKENS, USAGE_INPUT, 0, 0},
	{TOKENS, USAGE_OUTPUT, 0, 0},
	{TOKENS, USAGE_CACHE_READ, 0, 0},
	{TOKENS, USAGE_CACHE_WRITE_5M, 0, 0},
	{TOKENS, USAGE_REASONING, 0, 0},
	{NUMBER, MEMBER(cost_nusd), 0, COST_UNKNOWN},
	{NUMBER, MEMBER(billed_nusd), 0, COST_UNKNOWN},
	{NUMBER, MEMBER(total_us), 0, 0},
	{NUMBER, MEMBER(first_byte_us), 0, -1},
	{TEXT(app)},
	{TEXT(user)},
	{TEXT(tags)},
};

static void set_column(struct call_record *r, const struct column *column, const char *text)
{
	bool none = strcmp(text, "-") == 0;
	int64_t n = none ? column->none : strtoll(text, NULL, 10);

	switch (column->type) {
	case NUMBER:
		memcpy((char *)r + column->offset, &n, sizeof(n));
		break;
	case WORD:
		copy_text((char *)r + column->offset, column->size, none ? "" : text);
		break;
	case TOKENS:
		if (!none)
			usage_set(&r->usage, (enum usage_field)column->offset, n, USAGE_REPORTED);
		break;
	}
}

/* What is not in a line follows from what is: the attempt that was made, if any. */
static void add_attempt(struct call_record *r)
{
	struct attempt_record *a = &r->attempts[0];

	memset(a, 0, sizeof(*a));
	copy_text(a->provider, sizeof(a->provider), r->provider);
	copy_text(a->model, sizeof(a->model), r->model);
	a->reason = r->result == CALL_ANSWERED ? ATTEMPT_OK : ATTEMPT_SERVER_ERROR;
	a->status = r->status;
	a->first_byte_us = r->first_byte_us;
	a->total_us = r->total_us;
	r->num_attempts = r->num_entries = 1;
}

static bool read_result(struct call_record *r, const char *name)
{
	static const int statuses[] = {[CALL_ANSWERED] = 200, [CALL_REFUSED] = 429, [CALL_FAILED] = 502, [CALL_ABORTED] = 200};

	for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
		if (strcmp(call_result_name((enum call_result)i), name) == 0) {
			r->result = (uint8_t)i;
			r->status = statuses[i];
			return true;
		}
	}
	return false;
}

/* "RESULT\tID\t…" */
static bool read_line(struct call_record *r, char *line)
{
	const char *result = strsep(&line, "\t");

	memset(r, 0, offsetof(struct call_record, attempts));
	usage_init(&r->usage);
	r->usage.provider_cost_nusd = COST_UNKNOWN;
	if (!read_result(r, result))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(columns); i++) {
		const char *text = strsep(&line, "\t");

		if (text == NULL)
			return false;
		set_column(r, &columns[i], text);
	}
	if (r->provider[0] != '\0')
		add_attempt(r);
	return line == NULL;
}

/* -- into the database ------------------------------------------------------------------------------ */

struct feed {
	struct db *db;
	struct journal *journal;
	struct batch *batch;
	uint64_t position, rows;
};

static int drain(struct feed *f, struct err *err)
{
	int rc = 0;

	while (rc == 0 && f->position < journal_head(f->journal)) {
		uint64_t rows = 0;

		rc = batch_write(f->batch, &f->position, &rows, err);
		f->rows += rows;
		journal_release(f->journal, f->position);
	}
	return rc;
}

static int append(struct feed *f, char *line, struct err *err)
{
	static struct call_record record;
	struct journal_slot *slot;

	line[strcspn(line, "\n")] = '\0';
	if (!read_line(&record, line))
		return err_set(err, ERR_INVALID, "a line that is no call: %s", line);
	slot = journal_admit(f->journal);
	if (slot == NULL)
		return err_set(err, ERR_FULL, "the journal has no room");
	journal_append(f->journal, slot, &record);
	return 0;
}

static int feed_all(struct feed *f, FILE *in, struct err *err)
{
	char line[4096];
	int rc = 0;

	for (int64_t i = 1; rc == 0 && fgets(line, sizeof(line), in) != NULL; i++) {
		rc = append(f, line, err);
		if (rc == 0 && i % GATHER == 0)
			rc = drain(f, err);
	}
	return rc == 0 ? drain(f, err) : rc;
}

static int open_all(struct feed *f, const char *path, struct err *err)
{
	char *journal = xasprintf("%s.feed", path);

	f->db = db_open(path, DB_WRITE, err);
	if (f->db != NULL)
		f->journal = journal_open(journal, RING_BYTES, 16, err);
	free(journal);
	if (f->journal == NULL)
		return -1;
	f->position = journal_tail(f->journal);
	f->batch = batch_new(f->db, &f->journal, 1);
	return 0;
}

int main(int argc, char **argv)
{
	struct feed f = {0};
	struct err err = {0};
	int rc;

	if (argc != 2) {
		fprintf(stderr, "usage: ledger_feed DATABASE < LINES\n");
		return 2;
	}
	rc = open_all(&f, argv[1], &err);
	if (rc == 0)
		rc = feed_all(&f, stdin, &err);
	if (rc == 0)
		printf("%llu\n", (unsigned long long)f.rows);
	else
		fprintf(stderr, "ledger_feed: %s\n", err.text);
	batch_free(f.batch);
	journal_close(f.journal);
	db_close(f.db);
	return rc == 0 ? 0 : 1;
}
