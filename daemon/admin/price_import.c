/* SPDX-License-Identifier: MIT */
/*
 * Price files of other people are read here, each format by its own function.
 *
 * litellm     an object, model → amounts in USD per token, "litellm_provider" says whose
 * openrouter  what GET /api/v1/models answers: {"data": [{"id", "pricing": {…per token, as text}}]}
 * genai       a list of providers, each with models and amounts in USD per million
 *
 * To add a format: a function and a row in formats[].
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "admin/prices.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"
#include "store/store.h"

const char *const price_formats[] = {"litellm", "openrouter", "genai", NULL};

#define MILLION_PLACES 6

struct reading {
	struct db *db;
	const char *source;
	json_t *prices;         /* what came of it */
	json_t *seen;           /* "provider model above from": a file that says one price twice means the first */
	json_t *providers;      /* kind → names of our providers of that kind */
	int64_t skipped;
};

/* -- amounts ------------------------------------------------------------------------------------- */

/*
 * A number of the file as decimal text, its point moved to the right: USD per token become USD per
 * million exactly, because 15 digits give back every decimal of up to 15 digits that a double came
 * from.
 */
static json_t *amount(const json_t *value, int places)
{
	char digits[64], text[80], out[MONEY_TEXT];
	int64_t nusd;
	char *e;
	int exponent = 0;

	if (json_is_integer(value))
		snprintf(digits, sizeof(digits), "%lld", (long long)json_integer_value(value));
	else if (json_is_real(value))
		snprintf(digits, sizeof(digits), "%.15g", json_real_value(value));
	else if (json_is_string(value))
		copy_text(digits, sizeof(digits), json_string_value(value));
	else
		return NULL;
	e = strpbrk(digits, "eE");
	if (e != NULL) {
		exponent = (int)strtol(e + 1, NULL, 10);
		*e = '\0';
	}
	snprintf(text, sizeof(text), "%se%d", digits, exponent + places);
	if (!money_parse(text, true, &nusd) || nusd < 0)
		return NULL;
	return json_string(money_format(nusd, out));
}

static void set_amount(json_t *price, const char *name, const json_t *value, int places)
{
	json_t *text = amount(value, places);

	if (text != NULL)
		json_object_set_new(price, name, text);
}

/* -- whose model, and under what names ----------------------------------------------------------- */

/* first_party: its models' names are its own, so that the price holds wherever they are served. */
static const struct vendor {
	const char *name;       /* in the file */
	const char *kind;       /* of provider, with us */
	bool first_party;
} vendors[] = {
	{"openai", "openai", true},
	{"text-completion-openai", "openai", true},
	{"anthropic", "anthropic", true},
	{"gemini", "gemini", true},
	{"google", "gemini", true},
	{"mistral", "mistral", true},
	{"deepseek", "deepseek", true},
	{"xai", "xai", true},
	{"x-ai", "xai", true},
	{"cohere", "cohere", true},
	{"cohere_chat", "cohere", true},
	{"perplexity", "perplexity", true},
	{"moonshot", "moonshot", true},
	{"moonshotai", "moonshot", true},
	{"voyage", "voyage", true},
	{"groq", "groq", false},
	{"azure", "azure", false},
	{"bedrock", "bedrock", false},
	{"bedrock_converse", "bedrock", false},
	{"aws", "bedrock", false},
	{"openrouter", "openrouter", false},
	{"together_ai", "together", false},
	{"together", "together", false},
	{"fireworks_ai", "fireworks", false},
	{"fireworks", "fireworks", false},
	{"deepinfra", "deepinfra", false},
	{"cerebras", "cerebras", false},
	{"novita", "novita", false},
};

static const struct vendor *vendor_find(const char *name)
{
	for (size_t i = 0; name != NULL && i < ARRAY_LEN(vendors); i++)
		if (strcmp(vendors[i].name, name) == 0)
			return &vendors[i];
	return NULL;
}

static int note_provider(void *arg, const struct provider_row *row)
{
	json_t *providers = arg, *names = json_object_get(providers, row->kind);

	if (names == NULL) {
		names = json_array();
		json_object_set_new(providers, row->kind, names);
	}
	json_array_append_new(names, json_string(row->name));
	return 0;
}

