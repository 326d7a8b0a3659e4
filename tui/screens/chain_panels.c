/* SPDX-License-Identifier: MIT */
/* The daemon's explanation of a chain, and its history, are drawn here. */
#include "screens/chain_panels.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "model/now.h"

static void join(const json_t *names, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < json_array_size(names) && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s", i > 0 ? " and " : "",
					json_string_value(json_array_get(names, i)));
}

static void draw_candidate(const json_t *row, struct area a, int y)
{
	const char *target = json_text_peek(row, "target"), *verdict = json_text_peek(row, "verdict");
	const char *reason = json_text_peek(row, "reason");
	bool skipped = verdict != NULL && strcmp(verdict, "skipped") == 0;
	double share = json_number_value(json_object_get(row, "share_percent"));

	putf(a, y, 1, skipped ? ROLE_WARN : ROLE_NORMAL, "%4lld  %-34s %4.0f%%  %s%s%s",
	     (long long)json_int_peek(row, "tier", 0), target != NULL ? target : "-", share,
	     verdict != NULL ? verdict : "-", reason != NULL ? ": " : "", reason != NULL ? reason : "");
}

void chain_draw_explain(const json_t *data, struct area a)
{
	const json_t *order = data != NULL ? json_object_get(data, "order") : NULL;
	const char *by = data != NULL ? json_text_peek(data, "answered_by") : NULL;
	char down[256];
	int y = 0;

	join(data != NULL ? json_object_get(data, "down") : NULL, down, sizeof(down));
	if (down[0] != '\0')
		putf(a, y++, 1, ROLE_TITLE, "WHAT IF DOWN: %s (as it is live, nothing is changed)", down);
	else
		put(a, y++, 1, a.width, ROLE_TITLE, "WHO ANSWERS NOW   Space: what if this provider is down");
	for (size_t i = 0; i < json_array_size(order) && y < a.height; i++)
		draw_candidate(json_array_get(order, i), a, y++);
	if (data == NULL)
		put(a, y, 1, a.width, ROLE_DIM, "asking the daemon...");
	else if (by != NULL)
		putf(a, y, 1, ROLE_NORMAL, "answered by %s", by);
	else
		put(a, y, 1, a.width, ROLE_BAD, "! nobody: calls would get 503");
}

static void draw_version(const json_t *row, struct area a, int y)
{
	char at[NOW_TEXT];
	const char *who = json_text_peek(row, "who"), *text = json_text_peek(row, "text");
	const char *reason = json_text_peek(row, "reason");
	int x = putf(a, y, 1, ROLE_NORMAL, "%4lld  %-12s  %-8s  ", (long long)json_int_peek(row, "version", 0),
		     now_stamp(json_time_peek(row, "at"), at), who != NULL ? who : "-");

	x = put(a, y, x, a.width - x, ROLE_NORMAL, json_bool_peek(row, "deleted") ? "deleted" : text != NULL ? text : "-");
	if (reason != NULL)
		putf(a, y, x + 2, ROLE_DIM, "\"%s\"", reason);
}

void chain_draw_history(const json_t *data, struct area a)
{
	const json_t *items = data != NULL ? json_object_get(data, "items") : NULL;

	put(a, 0, 1, a.width, ROLE_TITLE, "HISTORY   u takes the newest back as a version of its own   i who answers");
	if (data == NULL)
		put(a, 1, 1, a.width, ROLE_DIM, "asking the daemon...");
	for (size_t i = 0; i < json_array_size(items); i++)
		draw_version(json_array_get(items, i), a, (int)i + 1);
}
