/* SPDX-License-Identifier: MIT */
/*
 * The database is checked and copied here, each on a thread and a connection of its own: both read
 * everything, and nobody waits for them but who asked.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "admin/change.h"
#include "admin/context.h"
#include "admin/objects.h"
#include "admin/request.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "loop/httpd.h"
#include "store/ledger_store.h"
#include "store/overview_store.h"
#include "store/store.h"

#define PROBLEMS_MAX 200

/* Work that is done elsewhere and answered here. */
struct job {
	struct loop_task done;
	struct admin *admin;
	struct admin_request *request;          /* NULL: its client left meanwhile */
	void (*work)(struct job *);             /* on the job's thread */
	char *db_path, *backup_path;
	uint64_t started_us;
	json_t *problems;
	int64_t calls;
	struct err err;                         /* code 0: it went well */
};

static void job_free(struct job *job)
{
	json_decref(job->problems);
	free(job->db_path);
	free(job->backup_path);
	free(job);
}

static void note(void *arg, const char *text)
{
	struct job *job = arg;

	if (json_array_size(job->problems) < PROBLEMS_MAX)
		json_array_append_new(job->problems, json_string(text));
}

/* -- on the job's thread ------------------------------------------------------------------------- */

static void check(struct job *job)
{
	struct db *db = db_open(job->db_path, DB_READ, &job->err);

	if (db == NULL)
		return;
	if (ledger_check(db, note, job, &job->err) >= 0)
		overview_calls(db, &job->calls, &job->err);
	db_close(db);
}

static void back_up(struct job *job)
{
	/* A connection that may only read may not write another file either. */
	struct db *db = db_open(job->db_path, DB_WRITE, &job->err);

	if (db == NULL)
		return;
	if (overview_backup(db, job->backup_path, &job->err) == 0)
		overview_calls(db, &job->calls, &job->err);
	db_close(db);
}

static void *run(void *arg)
{
	struct job *job = arg;

	job->work(job);
	loop_post(job->admin->loop, &job->done);
	return NULL;
}

/* -- budgets against the ledger ------------------------------------------------------------------ */

/* Counters move with every call: what can be proven is that an idle one says what the rows say. */
static int check_budget(void *arg, const struct budget_row *row)
{
	struct job *job = arg;
	struct budget *live = index_budget(job->admin, row->id);
	struct budget_state before, after;
	char counted[MONEY_TEXT], written[MONEY_TEXT], text[256];
	int64_t spent = 0;

	if (live == NULL)
		return 0;
	budget_read(live, clock_wall_ms(), &before);
	if (ledger_spent(job->admin->db, row->scope, row->scope_id, row->model, before.from_ms, before.until_ms, &spent,
			 &job->err) < 0)
		return job->err.code;
	budget_read(live, clock_wall_ms(), &after);
	if (after.reserved_nusd != 0 || after.changes != before.changes || spent == after.spent_nusd)
		return 0;
	snprintf(text, sizeof(text), "budget %lld (%s %lld, %s%s%s): its counter says %s, the calls say %s",
		 (long long)row->id, row->scope, (long long)row->scope_id, row->window, row->model[0] ? ", " : "",
		 row->model, money_format(after.spent_nusd, counted), money_format(spent, written));
	note(job, text);
	return 0;
}

/* -- back on the admin thread -------------------------------------------------------------------- */

static void answer(struct job *job)
{
	struct admin_request *r = job->request;

	if (job->err.code != ERR_NONE) {
		request_fail(r, &job->err, NULL);
	} else {
		r->status = 200;
		r->answer = json_object();
		json_add_bool(r->answer, "ok", json_array_size(job->problems) == 0);
		json_add_int(r->answer, "calls", job->calls);
		json_add_int(r->answer, "ms", (int64_t)((clock_mono_us() - job->started_us) / 1000));
		json_add_text(r->answer, "path", job->backup_path);
		json_add(r->answer, "problems", json_incref(job->problems));
	}
	r->pending = NULL;
	r->cancel = NULL;
	admin_send(r);
}

static void done(struct loop_task *task)
{
	struct job *job = CONTAINER_OF(task, struct job, done);

	if (job->request != NULL) {
		if (job->err.code == ERR_NONE && job->backup_path == NULL) {
			admin_flush(job->admin);
			budget_list(job->admin->db, check_budget, job, &job->err);
		}
		answer(job);
	}
	admin_job_ended(job->admin);
	job_free(job);
}

static void forget(struct admin_request *r)
{
	struct job *job = r->pending;

	job->request = NULL;
	r->pending = NULL;
}

static int start(struct admin_request *r, void (*work)(struct job *), const char *backup_path, struct err *err)
{
	struct job *job = xcalloc(1, sizeof(*job));
	pthread_attr_t attributes;
	pthread_t thread;
	int rc;

	job->done.run = done;
	job->admin = r->admin;
	job->request = r;
	job->work = work;
	job->db_path = xstrdup(r->admin->options.db_path);
	job->backup_path = backup_path != NULL ? xstrdup(backup_path) : NULL;
	job->started_us = clock_mono_us();
	job->problems = json_array();
	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	rc = pthread_create(&thread, &attributes, run, job);
	pthread_attr_destroy(&attributes);
	if (rc != 0) {
		job_free(job);
		errno = rc;
		return err_errno(err, "starting a thread");
	}
	r->admin->num_jobs++;
	r->pending = job;
	r->cancel = forget;
	r->later = true;
	return 0;
}

int db_answer_check(struct admin_request *r, struct err *err)
{
	admin_flush(r->admin);
	return start(r, check, NULL, err);
}

int db_answer_backup(struct admin_request *r, struct err *err)
{
	const char *path = r->query(r, "path");

	if (path == NULL || *path != '/')
		return err_set(err, ERR_INVALID, "path: expected an absolute path for the copy");
	if (access(path, F_OK) == 0)
		return err_set(err, ERR_INVALID, "path: %.200s is there already; say another name", path);
	admin_flush(r->admin);
	return start(r, back_up, path, err);
}
