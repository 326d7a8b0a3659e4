/* SPDX-License-Identifier: MIT */
/* A call's tries are drawn to scale here. */
#include <stdio.h>
#include <string.h>

#include "base/fmt.h"
#include "base/json.h"
#include "draw/waterfall.h"
#include "screens/call_parts.h"

#define NOTE_CELLS 20

/* Where things stand in a row of the timeline. */
struct lane {
	struct area area;
	int label, bar_x, bar;  /* cells */
	int64_t total_us;
};

static int64_t end_of(const json_t *entry)
{
	int64_t total = json_int_peek(entry, "total_us", 0);

	return json_int_peek(entry, "start_us", 0) + (total > 0 ? total : 0);
}

/* What a killed daemon's call took nobody knows: the tries say how long at least. */
static int64_t total_of(const json_t *call)
{
	const json_t *entries = json_object_get(call, "entries");
	int64_t total = json_int_peek(call, "total_us", 0);

	for (size_t i = 0; i < json_array_size(entries); i++) {
		int64_t end = end_of(json_array_get(entries, i));

		total = end > total ? end : total;
	}
	return total;
}

static void put_note(const struct lane *l, int y, enum role role, const char *text)
{
	put_right(l->area, y, l->area.width - 1, role, text);
}

static void put_label(const struct lane *l, int y, enum role role, const char *text)
{
	put(l->area, y, 1, l->label, role, text);
	put(l->area, y, l->bar_x - 1, 1, ROLE_DIM, "|");
}

/* "429 after 0.3s", "failed after 30.0s" (why has the reason), "ttft 0.9s, 2.7s" */
static void say_try(const json_t *entry, bool failed, char *out, size_t size)
{
	int64_t status = json_int_peek(entry, "status", 0);
	char total[FMT_TEXT], first[FMT_TEXT], code[24];

	fmt_latency(json_int_peek(entry, "total_us", FMT_UNKNOWN), total);
	fmt_latency(json_int_peek(entry, "first_byte_us", FMT_UNKNOWN), first);
	snprintf(code, sizeof(code), "%lld", (long long)status);
	if (failed)
		snprintf(out, size, "%s after %s", status >= 400 ? code : "failed", total);
	else
		snprintf(out, size, "ttft %s, %s", first, total);
}

static void draw_try(const struct lane *l, int y, const json_t *entry)
{
	const char *reason = json_text_peek(entry, "reason");
	int64_t first = json_int_peek(entry, "first_byte_us", -1), start = json_int_peek(entry, "start_us", 0);
	struct span span = {.start = start, .end = end_of(entry), .first_byte = first >= 0 ? start + first : -1,
			    .failed = reason == NULL || strcmp(reason, "ok") != 0};
	char note[128];

	span_draw(l->area, y, l->bar_x, l->bar, &span, l->total_us);
	say_try(entry, span.failed, note, sizeof(note));
	put_note(l, y, span.failed ? ROLE_WARN : ROLE_NORMAL, note);
}

static void draw_entry(const struct lane *l, int y, const json_t *entry, int number)
{
	const char *target = json_text_peek(entry, "target"), *text = json_text_peek(entry, "text");
	bool made = json_bool_peek(entry, "made");
	char label[512];

	if (made)
		snprintf(label, sizeof(label), "%d %s", number, target != NULL ? target : "-");
	else
		snprintf(label, sizeof(label), "- %s", target != NULL ? target : "-");
	put_label(l, y, made ? ROLE_NORMAL : ROLE_DIM, label);
	if (made)
		draw_try(l, y, entry);
	else
		put(l->area, y, l->bar_x + 1, l->area.width, ROLE_DIM, text != NULL ? text : "passed over");
}

static void draw_client(const struct lane *l, int y, const json_t *call)
{
	int64_t first = json_int_peek(call, "first_byte_us", -1);
	struct span span = {.start = first, .first_byte = first, .end = l->total_us};
	char note[64], text[FMT_TEXT];

	put_label(l, y, ROLE_NORMAL, "to the client");
	if (first < 0)
		return;
	span_draw(l->area, y, l->bar_x, l->bar, &span, l->total_us);
	snprintf(note, sizeof(note), "first at %s", fmt_latency(first, text));
	put_note(l, y, ROLE_NORMAL, note);
}

static void draw_scale(const struct lane *l, int y, const json_t *call)
{
	char note[64], gateway[FMT_TEXT];

	put(l->area, y, 1, l->label, ROLE_TITLE, "TIMELINE");
	scale_draw(l->area, y, l->bar_x, l->bar, l->total_us);
	snprintf(note, sizeof(note), "gateway %s", fmt_latency(json_int_peek(call, "gateway_us", FMT_UNKNOWN), gateway));
	put_note(l, y, ROLE_DIM, note);
}

static void draw_legend(const struct lane *l, int y)
{
	putf(l->area, y, 3, ROLE_DIM, "%s sent  %s waiting  %s first byte  %s answering  %s end  %s failed", glyph(GLYPH_SENT),
	     glyph(GLYPH_WAITING), glyph(GLYPH_FIRST_BYTE), glyph(GLYPH_STREAMING), glyph(GLYPH_LAST_BYTE),
	     glyph(GLYPH_FAILED));
}

int call_draw_timeline(const json_t *call, struct area a, int y)
{
	const json_t *entries = json_object_get(call, "entries");
	int label = a.width / 4 < 34 ? a.width / 4 : 34, made = 0;
	struct lane l = {.area = a, .label = label, .bar_x = label + 2, .total_us = total_of(call)};

	l.bar = a.width - l.bar_x - NOTE_CELLS;
	if (l.bar < 8 || json_array_size(entries) == 0)
		return y;
	draw_scale(&l, y++, call);
	for (size_t i = 0; i < json_array_size(entries); i++) {
		const json_t *entry = json_array_get(entries, i);

		made += json_bool_peek(entry, "made");
		draw_entry(&l, y++, entry, made);
	}
	draw_client(&l, y++, call);
	draw_legend(&l, y++);
	return y;
}
