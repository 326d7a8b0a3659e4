/* SPDX-License-Identifier: MIT */
/*
 * Requests of OpenAI's Responses dialect are written from the internal form here.
 *
 * Nothing is to be stored there for somebody who did not ask for it; so reasoning comes encrypted, for
 * the client to keep and send again.
 */
#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/interpreter.h"
#include "dialects/responses.h"

struct input_writer {
	struct openai_writer *w;
	unsigned num_items;
	bool in_message;                /* the assistant's last one is open for more text */
};

/* Parts. */

static void put_data_url(struct buf *out, const struct part *p)
{
	buf_puts(out, "\"data:");
	buf_add(out, p->media_type.at, p->media_type.len);
	buf_puts(out, ";base64,");
	buf_add(out, p->base64.at, p->base64.len);
	buf_putc(out, '"');
}

static void put_image(struct buf *out, const struct part *p)
{
	buf_puts(out, "{\"type\":\"input_image\",\"image_url\":");
	if (p->url.at != NULL)
		put_span(out, p->url);
	else
		put_data_url(out, p);
	buf_putc(out, '}');
}

static void put_document(struct buf *out, const struct part *p)
{
	buf_puts(out, "{\"type\":\"input_file\"");
	if (p->url.at != NULL) {
		put_member(out, "file_url", p->url);
	} else {
		buf_puts(out, ",\"filename\":");
		if (p->title.at != NULL)
			put_span(out, p->title);
		else
			buf_puts(out, "\"document\"");
		buf_puts(out, ",\"file_data\":");
		put_data_url(out, p);
	}
	buf_putc(out, '}');
}

static bool is_content(const struct part *p)
{
	switch (p->kind) {
	case PART_TEXT:
	case PART_REFUSAL:
		return p->text.at != NULL;
	case PART_IMAGE:
	case PART_DOCUMENT:
		return true;
	case PART_TOOL_CALL:
	case PART_TOOL_RESULT:
	case PART_REASONING:
		break;
	}
	return false;
}

static void put_parts(struct buf *out, const struct part *parts, unsigned before)
{
	for (const struct part *p = parts; p != NULL; p = p->next) {
		if (!is_content(p))
			continue;
		if (before++ > 0)
			buf_putc(out, ',');
		if (p->kind == PART_IMAGE) {
			put_image(out, p);
		} else if (p->kind == PART_DOCUMENT) {
			put_document(out, p);
		} else {
			buf_puts(out, "{\"type\":\"input_text\"");
			put_member(out, "text", p->text);
			buf_putc(out, '}');
		}
	}
}

/* One text is a string, as it is understood anywhere; more is a list. */
static void put_content(struct buf *out, const struct part *parts)
{
	const struct part *first = NULL;
	unsigned n = 0;

	for (const struct part *p = parts; p != NULL; p = p->next)
		if (is_content(p) && n++ == 0)
			first = p;
	if (n == 0) {
		buf_puts(out, "\"\"");
	} else if (n == 1 && first->kind == PART_TEXT) {
		put_span(out, first->text);
	} else {
		buf_putc(out, '[');
		put_parts(out, parts, 0);
		buf_putc(out, ']');
	}
}

/* Items. */

static void begin_item(struct input_writer *in)
{
	struct buf *out = in->w->out;

	if (in->in_message)
		buf_puts(out, "]}");
	in->in_message = false;
	if (in->num_items++ > 0)
		buf_putc(out, ',');
}

static void put_said(struct input_writer *in, const struct message *m)
{
	const struct part *p = m->parts;

	while (p != NULL && !is_content(p))
		p = p->next;
	if (p == NULL)
		return;
	begin_item(in);
	buf_printf(in->w->out, "{\"role\":\"%s\",\"content\":", m->role == ROLE_SYSTEM ? "system" : "user");
	put_content(in->w->out, m->parts);
	buf_putc(in->w->out, '}');
}

/* That a tool failed is said in its text. */
static void put_result(struct input_writer *in, const struct part *p)
{
	struct buf *out = in->w->out;

	begin_item(in);
	buf_puts(out, "{\"type\":\"function_call_output\"");
	put_member(out, "call_id", p->id);
	buf_puts(out, ",\"output\":");
	if (p->failed) {
		buf_puts(out, "[{\"type\":\"input_text\",\"text\":\"Error:\"}");
		put_parts(out, p->parts, 1);
		buf_putc(out, ']');
	} else {
		put_content(out, p->parts);
	}
	buf_putc(out, '}');
}

