/* SPDX-License-Identifier: MIT */
/* Windows are put together from days, hours and minutes of rollups, and rows, here. */
#include "store/ledger_private.h"

#include "base/err.h"
#include "base/id.h"

const int64_t part_ms[] = {
	[PART_ROWS] = 1,
	[PART_MINUTES] = 60000,
	[PART_HOURS] = 3600000,
	[PART_DAYS] = 86400000,
};

/* Behind the last moment an id can hold, a whole day. */
#define LAST_MS ((ID_EPOCH_MS + (INT64_C(1) << 43)) / 86400000 * 86400000)

int64_t first_id_at(int64_t wall_ms)
{
	return wall_ms < LAST_MS ? id_first_at(wall_ms) : INT64_MAX;
}

int64_t part_since(const struct horizons *h, enum part_unit unit)
{
	switch (unit) {
	case PART_ROWS:
		return h->of[HORIZON_CALLS].from_ms;
	case PART_MINUTES:
		return h->of[HORIZON_MINUTES].from_ms;
	case PART_HOURS:
		return h->of[HORIZON_HOURS].from_ms;
	case PART_DAYS:
		break;
	}
	return 0;
}

/* What can be used at that moment, a bit for each. */
static unsigned units_at(const struct horizons *h, int64_t at_ms, unsigned units, unsigned coarser)
{
	unsigned there = 0;

	units |= 1u << PART_ROWS;
	for (int unit = PART_ROWS; unit <= PART_DAYS; unit++)
		if (at_ms >= part_since(h, (enum part_unit)unit))
			there |= 1u << unit;
	if ((there & units) != 0)
		return there & units;
	there &= coarser;
	return there & -there;
}

/* From then on as much is there as at that moment. */
static int64_t next_horizon(const struct horizons *h, int64_t at_ms, int64_t until_ms)
{
	for (int unit = PART_ROWS; unit <= PART_DAYS; unit++) {
		int64_t since = part_since(h, (enum part_unit)unit);

		if (since > at_ms && since < until_ms)
			until_ms = since;
	}
	return until_ms;
}

/* The length of the finest of them. */
static int64_t finest_ms(unsigned units)
{
	for (int unit = PART_ROWS; unit <= PART_DAYS; unit++)
		if ((units & 1u << unit) != 0)
			return part_ms[unit];
	return part_ms[PART_DAYS];
}

int64_t window_cell_ms(const struct horizons *h, unsigned units, unsigned coarser, int64_t at_ms)
{
	return finest_ms(units_at(h, at_ms, units, coarser));
}

static size_t split(int64_t from, int64_t until, int unit, unsigned units, struct part *out)
{
	int64_t first, last;
	size_t n;

	if (from >= until)
		return 0;
	if (unit == PART_ROWS) {
		*out = (struct part){PART_ROWS, first_id_at(from), first_id_at(until)};
		return 1;
	}
	first = (from + part_ms[unit] - 1) / part_ms[unit];
	last = until / part_ms[unit];
	if ((units & 1u << unit) == 0 || first >= last)
		return split(from, until, unit - 1, units, out);
	n = split(from, first * part_ms[unit], unit - 1, units, out);
	out[n++] = (struct part){(enum part_unit)unit, first, last};
	return n + split(last * part_ms[unit], until, unit - 1, units, out + n);
}

/* One after the other of the same unit are one. */
static size_t join(struct part *parts, size_t num, size_t added)
{
	if (num > 0 && added > 0 && parts[num - 1].unit == parts[num].unit && parts[num - 1].until == parts[num].from) {
		parts[num - 1].until = parts[num].until;
		for (size_t i = 1; i < added; i++)
			parts[num + i - 1] = parts[num + i];
		added--;
	}
	return num + added;
}

/* Outward to whole cells of what is there, or to where anything is. */
static void round_out(const struct horizons *h, unsigned units, unsigned coarser, struct span *w)
{
	unsigned first = units_at(h, w->from_ms, units, coarser), last = units_at(h, w->until_ms - 1, units, coarser);
	int64_t cell = finest_ms(last);

	w->from_ms = first != 0 ? w->from_ms / finest_ms(first) * finest_ms(first) : part_since(h, PART_ROWS);
	w->until_ms = (w->until_ms + cell - 1) / cell * cell;
	if (w->until_ms < w->from_ms)
		w->until_ms = w->from_ms;
}

size_t window_split(const struct horizons *h, unsigned units, unsigned coarser, struct span *window,
		    struct part out[PARTS_MAX])
{
	/* No call is older than the first id, a whole day too: open windows are whole days of rollups. */
	struct span w = {window->from_ms > ID_EPOCH_MS ? window->from_ms : ID_EPOCH_MS,
			 window->until_ms < LAST_MS ? window->until_ms : LAST_MS};
	struct span asked = w;
	size_t num = 0;

	if (w.from_ms >= w.until_ms)
		return 0;
	round_out(h, units, coarser, &w);
	if (w.from_ms != asked.from_ms)
		window->from_ms = w.from_ms;
	if (w.until_ms != asked.until_ms)
		window->until_ms = w.until_ms;
	while (w.from_ms < w.until_ms) {
		int64_t next = next_horizon(h, w.from_ms, w.until_ms);

		num = join(out, num, split(w.from_ms, next, PART_DAYS, units_at(h, w.from_ms, units, coarser), out + num));
		w.from_ms = next;
	}
	return num;
}

int window_open_end(struct db *db, int64_t *until_ms, struct err *err)
{
	int64_t id;
	int rc = ledger_newest_id(db, &id, err);

	if (rc == 0 && (id == 0 || id_wall_ms(id) < *until_ms))
		*until_ms = INT64_MAX;
	return rc;
}
