/* SPDX-License-Identifier: MIT */
/*
 * A new view is handed to every worker here, and an old one freed when its last call settles.
 *
 * A view is held by the publisher while it is the current one and by each seat that admits calls
 * under it or still has some open.  Only taking and giving up such a hold is atomic; a worker's own
 * calls are a plain number in its seat.
 */
#include "routing/publish.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/list.h"
#include "base/mem.h"

/* A view and who holds it. */
struct edition {
	struct view *view;              /* owned */
	atomic_uint holders;
};

/* What one seat has of an edition. */
struct holding {
	struct list_node node;          /* on the seat's list of old ones; the current one is on none */
	struct edition *edition;
	uint64_t open_calls;
};

struct view_seat {
	struct list_node node;          /* on the publisher's list; under its lock, as are the next three */
	struct publisher *publisher;
	struct loop *loop;
	bool waited_for;                /* a swap has asked it to move and it has not yet */
	bool left;
	struct loop_task move;
	struct holding *current;        /* owned; the worker's alone, as is old */
	struct list old;
};

struct publisher {
	pthread_mutex_t lock;
	pthread_cond_t moved;
	struct edition *current;
	struct list seats;              /* those that left too: a task of theirs may still be posted */
	unsigned waiting;               /* seats that have not moved */
};

/* -- holding and letting go -- */

static struct edition *edition_new(struct view *view)
{
	struct edition *e = xcalloc(1, sizeof(*e));

	e->view = view;
	atomic_init(&e->holders, 1);
	return e;
}

static void edition_let_go(struct edition *e)
{
	if (atomic_fetch_sub_explicit(&e->holders, 1, memory_order_acq_rel) != 1)
		return;
	view_free(e->view);
	free(e);
}

/* Under the publisher's lock, so that the publisher's own hold cannot end meanwhile. */
static struct holding *hold(struct edition *e)
{
	struct holding *h = xcalloc(1, sizeof(*h));

	atomic_fetch_add_explicit(&e->holders, 1, memory_order_relaxed);
	h->edition = e;
	return h;
}

static void let_go(struct holding *h)
{
	edition_let_go(h->edition);
	free(h);
}

/* -- the publisher -- */

struct publisher *publisher_new(struct view *first)
{
	struct publisher *p = xcalloc(1, sizeof(*p));

	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->moved, NULL);
	list_init(&p->seats);
	p->current = edition_new(first);
	return p;
}

void publisher_free(struct publisher *p)
{
	struct list_node *n;

	if (p == NULL)
		return;
	while ((n = list_pop(&p->seats)) != NULL) {
		struct view_seat *seat = CONTAINER_OF(n, struct view_seat, node);

		assert(seat->left);
		free(seat);
	}
	edition_let_go(p->current);
	pthread_cond_destroy(&p->moved);
	pthread_mutex_destroy(&p->lock);
	free(p);
}

/* Under the publisher's lock. */
static void has_moved(struct view_seat *seat)
{
	if (!seat->waited_for)
		return;
	seat->waited_for = false;
	if (--seat->publisher->waiting == 0)
		pthread_cond_signal(&seat->publisher->moved);
}

/* On the worker: from here on its calls are admitted under the new view. */
static void move(struct loop_task *task)
{
	struct view_seat *seat = CONTAINER_OF(task, struct view_seat, move);
	struct publisher *p = seat->publisher;
	struct holding *before = NULL;

	pthread_mutex_lock(&p->lock);
	if (!seat->left && seat->current->edition != p->current) {
		before = seat->current;
		seat->current = hold(p->current);
	}
	has_moved(seat);
	pthread_mutex_unlock(&p->lock);
	if (before == NULL)
		return;
	if (before->open_calls > 0)
		list_append(&seat->old, &before->node);
	else
		let_go(before);
}

void publish_swap(struct publisher *p, struct view *next)
{
	struct edition *before = p->current;

	pthread_mutex_lock(&p->lock);
	p->current = edition_new(next);
	LIST_EACH(&p->seats, n) {
		struct view_seat *seat = CONTAINER_OF(n, struct view_seat, node);

		if (seat->left)
			continue;
		seat->waited_for = true;
		p->waiting++;
		loop_post(seat->loop, &seat->move);
	}
	while (p->waiting > 0)
		pthread_cond_wait(&p->moved, &p->lock);
	pthread_mutex_unlock(&p->lock);
	edition_let_go(before);
}

const struct view *publisher_view(const struct publisher *p)
{
	return p->current->view;
}

/* -- a worker's seat -- */

struct view_seat *publisher_join(struct publisher *p, struct loop *loop)
{
	struct view_seat *seat = xcalloc(1, sizeof(*seat));

	seat->publisher = p;
	seat->loop = loop;
	seat->move.run = move;
	list_init(&seat->old);
	pthread_mutex_lock(&p->lock);
	seat->current = hold(p->current);
	list_append(&p->seats, &seat->node);
	pthread_mutex_unlock(&p->lock);
	return seat;
}

void publisher_leave(struct publisher *p, struct view_seat *seat)
{
	assert(seat->current->open_calls == 0 && list_is_empty(&seat->old));
	pthread_mutex_lock(&p->lock);
	seat->left = true;
	has_moved(seat);
	pthread_mutex_unlock(&p->lock);
	let_go(seat->current);
	seat->current = NULL;
}

const struct view *seat_acquire(struct view_seat *seat)
{
	seat->current->open_calls++;
	return seat->current->edition->view;
}

static void release_old(struct view_seat *seat, const struct view *view)
{
	LIST_EACH(&seat->old, n) {
		struct holding *h = CONTAINER_OF(n, struct holding, node);

		if (h->edition->view != view)
			continue;
		if (--h->open_calls == 0) {
			list_remove(&seat->old, n);
			let_go(h);
		}
		return;
	}
	assert(!"a view that this seat does not hold");
}

void seat_release(struct view_seat *seat, const struct view *view)
{
	if (seat->current->edition->view == view)
		seat->current->open_calls--;
	else
		release_old(seat, view);
}
