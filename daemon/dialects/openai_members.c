/* SPDX-License-Identifier: MIT */
/* What a whole answer of OpenAI's chat dialect and a chunk of a stream have in common is read here. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/openai.h"
#include "dialects/upstream_error.h"

static const struct {
	const char *name;
	enum finish_reason reason;
} finishes[] = {
	/* The first of a reason is how we write it. */
	{"stop", FINISH_STOP},
	{"length", FINISH_LENGTH},
	{"tool_calls", FINISH_TOOL_CALLS},
	{"content_filter", FINISH_CONTENT_FILTER},
	{"function_call", FINISH_TOOL_CALLS},
	{"eos", FINISH_STOP},
	{"error", FINISH_ERROR},
};

static enum finish_reason read_finish(struct jspan s)
{
	for (size_t i = 0; i < ARRAY_LEN(finishes); i++)
		if (jspan_equals(s, finishes[i].name))
			return finishes[i].reason;
	return span_has_text(s) ? FINISH_STOP : FINISH_NONE;
}

/* An answer that does not say why it ended is to a client one that stopped. */
const char *openai_finish_text(enum finish_reason reason)
{
	for (size_t i = 0; i < ARRAY_LEN(finishes); i++)
		if (finishes[i].reason == reason)
			return finishes[i].name;
	return "stop";
}

int openai_read_top(const char *text, size_t len, struct reading *r, struct jspan *ret_choices, struct err *err)
{
	enum { ID, MODEL, CREATED, CHOICES, USAGE, ERROR, X_GROQ, N };
	struct jfield f[N] = {{.name = "id"}, {.name = "model"}, {.name = "created"}, {.name = "choices"},
			      {.name = "usage"}, {.name = "error"}, {.name = "x_groq"}};

	r->usage_at = (struct jspan){0};
	r->usage_alone = false;
	if (jscan_object(text, len, f, N, err) < 0)
		return ERR_INVALID;
	if (!jspan_is_null(f[ERROR].value))
		return upstream_error_inside(f[ERROR].value, err);
	if (span_has_text(f[ID].value))
		jspan_copy_cut(f[ID].value, r->id, sizeof(r->id));
	if (span_has_text(f[MODEL].value))
		jspan_copy_cut(f[MODEL].value, r->model, sizeof(r->model));
	jspan_int(f[CREATED].value, &r->created_s);
	if (openai_read_usage(f[USAGE].value, &r->usage))
		r->usage_at = f[USAGE].value;
	else
		openai_read_usage(jspan_member(f[X_GROQ].value, "usage"), &r->usage);
	*ret_choices = f[CHOICES].value;
	return 0;
}

int openai_read_choice(struct jspan item, struct openai_choice *ret, struct err *err)
{
	enum { INDEX, MESSAGE, DELTA, FINISH, ERROR, LOGPROBS, N };
	struct jfield f[N] = {{.name = "index"}, {.name = "message"}, {.name = "delta"},
			      {.name = "finish_reason"}, {.name = "error"}, {.name = "logprobs"}};
	int64_t index = 0;

	if (!jspan_fields(item, f, N))
		return err_set(err, ERR_INVALID, "choices: expected objects");
	if (!jspan_is_null(f[ERROR].value))
		return upstream_error_inside(f[ERROR].value, err);
	jspan_int(f[INDEX].value, &index);
	ret->index = index >= 0 && index < OPENAI_CHOICES ? (int)index : OPENAI_CHOICES - 1;
	ret->message = f[MESSAGE].value;
	ret->delta = f[DELTA].value;
	ret->finish = read_finish(f[FINISH].value);
	ret->logprobs = jspan_is_object(f[LOGPROBS].value) ? f[LOGPROBS].value : (struct jspan){0};
	return 0;
}

/* What somebody signed whom we do not know is kept as unsaid; it goes back where it came from. */
void openai_read_detail(struct jspan item, struct openai_detail *ret)
{
	enum { TYPE, TEXT, SUMMARY, SIGNATURE, DATA, ID, FORMAT, N };
	struct jfield f[N] = {{.name = "type"}, {.name = "text"}, {.name = "summary"}, {.name = "signature"},
			      {.name = "data"}, {.name = "id"}, {.name = "format"}};

	memset(ret, 0, sizeof(*ret));
	if (!jspan_fields(item, f, N))
		return;
	signer_of_format(f[FORMAT].value, &ret->signer);
	ret->encrypted = jspan_equals(f[TYPE].value, "reasoning.encrypted");
	ret->text = span_has_text(f[TEXT].value) ? f[TEXT].value : f[SUMMARY].value;
	ret->signature = ret->encrypted ? f[DATA].value : f[SIGNATURE].value;
	ret->id = f[ID].value;
	if (!span_has_text(ret->text))
		ret->text = (struct jspan){0};
	if (!span_has_text(ret->signature))
		ret->signature = (struct jspan){0};
	if (!span_has_text(ret->id))
		ret->id = (struct jspan){0};
}

