/* SPDX-License-Identifier: MIT */
/*
 * Step two: may this call be made, and what does it hold while it runs.
 *
 * In the order in which a caller would want to hear of it: the body, the model, the permission, the
 * price, the limits, the budgets.  What was taken is given back by settle, whatever happens next.
 */
#include "gateway/call.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/mem.h"
#include "base/money.h"
#include "base/text.h"

/* What a strict budget lets a caller generate who did not say max_tokens. */
#define STRICT_OUTPUT 4096

static bool read_body(struct call *call)
{
	const struct buf *body = httpd_body(call->request);
	const char *param = NULL;
	struct err err;

	if (httpd_too_large(call->request)) {
		reply_refuse(call, REPLY_TOO_LARGE, NULL, "the body is larger than 64 MiB");
		return false;
	}
	if (call->dialect->scan_request(body->data, body->len, &call->facts, &param, &err) < 0) {
		reply_refuse(call, REPLY_BAD_REQUEST, param, "%s", err.text);
		return false;
	}
	call->facts.betas = httpd_header(call->request, "anthropic-beta");
	copy_text(call->record.asked, sizeof(call->record.asked), call->facts.model_name);
	if (call->facts.user[0] != '\0')
		copy_text(call->record.user, sizeof(call->record.user), call->facts.user);
	if (call->record.tags[0] == '\0')
		copy_text(call->record.tags, sizeof(call->record.tags), call->facts.tags);
	call->record.flags |= call->facts.stream ? CALL_STREAM : 0;
	copy_text(call->slot->asked, sizeof(call->slot->asked), call->record.asked);
	text_repair(call->slot->asked);
	call->slot->flags = call->record.flags;
	call->slot->input_estimate = call->facts.input_estimate;
	return true;
}

static bool read_timeout(struct call *call)
{
	const char *asked = httpd_header(call->request, "x-tollgate-timeout");

	if (asked == NULL || (duration_parse(asked, &call->timeout_ms) && call->timeout_ms > 0))
		return true;
	reply_refuse(call, REPLY_BAD_REQUEST, "x-tollgate-timeout",
		     "x-tollgate-timeout: expected a duration such as 30s or 500ms, found %.40s", asked);
	return false;
}

/* " up and other serve it: say up/m or other/m": why a bare name that providers serve is no model here. */
static void explain_bare_name(const struct call *call, const char *model, struct buf *out)
{
	const struct map_entry *e;
	unsigned enabled = 0, off = 0;
	const char *first_off = NULL;

	for (e = map_next(&call->view->providers, NULL); e != NULL; e = map_next(&call->view->providers, e)) {
		const struct view_provider *p = e->value;

		if (p->models.num == 0 || !view_models_allow(&p->models, model))
			continue;
		if (p->state == PROVIDER_ENABLED)
			buf_printf(out, "%s%s/%s", enabled++ > 0 ? " or " : "; more than one provider serves it, say ",
				   p->name, model);
		else if (off++ == 0)
			first_off = p->name;
	}
	if (enabled == 0 && first_off != NULL)
		buf_printf(out, "; %s serves it and is switched off", first_off);
}

static void refuse_model(struct call *call, const char *model)
{
	struct buf why;

	buf_init(&why, 300);
	if (strchr(model, '/') == NULL)
		explain_bare_name(call, model, &why);
	reply_refuse(call, REPLY_MODEL_NOT_FOUND, "model", "no model \"%s\" here%s", model,
		     why.len > 0 ? why.data : "; GET /v1/models lists those this key may use");
	buf_release(&why);
}

static bool find_chain(struct call *call)
{
	const char *model = call->facts.model_name;

	call->chain = view_resolve(call->view, model, &call->owned_chain);
	if (call->chain == NULL) {
		refuse_model(call, model);
		return false;
	}
	if (!view_models_allow(&call->key->models, model) ||
	    !view_models_allow(&call->key->team->models, model)) {
		reply_refuse(call, REPLY_MODEL_NOT_ALLOWED, "model", "this key may not use the model \"%s\"; GET /v1/models lists those it may", model);
		return false;
	}
	return true;
}

/* Everything this call's team, key and gateway are budgeted by, with the error each stands for. */
struct budget_set {
	const struct view_budget *budgets;
	size_t num;
	enum reply_error error;
};

static void budget_sets(const struct call *call, struct budget_set out[3])
{
	const struct view_team *team = call->key->team;

	out[0] = (struct budget_set){call->key->budgets, call->key->num_budgets, REPLY_KEY_BUDGET};
	out[1] = (struct budget_set){team->budgets, team->num_budgets, REPLY_TEAM_BUDGET};
	out[2] = (struct budget_set){call->view->gateway_budgets, call->view->num_gateway_budgets,
				     REPLY_GATEWAY_BUDGET};
}

