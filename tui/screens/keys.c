/* SPDX-License-Identifier: MIT */
/* Keys: made, limited, blocked, rotated and revoked; a leaked one is found by pasting it after "/". */
#include "screens/key_list.h"
#include "screens/screens.h"
#include "screens/show.h"

static void keys_open(struct screen *s, const void *arg)
{
	(void)arg;
	key_list_open(s->state, s, NULL);
}

static void keys_close(struct screen *s)
{
	struct key_list *k = s->state;

	list_view_close(&k->list);
}

static void keys_draw(struct screen *s, struct area a)
{
	struct key_list *k = s->state;
	struct area foot = area_part(a, a.height - 1, 0, 1, a.width);

	a.height--;
	list_view_draw(&k->list, a, true);
	if (list_view_count(&k->list, foot, 0) + 48 < foot.width)
		put_right(foot, 0, foot.width - 1, ROLE_DIM, "after /, paste a leaked key to find its owner");
}

static bool keys_request(struct screen *s, enum request r)
{
	return key_list_request(s, r, NULL);
}

static bool keys_has_row(struct screen *s)
{
	struct key_list *k = s->state;

	return list_view_row(&k->list) != NULL;
}

static void keys_facts(const struct screen *s, char *out, size_t size)
{
	const struct key_list *k = s->state;

	list_view_facts(&k->list, out, size);
}

const struct screen_ops keys_screen = {
	.name = "Keys",
	.kind = SCREEN_FULL,
	.context = CONTEXT_KEYS,
	.state_size = sizeof(struct key_list),
	.open = keys_open,
	.close = keys_close,
	.draw = keys_draw,
	.request = keys_request,
	.facts = keys_facts,
	.has_row = keys_has_row,
};
