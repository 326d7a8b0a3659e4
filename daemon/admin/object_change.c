/* SPDX-License-Identifier: MIT */
/* Teams, keys and providers go through the one sequence of a change here. */
#include "admin/object_change.h"

#include "admin/budgets.h"
#include "admin/change.h"
#include "base/err.h"
#include "base/json.h"

static int say_after(struct change *c, const struct object_family *family, const struct object *o, struct err *err)
{
	c->after = family->body(c->db, o, err);
	return c->after != NULL ? 0 : err->code;
}

int object_begin(struct change *c, const struct object_family *family, struct object *ret, struct err *err)
{
	int rc;

	change_names(c, family->name, c->name);
	rc = family->get(c->db, c->name, ret, err);
	if (rc < 0)
		return rc;
	c->before = family->body(c->db, ret, err);
	if (c->before == NULL)
		return err->code;
	rc = family->check != NULL ? family->check(c, ret, err) : 0;
	return rc == 0 ? change_check_revision(c, ret->revision, err) : rc;
}

int object_change(struct change *c, const struct object_family *family, object_edit *edit, const void *arg,
		  struct err *err)
{
	struct object o = {0};
	int rc = object_begin(c, family, &o, err);

	if (rc == 0)
		rc = edit(c, &o, arg, err);
	if (rc == 0)
		rc = family->update(c->db, &o, err);
	if (rc == 0)
		rc = say_after(c, family, &o, err);
	family->release(&o);
	return rc;
}

static int read_members(struct change *c, struct object *o, const void *arg, struct err *err)
{
	const struct object_family *family = arg;
	int rc = json_check_members(c->body, family->members, err);

	if (rc == 0)
		rc = family->read_body(c, o, err);
	return rc == 0 ? budgets_write(c, family->name, o->id, err) : rc;
}

int object_patch(struct change *c, const struct object_family *family, struct err *err)
{
	return object_change(c, family, read_members, family, err);
}

int object_inserted(struct change *c, const struct object_family *family, const struct object *o, int64_t id,
		    struct err *err)
{
	int rc = budgets_write(c, family->name, id, err);

	return rc == 0 ? say_after(c, family, o, err) : rc;
}