static void put_copy(struct reading *r, const json_t *price, const char *model, const char *provider)
{
	json_t *key = json_sprintf("%s %s %lld %s", provider != NULL ? provider : "", model,
				   (long long)json_int_peek(price, "above_input", 0),
				   json_text_peek(price, "from") != NULL ? json_text_peek(price, "from") : "");
	bool is_new = json_object_get(r->seen, json_string_value(key)) == NULL;
	json_t *copy;

	json_object_set_new(r->seen, json_string_value(key), json_true());
	json_decref(key);
	if (!is_new) {
		r->skipped++;
		return;
	}
	copy = json_copy((json_t *)price);
	json_add_text(copy, "model", model);
	json_add_text(copy, "provider", provider);
	json_add_text(copy, "source", r->source);
	json_array_append_new(r->prices, copy);
}

/* The price of a vendor's model, under each name that it may be looked for. */
static void put(struct reading *r, const struct vendor *vendor, const char *model, const json_t *price)
{
	json_t *names = json_object_get(r->providers, vendor->kind), *name;
	size_t i;

	if (!text_is_model(model) || (!vendor->first_party && json_array_size(names) == 0)) {
		r->skipped++;
		return;
	}
	if (vendor->first_party)
		put_copy(r, price, model, NULL);
	else
		json_array_foreach(names, i, name)
			put_copy(r, price, model, json_string_value(name));
}

/* -- litellm ------------------------------------------------------------------------------------- */

static const struct {
	const char *theirs, *ours;
} litellm_fields[] = {
	{"input_cost_per_token", "input"},
	{"output_cost_per_token", "output"},
	{"cache_read_input_token_cost", "cache_read"},
	{"cache_creation_input_token_cost", "cache_write"},
	{"cache_creation_input_token_cost_above_1hr", "cache_write_1h"},
	{"output_cost_per_reasoning_token", "reasoning"},
	{"input_cost_per_audio_token", "input_audio"},
	{"input_cost_per_image_token", "input_image"},
	{"output_cost_per_audio_token", "output_audio"},
	{"output_cost_per_image_token", "output_image"},
};

/* "…_above_200k_tokens" is the same unit in a tier. */
static const struct {
	const char *suffix;
	int64_t above_input;
} litellm_tiers[] = {{"", 0}, {"_above_128k_tokens", 128000}, {"_above_200k_tokens", 200000}};

static json_t *litellm_price(const json_t *entry, const char *suffix, int64_t above_input)
{
	json_t *price = json_object();
	char member[128];

	for (size_t i = 0; i < ARRAY_LEN(litellm_fields); i++) {
		snprintf(member, sizeof(member), "%s%s", litellm_fields[i].theirs, suffix);
		set_amount(price, litellm_fields[i].ours, json_object_get(entry, member), MILLION_PLACES);
	}
	if (above_input == 0)
		set_amount(price, "request_usd", json_object_get(entry, "input_cost_per_request"), 0);
	else if (json_object_size(price) > 0)
		json_add_int(price, "above_input", above_input);
	return price;
}

static int read_litellm(struct reading *r, json_t *file, struct err *err)
{
	const char *name;
	json_t *entry;

	if (!json_is_object(file))
		return err_set(err, ERR_INVALID, "a LiteLLM price file is an object, this is %s", json_type_name(file));
	json_object_foreach(file, name, entry) {
		const char *owner = json_text_peek(entry, "litellm_provider"), *model = name;
		const struct vendor *vendor = vendor_find(owner);
		size_t len = owner != NULL ? strlen(owner) : 0;

		if (vendor == NULL) {
			r->skipped++;
			continue;
		}
		if (strncmp(name, owner, len) == 0 && name[len] == '/')
			model += len + 1;
		for (size_t t = 0; t < ARRAY_LEN(litellm_tiers); t++) {
			json_t *price = litellm_price(entry, litellm_tiers[t].suffix, litellm_tiers[t].above_input);

			if (json_object_size(price) > 0)
				put(r, vendor, model, price);
			else if (t == 0)
				r->skipped++;
			json_decref(price);
		}
	}
	return 0;
}

