/* Random numbers that follow from a seed (xorshift64*, Vigna, "An experimental
 * exploration of Marsaglia's xorshift generators, scrambled", 2016). */
#ifndef TESTS_TWIN_DICE_H
#define TESTS_TWIN_DICE_H 1

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t state; /* never 0 */
};

/* Dice number 'n' of 'seed': neighbours have nothing in common (splitmix64). */
static inline struct dice dice_of(uint64_t seed, uint64_t n)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15u + n * 0xd1342543de82ef95u + 1;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	x ^= x >> 31;
	return (struct dice){x ? x : 1};
}

/* 0..n-1 */
static inline unsigned int dice_pick(struct dice *d, unsigned int n)
{
	d->state ^= d->state >> 12;
	d->state ^= d->state << 25;
	d->state ^= d->state >> 27;
	return (unsigned int)((d->state * 0x2545f4914f6cdd1du >> 33) % n);
}

static inline bool dice_chance(struct dice *d, unsigned int percent)
{
	return dice_pick(d, 100) < percent;
}

#define dice_one_of(d, array) ((array)[dice_pick(d, sizeof(array) / sizeof((array)[0]))])

#endif
