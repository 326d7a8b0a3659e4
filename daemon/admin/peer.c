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

static bool is_member(gid_t wanted, const gid_t *groups, int num_groups)
{
	for (int i = 0; i < num_groups; i++)
		if (groups[i] == wanted)
			return true;
	return false;
}

enum role peer_role(uid_t uid, gid_t gid, const char *user, const char *admin_group,
		    const char *viewer_group)
{
	gid_t groups[GROUPS_MAX], wanted;
	int num_groups = GROUPS_MAX;

	if (uid == 0 || uid == geteuid())
		return ROLE_ADMIN;
	groups[0] = gid;
	if (user == NULL || getgrouplist(user, gid, groups, &num_groups) < 0)
		num_groups = 1;
	if (group_id(admin_group, &wanted) && is_member(wanted, groups, num_groups))
		return ROLE_ADMIN;
	if (group_id(viewer_group, &wanted) && is_member(wanted, groups, num_groups))
		return ROLE_VIEWER;
	return ROLE_NONE;
}

int peer_of_socket(int fd, const char *admin_group, const char *viewer_group, struct peer *ret,
		   struct err *err)
{
	struct passwd entry, *found = NULL;
	gid_t gid;
	char *room;

	if (socket_credentials(fd, &ret->uid, &gid, &ret->pid, err) < 0)
		return ERR_SYSTEM;
	room = xmalloc(ENTRY_BYTES);
	if (getpwuid_r(ret->uid, &entry, room, ENTRY_BYTES, &found) == 0 && found != NULL)
		copy_text(ret->user, sizeof(ret->user), entry.pw_name);
	else
		snprintf(ret->user, sizeof(ret->user), "%u", (unsigned)ret->uid);
	ret->role = peer_role(ret->uid, gid, found != NULL ? ret->user : NULL, admin_group, viewer_group);
	free(room);
	return 0;
}