static void put_reasoning(struct input_writer *in, const struct part *p)
{
	struct buf *out = in->w->out;

	if (p->signature.len <= 2 || (p->signer != SIGNER_OPENAI && p->signer != SIGNER_UNSAID))
		return;
	begin_item(in);
	buf_puts(out, "{\"type\":\"reasoning\"");
	put_member(out, "id", p->id);
	buf_puts(out, ",\"summary\":[");
	if (span_has_text(p->text)) {
		buf_puts(out, "{\"type\":\"summary_text\"");
		put_member(out, "text", p->text);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
	put_member(out, "encrypted_content", p->signature);
	buf_putc(out, '}');
}

static void put_call(struct input_writer *in, const struct part *p)
{
	struct buf *out = in->w->out;

	begin_item(in);
	buf_puts(out, "{\"type\":\"function_call\"");
	put_member(out, "call_id", p->id);
	put_member(out, "name", p->name);
	buf_puts(out, ",\"arguments\":");
	buf_json_string(out, p->arguments.len > 0 ? p->arguments.at : "{}", p->arguments.len > 0 ? p->arguments.len : 2);
	buf_putc(out, '}');
}

static void put_spoken(struct input_writer *in, const struct part *p)
{
	bool refusal = p->kind == PART_REFUSAL;
	struct buf *out = in->w->out;

	if (!span_has_text(p->text))
		return;
	if (!in->in_message) {
		begin_item(in);
		buf_puts(out, "{\"role\":\"assistant\",\"content\":[");
		in->in_message = true;
	} else {
		buf_putc(out, ',');
	}
	buf_printf(out, "{\"type\":\"%s\"", refusal ? "refusal" : "output_text");
	put_member(out, refusal ? "refusal" : "text", p->text);
	buf_putc(out, '}');
}

static int put_assistant(struct input_writer *in, const struct message *m)
{
	for (const struct part *p = m->parts; p != NULL; p = p->next) {
		switch (p->kind) {
		case PART_TEXT:
		case PART_REFUSAL:
			put_spoken(in, p);
			break;
		case PART_REASONING:
			put_reasoning(in, p);
			break;
		case PART_TOOL_CALL:
			put_call(in, p);
			break;
		case PART_IMAGE:
		case PART_DOCUMENT:
			return err_set(in->w->err, ERR_INVALID, "messages: responses take nothing but text from the assistant");
		case PART_TOOL_RESULT:
			break;
		}
	}
	if (in->in_message)
		buf_puts(in->w->out, "]}");
	in->in_message = false;
	return 0;
}

static int put_input(struct openai_writer *w)
{
	struct input_writer in = {.w = w};

	buf_puts(w->out, ",\"input\":[");
	for (const struct message *m = w->c->messages; m != NULL; m = m->next) {
		for (const struct part *p = m->parts; p != NULL; p = p->next)
			if (p->kind == PART_TOOL_RESULT)
				put_result(&in, p);
		if (m->role != ROLE_ASSISTANT)
			put_said(&in, m);
		else if (put_assistant(&in, m) < 0)
			return ERR_INVALID;
	}
	if (in.num_items == 0)
		return err_set(w->err, ERR_INVALID, "messages: there has to be one");
	buf_putc(w->out, ']');
	return 0;
}

/* Tools. */

static void put_tools(struct openai_writer *w)
{
	unsigned n = 0;

	for (const struct tool *t = w->c->tools; t != NULL; t = t->next) {
		buf_puts(w->out, n++ == 0 ? ",\"tools\":[" : ",");
		buf_puts(w->out, "{\"type\":\"function\"");
		put_member(w->out, "name", t->name);
		put_member(w->out, "description", t->description);
		buf_puts(w->out, ",\"parameters\":");
		if (jspan_is_object(t->schema))
			put_span(w->out, t->schema);
		else
			buf_puts(w->out, "{\"type\":\"object\",\"properties\":{}}");
		/* Unsaid it would be true, which not every schema fits. */
		buf_printf(w->out, ",\"strict\":%s}", t->strict ? "true" : "false");
	}
	if (n > 0)
		buf_putc(w->out, ']');
}

static void put_tool_choice(struct openai_writer *w)
{
	static const char *const words[] = {
		[TOOL_CHOICE_UNSAID] = NULL,
		[TOOL_CHOICE_AUTO] = "auto",
		[TOOL_CHOICE_NONE] = "none",
		[TOOL_CHOICE_REQUIRED] = "required",
		[TOOL_CHOICE_NAMED] = NULL,
	};

	if (w->c->tools == NULL)
		return;
	if (w->c->tool_choice == TOOL_CHOICE_NAMED) {
		buf_puts(w->out, ",\"tool_choice\":{\"type\":\"function\"");
		put_member(w->out, "name", w->c->tool_name);
		buf_putc(w->out, '}');
	} else if (words[w->c->tool_choice] != NULL) {
		buf_printf(w->out, ",\"tool_choice\":\"%s\"", words[w->c->tool_choice]);
	}
	if (w->c->one_tool_at_a_time)
		buf_puts(w->out, ",\"parallel_tool_calls\":false");
}

/* What the answer should be like. */

static void put_format(struct openai_writer *w)
{
	switch (w->c->format) {
	case FORMAT_TEXT:
		break;
	case FORMAT_JSON:
		buf_puts(w->out, ",\"text\":{\"format\":{\"type\":\"json_object\"}}");
		break;
	case FORMAT_SCHEMA:
		buf_puts(w->out, ",\"text\":{\"format\":{\"type\":\"json_schema\",\"name\":");
		if (w->c->format_name.at != NULL)
			put_span(w->out, w->c->format_name);
		else
			buf_puts(w->out, "\"answer\"");
		put_member(w->out, "schema", w->c->format_schema);
		buf_printf(w->out, ",\"strict\":%s}}", openai_fits_strictly(w->c->format_schema) ? "true" : "false");
		break;
	}
}

/* Models that reason: the others refuse to include what they do not have. */
static bool model_reasons(const char *model)
{
	static const char *const families[] = {"o1", "o3", "o4", "codex", "grok-3-mini", "grok-4", "gpt-oss"};
	const char *slash = strrchr(model, '/');

	if (slash != NULL)
		model = slash + 1;
	if (strstr(model, "-chat") != NULL || strstr(model, "non-reasoning") != NULL)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(families); i++)
		if (strncmp(model, families[i], strlen(families[i])) == 0)
			return true;
	return strncmp(model, "gpt-", 4) == 0 && isdigit((unsigned char)model[4]) && model[4] >= '5';
}