static bool budget_applies(const struct view_budget *b, const char *asked)
{
	return b->model[0] == '\0' || strcmp(b->model, asked) == 0;
}

/* Whether any budget looks at this call, and whether one of them is strict. */
static bool is_budgeted(const struct call *call, bool *ret_strict)
{
	struct budget_set sets[3];
	bool any = false;

	*ret_strict = false;
	budget_sets(call, sets);
	for (size_t s = 0; s < ARRAY_LEN(sets); s++)
		for (size_t i = 0; i < sets[s].num; i++) {
			if (!budget_applies(&sets[s].budgets[i], call->facts.model_name))
				continue;
			any = true;
			*ret_strict |= budget_mode(sets[s].budgets[i].budget) == BUDGET_STRICT;
		}
	return any;
}

bool call_is_free(const struct call *call)
{
	return call->dialect->operation == OPERATION_COUNT;
}

/* Vectors and verdicts are no tokens: nobody counts or charges them. */
static bool generates(enum operation operation)
{
	switch (operation) {
	case OPERATION_CHAT:
	case OPERATION_IMAGE:
	case OPERATION_SPEECH:
	case OPERATION_TRANSCRIBE:
		return true;
	case OPERATION_COUNT:
	case OPERATION_EMBED:
	case OPERATION_MODERATE:
	case OPERATION_RERANK:
		return false;
	}
	return true;
}

/* Tokens this call is expected to generate, or (strict) may at most. */
static int64_t output_guess(const struct call *call, bool strict)
{
	int64_t said = call->facts.max_output, usual = usual_output(call->gateway, call->facts.model_name);
	int64_t one;

	if (!generates(call->dialect->operation))
		return 0;
	if (strict)
		one = said >= 0 ? said : STRICT_OUTPUT;
	else
		one = said >= 0 && said < usual ? said : usual;
	return one * call->facts.num_choices;
}

/* A token is at least a byte of the body; what is no text (images) is in the estimate. */
static int64_t input_guess(const struct call *call, bool strict)
{
	int64_t estimate = call->facts.input_estimate;

	return strict ? estimate + (int64_t)httpd_body(call->request)->len : estimate;
}

/* What the dearest target that may serve the call would cost: of the first tier when expected, of
 * all when it must be enough.  COST_UNKNOWN, with the target's name, where one has no price. */
static int64_t cost_guess(const struct call *call, bool strict, const char **ret_unpriced)
{
	size_t tiers = strict ? call->chain->num_tiers : 1;
	struct usage usage;
	int64_t most = 0;

	usage_init(&usage);
	usage_set(&usage, USAGE_INPUT, input_guess(call, strict), USAGE_ESTIMATED);
	usage_set(&usage, USAGE_OUTPUT, output_guess(call, strict), USAGE_ESTIMATED);
	for (size_t t = 0; t < call->chain->num_tiers; t++)
		for (size_t i = 0; i < call->chain->tiers[t].num_targets; i++) {
			const struct view_target *target = &call->chain->tiers[t].targets[i];
			int64_t cost = price_cost(target->price, &usage, NULL);

			if (cost == COST_UNKNOWN) {
				*ret_unpriced = target->name;
				return COST_UNKNOWN;
			}
			if (t < tiers && cost > most)
				most = cost;
		}
	return most;
}

/* Sets call->expected_nusd; refuses a budgeted call whose price is not known. */
static bool find_price(struct call *call, bool budgeted, bool strict)
{
	const char *unpriced = NULL;

	call->expected_nusd = call_is_free(call) ? 0 : cost_guess(call, strict, &unpriced);
	if (call->expected_nusd != COST_UNKNOWN)
		return true;
	if (!budgeted || call->key->team->allow_unpriced) {
		call->expected_nusd = 0;
		return true;
	}
	httpd_add_header(call->request, "x-should-retry", "false");
	reply_refuse(call, REPLY_PRICE_UNKNOWN, "model",
		     "%s has no price, and this key has a budget; an admin can set one with: tollgate price set %s "
		     "--input … --output …",
		     unpriced, unpriced);
	return false;
}

/* The limits by their codes: the error each stands for, and what it counts. */
static const struct limit_kind {
	const char *code, *counts;
	enum reply_error error;
} limit_kinds[] = {
	{"rpm", "requests a minute", REPLY_RPM},
	{"tpm", "tokens a minute", REPLY_TPM},
	{"parallel", "calls at once", REPLY_PARALLEL},
};

