/* SPDX-License-Identifier: MIT */
#include "base/list.h"

#include "base/mem.h"
#include "check.h"

struct item {
	int n;
	struct list_node node;
};

static int number(struct list_node *n)
{
	return CONTAINER_OF(n, struct item, node)->n;
}

static void items_come_off_in_the_order_they_went_on(void)
{
	struct item items[3] = {{.n = 1}, {.n = 2}, {.n = 3}};
	struct list l;

	list_init(&l);
	CHECK(list_is_empty(&l));
	CHECK(list_pop(&l) == NULL);
	for (int i = 0; i < 3; i++)
		list_append(&l, &items[i].node);
	CHECK_INT(l.count, 3);
	for (int i = 1; i <= 3; i++)
		CHECK_INT(number(list_pop(&l)), i);
	CHECK(list_is_empty(&l));
}

static void membership_can_be_asked(void)
{
	struct item item = {.n = 1};
	struct list l;

	list_init(&l);
	CHECK(!list_contains(&item.node));
	list_append(&l, &item.node);
	CHECK(list_contains(&item.node));
	list_remove(&l, &item.node);
	CHECK(!list_contains(&item.node));
	CHECK_INT(l.count, 0);
}

static void the_middle_can_go(void)
{
	struct item items[3] = {{.n = 1}, {.n = 2}, {.n = 3}};
	struct list l;

	list_init(&l);
	for (int i = 0; i < 3; i++)
		list_append(&l, &items[i].node);
	list_remove(&l, &items[1].node);
	CHECK_INT(number(list_pop(&l)), 1);
	CHECK_INT(number(list_pop(&l)), 3);
}

static void a_walk_may_remove_what_it_stands_on(void)
{
	struct item items[4] = {{.n = 1}, {.n = 2}, {.n = 3}, {.n = 4}};
	struct list l;
	int sum = 0;

	list_init(&l);
	for (int i = 0; i < 4; i++)
		list_append(&l, &items[i].node);
	LIST_EACH(&l, n) {
		sum += number(n);
		if (number(n) % 2 == 0)
			list_remove(&l, n);
	}
	CHECK_INT(sum, 10);
	CHECK_INT(l.count, 2);
	CHECK_INT(number(list_pop(&l)), 1);
	CHECK_INT(number(list_pop(&l)), 3);
}

CHECK_MAIN(TEST(items_come_off_in_the_order_they_went_on), TEST(membership_can_be_asked), TEST(the_middle_can_go),
	   TEST(a_walk_may_remove_what_it_stands_on))