static bool details_have_text(struct jspan details)
{
	struct openai_detail d;
	struct jspan item = {0};

	while (jspan_next_item(details, &item)) {
		openai_read_detail(item, &d);
		if (d.text.at != NULL)
			return true;
	}
	return false;
}

/* The same text stands in two or three places. */
bool openai_read_said(struct jspan object, struct openai_said *ret)
{
	enum { CONTENT, REASONING, REASONING_CONTENT, REASONING_DETAILS, REFUSAL, TOOL_CALLS, FUNCTION_CALL, N };
	struct jfield f[N] = {{.name = "content"}, {.name = "reasoning"}, {.name = "reasoning_content"},
			      {.name = "reasoning_details"}, {.name = "refusal"}, {.name = "tool_calls"},
			      {.name = "function_call"}};

	if (!jspan_fields(object, f, N))
		return false;
	*ret = (struct openai_said){
		.content = f[CONTENT].value,
		.details = f[REASONING_DETAILS].value,
		.refusal = f[REFUSAL].value,
		.tool_calls = f[TOOL_CALLS].value,
		.function_call = f[FUNCTION_CALL].value,
	};
	if (details_have_text(ret->details))
		return true;
	if (span_has_text(f[REASONING_CONTENT].value))
		ret->reasoning = f[REASONING_CONTENT].value;
	else if (span_has_text(f[REASONING].value))
		ret->reasoning = f[REASONING].value;
	return true;
}

void openai_read_call(struct jspan item, struct openai_call *ret)
{
	struct jfield f[] = {{.name = "index"}, {.name = "id"}, {.name = "function"}};
	struct jfield g[] = {{.name = "name"}, {.name = "arguments"}};

	jspan_fields(item, f, 3);
	jspan_fields(f[2].value, g, 2);
	*ret = (struct openai_call){f[0].value, f[1].value, g[0].value, g[1].value};
}

bool openai_read_function_call(struct jspan object, struct openai_call *ret)
{
	struct jfield f[] = {{.name = "name"}, {.name = "arguments"}};

	if (!jspan_fields(object, f, 2))
		return false;
	*ret = (struct openai_call){.name = f[0].value, .arguments = f[1].value};
	return true;
}

struct jspan openai_make_id(const struct reading *r, unsigned n, char out[OPENAI_ID_TEXT])
{
	char unique[33];
	size_t len = 0;

	for (const char *p = r->id; *p != '\0' && len < sizeof(unique) - 1; p++)
		if ((*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z'))
			unique[len++] = *p;
	unique[len] = '\0';
	len = (size_t)snprintf(out, OPENAI_ID_TEXT, "\"call_%s_%u\"", unique, n);
	return (struct jspan){out, len};
}

/*
 * The texts of a content, which is a string or a list of parts; Mistral's thinking parts have lists
 * of parts in them.  walk is called for each text.
 */
static void each_text(struct jspan content, bool thinking, openai_text_walk *walk, void *arg)
{
	struct jspan part = {0};

	if (span_has_text(content))
		walk(arg, thinking, content);
	while (jspan_next_item(content, &part)) {
		struct jfield f[] = {{.name = "text"}, {.name = "thinking"}};

		if (!jspan_fields(part, f, 2))
			continue;
		if (span_has_text(f[0].value))
			walk(arg, thinking, f[0].value);
		if (!thinking)
			each_text(f[1].value, true, walk, arg);
	}
}

void openai_each_text(const struct openai_said *said, openai_text_walk *walk, void *arg)
{
	each_text(said->reasoning, true, walk, arg);
	each_text(said->content, false, walk, arg);
}

void openai_put_head(struct buf *out, const struct writing *w, const char *object)
{
	buf_puts(out, "{\"id\":");
	buf_json_string(out, w->id, strlen(w->id));
	buf_printf(out, ",\"object\":\"%s\",\"created\":%" PRId64 ",\"model\":", object, w->created_s);
	buf_json_string(out, w->model, strlen(w->model));
	buf_puts(out, ",\"choices\":[");
}
