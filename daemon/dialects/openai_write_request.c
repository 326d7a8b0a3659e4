/* SPDX-License-Identifier: MIT */
/*
 * Requests of OpenAI's chat dialect are written from the internal form here, but for their messages.
 *
 * Many speak this dialect, and what one does not know it may refuse: nothing is said that was not asked for.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/interpreter.h"
#include "dialects/openai.h"
#include "dialects/patch.h"
#include "dialects/provider_kind.h"

/* The longest `user` that OpenAI takes; it is a label and changes nothing. */
enum { MAX_USER = 64 };

/* Models whose reasoning has an effort, by what their name (behind any "vendor/") begins with. */
static const char *const reasoning_models[] = {"o1", "o3", "o4", "gpt-5", "gpt-oss", "codex", "grok-3-mini", "claude",
					       "gemini-2.5", "gemini-3"};

static bool model_reasons(const char *model)
{
	const char *slash = strrchr(model, '/');

	if (slash != NULL)
		model = slash + 1;
	for (size_t i = 0; i < ARRAY_LEN(reasoning_models); i++)
		if (strncmp(model, reasoning_models[i], strlen(reasoning_models[i])) == 0)
			return true;
	return false;
}

const char *openai_effort(const struct openai_writer *w)
{
	static const char *const words[] = {
		[EFFORT_UNSAID] = NULL,
		[EFFORT_NONE] = "none",
		[EFFORT_MINIMAL] = "minimal",
		[EFFORT_LOW] = "low",
		[EFFORT_MEDIUM] = "medium",
		[EFFORT_HIGH] = "high",
		[EFFORT_XHIGH] = "xhigh",
	};
	enum effort effort = w->c->effort;

	if (effort == EFFORT_UNSAID && w->c->reasoning_budget >= 0)
		effort = effort_of_budget(w->c->reasoning_budget);
	/* What the client only allows is asked of those who are known to have it, in words that all of them know. */
	if (w->c->reasoning_optional) {
		if (effort == EFFORT_NONE || !model_reasons(w->target->model))
			return NULL;
		if (effort == EFFORT_XHIGH)
			effort = EFFORT_HIGH;
	}
	return words[effort];
}

static void put_effort(struct openai_writer *w)
{
	const char *effort = openai_effort(w);

	if (effort != NULL)
		buf_printf(w->out, ",\"reasoning_effort\":\"%s\"", effort);
}

/* Tools. */

static void put_tools(struct openai_writer *w)
{
	unsigned n = 0;

	for (const struct tool *t = w->c->tools; t != NULL; t = t->next) {
		buf_puts(w->out, n++ == 0 ? ",\"tools\":[" : ",");
		buf_puts(w->out, "{\"type\":\"function\",\"function\":{\"name\":");
		put_span(w->out, t->name);
		put_member(w->out, "description", t->description);
		if (jspan_is_object(t->schema))
			put_member(w->out, "parameters", t->schema);
		if (t->strict)
			buf_puts(w->out, ",\"strict\":true");
		buf_putc(w->out, '}');
		if (w->target->quirks & QUIRK_KNOWS_CACHE_CONTROL)
			put_member(w->out, "cache_control", t->cache);
		buf_putc(w->out, '}');
	}
	if (n > 0)
		buf_putc(w->out, ']');
}

static void put_tool_choice(struct openai_writer *w)
{
	if (w->c->tools == NULL)
		return;
	switch (w->c->tool_choice) {
	case TOOL_CHOICE_UNSAID:
		break;
	case TOOL_CHOICE_AUTO:
		buf_puts(w->out, ",\"tool_choice\":\"auto\"");
		break;
	case TOOL_CHOICE_NONE:
		buf_puts(w->out, ",\"tool_choice\":\"none\"");
		break;
	case TOOL_CHOICE_REQUIRED:
		buf_puts(w->out, ",\"tool_choice\":\"required\"");
		break;
	case TOOL_CHOICE_NAMED:
		buf_puts(w->out, ",\"tool_choice\":{\"type\":\"function\",\"function\":{\"name\":");
		put_span(w->out, w->c->tool_name);
		buf_puts(w->out, "}}");
		break;
	}
	if (w->c->one_tool_at_a_time)
		buf_puts(w->out, ",\"parallel_tool_calls\":false");
}

/* What the answer should be like. */

static bool lists(struct jspan array, struct jspan name)
{
	struct jspan item = {0};

	while (jspan_next_item(array, &item))
		if (item.len == name.len && memcmp(item.at, name.at, name.len) == 0)
			return true;
	return false;
}

static bool all_fit(struct jspan group);

/* Whether OpenAI takes a schema as one that is kept to strictly: each object lists all it has, and has no more. */
bool openai_fits_strictly(struct jspan schema)
{
	enum { PROPERTIES, REQUIRED, ADDITIONAL, ITEMS, ANY_OF, DEFS, ONE_OF, ALL_OF, N };
	struct jfield f[N] = {{.name = "properties"}, {.name = "required"}, {.name = "additionalProperties"},
			      {.name = "items"}, {.name = "anyOf"}, {.name = "$defs"}, {.name = "oneOf"}, {.name = "allOf"}};
	struct jmember m = {{0}, {0}};
	bool more = true;

	if (!jspan_fields(schema, f, N) || f[ONE_OF].value.at != NULL || f[ALL_OF].value.at != NULL)
		return false;
	if (jspan_equals(jspan_member(schema, "type"), "object") || f[PROPERTIES].value.at != NULL)
		if (!jspan_bool(f[ADDITIONAL].value, &more) || more)
			return false;
	while (jspan_next_member(f[PROPERTIES].value, &m))
		if (!lists(f[REQUIRED].value, m.name))
			return false;
	return all_fit(f[PROPERTIES].value) && all_fit(f[DEFS].value) && all_fit(f[ANY_OF].value) &&
	       (f[ITEMS].value.at == NULL || openai_fits_strictly(f[ITEMS].value));
}