/* -- openrouter ---------------------------------------------------------------------------------- */

static const struct {
	const char *theirs, *ours;
	int places;
} openrouter_fields[] = {
	{"prompt", "input", MILLION_PLACES},
	{"completion", "output", MILLION_PLACES},
	{"input_cache_read", "cache_read", MILLION_PLACES},
	{"input_cache_write", "cache_write", MILLION_PLACES},
	{"internal_reasoning", "reasoning", MILLION_PLACES},
	{"request", "request_usd", 0},
};

/* What is free there says "0" for units that have no price of their own. */
static bool is_zero(const json_t *value)
{
	return json_is_string(value) && strspn(json_string_value(value), "0.") == json_string_length(value);
}

static int read_openrouter(struct reading *r, json_t *file, struct err *err)
{
	json_t *data = json_object_get(file, "data"), *entry;
	size_t i;

	if (!json_is_array(data))
		return err_set(err, ERR_INVALID, "OpenRouter's models are {\"data\": […]}, this is not");
	json_array_foreach(data, i, entry) {
		const json_t *pricing = json_object_get(entry, "pricing");
		const char *id = json_text_peek(entry, "id");
		json_t *price = json_object();

		for (size_t f = 0; f < ARRAY_LEN(openrouter_fields); f++) {
			const json_t *value = json_object_get(pricing, openrouter_fields[f].theirs);

			if (f < 2 || !is_zero(value))
				set_amount(price, openrouter_fields[f].ours, value, openrouter_fields[f].places);
		}
		if (id != NULL && json_object_size(price) > 0)
			put(r, vendor_find("openrouter"), id, price);
		else
			r->skipped++;
		json_decref(price);
	}
	return 0;
}

/* -- genai --------------------------------------------------------------------------------------- */

static const struct {
	const char *theirs, *ours;
	int places;             /* requests are by the thousand */
} genai_fields[] = {
	{"input_mtok", "input", 0},
	{"output_mtok", "output", 0},
	{"cache_read_mtok", "cache_read", 0},
	{"cache_write_mtok", "cache_write", 0},
	{"cache_write_1h_mtok", "cache_write_1h", 0},
	{"output_reasoning_mtok", "reasoning", 0},
	{"input_audio_mtok", "input_audio", 0},
	{"input_image_mtok", "input_image", 0},
	{"output_audio_mtok", "output_audio", 0},
	{"output_image_mtok", "output_image", 0},
	{"requests_kcount", "request_usd", -3},
};

/* An amount, or {"base", "tiers": [{"start", "price"}]}: adds to the tier that starts there. */
static void genai_amount(json_t *tiers, const char *ours, const json_t *value, int places)
{
	const json_t *steps = json_object_get(value, "tiers"), *step;
	json_t *base = json_object_get(tiers, "0");
	size_t i;

	set_amount(base, ours, json_is_object(value) ? json_object_get(value, "base") : value, places);
	json_array_foreach(steps, i, step) {
		char start[24];
		json_t *tier;

		snprintf(start, sizeof(start), "%lld", (long long)json_int_peek(step, "start", 0));
		tier = json_object_get(tiers, start);
		if (tier == NULL) {
			tier = json_object();
			json_object_set_new(tiers, start, tier);
			json_add_int(tier, "above_input", json_int_peek(step, "start", 0));
		}
		set_amount(tier, ours, json_object_get(step, "price"), places);
	}
}

/* Names the model answers to besides its id; what is no exact name cannot be looked up by one. */
static void genai_names(const json_t *match, json_t *names)
{
	const char *exact = json_text_peek(match, "equals");
	const json_t *one;
	size_t i;

	if (exact != NULL)
		json_object_set_new(names, exact, json_true());
	json_array_foreach(json_object_get(match, "or"), i, one)
		genai_names(one, names);
}

