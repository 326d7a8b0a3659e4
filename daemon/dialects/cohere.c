/* SPDX-License-Identifier: MIT */
/*
 * Cohere's dialect (POST /v2/chat), as a target: requests are written from the internal form here.
 *
 * Its messages look like OpenAI's; what differs is the names of the parameters, the words for choosing
 * tools, and that a tool's result is text.  Reference: Cohere's API, version 2, Chat.
 */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/cohere.h"
#include "dialects/interpreter.h"
#include "dialects/upstream_error.h"

struct request_writer {
	const struct conversation *c;
	const struct interpreter_target *target;
	struct buf *out;
	struct err *err;
	unsigned num_messages;
};

/* -- messages ------------------------------------------------------------------------------------ */

static void begin_message(struct request_writer *w, const char *role)
{
	buf_printf(w->out, "%s{\"role\":\"%s\"", w->num_messages++ > 0 ? "," : "", role);
}

static const char *role_name(enum role role)
{
	switch (role) {
	case ROLE_SYSTEM:
		return "system";
	case ROLE_USER:
		return "user";
	case ROLE_ASSISTANT:
		return "assistant";
	case ROLE_TOOL:
		return "tool";
	}
	return "user";
}

/* What goes into the list of a message's content. */
static bool is_content(const struct part *p)
{
	switch (p->kind) {
	case PART_TEXT:
	case PART_REFUSAL:
		return span_has_text(p->text);
	case PART_REASONING:
		/* Signed reasoning is somebody else's. */
		return span_has_text(p->text) && !p->encrypted && p->signer == SIGNER_UNSAID && p->signature.at == NULL;
	case PART_IMAGE:
	case PART_DOCUMENT:
		return true;
	case PART_TOOL_CALL:
	case PART_TOOL_RESULT:
		return false;
	}
	return false;
}

static void put_image(struct request_writer *w, const struct part *p)
{
	buf_puts(w->out, "{\"type\":\"image_url\",\"image_url\":{\"url\":");
	if (p->url.at != NULL) {
		put_span(w->out, p->url);
	} else {
		buf_puts(w->out, "\"data:");
		buf_add(w->out, p->media_type.at, p->media_type.len);
		buf_puts(w->out, ";base64,");
		buf_add(w->out, p->base64.at, p->base64.len);
		buf_putc(w->out, '"');
	}
	buf_puts(w->out, "}}");
}

static int put_content_part(struct request_writer *w, const struct part *p)
{
	if (p->kind == PART_IMAGE) {
		put_image(w, p);
		return 0;
	}
	if (p->kind == PART_DOCUMENT)
		return err_set(w->err, ERR_INVALID, "messages: Cohere takes no files; send their text");
	buf_puts(w->out, p->kind == PART_REASONING ? "{\"type\":\"thinking\",\"thinking\":" : "{\"type\":\"text\",\"text\":");
	put_span(w->out, p->text);
	buf_putc(w->out, '}');
	return 0;
}

static int put_content(struct request_writer *w, const struct message *m)
{
	unsigned n = 0;

	for (const struct part *p = m->parts; p != NULL; p = p->next) {
		if (!is_content(p))
			continue;
		buf_puts(w->out, n++ == 0 ? ",\"content\":[" : ",");
		if (put_content_part(w, p) < 0)
			return ERR_INVALID;
	}
	if (n > 0)
		buf_putc(w->out, ']');
	return 0;
}

static void put_tool_calls(struct request_writer *w, const struct message *m)
{
	unsigned n = 0;

	for (const struct part *p = m->parts; p != NULL; p = p->next) {
		if (p->kind != PART_TOOL_CALL)
			continue;
		buf_puts(w->out, n++ == 0 ? ",\"tool_calls\":[{\"id\":" : ",{\"id\":");
		put_span(w->out, p->id);
		buf_puts(w->out, ",\"type\":\"function\",\"function\":{\"name\":");
		put_span(w->out, p->name);
		buf_puts(w->out, ",\"arguments\":");
		buf_json_string(w->out, p->arguments.len > 0 ? p->arguments.at : "{}", p->arguments.len > 0 ? p->arguments.len : 2);
		buf_puts(w->out, "}}");
	}
	if (n > 0)
		buf_putc(w->out, ']');
}