/* Of a list or an object of schemas. */
static bool all_fit(struct jspan group)
{
	struct jmember m = {{0}, {0}};
	struct jspan item = {0};

	while (jspan_next_member(group, &m))
		if (!openai_fits_strictly(m.value))
			return false;
	while (jspan_next_item(group, &item))
		if (!openai_fits_strictly(item))
			return false;
	return true;
}

static void put_format(struct openai_writer *w)
{
	switch (w->c->format) {
	case FORMAT_TEXT:
		break;
	case FORMAT_JSON:
		buf_puts(w->out, ",\"response_format\":{\"type\":\"json_object\"}");
		break;
	case FORMAT_SCHEMA:
		buf_puts(w->out, ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"name\":");
		if (w->c->format_name.at != NULL)
			put_span(w->out, w->c->format_name);
		else
			buf_puts(w->out, "\"answer\"");
		put_member(w->out, "schema", w->c->format_schema);
		buf_puts(w->out, openai_fits_strictly(w->c->format_schema) ? ",\"strict\":true}}" : "}}");
		break;
	}
}

static void put_max_output(struct openai_writer *w)
{
	int64_t max = w->c->max_output, ceiling = w->target->max_output;
	bool modern = w->target->quirks & QUIRK_MAX_COMPLETION_TOKENS;

	if (ceiling >= 0 && (max < 0 || max > ceiling))
		max = ceiling;
	if (max >= 0)
		buf_printf(w->out, ",\"%s\":%" PRId64, modern ? "max_completion_tokens" : "max_tokens", max);
}

void openai_put_user(struct openai_writer *w)
{
	struct jspan user = w->c->params[PARAM_USER];

	if (jspan_is_string(user) && user.len <= MAX_USER + 2)
		put_member(w->out, "user", user);
}

static int put_params(struct openai_writer *w)
{
	static const struct {
		enum param param;
		const char *name;
	} names[] = {{PARAM_TEMPERATURE, "temperature"}, {PARAM_TOP_P, "top_p"}, {PARAM_TOP_K, "top_k"},
		     {PARAM_STOP, "stop"}, {PARAM_SEED, "seed"}, {PARAM_FREQUENCY_PENALTY, "frequency_penalty"},
		     {PARAM_PRESENCE_PENALTY, "presence_penalty"}, {PARAM_LOGPROBS, "logprobs"},
		     {PARAM_TOP_LOGPROBS, "top_logprobs"}, {PARAM_NUM_CHOICES, "n"}};
	unsigned known = (1u << NUM_PARAMS) - 1;

	if (!(w->target->quirks & QUIRK_KNOWS_TOP_K))
		known &= ~(1u << PARAM_TOP_K);
	if (w->target->quirks & QUIRK_MISTRALS_WORDS)
		known &= ~(1u << PARAM_LOGPROBS | 1u << PARAM_TOP_LOGPROBS);
	if (conversation_check(w->c, known, w->target->drop_params, "this provider", w->err) < 0)
		return ERR_INVALID;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (known & 1u << names[i].param)
			put_member(w->out, names[i].name, w->c->params[names[i].param]);
	if (!(w->target->quirks & QUIRK_MISTRALS_WORDS))
		openai_put_user(w);
	return 0;
}

static void put_stream(struct openai_writer *w)
{
	if (!w->c->stream)
		return;
	buf_puts(w->out, ",\"stream\":true");
	if (!(w->target->quirks & QUIRK_NO_STREAM_OPTIONS))
		buf_puts(w->out, ",\"stream_options\":{\"include_usage\":true}");
}

static int write_all(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
		     struct err *err)
{
	struct openai_writer w = {.c = c, .target = target, .out = out, .err = err};

	buf_puts(out, "{\"model\":");
	buf_json_string(out, target->model, strlen(target->model));
	put_stream(&w);
	put_max_output(&w);
	if (put_params(&w) < 0)
		return ERR_INVALID;
	put_effort(&w);
	put_format(&w);
	put_tools(&w);
	put_tool_choice(&w);
	if (openai_put_messages(&w) < 0)
		return ERR_INVALID;
	buf_putc(out, '}');
	return 0;
}

int openai_write_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
			 struct err *err)
{
	struct patch patch;
	struct buf body;
	int rc;

	if (!(target->quirks & QUIRK_MISTRALS_WORDS))
		return write_all(c, target, out, err);
	buf_init(&body, out->max);
	patch_init(&patch);
	rc = write_all(c, target, &body, err);
	if (rc == 0) {
		openai_adapt_to_mistral((struct jspan){body.data, body.len}, &patch);
		if (body.failed || !patch_apply(&patch, body.data, body.len, out))
			rc = err_set(err, ERR_FULL, "the request is too large for its target");
	}
	patch_release(&patch);
	buf_release(&body);
	return rc;
}
