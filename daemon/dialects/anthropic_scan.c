/* SPDX-License-Identifier: MIT */
/* Requests of Anthropic's dialect are looked at here, and adapted where they pass through. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "dialects/anthropic.h"
#include "dialects/interpreter.h"
#include "dialects/patch.h"
#include "dialects/provider_kind.h"
#include "dialects/scan.h"

/* About what a medium-sized picture costs; four bytes of text are about one token. */
enum { IMAGE_TOKENS = 1000, BYTES_PER_TOKEN = 4 };

enum field {
	MODEL,
	MESSAGES,
	SYSTEM,
	TOOLS,
	STREAM,
	MAX_TOKENS,
	METADATA,
	OUTPUT_CONFIG,
	NUM_FIELDS
};

static const char *const field_names[NUM_FIELDS] = {
	[MODEL] = "model",
	[MESSAGES] = "messages",
	[SYSTEM] = "system",
	[TOOLS] = "tools",
	[STREAM] = "stream",
	[MAX_TOKENS] = "max_tokens",
	[METADATA] = "metadata",
	[OUTPUT_CONFIG] = "output_config",
};

/* What of a list of blocks is no text, and how many pictures and files it is. */
struct media {
	size_t bytes, count;
};

static void count_media(struct jspan content, struct media *m)
{
	struct jspan block = {0};

	while (jspan_next_item(content, &block)) {
		struct jfield f[] = {{.name = "type"}, {.name = "content"}};

		if (!jspan_fields(block, f, 2))
			continue;
		if (jspan_equals(f[0].value, "image") || jspan_equals(f[0].value, "document")) {
			m->bytes += block.len;
			m->count++;
		} else if (jspan_equals(f[0].value, "tool_result")) {
			count_media(f[1].value, m);
		}
	}
}

static int scan_messages(struct scan *s, struct request_facts *ret)
{
	struct jspan messages = s->fields[MESSAGES].value, item = {0};
	struct media media = {0};
	size_t n = 0, text;

	if (!jspan_is_array(messages))
		return scan_wrong(s, MESSAGES, "a list of messages");
	for (; jspan_next_item(messages, &item); n++) {
		if (!jspan_is_object(item) || !jspan_is_string(jspan_member(item, "role"))) {
			s->wrong_field = field_names[MESSAGES];
			return err_set(s->err, ERR_INVALID, "messages[%zu]: expected an object with a role", n);
		}
		count_media(jspan_member(item, "content"), &media);
	}
	if (n == 0)
		return scan_wrong(s, MESSAGES, "at least one message");
	text = messages.len - media.bytes + s->fields[SYSTEM].value.len + s->fields[TOOLS].value.len +
	       s->fields[OUTPUT_CONFIG].value.len;
	ret->input_estimate = (int64_t)(text / BYTES_PER_TOKEN + media.count * IMAGE_TOKENS) + 1;
	return 0;
}

/* 0 only fills the cache. */
static int scan_max_tokens(struct scan *s, struct request_facts *ret)
{
	struct jspan value = s->fields[MAX_TOKENS].value;

	if (jspan_is_null(value))
		return 0;
	if (!jspan_int(value, &ret->max_output) || ret->max_output < 0 || ret->max_output > INT32_MAX)
		return scan_wrong(s, MAX_TOKENS, "a whole number");
	return 0;
}

int anthropic_scan_request(const char *body, size_t len, struct request_facts *ret, const char **ret_param,
			   struct err *err)
{
	struct jfield fields[NUM_FIELDS];
	struct scan s = {.fields = fields, .err = err};
	int r;

	scan_name_fields(fields, field_names, NUM_FIELDS);
	r = jscan_object(body, len, fields, NUM_FIELDS, err);
	if (r == 0 && (r = scan_model(&s, MODEL, ret)) == 0 && (r = scan_messages(&s, ret)) == 0 &&
	    (r = scan_list(&s, TOOLS)) == 0 && (r = scan_bool(&s, STREAM, &ret->stream)) == 0)
		r = scan_max_tokens(&s, ret);
	*ret_param = s.wrong_field;
	if (r < 0)
		return r;
	ret->wants_usage = true;
	jspan_copy_cut(jspan_member(fields[METADATA].value, "user_id"), ret->user, sizeof(ret->user));
	scan_tags(fields[METADATA].value, ret);
	return 0;
}

/* Tags are ours; Anthropic takes nothing in metadata but a user_id. */
static void adapt_metadata(struct jspan metadata, struct patch *p)
{
	static const char *const tags[] = {"tags", NULL};

	if (jspan_member(metadata, "tags").at != NULL)
		patch_remove(p, metadata, tags);
}

void anthropic_adapt_rest(struct jspan body, const struct request_facts *facts, const struct interpreter_target *target,
			  struct patch *p)
{
	struct jfield fields[NUM_FIELDS];
	int64_t ceiling = target->max_output;

	anthropic_take_out_foreign(body, jspan_member(body, field_names[MESSAGES]), p);
	scan_name_fields(fields, field_names, NUM_FIELDS);
	if ((facts->tags[0] == '\0' && ceiling < 0) || !jspan_fields(body, fields, NUM_FIELDS))
		return;
	adapt_metadata(fields[METADATA].value, p);
	if (ceiling < 0 || (facts->max_output >= 0 && facts->max_output <= ceiling))
		return;
	if (fields[MAX_TOKENS].value.at != NULL)
		buf_printf(patch_replace(p, fields[MAX_TOKENS].value), "%" PRId64, ceiling);
	else
		buf_printf(patch_insert(p, body, true), "\"max_tokens\":%" PRId64, ceiling);
}

/* Vertex AI has the model in the path, and its own version in the body. */
static void adapt_for_vertex(struct jspan body, struct patch *p)
{
	static const char *const gone[] = {"model", "anthropic_version", NULL};

	patch_remove(p, body, gone);
	buf_printf(patch_insert(p, body, true), "\"anthropic_version\":\"%s\"", ANTHROPIC_VERTEX_VERSION);
}

void anthropic_adapt_request(struct jspan body, const struct request_facts *facts,
			     const struct interpreter_target *target, struct patch *p)
{
	if (target->quirks & QUIRK_VERTEX)
		adapt_for_vertex(body, p);
	else
		buf_json_string(patch_replace(p, facts->model), target->model, strlen(target->model));
	anthropic_adapt_rest(body, facts, target, p);
}

/* Nothing is generated, so there is nothing to stream and no ceiling. */
int anthropic_scan_count(const char *body, size_t len, struct request_facts *ret, const char **ret_param,
			 struct err *err)
{
	int r = anthropic_scan_request(body, len, ret, ret_param, err);

	ret->stream = false;
	ret->max_output = -1;
	return r;
}

void anthropic_adapt_count(struct jspan body, const struct request_facts *facts, const struct interpreter_target *target,
			   struct patch *p)
{
	struct interpreter_target unlimited = *target;

	unlimited.max_output = -1;
	anthropic_adapt_request(body, facts, &unlimited, p);
}
