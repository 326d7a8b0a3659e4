/* SPDX-License-Identifier: MIT */
/* A chain is edited here, before anybody else sees it. */
#include "model/draft.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

/* Orders rows by tier, keeping the order within one, and closes gaps. */
static void normalize(struct draft *d)
{
	int tier = 0, last = 0;

	/* Few rows: insertion keeps equal ones in their order, which qsort() does not promise. */
	for (size_t i = 1; i < d->num_targets; i++) {
		struct draft_target moved = d->targets[i];
		size_t at = i;

		for (; at > 0 && d->targets[at - 1].tier > moved.tier; at--)
			d->targets[at] = d->targets[at - 1];
		d->targets[at] = moved;
	}
	for (size_t i = 0; i < d->num_targets; i++) {
		int old = d->targets[i].tier;

		if (i == 0 || old != last)
			tier++;
		last = old;
		d->targets[i].tier = tier;
	}
}

static void append(struct draft *d, const char *name, int tier, int weight)
{
	struct draft_target *t;

	if (d->num_targets == DRAFT_TARGETS)
		return;
	t = &d->targets[d->num_targets++];
	copy_text(t->name, sizeof(t->name), name);
	t->tier = tier;
	t->weight = weight;
}

void draft_load(struct draft *d, const json_t *chain)
{
	const json_t *tiers = json_object_get(chain, "tiers");
	const char *name = json_text_peek(chain, "name");

	memset(d, 0, sizeof(*d));
	copy_text(d->chain, sizeof(d->chain), name != NULL ? name : "");
	d->version = json_int_peek(chain, "version", 0);
	for (size_t i = 0; i < json_array_size(tiers); i++) {
		const json_t *tier = json_array_get(tiers, i);

		for (size_t j = 0; j < json_array_size(tier); j++) {
			const json_t *target = json_array_get(tier, j);
			const char *text = json_text_peek(target, "target");

			if (text != NULL)
				append(d, text, (int)i + 1, (int)json_int_peek(target, "weight", 1));
		}
	}
	normalize(d);
	memcpy(d->base, d->targets, sizeof(d->base));
	d->num_base = d->num_targets;
}

static bool same_target(const struct draft_target *a, const struct draft_target *b)
{
	return strcmp(a->name, b->name) == 0 && a->tier == b->tier && a->weight == b->weight;
}

bool draft_is_changed(const struct draft *d)
{
	if (d->num_targets != d->num_base)
		return true;
	for (size_t i = 0; i < d->num_targets; i++)
		if (!same_target(&d->targets[i], &d->base[i]))
			return true;
	return false;
}

void draft_reset(struct draft *d)
{
	memcpy(d->targets, d->base, sizeof(d->targets));
	d->num_targets = d->num_base;
}

static int in_tier(const struct draft *d, int tier)
{
	int n = 0;

	for (size_t i = 0; i < d->num_targets; i++)
		n += d->targets[i].tier == tier;
	return n;
}

static size_t row_of(const struct draft *d, const char *name)
{
	for (size_t i = 0; i < d->num_targets; i++)
		if (strcmp(d->targets[i].name, name) == 0)
			return i;
	return 0;
}

size_t draft_move(struct draft *d, size_t row, bool down)
{
	char name[DRAFT_TEXT];
	int tier, step = down ? 1 : -1;

	if (row >= d->num_targets)
		return row;
	copy_text(name, sizeof(name), d->targets[row].name);
	tier = d->targets[row].tier;
	/* Only every third number is a tier now, so that there is room on both sides of each. */
	for (size_t i = 0; i < d->num_targets; i++)
		d->targets[i].tier *= 3;
	d->targets[row].tier += in_tier(d, tier * 3) > 1 ? step : 4 * step;
	normalize(d);
	return row_of(d, name);
}

size_t draft_set(struct draft *d, size_t row, int tier, int weight)
{
	char name[DRAFT_TEXT];

	if (row >= d->num_targets)
		return row;
	copy_text(name, sizeof(name), d->targets[row].name);
	d->targets[row].tier = tier;
	d->targets[row].weight = weight;
	normalize(d);
	return row_of(d, name);
}

bool draft_add(struct draft *d, const char *target, int tier, int weight)
{
	for (size_t i = 0; i < d->num_targets; i++)
		if (strcmp(d->targets[i].name, target) == 0)
			return false;
	if (d->num_targets == DRAFT_TARGETS)
		return false;
	append(d, target, tier, weight);
	normalize(d);
	return true;
}

void draft_remove(struct draft *d, size_t row)
{
	if (row >= d->num_targets)
		return;
	memmove(&d->targets[row], &d->targets[row + 1], (d->num_targets - row - 1) * sizeof(d->targets[0]));
	d->num_targets--;
	normalize(d);
}

json_t *draft_body(const struct draft *d)
{
	json_t *tiers = json_array(), *tier = NULL;
	int last = 0;

	for (size_t i = 0; i < d->num_targets; i++) {
		if (d->targets[i].tier != last) {
			tier = json_array();
			json_array_append_new(tiers, tier);
			last = d->targets[i].tier;
		}
		json_array_append_new(tier, json_pack("{s:s, s:i}", "target", d->targets[i].name, "weight",
						      d->targets[i].weight));
	}
	return json_pack("{s:o}", "tiers", tiers);
}

const char *draft_text(const struct draft *d, char *out, size_t size)
{
	size_t len = 0;

	out[0] = '\0';
	for (size_t i = 0; i < d->num_targets && len < size; i++) {
		const struct draft_target *t = &d->targets[i];
		const char *between = i == 0 ? "" : t->tier == d->targets[i - 1].tier ? ", " : " > ";

		if (t->weight != 1)
			len += (size_t)snprintf(out + len, size - len, "%s%s*%d", between, t->name, t->weight);
		else
			len += (size_t)snprintf(out + len, size - len, "%s%s", between, t->name);
	}
	return out;
}
