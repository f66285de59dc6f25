#include "nvc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { N = 1000000 };

static void the_generator_is_xoshiro256_star_star(void **state)
{
    (void)state; /* first outputs of the authors' own code from the state 1, 2, 3, 4 */
    static const uint64_t want[] = { 11520u, 0u, 1509978240u, 1215971899390074240u };
    struct nvc_rng r = { { 1, 2, 3, 4 } };
    for (size_t i = 0; i < 4; i++)
        assert_true(nvc_rng_next(&r) == want[i]);
}

static void streams_are_reproducible_and_apart(void **state)
{
    (void)state;
    struct nvc_rng a, b, c, d;
    nvc_rng_init(&a, 1, 0);
    nvc_rng_init(&b, 1, 0);
    nvc_rng_init(&c, 1, 1);
    nvc_rng_init(&d, 0, 1);
    assert_memory_equal(&a, &b, sizeof a);
    double rac = 0, rad = 0;
    for (int i = 0; i < N; i++) {
        double x = nvc_rng_normal(&a);
        rac += x * nvc_rng_normal(&c), rad += x * nvc_rng_normal(&d);
    }
    assert_true(fabs(rac) / N < 5e-3 && fabs(rad) / N < 5e-3);
}

static void normals_have_the_moments_and_tails_of_the_law(void **state)
{
    (void)state;
    struct nvc_rng r;
    double m[5] = { 0 };
    size_t beyond[5] = { 0 };
    nvc_rng_init(&r, 20240607, 3);
    for (int i = 0; i < N; i++) {
        double x = nvc_rng_normal(&r);
        for (int k = 1; k < 5; k++)
            m[k] += pow(x, k) / N;
        for (int k = 0; k < 5; k++)
            beyond[k] += x > k;
    }
    assert_true(fabs(m[1]) < 5e-3 && fabs(m[2] - 1) < 7e-3 && fabs(m[3]) < 2e-2 && fabs(m[4] - 3) < 5e-2);
    for (int k = 0; k < 5; k++) {
        double p = nvc_normal_sf(k);
        assert_true(fabs((double)beyond[k] / N - p) < 5 * sqrt(p / N));
    }
}

static void other_laws_have_their_means_and_variances(void **state)
{
    (void)state;
    struct nvc_rng r;
    nvc_rng_init(&r, 7, 0);
    static const double shapes[] = { .5, 1, 4.5 };
    double u = 0, e = 0;
    for (int i = 0; i < N; i++)
        u += nvc_rng_uniform(&r) / N, e += nvc_rng_exponential(&r) / N;
    assert_true(fabs(u - .5) < 2e-3 && fabs(e - 1) < 6e-3);
    for (size_t k = 0; k < 3; k++) {
        double mean = 0, sq = 0;
        for (int i = 0; i < N; i++) {
            double g = nvc_rng_gamma(&r, shapes[k]);
            mean += g / N, sq += g * g / N;
        }
        assert_true(fabs(mean / shapes[k] - 1) < 1e-2 && fabs((sq - mean * mean) / shapes[k] - 1) < 3e-2);
    }
}

static void permutations_are_uniform(void **state)
{
    (void)state;
    struct nvc_rng r;
    uint32_t p[4];
    size_t count[256] = { 0 }, seen = 0;
    double chi2 = 0;
    nvc_rng_init(&r, 11, 0);
    for (int i = 0; i < 240000; i++) {
        nvc_rng_permutation(&r, p, 4);
        count[p[0] * 64 + p[1] * 16 + p[2] * 4 + p[3]]++;
    }
    for (size_t i = 0; i < 256; i++)
        if (count[i]) {
            seen++;
            chi2 += ((double)count[i] - 10000) * ((double)count[i] - 10000) / 10000;
        }
    assert_int_equal(seen, 24);
    assert_true(nvc_chi2_sf(chi2, 23) > 1e-3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generator_is_xoshiro256_star_star),
        cmocka_unit_test(streams_are_reproducible_and_apart),
        cmocka_unit_test(normals_have_the_moments_and_tails_of_the_law),
        cmocka_unit_test(other_laws_have_their_means_and_variances),
        cmocka_unit_test(permutations_are_uniform),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