static const struct limit_kind *limit_kind(const char *code)
{
	const struct limit_kind *kind = limit_kinds;

	while (strcmp(kind->code, code) != 0)
		kind++;
	return kind;
}

static void refuse_limit(struct call *call, const struct limit_refusal *refusal, bool of_key)
{
	const struct limit_kind *kind = limit_kind(refusal->code);
	const char *whose = of_key ? "key" : "team";
	/* Rounded up: a caller that waits so long is admitted. */
	int64_t seconds = (refusal->retry_after_ms + 999) / 1000;
	char wait[24];

	if (refusal->retry_after_ms == LIMIT_NEVER) {
		httpd_add_header(call->request, "x-should-retry", "false");
		reply_refuse(call, kind->error, NULL,
			     "this call alone may need %lld tokens, more than the %s's limit of %lld %s; ask for less "
			     "with max_tokens",
			     (long long)call->reserved_tokens, whose, (long long)refusal->limit, kind->counts);
		return;
	}
	snprintf(wait, sizeof(wait), "%lld", (long long)(seconds > 1 ? seconds : 1));
	httpd_add_header(call->request, "retry-after", wait);
	reply_refuse(call, kind->error, NULL, "the %s's limit of %lld %s is reached; try again in %s s", whose,
		     (long long)refusal->limit, kind->counts, wait);
}

static bool pass_limits(struct call *call)
{
	struct limit *limits[2] = {call->key->limit, call->key->team->limit};
	struct limit_refusal refusal;

	call->admitted_us = loop_now_us(call->gateway->loop);
	if (!call_is_free(call))
		call->reserved_tokens = call->facts.input_estimate + output_guess(call, false);
	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		if (limits[i] == NULL)
			continue;
		if (limit_admit(limits[i], call->admitted_us, call->reserved_tokens, &refusal)) {
			call->limits[i] = limits[i];
			continue;
		}
		if (i > 0 && call->limits[0] != NULL) {
			limit_undo(call->limits[0], call->admitted_us, call->reserved_tokens);
			call->limits[0] = NULL;
		}
		refuse_limit(call, &refusal, i == 0);
		return false;
	}
	return true;
}

static void undo_limits(struct call *call)
{
	for (size_t i = 0; i < ARRAY_LEN(call->limits); i++) {
		if (call->limits[i] != NULL)
			limit_undo(call->limits[i], call->admitted_us, call->reserved_tokens);
		call->limits[i] = NULL;
	}
}

void call_refuse_budget(struct call *call, struct budget *budget, enum reply_error error)
{
	char amount[MONEY_TEXT], spent[MONEY_TEXT], reserved[MONEY_TEXT], until[CLOCK_TEXT] = "never";
	struct budget_state state;

	budget_read(budget, loop_wall_ms(call->gateway->loop), &state);
	if (state.until_ms != INT64_MAX)
		clock_format(state.until_ms, until);
	httpd_add_header(call->request, "x-should-retry", "false");
	/* Refused by budget: it used no request or token of its limits. */
	undo_limits(call);
	reply_refuse(call, error, NULL,
		     "the %s's budget of $%s per %s does not suffice: $%s spent, $%s reserved by open calls; it resets: %s",
		     budget_scope_name(budget_scope(budget)), money_format(state.amount_nusd, amount),
		     window_name(budget_window(budget).kind), money_format(state.spent_nusd, spent),
		     money_format(state.reserved_nusd, reserved), until);
}

static bool reserve_all(struct call *call)
{
	struct budget_set sets[3];
	int64_t now = id_wall_ms(call->record.id);

	budget_sets(call, sets);
	for (size_t s = 0; s < ARRAY_LEN(sets); s++)
		for (size_t i = 0; i < sets[s].num; i++) {
			const struct view_budget *b = &sets[s].budgets[i];

			if (!budget_applies(b, call->facts.model_name))
				continue;
			if (call->num_reservations == CALL_RESERVATIONS ||
			    !budget_reserve(b->budget, call->expected_nusd, now,
					    &call->reservations[call->num_reservations])) {
				call_refuse_budget(call, b->budget, sets[s].error);
				return false;
			}
			call->num_reservations++;
		}
	return true;
}

bool call_admit(struct call *call)
{
	bool strict, budgeted;

	if (!read_body(call) || !read_timeout(call) || !find_chain(call))
		return false;
	budgeted = is_budgeted(call, &strict);
	if (strict)
		call->max_output = call->facts.max_output >= 0 ? call->facts.max_output : STRICT_OUTPUT;
	return find_price(call, budgeted, strict) && pass_limits(call) && (call_is_free(call) || reserve_all(call));
}