/* Each result is a message of its own. */
static int put_result(struct request_writer *w, const struct part *result)
{
	for (const struct part *p = result->parts; p != NULL; p = p->next)
		if (p->kind != PART_TEXT)
			return err_set(w->err, ERR_INVALID, "messages: Cohere takes nothing but text from tools");
	begin_message(w, "tool");
	put_member(w->out, "tool_call_id", result->id);
	buf_puts(w->out, ",\"content\":");
	if (parts_join_text(result->parts, PART_TEXT, w->out) == 0)
		buf_puts(w->out, "\"\"");
	buf_putc(w->out, '}');
	return 0;
}

static int put_message(struct request_writer *w, const struct message *m)
{
	bool others = false;

	for (const struct part *p = m->parts; p != NULL; p = p->next) {
		if (p->kind == PART_TOOL_RESULT && put_result(w, p) < 0)
			return ERR_INVALID;
		others |= p->kind == PART_TOOL_CALL || is_content(p);
	}
	if (!others)
		return 0;
	begin_message(w, role_name(m->role));
	if (put_content(w, m) < 0)
		return ERR_INVALID;
	put_tool_calls(w, m);
	buf_putc(w->out, '}');
	return 0;
}

static int put_messages(struct request_writer *w)
{
	buf_puts(w->out, ",\"messages\":[");
	for (const struct message *m = w->c->messages; m != NULL; m = m->next)
		if (put_message(w, m) < 0)
			return ERR_INVALID;
	buf_putc(w->out, ']');
	return 0;
}

/* -- tools --------------------------------------------------------------------------------------- */

static void put_tools(struct request_writer *w)
{
	unsigned n = 0;

	for (const struct tool *t = w->c->tools; t != NULL; t = t->next) {
		buf_puts(w->out, n++ == 0 ? ",\"tools\":[" : ",");
		buf_puts(w->out, "{\"type\":\"function\",\"function\":{\"name\":");
		put_span(w->out, t->name);
		put_member(w->out, "description", t->description);
		buf_puts(w->out, ",\"parameters\":");
		if (jspan_is_object(t->schema))
			put_span(w->out, t->schema);
		else
			buf_puts(w->out, "{\"type\":\"object\",\"properties\":{}}");
		buf_puts(w->out, "}}");
	}
	if (n > 0)
		buf_putc(w->out, ']');
}

/* Strictness is one switch for all tools. */
static int put_strictness(struct request_writer *w)
{
	unsigned strict = 0, lax = 0;

	for (const struct tool *t = w->c->tools; t != NULL; t = t->next)
		*(t->strict ? &strict : &lax) += 1;
	if (strict > 0 && lax > 0)
		return refuse_field(w->target->drop_params, w->err, "tools", "Cohere is strict about all tools or none");
	if (strict > 0)
		buf_puts(w->out, ",\"strict_tools\":true");
	return 0;
}

static int put_tool_choice(struct request_writer *w)
{
	if (w->c->one_tool_at_a_time && w->c->tools != NULL &&
	    refuse_field(w->target->drop_params, w->err, "parallel_tool_calls", "Cohere cannot be kept from calling several tools") < 0)
		return ERR_INVALID;
	switch (w->c->tool_choice) {
	case TOOL_CHOICE_UNSAID:
	case TOOL_CHOICE_AUTO:
		break;
	case TOOL_CHOICE_NONE:
		buf_puts(w->out, ",\"tool_choice\":\"NONE\"");
		break;
	case TOOL_CHOICE_REQUIRED:
		buf_puts(w->out, ",\"tool_choice\":\"REQUIRED\"");
		break;
	case TOOL_CHOICE_NAMED:
		return refuse_field(w->target->drop_params, w->err, "tool_choice", "Cohere cannot be told which tool to call");
	}
	return 0;
}

