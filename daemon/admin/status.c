/* SPDX-License-Identifier: MIT */
/* What the daemon is, who you are to it, and what it worries about is said here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "admin/context.h"
#include "admin/objects.h"
#include "admin/request.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "store/horizons.h"
#include "store/writer.h"

/* More than this in the journals is worth a warning: the writer does not keep up. */
#define BACKLOG_WARNING (8u << 20)

static int64_t file_bytes(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? (int64_t)st.st_size : 0;
}

/* The database and its write-ahead log. */
static int64_t database_bytes(const char *path)
{
	char *wal = xasprintf("%s-wal", path);
	int64_t bytes = file_bytes(path) + file_bytes(wal);

	free(wal);
	return bytes;
}

static int64_t resident_bytes(void)
{
	long long pages = 0, resident = INT64_MIN;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL)
		return INT64_MIN;
	if (fscanf(f, "%lld %lld", &pages, &resident) == 2)
		resident *= sysconf(_SC_PAGESIZE);
	fclose(f);
	return resident;
}

/* Steals the sentence. */
static void warn(json_t *warnings, json_t *sentence)
{
	json_array_append_new(warnings, sentence);
}

static void add_providers(const struct view *view, json_t *status, json_t *warnings)
{
	int64_t count[PROVIDER_DRAINING + 1] = {0};
	json_t *providers = json_object();

	if (view != NULL)
		for (const struct map_entry *e = map_next(&view->providers, NULL); e; e = map_next(&view->providers, e)) {
			const struct view_provider *p = e->value;

			count[p->state]++;
			if (p->credential_error != NULL && p->state == PROVIDER_ENABLED)
				warn(warnings, json_sprintf("provider %s has no credential: %s", p->name,
							    p->credential_error));
		}
	json_add_int(providers, "enabled", count[PROVIDER_ENABLED]);
	json_add_int(providers, "disabled", count[PROVIDER_DISABLED]);
	json_add_int(providers, "draining", count[PROVIDER_DRAINING]);
	json_add(status, "providers", providers);
	if (count[PROVIDER_ENABLED] == 0)
		warn(warnings, json_string("no provider is enabled: every call is refused"));
}

static bool is_served(const struct view_chain *chain)
{
	for (size_t i = 0; i < chain->num_tiers; i++)
		for (size_t j = 0; j < chain->tiers[i].num_targets; j++) {
			const struct view_provider *p = chain->tiers[i].targets[j].provider;

			if (p != NULL && p->state == PROVIDER_ENABLED)
				return true;
		}
	return false;
}

static void warn_of_chains(const struct view *view, json_t *warnings)
{
	for (const struct map_entry *e = map_next(&view->chains, NULL); e; e = map_next(&view->chains, e)) {
		const struct view_chain *chain = e->value;

		if (!is_served(chain))
			warn(warnings, json_sprintf("chain %s has no target that is on", chain->name));
	}
}

static void add_journal(struct admin *a, json_t *status, json_t *warnings)
{
	struct writer_stats stats = {0};
	json_t *journal = json_object();

	if (a->options.writer != NULL)
		writer_stats(a->options.writer, &stats);
	json_add_int(journal, "backlog_bytes", (int64_t)stats.backlog_bytes);
	json_add_time(journal, "failing_since", stats.failing_since_ms);
	json_add_text(journal, "failure", stats.failing_since_ms != 0 ? stats.failure : NULL);
	json_add(status, "journal", journal);
	if (stats.failing_since_ms != 0)
		warn(warnings, json_sprintf("calls cannot be written to the database: %s", stats.failure));
	else if (stats.backlog_bytes > BACKLOG_WARNING)
		warn(warnings, json_string("the database does not keep up with the calls"));
}

static void add_age(json_t *retention, const char *name, int64_t age_ms)
{
	char text[CLOCK_TEXT];

	json_add_text(retention, name, age_ms != 0 ? duration_format(age_ms, text) : "forever");
}

/* How long each unit is kept, and since when it is there; null: since the beginning. */
static void add_retention(const struct admin *a, json_t *status)
{
	const struct settings *s = a->options.settings;
	json_t *retention = json_object();
	struct horizons h = {0};
	struct err ignored;

	horizons_get(a->db, &h, &ignored);
	add_age(retention, "calls", s->retention_calls);
	add_age(retention, "minutes", s->retention_minutes);
	add_age(retention, "hours", s->retention_hours);
	json_add_time(retention, "calls_since", h.of[HORIZON_CALLS].from_ms);
	json_add_time(retention, "minutes_since", h.of[HORIZON_MINUTES].from_ms);
	json_add_time(retention, "hours_since", h.of[HORIZON_HOURS].from_ms);
	json_add(status, "retention", retention);
}

static json_t *you(const struct peer *peer)
{
	json_t *json = json_object();

	json_add_int(json, "uid", (int64_t)peer->uid);
	json_add_text(json, "user", peer->user);
	json_add_text(json, "role", role_name(peer->role));
	return json;
}

static void add_settings(const struct admin *a, json_t *status)
{
	const struct settings *s = a->options.settings;

	json_add_text(status, "name", s->name);
	json_add_text(status, "version", TOLLGATE_VERSION);
	json_add_bool(status, "demo", s->demo);
	json_add_int(status, "pid", (int64_t)getpid());
	json_add_time(status, "started_at", a->started_ms);
	json_add_time(status, "now", clock_wall_ms());
	json_add_text(status, "listen", a->options.listen);
	json_add_text(status, "socket", s->socket);
	json_add_text(status, "home", s->home);
	json_add_int(status, "workers", a->options.num_workers);
	json_add_text(status, "durability", s->durability);
	json_add_int(status, "generation", admin_generation(a));
}

json_t *status_show(struct admin *a, const struct admin_request *r)
{
	const struct view *view = admin_view(a);
	json_t *status = json_object(), *warnings = json_array();
	struct admin_counts counts;

	admin_count(a, &counts);
	add_settings(a, status);
	json_add(status, "you", you(&r->peer));
	json_add_int(status, "open_calls", counts.open);
	json_add_int(status, "calls", counts.calls);
	json_add_int(status, "errors", counts.errors);
	json_add_int(status, "unauthenticated", counts.unauthenticated);
	add_journal(a, status, warnings);
	add_providers(view, status, warnings);
	if (view != NULL)
		warn_of_chains(view, warnings);
	add_retention(a, status);
	json_add_int(status, "db_bytes", database_bytes(a->options.db_path));
	json_add_int(status, "rss_bytes", resident_bytes());
	json_add(status, "warnings", warnings);
	return status;
}

int status_answer(struct admin_request *r, struct err *err)
{
	(void)err;
	admin_flush(r->admin);
	r->answer = status_show(r->admin, r);
	return 0;
}
