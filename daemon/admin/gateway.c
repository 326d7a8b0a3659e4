/* SPDX-License-Identifier: MIT */
/* The budgets of the whole gateway are shown and changed here. */
#include "admin/budgets.h"
#include "admin/change.h"
#include "admin/context.h"
#include "admin/objects.h"
#include "base/json.h"
#include "store/store.h"

#define SCOPE "gateway"

static json_t *body_of(struct db *db, struct err *err)
{
	json_t *body = json_object();

	if (budgets_add_body(db, SCOPE, 0, body, err) == 0)
		return body;
	json_decref(body);
	return NULL;
}

json_t *gateway_show(struct admin *a, const char *name, struct err *err)
{
	json_t *budgets = budgets_show(a, SCOPE, 0, err), *gateway;

	(void)name;     /* there is one */
	if (budgets == NULL)
		return NULL;
	gateway = json_object();
	json_add_text(gateway, "name", a->options.settings->name);
	json_add(gateway, "budgets", budgets);
	return gateway;
}

int gateway_patch(struct change *c, struct err *err)
{
	static const char *const members[] = {"budget", "budget_mode", "budgets", NULL};

	change_names(c, "gateway", "budget");
	c->before = body_of(c->db, err);
	if (c->before == NULL)
		return err->code;
	if (json_check_members(c->body, members, err) < 0 || budgets_write(c, SCOPE, 0, err) < 0)
		return err->code;
	c->after = body_of(c->db, err);
	return c->after != NULL ? 0 : err->code;
}
