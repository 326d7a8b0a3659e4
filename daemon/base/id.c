/* SPDX-License-Identifier: MIT */
/* Ids of calls are made, and turned into text and back, here. */
#include "base/id.h"

#include <sodium.h>
#include <string.h>

#include "base/text.h"

#define WHO_BITS 6
#define SEQUENCE_BITS 14
#define PREFIX "call_"
#define DIGITS 13

static const char base32[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char base62[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

int64_t id_first_at(int64_t wall_ms)
{
	int64_t since = wall_ms > ID_EPOCH_MS ? wall_ms - ID_EPOCH_MS : 0;

	return since << (WHO_BITS + SEQUENCE_BITS);
}

static int64_t first_id_of(unsigned who, int64_t wall_ms)
{
	return id_first_at(wall_ms) | (int64_t)who << SEQUENCE_BITS;
}

void id_source_init(struct id_source *source, unsigned who, int64_t last)
{
	source->who = who;
	source->last = last != 0 ? first_id_of(who, id_wall_ms(last) + 1) : 0;
}

int64_t id_next(struct id_source *source, int64_t wall_ms)
{
	int64_t id = first_id_of(source->who, wall_ms);

	/* Same millisecond, or the clock went back: count on; a full sequence borrows from the next one. */
	if (id <= source->last) {
		id = source->last + 1;
		if ((id & ((1 << SEQUENCE_BITS) - 1)) == 0)
			id = first_id_of(source->who, id_wall_ms(source->last) + 1);
	}
	source->last = id;
	return id;
}

int64_t id_wall_ms(int64_t id)
{
	return (id >> (WHO_BITS + SEQUENCE_BITS)) + ID_EPOCH_MS;
}

const char *id_format(int64_t id, char out[ID_TEXT])
{
	char *p = out + strlen(PREFIX);

	memcpy(out, PREFIX, strlen(PREFIX));
	p[DIGITS] = '\0';
	for (int i = DIGITS - 1; i >= 0; i--, id >>= 5)
		p[i] = base32[id & 31];
	return out;
}

bool id_parse(const char *text, int64_t *ret_id)
{
	int64_t id = 0;

	if (text_starts(text, PREFIX))
		text += strlen(PREFIX);
	if (strlen(text) != DIGITS || text[0] > '7')
		return false;
	for (int i = 0; i < DIGITS; i++) {
		char c = text[i] >= 'a' && text[i] <= 'z' ? (char)(text[i] - 'a' + 'A') : text[i];
		const char *at = strchr(base32, c);

		if (at == NULL)
			return false;
		id = id << 5 | (at - base32);
	}
	*ret_id = id;
	return true;
}

void id_random(char *out, const char *prefix, size_t n)
{
	size_t len = strlen(prefix);

	memcpy(out, prefix, len);
	for (size_t i = 0; i < n; i++)
		out[len + i] = base62[randombytes_uniform(62)];
	out[len + n] = '\0';
}
