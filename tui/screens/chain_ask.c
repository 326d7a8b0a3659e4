/* SPDX-License-Identifier: MIT */
/* What a chain's screen asks before a draft becomes what every call meets. */
#include "screens/chain_ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/confirm.h"
#include "app/form.h"
#include "base/json.h"
#include "base/mem.h"
#include "screens/act.h"
#include "screens/chain.h"
#include "screens/show.h"

static const struct form_field new_fields[] = {
	{"Target", "target", FIELD_LINE, 44, .required = true, .hint = "provider/model"},
	{"Tier", "tier", FIELD_NUMBER, 6, .required = true, .hint = "1 is asked first"},
	{"Weight", "weight", FIELD_NUMBER, 6, .required = true, .hint = "its share within the tier"},
};

static const struct form_field old_fields[] = {
	{"Target", "target", FIELD_LINE, 44, .fixed = true},
	{"Tier", "tier", FIELD_NUMBER, 6, .required = true, .hint = "1 is asked first"},
	{"Weight", "weight", FIELD_NUMBER, 6, .required = true, .hint = "its share within the tier"},
};

static const char *check(int tier, int weight)
{
	if (tier < 1 || tier > DRAFT_TARGETS)
		return "tiers are 1 to 32";
	return weight < 1 || weight > 1000 ? "weights are 1 to 1000" : NULL;
}

static const char *add_target(struct screen *s, const json_t *body)
{
	const char *target = json_text_peek(body, "target");
	int tier = (int)json_int_peek(body, "tier", 0), weight = (int)json_int_peek(body, "weight", 0);
	const char *wrong = check(tier, weight);

	if (wrong != NULL)
		return wrong;
	if (strchr(target, '/') == NULL)
		return "a target is provider/model";
	return draft_add(chain_draft(s), target, tier, weight) ? NULL : "it is in the chain already";
}

static const char *set_target(struct screen *s, const json_t *body)
{
	int tier = (int)json_int_peek(body, "tier", 0), weight = (int)json_int_peek(body, "weight", 0);
	const char *wrong = check(tier, weight);

	if (wrong == NULL)
		draft_set(chain_draft(s), chain_row(s), tier, weight);
	return wrong;
}

void chain_ask_target(struct screen *s, struct draft *d, size_t row)
{
	bool is_new = row >= d->num_targets;
	char tier[16], weight[16];
	const char *values[] = {is_new ? NULL : d->targets[row].name, tier, weight};
	struct form_options options = {.title = is_new ? "A target for the draft" : "Tier and weight, in the draft",
				       .fields = is_new ? new_fields : old_fields, .num_fields = ARRAY_LEN(new_fields),
				       .values = values, .owner = s, .submitted = is_new ? add_target : set_target};

	snprintf(tier, sizeof(tier), "%d", is_new ? d->targets[d->num_targets - 1].tier + 1 : d->targets[row].tier);
	snprintf(weight, sizeof(weight), "%d", is_new ? 1 : d->targets[row].weight);
	form_open(s->app, &options);
}

static void put_draft(struct screen *s, bool dry_run, client_done *done)
{
	struct draft *d = chain_draft(s);
	char *path = path_of("/v1/chains/", d->chain, "");
	json_t *body = draft_body(d);
	struct change change = {.method = "PUT", .path = path, .body = body, .revision = d->version, .dry_run = dry_run};

	app_send(s, &change, done);
	json_decref(body);
	free(path);
}

static void show_conflict(struct screen *s, const json_t *theirs);

static void on_written(void *arg, const struct client_answer *answer)
{
	struct screen *s = arg;
	struct draft *d = chain_draft(s);

	if (answer->status == 409) {
		show_conflict(s, answer->json != NULL ? json_object_get(answer->json, "current") : NULL);
		return;
	}
	if (answer->err->code != ERR_NONE) {
		app_say(s->app, ROLE_BAD, "%s", answer->err->text);
		return;
	}
	draft_load(d, json_object_get(answer->json, "object"));
	app_say(s->app, ROLE_NORMAL, "chain %s is in force as version %lld; u takes it back", d->chain,
		(long long)d->version);
}

static void write_now(struct screen *s, enum request choice, const char *about, const char *reason)
{
	(void)choice;
	(void)about;
	(void)reason;
	put_draft(s, false, on_written);
}