static void genai_prices(struct reading *r, const struct vendor *vendor, const json_t *names, const json_t *prices,
			 const char *from)
{
	json_t *tiers = json_pack("{s:{}}", "0"), *tier;
	const char *start, *name;
	json_t *ignored;

	for (size_t i = 0; i < ARRAY_LEN(genai_fields); i++)
		genai_amount(tiers, genai_fields[i].ours, json_object_get(prices, genai_fields[i].theirs),
			     genai_fields[i].places);
	json_object_foreach(tiers, start, tier) {
		if (json_object_size(tier) == 0) {
			r->skipped++;
			continue;
		}
		if (from != NULL)
			json_add_text(tier, "from", from);
		json_object_foreach((json_t *)names, name, ignored)
			put(r, vendor, name, tier);
	}
	json_decref(tiers);
}

/* "2026-09-01"; "" when it has no beginning; NULL for prices by the time of day, which are not ours to have. */
static const char *genai_start(const json_t *one)
{
	const json_t *constraint = json_object_get(one, "constraint");
	const char *date = json_text_peek(constraint, "start_date");

	if (json_object_get(constraint, "start_time") != NULL)
		return NULL;
	return date != NULL ? date : "";
}

/* What holds today is a price like any other, and what comes has its date; what is over is history
 * that nobody was charged by. */
static void genai_list(struct reading *r, const struct vendor *vendor, const json_t *names, const json_t *list)
{
	const json_t *one, *current = NULL;
	char today[CLOCK_TEXT];
	size_t i;

	clock_format(clock_wall_ms(), today);
	today[strlen("2026-09-01")] = '\0';
	json_array_foreach(list, i, one) {
		const char *start = genai_start(one);

		if (start == NULL || (strcmp(start, today) <= 0 && current != NULL && strcmp(start, genai_start(current)) < 0))
			r->skipped++;
		else if (strcmp(start, today) <= 0)
			current = one;
		else
			genai_prices(r, vendor, names, json_object_get(one, "prices"), start);
	}
	if (current != NULL)
		genai_prices(r, vendor, names, json_object_get(current, "prices"), NULL);
}

static void genai_model(struct reading *r, const struct vendor *vendor, const json_t *model)
{
	const json_t *prices = json_object_get(model, "prices");
	const char *id = json_text_peek(model, "id");
	json_t *names = json_object();

	if (id != NULL)
		json_object_set_new(names, id, json_true());
	genai_names(json_object_get(model, "match"), names);
	if (json_is_object(prices))
		genai_prices(r, vendor, names, prices, NULL);
	else
		genai_list(r, vendor, names, prices);
	json_decref(names);
}

static int read_genai(struct reading *r, json_t *file, struct err *err)
{
	const json_t *models, *model;
	json_t *provider;
	size_t i, j;

	if (!json_is_array(file))
		return err_set(err, ERR_INVALID, "a genai-prices file is a list, this is %s", json_type_name(file));
	json_array_foreach(file, i, provider) {
		const struct vendor *vendor = vendor_find(json_text_peek(provider, "id"));

		models = json_object_get(provider, "models");
		if (vendor == NULL)
			r->skipped += (int64_t)json_array_size(models);
		else
			json_array_foreach(models, j, model)
				genai_model(r, vendor, model);
	}
	return 0;
}

/* -- all of them --------------------------------------------------------------------------------- */

static const struct {
	const char *name;
	int (*read)(struct reading *, json_t *file, struct err *);
} formats[] = {{"litellm", read_litellm}, {"openrouter", read_openrouter}, {"genai", read_genai}};

json_t *price_file_read(struct db *db, const char *format, const char *text, size_t len, int64_t *ret_skipped,
			struct err *err)
{
	struct reading r = {db, format, json_array(), json_object(), json_object(), 0};
	json_t *file = json_parse(text, len, err);
	int rc = file != NULL ? provider_list(db, note_provider, r.providers, err) : err->code;

	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(formats); i++)
		if (strcmp(formats[i].name, format) == 0)
			rc = formats[i].read(&r, file, err);
	json_decref(file);
	json_decref(r.providers);
	json_decref(r.seen);
	*ret_skipped = r.skipped;
	if (rc < 0) {
		json_decref(r.prices);
		return NULL;
	}
	return r.prices;
}
