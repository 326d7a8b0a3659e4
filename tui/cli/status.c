/* SPDX-License-Identifier: MIT */
/* How the daemon is doing is printed here. */
#include <stdio.h>

#include "base/buf.h"
#include "base/fmt.h"
#include "base/json.h"
#include "base/mem.h"
#include "cli/list.h"

static void cell_you(const struct column *column, const json_t *item, struct buf *out)
{
	const json_t *you = json_object_get(item, column->member);
	const char *user = json_text_peek(you, "user"), *role = json_text_peek(you, "role");

	buf_printf(out, "%s, %s", user ? user : "-", role ? role : "-");
}

static void cell_providers(const struct column *column, const json_t *item, struct buf *out)
{
	const json_t *providers = json_object_get(item, column->member);

	buf_printf(out, "%lld enabled, %lld disabled, %lld draining", (long long)json_int_peek(providers, "enabled", 0),
		   (long long)json_int_peek(providers, "disabled", 0),
		   (long long)json_int_peek(providers, "draining", 0));
}

static void cell_journal(const struct column *column, const json_t *item, struct buf *out)
{
	const json_t *journal = json_object_get(item, column->member);
	const char *failure = json_text_peek(journal, "failure");
	char text[FMT_TEXT];

	buf_printf(out, "%s bytes to be taken over", fmt_count(json_int_peek(journal, "backlog_bytes", 0), text));
	if (failure != NULL)
		buf_printf(out, ", FAILING: %s", failure);
}

/* "calls 90d (since 2026-08-25); …": since only where something has been deleted. */
static void cell_retention(const struct column *column, const json_t *item, struct buf *out)
{
	static const struct {
		const char *unit, *since;
	} units[] = {{"calls", "calls_since"}, {"minutes", "minutes_since"}, {"hours", "hours_since"}};
	const json_t *retention = json_object_get(item, column->member);

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		const char *age = json_text_peek(retention, units[i].unit), *since = json_text_peek(retention, units[i].since);

		buf_printf(out, "%s%s %s", i > 0 ? "; " : "", units[i].unit, age != NULL ? age : "-");
		if (since != NULL)
			buf_printf(out, " (since %.10s)", since);
	}
}

static const struct column columns[] = {
	{"name", "name", cell_text, 0},
	{"version", "version", cell_text, 0},
	{"demo", "demo", cell_text, 0},
	{"pid", "pid", cell_text, 0},
	{"started", "started_at", cell_time, 0},
	{"data API", "listen", cell_text, 0},
	{"admin socket", "socket", cell_text, 0},
	{"home", "home", cell_text, 0},
	{"you", "you", cell_you, 0},
	{"workers", "workers", cell_text, 0},
	{"durability", "durability", cell_text, 0},
	{"open calls", "open_calls", cell_text, 0},
	{"calls", "calls", cell_count, 0},
	{"errors", "errors", cell_count, 0},
	{"unauthenticated", "unauthenticated", cell_text, 0},
	{"providers", "providers", cell_providers, 0},
	{"journal", "journal", cell_journal, 0},
	{"kept for", "retention", cell_retention, 0},
	{"database bytes", "db_bytes", cell_count, 0},
	{"memory bytes", "rss_bytes", cell_count, 0},
	{"generation", "generation", cell_text, 0},
	{"warnings", "warnings", cell_text, 0},
};

int status_run(struct cli *cli)
{
	return show_run(cli, "/v1/status", columns, ARRAY_LEN(columns));
}
