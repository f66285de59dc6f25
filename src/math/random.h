/* Seeded random numbers: xoshiro256** (Blackman & Vigna 2021, ACM TOMS 47:36, doi:10.1145/3460772),
 * its state filled by splitmix64 from (seed, stream).  A stream belongs to one unit of work (a subject, a
 * voxel, a permutation), so that results do not depend on the number of threads.  Same numbers on every
 * machine with IEEE doubles, except the tails of normals, where the last bit may follow the C library. */
#ifndef NVC_MATH_RANDOM_H
#define NVC_MATH_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct nvc_rng {
    uint64_t s[4];
};

/* Every (seed, stream) starts elsewhere in the period of 2^256 - 1.  Call it before anything else. */
void nvc_rng_init(struct nvc_rng *r, uint64_t seed, uint64_t stream);
uint64_t nvc_rng_next(struct nvc_rng *r);
double nvc_rng_uniform(struct nvc_rng *r);             /* in (0, 1), 53 bits, never an end */
uint64_t nvc_rng_below(struct nvc_rng *r, uint64_t n); /* 0 .. n-1 without bias, n >= 1 */
double nvc_rng_normal(struct nvc_rng *r);              /* mean 0, sd 1 (ziggurat of Marsaglia & Tsang 2000) */
double nvc_rng_exponential(struct nvc_rng *r);         /* mean 1 */
double nvc_rng_gamma(struct nvc_rng *r, double shape); /* scale 1, shape > 0 (Marsaglia & Tsang 2000) */
/* A uniform permutation of 0 .. n-1 into p; and the shuffle of what p holds. */
void nvc_rng_permutation(struct nvc_rng *r, uint32_t *p, size_t n);
void nvc_rng_shuffle(struct nvc_rng *r, uint32_t *p, size_t n);

#endif
