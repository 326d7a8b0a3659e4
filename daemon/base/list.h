/* SPDX-License-Identifier: MIT */
/*
 * list.h — an intrusive doubly linked list with a count.
 *
 * A struct list_node is embedded in what is listed; a node is on at most one list at a time.
 * A node that is on no list has next == NULL, so membership can be asked.
 */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

struct list_node {
	struct list_node *next, *prev;
};

struct list {
	struct list_node head;
	size_t count;
};

static inline void list_init(struct list *l)
{
	l->head.next = l->head.prev = &l->head;
	l->count = 0;
}

static inline bool list_is_empty(const struct list *l)
{
	return l->count == 0;
}

static inline bool list_contains(const struct list_node *n)
{
	return n->next != NULL;
}

static inline void list_append(struct list *l, struct list_node *n)
{
	n->prev = l->head.prev;
	n->next = &l->head;
	l->head.prev->next = n;
	l->head.prev = n;
	l->count++;
}

static inline void list_remove(struct list *l, struct list_node *n)
{
	n->prev->next = n->next;
	n->next->prev = n->prev;
	n->next = n->prev = NULL;
	l->count--;
}

/* The first node taken off the list, or NULL. */
static inline struct list_node *list_pop(struct list *l)
{
	struct list_node *n = l->head.next;

	if (l->count == 0)
		return NULL;
	list_remove(l, n);
	return n;
}

/* The body may remove n. */
#define LIST_EACH(l, n)                                                                            \
	for (struct list_node *n = (l)->head.next, *n##_next = n->next; n != &(l)->head;           \
	     n = n##_next, n##_next = n->next)

#endif