/* The box that was opened has the version to write over in the draft already. */
static void show_conflict(struct screen *s, const json_t *theirs)
{
	struct draft *d = chain_draft(s);
	char yours[512], title[DRAFT_TEXT + 48];
	const char *text = theirs != NULL ? json_text_peek(theirs, "text") : NULL;
	struct confirm_options options = {.title = title, .context = CONTEXT_BOX, .keep = "keep the draft, write nothing",
					  .owner = s, .chosen = write_now, .num_choices = 1,
					  .choices = {{REQUEST_YES, "write yours over theirs"}}};
	struct screen *box;

	snprintf(title, sizeof(title), "Chain %s was changed by somebody else", d->chain);
	box = confirm_open(s->app, &options);
	confirm_add_line(box, ROLE_NORMAL, "yours:  %s", draft_text(d, yours, sizeof(yours)));
	confirm_add_line(box, ROLE_WARN, "theirs: %s", text != NULL ? text : "-");
	if (theirs != NULL) {
		confirm_add_line(box, ROLE_NORMAL, "theirs is version %lld, yours was made from version %lld",
				 (long long)json_int_peek(theirs, "version", 0), (long long)d->version);
		d->version = json_int_peek(theirs, "version", d->version);
	}
}

static bool has_warnings(const json_t *impact)
{
	return json_array_size(json_object_get(impact, "warnings")) > 0 ||
	       json_array_size(json_object_get(impact, "chains_without_target")) > 0;
}

static void ask_despite_warnings(struct screen *s, const json_t *impact)
{
	char title[DRAFT_TEXT + 32], text[512];
	struct draft *d = chain_draft(s);
	struct confirm_options options = {.title = title, .context = CONTEXT_BOX, .keep = "keep the draft, write nothing",
					  .owner = s, .chosen = write_now, .num_choices = 1,
					  .choices = {{REQUEST_YES, "write it"}}};
	struct screen *box;

	snprintf(title, sizeof(title), "Write chain %s ?", d->chain);
	box = confirm_open(s->app, &options);
	confirm_add_line(box, ROLE_NORMAL, "%s", draft_text(d, text, sizeof(text)));
	confirm_show_impact(box, impact);
}

static void on_tried(void *arg, const struct client_answer *answer)
{
	struct screen *s = arg;
	const json_t *impact = answer->json != NULL ? json_object_get(answer->json, "impact") : NULL;

	if (answer->status == 409)
		show_conflict(s, answer->json != NULL ? json_object_get(answer->json, "current") : NULL);
	else if (answer->err->code != ERR_NONE)
		app_say(s->app, ROLE_BAD, "%s", answer->err->text);
	else if (has_warnings(impact))
		ask_despite_warnings(s, impact);
	else
		put_draft(s, false, on_written);
}

void chain_ask_write(struct screen *s, struct draft *d, const json_t *live)
{
	if (!draft_is_changed(d))
		app_say(s->app, ROLE_DIM, "nothing to write: the draft is what is in force");
	else if (live != NULL && json_int_peek(live, "version", d->version) != d->version)
		show_conflict(s, live);
	else
		put_draft(s, true, on_tried);
}

static void take_draft_back(struct screen *s, enum request choice, const char *about, const char *reason)
{
	(void)choice;
	(void)about;
	(void)reason;
	draft_reset(chain_draft(s));
	app_say(s->app, ROLE_NORMAL, "the draft is gone");
}

static void take_version_back(struct screen *s, enum request choice, const char *about, const char *reason)
{
	char said[DRAFT_TEXT + 64];
	struct draft *d = chain_draft(s);
	struct act act = {.prefix = "/v1/chains/", .name = d->chain, .suffix = "/undo", .reason = reason, .said = said};

	(void)choice;
	(void)about;
	snprintf(said, sizeof(said), "chain %s is what it was before version %lld", d->chain, (long long)d->version);
	act_send(s, &act);
}

void chain_ask_undo(struct screen *s, struct draft *d)
{
	bool changed = draft_is_changed(d);
	char title[DRAFT_TEXT + 64], same[DRAFT_TEXT + 32];
	struct act act = {.prefix = "/v1/chains/", .name = d->chain, .suffix = "/undo", .said = ""};
	struct confirm_options options = {
		.title = title, .context = changed ? CONTEXT_BOX : CONTEXT_BOX_REASON, .keep = changed ? "keep the draft" : "keep it as it is",
		.owner = s, .chosen = changed ? take_draft_back : take_version_back, .num_choices = 1,
		.choices = {{REQUEST_YES, changed ? "throw the draft away" : "take it back"}},
		.wants_impact = !changed, .asks_reason = !changed, .same_as = changed ? NULL : same,
	};
	struct screen *box;

	snprintf(title, sizeof(title), changed ? "Throw away the draft of %s ?" : "Take back the last change of chain %s ?",
		 d->chain);
	snprintf(same, sizeof(same), "tollgate chain undo %s", d->chain);
	box = confirm_open(s->app, &options);
	if (!changed)
		act_ask_impact(box, &act);
}
