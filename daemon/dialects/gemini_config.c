/* SPDX-License-Identifier: MIT */
/* What a request of Google's dialect says of the answer, its generationConfig, is read into the internal form here. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/mem.h"
#include "dialects/gemini.h"

/* Complaints of other dialects name a parameter as the client does. */
static const char *const param_names[NUM_PARAMS] = {
	[PARAM_TEMPERATURE] = "generationConfig.temperature",
	[PARAM_TOP_P] = "generationConfig.topP",
	[PARAM_TOP_K] = "generationConfig.topK",
	[PARAM_STOP] = "generationConfig.stopSequences",
	[PARAM_SEED] = "generationConfig.seed",
	[PARAM_FREQUENCY_PENALTY] = "generationConfig.frequencyPenalty",
	[PARAM_PRESENCE_PENALTY] = "generationConfig.presencePenalty",
	[PARAM_LOGPROBS] = "generationConfig.responseLogprobs",
	[PARAM_TOP_LOGPROBS] = "generationConfig.logprobs",
	[PARAM_NUM_CHOICES] = "generationConfig.candidateCount",
	[PARAM_USER] = "user",
};

/* A whole number that stands as 40.0, as some clients write it, is one to everybody. */
static struct jspan whole_number(struct gemini_request *r, struct jspan value)
{
	char text[24];
	int64_t n;
	int len;

	if (!jspan_int(value, &n))
		return value;
	len = snprintf(text, sizeof(text), "%" PRId64, n);
	return (struct jspan){arena_copy(r->arena, text, (size_t)len), (size_t)len};
}

static int read_param(struct gemini_request *r, struct jspan value, int param)
{
	r->c->params[param] = whole_number(r, value);
	return 0;
}

static int read_max_output(struct gemini_request *r, struct jspan value, int unused)
{
	(void)unused;
	return jspan_int(value, &r->c->max_output) ? 0 : gemini_wrong(r, "maxOutputTokens", "a whole number from 1");
}

/* -- the answer's form --------------------------------------------------------------------------- */

static int read_mime_type(struct gemini_request *r, struct jspan value, int unused)
{
	(void)unused;
	if (jspan_equals(value, "text/plain") || !span_has_text(value))
		return 0;
	if (!jspan_equals(value, "application/json"))
		gemini_keep_extra(r, "responseMimeType", value);
	else if (r->c->format == FORMAT_TEXT)
		r->c->format = FORMAT_JSON;
	return 0;
}

static int read_schema(struct gemini_request *r, struct jspan value, int is_json_schema)
{
	if (!jspan_is_object(value))
		return gemini_wrong(r, "responseSchema", "an object");
	r->c->format = FORMAT_SCHEMA;
	r->c->format_schema = is_json_schema ? value : gemini_read_schema(r->arena, value);
	return 0;
}

/* Text is what everybody answers with. */
static int read_modalities(struct gemini_request *r, struct jspan value, int unused)
{
	struct jspan item = {0};
	int64_t number;

	(void)unused;
	while (gemini_next_item(value, &item))
		if (!jspan_equals(item, "TEXT") && !jspan_equals(item, "text") && !(jspan_int(item, &number) && number == 1)) {
			gemini_keep_extra(r, "responseModalities", value);
			return 0;
		}
	return 0;
}

/* -- thinking ------------------------------------------------------------------------------------ */

static int read_level(struct gemini_request *r, struct jspan level)
{
	static const struct {
		const char *name;
		enum effort effort;
	} levels[] = {{"minimal", EFFORT_MINIMAL}, {"low", EFFORT_LOW}, {"medium", EFFORT_MEDIUM}, {"high", EFFORT_HIGH}};
	char name[32] = "";

	jspan_copy_cut(level, name, sizeof(name));
	for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
		if (strcasecmp(name, levels[i].name) == 0) {
			r->c->effort = levels[i].effort;
			return 0;
		}
	}
	return strcasecmp(name, "thinking_level_unspecified") == 0
		       ? 0
		       : gemini_wrong(r, "thinkingConfig.thinkingLevel", "MINIMAL, LOW, MEDIUM or HIGH");
}

/* Google's models think unless they are told not to; only who says how much asks others for it. */
static int read_thinking(struct gemini_request *r, struct jspan value, int unused)
{
	struct jspan budget = gemini_said(value, "thinkingBudget"), level = gemini_said(value, "thinkingLevel");
	bool shown = false;
	int64_t tokens = -1;

	(void)unused;
	r->c->reasoning_field = "generationConfig.thinkingConfig";
	if (budget.at != NULL && !jspan_int(budget, &tokens))
		return gemini_wrong(r, "thinkingConfig.thinkingBudget", "a whole number");
	if (level.at != NULL && read_level(r, level) < 0)
		return ERR_INVALID;
	jspan_bool(gemini_said(value, "includeThoughts"), &shown);
	r->c->reasoning_optional = level.at == NULL && tokens <= 0;
	if (tokens > 0)
		r->c->reasoning_budget = tokens;
	else if (tokens == 0)
		r->c->effort = EFFORT_NONE;
	else if (level.at == NULL && (shown || budget.at != NULL))
		r->c->effort = EFFORT_MEDIUM;
	return 0;
}

/* -- the whole ----------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*read)(struct gemini_request *, struct jspan value, int arg);
	int arg;
} members[] = {
	{"temperature", read_param, PARAM_TEMPERATURE},
	{"topP", read_param, PARAM_TOP_P},
	{"topK", read_param, PARAM_TOP_K},
	{"stopSequences", read_param, PARAM_STOP},
	{"seed", read_param, PARAM_SEED},
	{"frequencyPenalty", read_param, PARAM_FREQUENCY_PENALTY},
	{"presencePenalty", read_param, PARAM_PRESENCE_PENALTY},
	{"responseLogprobs", read_param, PARAM_LOGPROBS},
	{"logprobs", read_param, PARAM_TOP_LOGPROBS},
	{"candidateCount", read_param, PARAM_NUM_CHOICES},
	{"maxOutputTokens", read_max_output, 0},
	{"responseMimeType", read_mime_type, 0},
	{"responseSchema", read_schema, false},
	{"responseJsonSchema", read_schema, true},
	{"_responseJsonSchema", read_schema, true},
	{"responseModalities", read_modalities, 0},
	{"thinkingConfig", read_thinking, 0},
};

static int read_member(struct gemini_request *r, struct jmember m)
{
	bool on = true;
	char name[64];

	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (gemini_is_named(m.name, members[i].name) || jspan_equals(m.name, members[i].name))
			return jspan_is_null(m.value) ? 0 : members[i].read(r, m.value, members[i].arg);
	jspan_copy_cut(m.name, name, sizeof(name));
	if (!jspan_is_null(m.value) && !(jspan_bool(m.value, &on) && !on))
		gemini_keep_extra(r, name, m.value);
	return 0;
}

int gemini_read_config(struct gemini_request *r, struct jspan config, int unused)
{
	struct jmember m = {{0}, {0}};

	(void)unused;
	r->c->param_names = param_names;
	gemini_set_place(r, "generationConfig");
	while (jspan_next_member(config, &m))
		if (read_member(r, m) < 0)
			return ERR_INVALID;
	return 0;
}
