/* Expected values: scipy 1.10 (stats.t, f, chi2, norm), and for the noncentral t an adaptive quadrature of
 * its definition; all agree to the digits given. */
#include "nvc.h"

#include "math/tail.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "near.h"

static void near(double got, double want, double rtol)
{
    if (!(fabs(got - want) <= rtol * fabs(want)))
        fail_msg("got %.17g, wanted %.17g", got, want);
}

static void central_laws_agree_with_scipy_to_twelve_digits(void **state)
{
    (void)state;
    near(nvc_t_sf(2, 35.5), 0.026598255729649217, 1e-12);
    near(nvc_t_sf(12, 2.5), 0.0014181075150391613, 1e-12);
    near(nvc_t_sf(40, 199.3), 1.781007251919999e-97, 1e-12);
    near(nvc_t_quantile(.975, 34.9928385880362), 2.0301227801684267, 1e-12);
    near(nvc_t_critical(.95, 34.9928385880362), 2.0301227801684267, 1e-12);
    near(nvc_f_sf(6.2, 1, 35), 0.017672665073972398, 1e-12);
    near(nvc_f_quantile(.95, 3, 36), 2.86626555094018, 1e-12);
    near(nvc_chi2_sf(7.8, 3), 0.050331097859853326, 1e-12);
    near(nvc_chi2_quantile(.95, 4), 9.487729036781154, 1e-12);
    near(nvc_normal_sf(10), 7.61985302416047e-24, 1e-12);
    near(nvc_beta_lower(.3, .7, 2, 5), .579825, 1e-14);
    near(nvc_beta_upper(.3, .7, 2, 5), .420175, 1e-14);
    near(exp(nvc_log_choose(40, 15)), 40225345056., 1e-12);
}

static void quantiles_undo_the_laws(void **state)
{
    (void)state;
    static const double dofs[] = { 1, 2.5, 7, 46, 1e5 }, ps[] = { 1e-100, 1e-9, .025, .4, .5, .9, .999999 };
    for (size_t i = 0; i < 5; i++)
        for (size_t j = 0; j < 7; j++) {
            near(nvc_t_cdf(nvc_t_quantile(ps[j], dofs[i]), dofs[i]), ps[j], 1e-11);
            near(nvc_f_cdf(nvc_f_quantile(ps[j], dofs[i], 20), dofs[i], 20), ps[j], 1e-11);
            if (ps[j] > 1e-100)
                near(nvc_nct_cdf(nvc_nct_quantile(ps[j], 20, dofs[i] < 50 ? dofs[i] : 0), 20, dofs[i] < 50 ? dofs[i] : 0), ps[j], 1e-7);
        }
}

static void noncentral_t_and_its_inversion(void **state)
{
    (void)state;
    near(nvc_nct_ncp(-2.82137772173334, 35, .975), -4.870901586434077, 1e-10);
    near(nvc_nct_ncp(-2.82137772173334, 35, .025), -0.7356264497842884, 1e-10);
    near(nvc_nct_ncp(0, 46, .975), nvc_normal_quantile(.025), 1e-12);
    near(nvc_nct_cdf(1.3, 20, 0), nvc_t_cdf(1.3, 20), 1e-12);
    for (double ncp = -60; ncp <= 60; ncp += 7.5)
        for (double t = -80; t <= 80; t += 11)
            assert_true(fabs(nvc_nct_cdf(t, 35, ncp) + nvc_nct_sf(t, 35, ncp) - 1) < 1e-12);
}

static void z_keeps_sign_and_tail(void **state)
{
    (void)state;
    near(nvc_t_to_z(3, 20), 2.6932509491690055, 1e-12);
    near(nvc_t_to_z(-3, 20), -2.6932509491690055, 1e-12);
    near(nvc_t_to_z(60, 1000), 39.05622455965022, 1e-10); /* p underflows */
    near(nvc_t_to_z(1e8, 3), 10.189661137124459, 1e-10);
    assert_true(nvc_t_to_z(0, 5) == 0);
}

static void nonsense_gives_nan(void **state)
{
    (void)state;
    assert_true(isnan(nvc_t_sf(NAN, 5)) && isnan(nvc_t_sf(1, 0)) && isnan(nvc_t_quantile(1.5, 5)));
    assert_true(isnan(nvc_f_sf(1, -1, 5)) && isnan(nvc_chi2_sf(1, NAN)) && isnan(nvc_normal_quantile(-.1)));
    assert_true(isnan(nvc_nct_cdf(1, 5, 1e9)) && isnan(nvc_nct_ncp(1, 5, 2)) && isnan(nvc_beta_lower(.5, .5, 0, 1)));
    assert_true(nvc_t_sf(INFINITY, 5) == 0 && nvc_f_sf(INFINITY, 2, 5) == 0 && isinf(nvc_t_quantile(1, 5)));
}

static double cubic(double x, const void *with)
{
    return x * x * x - *(const double *)with;
}

static void roots_are_found_to_the_last_digits(void **state)
{
    (void)state;
    double c = 2;
    near(nvc_root(cubic, &c, 0, 5), cbrt(2), 1e-15);
    near(nvc_root_beyond(cubic, &c, -1, 0), cbrt(2), 1e-15);
    c = 1e30;
    near(nvc_root_beyond(cubic, &c, 0, 1), 1e10, 1e-15);
    assert_true(isnan(nvc_root(cubic, &c, 0, 5)));
}

static void tails_from_a_table_agree_with_computed_ones(void **state)
{
    (void)state;
    static const double dof[][2] = { { 1, 139 }, { 1, 5 }, { 6, 139 }, { 20, 100 }, { 1.3, 77.5 }, { 2, 9 } };
    struct nvc_error err;
    for (size_t d = 0; d < sizeof dof / sizeof *dof; d++) {
        struct nvc_tail t;
        assert_int_equal(nvc_tail_init(&t, dof[d][0], dof[d][1], &err), 0);
        for (double x = -16; x < 7; x += 0.01) {
            double f[NVC_VECTOR] __attribute__((aligned(NVC_VECTOR_BYTES))), p[NVC_VECTOR] __attribute__((aligned(NVC_VECTOR_BYTES)));
            for (int lane = 0; lane < NVC_VECTOR; lane++) /* the last is far from the others */
                f[lane] = exp(x + 0.001 * lane - (lane == NVC_VECTOR - 1 ? 4 : 0)) / dof[d][0];
            nvc_vec_put(p, nvc_vec_tail(&t, nvc_vec_at(f)));
            for (int lane = 0; lane < NVC_VECTOR; lane++) {
                double want = nvc_tail_exact(&t, f[lane]), tolerance = f[lane] * dof[d][0] < 36 ? 5e-9 : 1e-7;
                assert_near(p[lane] / want, 1, tolerance);
                assert_near(nvc_tail_p(&t, f[lane]) / want, 1, tolerance);
            }
        }
        nvc_tail_release(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(central_laws_agree_with_scipy_to_twelve_digits), cmocka_unit_test(quantiles_undo_the_laws),
        cmocka_unit_test(tails_from_a_table_agree_with_computed_ones),
        cmocka_unit_test(noncentral_t_and_its_inversion),                 cmocka_unit_test(z_keeps_sign_and_tail),
        cmocka_unit_test(nonsense_gives_nan),                             cmocka_unit_test(roots_are_found_to_the_last_digits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
