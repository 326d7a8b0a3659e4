/* SPDX-License-Identifier: MIT */
/*
 * Requests of Anthropic's dialect are written from the internal form here.
 *
 * Anthropic has one place for the system's words, before the conversation; messages of one side that
 * follow each other are one message; results of tools are the user's, and come first in it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/anthropic.h"
#include "dialects/interpreter.h"
#include "dialects/provider_kind.h"

struct request_writer {
	const struct conversation *c;
	const struct interpreter_target *target;
	struct anthropic_thinking thinking;
	struct buf *out;
	struct err *err;
};

/* Parts. */

/* Ids of calls made elsewhere may have characters Anthropic refuses; the same id always becomes the same. */
static void put_id(struct buf *out, struct jspan id)
{
	char text[128];

	jspan_copy_cut(id, text, sizeof(text));
	for (char *p = text; *p != '\0'; p++)
		if (strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-", *p) == NULL)
			*p = '_';
	buf_json_string(out, text[0] != '\0' ? text : "_", text[0] != '\0' ? strlen(text) : 1);
}

void anthropic_put_input(struct buf *out, struct jspan arguments)
{
	if (arguments.len == 0) {
		buf_puts(out, "{}");
	} else if (jscan_object(arguments.at, arguments.len, NULL, 0, NULL) == 0) {
		buf_add(out, arguments.at, arguments.len);
	} else {
		buf_puts(out, "{\"arguments\":");
		buf_json_string(out, arguments.at, arguments.len);
		buf_putc(out, '}');
	}
}

static void put_source(struct buf *out, const struct part *p)
{
	if (p->url.at != NULL) {
		buf_puts(out, ",\"source\":{\"type\":\"url\",\"url\":");
		put_span(out, p->url);
		buf_putc(out, '}');
		return;
	}
	buf_puts(out, ",\"source\":{\"type\":\"base64\",\"media_type\":\"");
	if (p->media_type.len == 9 && memcmp(p->media_type.at, "image/jpg", 9) == 0)
		buf_puts(out, "image/jpeg"); /* the proper name, which others do without */
	else
		buf_add(out, p->media_type.at, p->media_type.len);
	buf_puts(out, "\",\"data\":\"");
	buf_add(out, p->base64.at, p->base64.len);
	buf_puts(out, "\"}");
}

bool anthropic_takes(const struct part *p)
{
	switch (p->kind) {
	case PART_TEXT:
	case PART_REFUSAL:
		return p->text.len > 2;
	case PART_REASONING:
		return p->signature.len > 2 && (p->signer == SIGNER_ANTHROPIC || p->signer == SIGNER_UNSAID);
	case PART_IMAGE:
	case PART_DOCUMENT:
	case PART_TOOL_CALL:
	case PART_TOOL_RESULT:
		return true;
	}
	return false;
}

static unsigned put_parts(struct buf *out, const struct part *parts, unsigned before);

static void put_result(struct buf *out, const struct part *p)
{
	buf_puts(out, "{\"type\":\"tool_result\",\"tool_use_id\":");
	put_id(out, p->id);
	if (p->failed)
		buf_puts(out, ",\"is_error\":true");
	buf_puts(out, ",\"content\":[");
	put_parts(out, p->parts, 0);
	buf_putc(out, ']');
}

static void put_reasoning(struct buf *out, const struct part *p)
{
	if (p->encrypted) {
		buf_puts(out, "{\"type\":\"redacted_thinking\"");
		put_member(out, "data", p->signature);
		return;
	}
	buf_puts(out, "{\"type\":\"thinking\",\"thinking\":");
	buf_add(out, p->text.at != NULL ? p->text.at : "\"\"", p->text.at != NULL ? p->text.len : 2);
	put_member(out, "signature", p->signature);
}

static void put_part(struct buf *out, const struct part *p)
{
	switch (p->kind) {
	case PART_TEXT:
	case PART_REFUSAL:
		buf_puts(out, "{\"type\":\"text\"");
		put_member(out, "text", p->text);
		break;
	case PART_IMAGE:
		buf_puts(out, "{\"type\":\"image\"");
		put_source(out, p);
		break;
	case PART_DOCUMENT:
		buf_puts(out, "{\"type\":\"document\"");
		put_source(out, p);
		put_member(out, "title", p->title);
		break;
	case PART_TOOL_CALL:
		buf_puts(out, "{\"type\":\"tool_use\",\"id\":");
		put_id(out, p->id);
		put_member(out, "name", p->name);
		buf_puts(out, ",\"input\":");
		anthropic_put_input(out, p->arguments);
		break;
	case PART_TOOL_RESULT:
		put_result(out, p);
		break;
	case PART_REASONING:
		put_reasoning(out, p);
		break;
	}
	put_member(out, "cache_control", p->cache);
	buf_putc(out, '}');
}

static unsigned put_parts(struct buf *out, const struct part *parts, unsigned before)
{
	for (const struct part *p = parts; p != NULL; p = p->next) {
		if (!anthropic_takes(p))
			continue;
		if (before++ > 0)
			buf_putc(out, ',');
		put_part(out, p);
	}
	return before;
}

/* Messages. */

static bool has_parts(const struct message *m)
{
	for (const struct part *p = m->parts; p != NULL; p = p->next)
		if (anthropic_takes(p))
			return true;
	return false;
}

static int put_system(struct request_writer *w)
{
	unsigned n = 0;

	for (const struct message *m = w->c->messages; m != NULL; m = m->next) {
		if (m->role != ROLE_SYSTEM || !has_parts(m))
			continue;
		for (const struct part *p = m->parts; p != NULL; p = p->next)
			if (p->kind != PART_TEXT)
				return err_set(w->err, ERR_INVALID, "messages: Anthropic takes nothing but text from the system");
		if (n == 0)
			buf_puts(w->out, ",\"system\":[");
		n = put_parts(w->out, m->parts, n);
	}
	if (n > 0)
		buf_putc(w->out, ']');
	return 0;
}

static const char *side_of(const struct message *m)
{
	return m->role == ROLE_ASSISTANT ? "assistant" : "user";
}

static int put_messages(struct request_writer *w)
{
	const char *side = NULL;
	unsigned n = 0;

	buf_puts(w->out, ",\"messages\":[");
	for (const struct message *m = w->c->messages; m != NULL; m = m->next) {
		if (m->role == ROLE_SYSTEM || !has_parts(m))
			continue;
		if (side != side_of(m)) {
			if (side != NULL)
				buf_puts(w->out, "]},");
			side = side_of(m);
			buf_printf(w->out, "{\"role\":\"%s\",\"content\":[", side);
			n = 0;
		}
		n = put_parts(w->out, m->parts, n);
	}
	if (side == NULL)
		return err_set(w->err, ERR_INVALID, "messages: Anthropic needs one that is not the system's");
	buf_puts(w->out, "]}]");
	return 0;
}

/* Tools. */

static int put_tools(struct request_writer *w)
{
	bool strict = anthropic_is_strict(w->target->model);
	unsigned n = 0;

	for (const struct tool *t = w->c->tools; t != NULL; t = t->next) {
		if (t->strict && !strict &&
		    refuse_field(w->target->drop_params, w->err, "tools.strict", "this model does not keep to a schema strictly") < 0)
			return ERR_INVALID;
		buf_puts(w->out, n++ == 0 ? ",\"tools\":[{\"name\":" : ",{\"name\":");
		put_span(w->out, t->name);
		put_member(w->out, "description", t->description);
		buf_puts(w->out, ",\"input_schema\":");
		if (jspan_is_object(t->schema))
			put_span(w->out, t->schema);
		else
			buf_puts(w->out, "{\"type\":\"object\",\"properties\":{}}");
		if (t->strict && strict)
			buf_puts(w->out, ",\"strict\":true");
		put_member(w->out, "cache_control", t->cache);
		buf_putc(w->out, '}');
	}
	if (n > 0)
		buf_putc(w->out, ']');
	return 0;
}

static void put_tool_choice(struct request_writer *w)
{
	static const char *const types[] = {
		[TOOL_CHOICE_UNSAID] = "auto",
		[TOOL_CHOICE_AUTO] = "auto",
		[TOOL_CHOICE_NONE] = "none",
		[TOOL_CHOICE_REQUIRED] = "any",
		[TOOL_CHOICE_NAMED] = "tool",
	};
	enum tool_choice choice = w->c->tool_choice;

	if (w->c->tools == NULL || (choice == TOOL_CHOICE_UNSAID && !w->c->one_tool_at_a_time))
		return;
	buf_printf(w->out, ",\"tool_choice\":{\"type\":\"%s\"", types[choice]);
	put_member(w->out, "name", w->c->tool_name);
	if (w->c->one_tool_at_a_time && choice != TOOL_CHOICE_NONE)
		buf_puts(w->out, ",\"disable_parallel_tool_use\":true");
	buf_putc(w->out, '}');
}

/* What the answer should be like. */

static void put_thinking(struct request_writer *w)
{
	switch (w->thinking.style) {
	case THINKS_NOT:
		put_member(w->out, "thinking", w->c->thinking);
		break;
	case THINKS_BY_BUDGET:
		buf_printf(w->out, ",\"thinking\":{\"type\":\"enabled\",\"budget_tokens\":%" PRId64 "}",
			   w->thinking.budget);
		break;
	case THINKS_BY_EFFORT:
		buf_puts(w->out, ",\"thinking\":{\"type\":\"adaptive\"}");
		break;
	}
}

static int put_output_config(struct request_writer *w)
{
	bool by_effort = w->thinking.style == THINKS_BY_EFFORT;

	if (w->c->format == FORMAT_JSON &&
	    refuse_field(w->target->drop_params, w->err, "response_format",
			 "Anthropic writes JSON by a schema only (json_schema)") < 0)
		return ERR_INVALID;
	if (w->c->format != FORMAT_SCHEMA && !by_effort)
		return 0;
	buf_puts(w->out, ",\"output_config\":{");
	if (by_effort)
		buf_printf(w->out, "\"effort\":\"%s\"", w->thinking.effort);
	if (w->c->format == FORMAT_SCHEMA) {
		buf_printf(w->out, "%s\"format\":{\"type\":\"json_schema\",\"schema\":", by_effort ? "," : "");
		put_span(w->out, w->c->format_schema);
		buf_putc(w->out, '}');
	}
	buf_putc(w->out, '}');
	return 0;
}

/* OpenAI's scale ends at 2, Anthropic's at 1: what is hotter is as hot as can be. */
static int put_temperature(struct request_writer *w)
{
	struct jspan value = w->c->params[PARAM_TEMPERATURE];
	char text[32];

	if (value.at == NULL)
		return 0;
	if (value.len >= sizeof(text) || (*value.at != '-' && (*value.at < '0' || *value.at > '9')))
		return err_set(w->err, ERR_INVALID, "temperature: expected a number");
	memcpy(text, value.at, value.len);
	text[value.len] = '\0';
	if (strtod(text, NULL) >= 1)
		copy_text(text, sizeof(text), "1");
	else if (w->thinking.style != THINKS_NOT)
		return refuse_field(w->target->drop_params, w->err, "temperature",
				    "Anthropic's models take none but 1 while they reason");
	buf_printf(w->out, ",\"temperature\":%s", text);
	return 0;
}

static int put_stop(struct request_writer *w)
{
	struct jspan stop = w->c->params[PARAM_STOP];

	if (stop.at == NULL)
		return 0;
	if (!jspan_is_array(stop) && !jspan_is_string(stop))
		return err_set(w->err, ERR_INVALID, "stop: expected a string or a list of strings");
	buf_puts(w->out, jspan_is_array(stop) ? ",\"stop_sequences\":" : ",\"stop_sequences\":[");
	put_span(w->out, stop);
	if (!jspan_is_array(stop))
		buf_putc(w->out, ']');
	return 0;
}

static int put_params(struct request_writer *w)
{
	const unsigned known = 1u << PARAM_TEMPERATURE | 1u << PARAM_TOP_P | 1u << PARAM_TOP_K | 1u << PARAM_STOP |
			       1u << PARAM_USER;

	if (conversation_check(w->c, known, w->target->drop_params, "Anthropic", w->err) < 0 ||
	    put_temperature(w) < 0 || put_stop(w) < 0)
		return ERR_INVALID;
	put_member(w->out, "top_p", w->c->params[PARAM_TOP_P]);
	put_member(w->out, "top_k", w->c->params[PARAM_TOP_K]);
	if (w->c->params[PARAM_USER].at != NULL) {
		buf_puts(w->out, ",\"metadata\":{\"user_id\":");
		put_span(w->out, w->c->params[PARAM_USER]);
		buf_putc(w->out, '}');
	}
	return 0;
}

/* Opens the body.  Vertex AI has the model in the path. */
static void put_model(struct request_writer *w)
{
	if (w->target->quirks & QUIRK_VERTEX) {
		buf_printf(w->out, "{\"anthropic_version\":\"%s\"", ANTHROPIC_VERTEX_VERSION);
		return;
	}
	buf_puts(w->out, "{\"model\":");
	buf_json_string(w->out, w->target->model, strlen(w->target->model));
}

/* What is counted is the same but for what only matters while something is generated. */
int anthropic_write_count_request(const struct conversation *c, const struct interpreter_target *target,
				  struct buf *out, struct err *err)
{
	struct request_writer w = {.c = c, .target = target, .out = out, .err = err};

	if (anthropic_decide_thinking(c, target, &w.thinking, err) < 0)
		return ERR_INVALID;
	buf_puts(out, "{\"model\":");
	buf_json_string(out, target->model, strlen(target->model));
	put_thinking(&w);
	if (put_output_config(&w) < 0 || put_tools(&w) < 0)
		return ERR_INVALID;
	put_tool_choice(&w);
	if (put_system(&w) < 0 || put_messages(&w) < 0)
		return ERR_INVALID;
	buf_putc(out, '}');
	return 0;
}

int anthropic_write_request(const struct conversation *c, const struct interpreter_target *target,
			    struct buf *out, struct err *err)
{
	struct request_writer w = {
		.c = c, .target = target, .out = out, .err = err};

	if (anthropic_decide_thinking(c, target, &w.thinking, err) < 0)
		return ERR_INVALID;
	put_model(&w);
	buf_printf(out, ",\"max_tokens\":%" PRId64, w.thinking.max_tokens);
	if (c->stream)
		buf_puts(out, ",\"stream\":true");
	if (put_params(&w) < 0)
		return ERR_INVALID;
	put_thinking(&w);
	if (put_output_config(&w) < 0 || put_tools(&w) < 0)
		return ERR_INVALID;
	put_tool_choice(&w);
	if (put_system(&w) < 0 || put_messages(&w) < 0)
		return ERR_INVALID;
	buf_putc(out, '}');
	return 0;
}