/* -- what the answer should be like -------------------------------------------------------------- */

static int64_t output_limit(const struct request_writer *w)
{
	int64_t said = w->c->max_output, ceiling = w->target->max_output;

	return said < 0 || (ceiling >= 0 && ceiling < said) ? ceiling : said;
}

static int put_stop(struct request_writer *w)
{
	struct jspan stop = w->c->params[PARAM_STOP];

	if (stop.at == NULL)
		return 0;
	if (!jspan_is_array(stop) && !jspan_is_string(stop))
		return err_set(w->err, ERR_INVALID, "stop: expected a string or a list of strings");
	buf_printf(w->out, ",\"stop_sequences\":%s", jspan_is_array(stop) ? "" : "[");
	put_span(w->out, stop);
	if (!jspan_is_array(stop))
		buf_putc(w->out, ']');
	return 0;
}

static int put_thinking(struct request_writer *w)
{
	if (w->c->thinking.at != NULL)
		return refuse_field(w->target->drop_params, w->err, "thinking", "that is Anthropic's own; say reasoning instead");
	if (w->c->effort == EFFORT_NONE)
		buf_puts(w->out, ",\"thinking\":{\"type\":\"disabled\"}");
	else if (w->c->reasoning_budget >= 0)
		buf_printf(w->out, ",\"thinking\":{\"type\":\"enabled\",\"token_budget\":%" PRId64 "}", w->c->reasoning_budget);
	else if (w->c->effort != EFFORT_UNSAID)
		buf_puts(w->out, ",\"thinking\":{\"type\":\"enabled\"}");
	return 0;
}

static void put_format(struct request_writer *w)
{
	if (w->c->format == FORMAT_TEXT)
		return;
	buf_puts(w->out, ",\"response_format\":{\"type\":\"json_object\"");
	put_member(w->out, "json_schema", w->c->format_schema);
	buf_putc(w->out, '}');
}

static int put_params(struct request_writer *w)
{
	static const struct {
		enum param param;
		const char *name;
	} names[] = {{PARAM_TEMPERATURE, "temperature"}, {PARAM_TOP_P, "p"}, {PARAM_TOP_K, "k"}, {PARAM_SEED, "seed"},
		     {PARAM_FREQUENCY_PENALTY, "frequency_penalty"}, {PARAM_PRESENCE_PENALTY, "presence_penalty"}};
	/* Whom a call is for changes nothing of the answer. */
	unsigned known = 1u << PARAM_STOP | 1u << PARAM_USER;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		known |= 1u << names[i].param;
	if (conversation_check(w->c, known, w->target->drop_params, "Cohere", w->err) < 0)
		return ERR_INVALID;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		put_member(w->out, names[i].name, w->c->params[names[i].param]);
	if (output_limit(w) >= 0)
		buf_printf(w->out, ",\"max_tokens\":%" PRId64, output_limit(w));
	put_format(w);
	return put_stop(w) < 0 ? ERR_INVALID : put_thinking(w);
}

int cohere_write_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
			 struct err *err)
{
	struct request_writer w = {.c = c, .target = target, .out = out, .err = err};

	buf_puts(out, "{\"model\":");
	buf_json_string(out, target->model, strlen(target->model));
	if (c->stream)
		buf_puts(out, ",\"stream\":true");
	if (put_params(&w) < 0)
		return ERR_INVALID;
	put_tools(&w);
	if (put_strictness(&w) < 0 || put_tool_choice(&w) < 0 || put_messages(&w) < 0)
		return ERR_INVALID;
	buf_putc(out, '}');
	return 0;
}

const struct dialect cohere = {
	.name = "cohere",
	.read_error = upstream_error_read,
	.write_request = cohere_write_request,
	.read_answer = cohere_read_answer,
	.read_event = cohere_read_event,
};