static void put_effort(struct openai_writer *w)
{
	const char *effort = openai_effort(w);

	if (effort != NULL)
		buf_printf(w->out, ",\"reasoning\":{\"effort\":\"%s\"}", effort);
}

static int put_params(struct openai_writer *w)
{
	const unsigned known = 1u << PARAM_TEMPERATURE | 1u << PARAM_TOP_P | 1u << PARAM_USER;
	int64_t max = w->c->max_output, ceiling = w->target->max_output;

	if (conversation_check(w->c, known, w->target->drop_params, "this provider's Responses API", w->err) < 0)
		return ERR_INVALID;
	if (ceiling >= 0 && (max < 0 || max > ceiling))
		max = ceiling;
	if (max >= 0)
		buf_printf(w->out, ",\"max_output_tokens\":%" PRId64, max);
	put_member(w->out, "temperature", w->c->params[PARAM_TEMPERATURE]);
	put_member(w->out, "top_p", w->c->params[PARAM_TOP_P]);
	openai_put_user(w);
	return 0;
}

/* What the model reads. */
static int put_prompt(struct openai_writer *w)
{
	put_effort(w);
	put_format(w);
	put_tools(w);
	put_tool_choice(w);
	if (put_input(w) < 0)
		return ERR_INVALID;
	buf_putc(w->out, '}');
	return 0;
}

static void put_model(struct openai_writer *w)
{
	buf_puts(w->out, "{\"model\":");
	buf_json_string(w->out, w->target->model, strlen(w->target->model));
}

int responses_write_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
			    struct err *err)
{
	struct openai_writer w = {.c = c, .target = target, .out = out, .err = err};

	put_model(&w);
	if (c->stream)
		buf_puts(out, ",\"stream\":true");
	buf_puts(out, ",\"store\":false");
	if (model_reasons(target->model))
		buf_puts(out, ",\"include\":[\"reasoning.encrypted_content\"]");
	return put_params(&w) < 0 ? ERR_INVALID : put_prompt(&w);
}

/* How an answer would be made does not count. */
int responses_write_count_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
				  struct err *err)
{
	struct openai_writer w = {.c = c, .target = target, .out = out, .err = err};

	put_model(&w);
	return put_prompt(&w);
}
