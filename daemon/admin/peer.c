/* SPDX-License-Identifier: MIT */
/* A connected peer is turned into a name and a role here. */
#include "admin/peer.h"

#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "loop/credentials.h"

/* Room for one entry of the user or group database; a group may list thousands of members. */
#define ENTRY_BYTES (256 * 1024)
#define GROUPS_MAX 1024

const char *role_name(enum role role)
{
	static const char *const names[] = {
		[ROLE_NONE] = "none",
		[ROLE_VIEWER] = "viewer",
		[ROLE_ADMIN] = "admin",
	};

	return names[role];
}

static bool group_id(const char *name, gid_t *ret)
{
	struct group entry, *found = NULL;
	char *room;

	if (name == NULL || *name == '\0')
		return false;
	room = xmalloc(ENTRY_BYTES);
	if (getgrnam_r(name, &entry, room, ENTRY_BYTES, &found) == 0 && found != NULL)
		*ret = entry.gr_gid;
	free(room);
	return found != NULL;
}

static bool is_member(gid_t wanted, const gid_t *groups, size_t num_groups)
{
	for (size_t i = 0; i < num_groups; i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

static bool is_in(const char *group, const gid_t *groups, size_t num_groups, const gid_t *named, int num_named)
{
	gid_t wanted = (gid_t)-1;

	return group_id(group, &wanted) &&
	       (is_member(wanted, groups, num_groups) || is_member(wanted, named, (size_t)num_named));
}

enum role peer_role(uid_t uid, const gid_t *groups, size_t num_groups, const char *user, const char *admin_group,
		    const char *viewer_group)
{
	gid_t named[GROUPS_MAX];
	int num_named = GROUPS_MAX;

	if (uid == 0 || uid == geteuid())
		return ROLE_ADMIN;
	if (user == NULL || getgrouplist(user, groups[0], named, &num_named) < 0)
		num_named = 0;
	if (is_in(admin_group, groups, num_groups, named, num_named))
		return ROLE_ADMIN;
	if (is_in(viewer_group, groups, num_groups, named, num_named))
		return ROLE_VIEWER;
	return ROLE_NONE;
}

int peer_of_socket(int fd, const char *admin_group, const char *viewer_group, struct peer *ret,
		   struct err *err)
{
	struct passwd entry, *found = NULL;
	gid_t groups[GROUPS_MAX + 1];
	size_t num_groups;
	char *room;

	if (socket_credentials(fd, &ret->uid, &groups[0], &ret->pid, err) < 0)
		return ERR_SYSTEM;
	num_groups = 1 + (size_t)socket_groups(fd, groups + 1, GROUPS_MAX);
	room = xmalloc(ENTRY_BYTES);
	if (getpwuid_r(ret->uid, &entry, room, ENTRY_BYTES, &found) == 0 && found != NULL)
		copy_text(ret->user, sizeof(ret->user), entry.pw_name);
	else
		snprintf(ret->user, sizeof(ret->user), "%u", (unsigned)ret->uid);
	ret->role = peer_role(ret->uid, groups, num_groups, found != NULL ? ret->user : NULL, admin_group,
			      viewer_group);
	free(room);
	return 0;
}
