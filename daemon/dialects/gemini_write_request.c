/* SPDX-License-Identifier: MIT */
/* Requests of Google's dialect are written from the internal form here, but for their contents. */
#include <inttypes.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/gemini.h"
#include "dialects/interpreter.h"

/* Tools. */

static void put_tools(struct gemini_writer *w)
{
	unsigned n = 0;

	for (const struct tool *t = w->c->tools; t != NULL; t = t->next) {
		buf_puts(w->out, n++ == 0 ? ",\"tools\":[{\"functionDeclarations\":[{\"name\":" : ",{\"name\":");
		put_span(w->out, t->name);
		put_member(w->out, "description", t->description);
		if (jspan_is_object(t->schema))
			put_member(w->out, "parametersJsonSchema", t->schema);
		buf_putc(w->out, '}');
	}
	if (n > 0)
		buf_puts(w->out, "]}]");
}

static int put_tool_choice(struct gemini_writer *w)
{
	static const char *const modes[] = {
		[TOOL_CHOICE_UNSAID] = NULL,
		[TOOL_CHOICE_AUTO] = "AUTO",
		[TOOL_CHOICE_NONE] = "NONE",
		[TOOL_CHOICE_REQUIRED] = "ANY",
		[TOOL_CHOICE_NAMED] = "ANY",
	};
	const char *mode = modes[w->c->tool_choice];

	if (w->c->tools == NULL)
		return 0;
	if (w->c->one_tool_at_a_time && w->c->tool_choice != TOOL_CHOICE_NONE &&
	    refuse_field(w->target->drop_params, w->err, "parallel_tool_calls", "Gemini calls as many tools at once as it likes") < 0)
		return ERR_INVALID;
	if (mode == NULL)
		return 0;
	buf_printf(w->out, ",\"toolConfig\":{\"functionCallingConfig\":{\"mode\":\"%s\"", mode);
	if (w->c->tool_choice == TOOL_CHOICE_NAMED) {
		buf_puts(w->out, ",\"allowedFunctionNames\":[");
		put_span(w->out, w->c->tool_name);
		buf_putc(w->out, ']');
	}
	buf_puts(w->out, "}}");
	return 0;
}

/* What the answer should be like: members of generationConfig, each with a comma behind it. */

static void put_config_member(struct gemini_writer *w, const char *name, struct jspan value)
{
	if (value.at == NULL)
		return;
	buf_printf(w->out, "\"%s\":", name);
	put_span(w->out, value);
	buf_putc(w->out, ',');
}

static int put_stop(struct gemini_writer *w)
{
	struct jspan stop = w->c->params[PARAM_STOP];
	bool list = jspan_is_array(stop);

	if (stop.at == NULL)
		return 0;
	if (!list && !jspan_is_string(stop))
		return err_set(w->err, ERR_INVALID, "stop: expected a string or a list of strings");
	buf_puts(w->out, list ? "\"stopSequences\":" : "\"stopSequences\":[");
	put_span(w->out, stop);
	buf_puts(w->out, list ? "," : "],");
	return 0;
}

static int put_params(struct gemini_writer *w)
{
	static const struct {
		enum param param;
		const char *name;
	} names[] = {{PARAM_TEMPERATURE, "temperature"},
		     {PARAM_TOP_P, "topP"},
		     {PARAM_TOP_K, "topK"},
		     {PARAM_SEED, "seed"},
		     {PARAM_FREQUENCY_PENALTY, "frequencyPenalty"},
		     {PARAM_PRESENCE_PENALTY, "presencePenalty"},
		     {PARAM_LOGPROBS, "responseLogprobs"},
		     {PARAM_TOP_LOGPROBS, "logprobs"},
		     {PARAM_NUM_CHOICES, "candidateCount"}};
	unsigned known = 1u << PARAM_STOP;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		known |= 1u << names[i].param;
	if (conversation_check(w->c, known, w->target->drop_params, "Gemini", w->err) < 0 || put_stop(w) < 0)
		return ERR_INVALID;
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		put_config_member(w, names[i].name, w->c->params[names[i].param]);
	return 0;
}

static void put_max_output(struct gemini_writer *w)
{
	int64_t max = w->c->max_output, ceiling = w->target->max_output;

	if (ceiling >= 0 && (max < 0 || max > ceiling))
		max = ceiling;
	if (max >= 0)
		buf_printf(w->out, "\"maxOutputTokens\":%" PRId64 ",", max);
}

static void put_format(struct gemini_writer *w)
{
	if (w->c->format != FORMAT_TEXT)
		buf_puts(w->out, "\"responseMimeType\":\"application/json\",");
	if (w->c->format == FORMAT_SCHEMA)
		put_config_member(w, "responseJsonSchema", w->c->format_schema);
}

static int put_config(struct gemini_writer *w)
{
	static const char opening[] = ",\"generationConfig\":{";
	size_t before = w->out->len;

	buf_puts(w->out, opening);
	put_max_output(w);
	if (put_params(w) < 0 || gemini_put_thinking(w->c, w->target, w->out, w->err) < 0)
		return ERR_INVALID;
	put_format(w);
	if (w->out->failed)
		return 0;
	/* Nothing was said, or a comma too much. */
	if (w->out->len == before + strlen(opening)) {
		w->out->len = before;
		w->out->data[before] = '\0';
	} else {
		w->out->data[w->out->len - 1] = '}';
	}
	return 0;
}

int gemini_write_request(const struct conversation *c, const struct interpreter_target *target, struct buf *out,
			 struct err *err)
{
	bool newest = gemini_checks_signatures(target->model);
	struct gemini_writer w = {
		.c = c, .target = target, .out = out, .err = err, .signs_calls = newest, .media_in_results = newest};

	buf_putc(out, '{');
	if (gemini_put_contents(&w) < 0 || gemini_put_system(&w) < 0)
		return ERR_INVALID;
	put_tools(&w);
	if (put_tool_choice(&w) < 0 || put_config(&w) < 0)
		return ERR_INVALID;
	buf_putc(out, '}');
	return 0;
}
