#include "math/dist.h"

#include "math/root.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sf_erf.h>
#include <math.h>
#include <stdbool.h>

/* ---- incomplete beta ---------------------------------------------------------------------------- */

/* ln Gamma(n + 1) - ln(sqrt(2 pi n) (n/e)^n) */
static double stirling_error(double n)
{
    if (n < 16) {
        double shift = 0;
        for (; n < 16; n++) /* e(n) = e(n + 1) + (n + 1/2) ln(1 + 1/n) - 1 */
            shift += (n + 0.5) * log1p(1 / n) - 1;
        return shift + stirling_error(n);
    }
    double q = 1 / (n * n);
    return (1.0 / 12 - (1.0 / 360 - (1.0 / 1260 - (1.0 / 1680 - (1.0 / 1188 - 691.0 / 360360 * q) * q) * q) * q) * q) / n;
}

/* x ln(x / m) + m - x without cancellation near x = m */
static double deviance(double x, double m)
{
    double d = (x - m) / (x + m);
    if (fabs(d) > 0.1)
        return x * log(x / m) + m - x;
    double s = (x - m) * d, term = 2 * x * d, dd = d * d;
    for (int j = 1; j < 100; j++) {
        double was = s;
        term *= dd;
        s += term / (2 * j + 1);
        if (s == was)
            break;
    }
    return s;
}

/* ln(x^a y^b / B(a, b)), 0 < x, y < 1 */
static double log_beta_prefactor(double x, double y, double a, double b)
{
    double n = a + b;
    return stirling_error(n) - stirling_error(a) - stirling_error(b) - deviance(a, n * x) - deviance(b, n * y) +
           0.5 * log(a / n * b / (2 * M_PI));
}

/* ln I_x(a, b) for x below the mean a / (a + b): equation 9 of DiDonato & Morris, modified Lentz rule. */
static double log_beta_fraction(double x, double y, double a, double b)
{
    const double tiny = 1e-300;
    double n = a + b, lambda = a > b ? n * y - b : a - n * x, f = a / (a + 1) * (lambda + 1), C = f, D = 0;
    for (int k = 1; k < 100000; k++) {
        double m = a + 2 * k - 1, alpha = (a + k - 1) * (n + k - 1) * k * (b - k) * x * x / (m * m);
        double beta = k + k * (b - k) * x / m + (a + k) / (m + 2) * (lambda + 1 + k * (1 + y));
        D = beta + alpha * D;
        C = beta + alpha / (C != 0 ? C : tiny);
        D = 1 / (D != 0 ? D : tiny);
        f *= C * D;
        if (fabs(C * D - 1) < 2e-16)
            break;
    }
    return log_beta_prefactor(x, y, a, b) - log(f);
}

static bool outside(double x, double a, double b)
{
    return !(x >= 0 && x <= 1 && a > 0 && b > 0);
}

double nvc_beta_lower(double x, double y, double a, double b)
{
    if (outside(x, a, b))
        return NAN;
    if (x <= 0 || y <= 0)
        return y <= 0;
    return x <= a / (a + b) ? exp(log_beta_fraction(x, y, a, b)) : 1 - exp(log_beta_fraction(y, x, b, a));
}

double nvc_beta_upper(double x, double y, double a, double b)
{
    return nvc_beta_lower(y, x, b, a);
}

double nvc_log_choose(double n, double k)
{
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* ---- normal ------------------------------------------------------------------------------------- */

double nvc_normal_cdf(double x)
{
    return gsl_cdf_ugaussian_P(x);
}

double nvc_normal_sf(double x)
{
    return gsl_cdf_ugaussian_Q(x);
}

double nvc_normal_quantile(double p)
{
    return p >= 0 && p <= 1 ? gsl_cdf_ugaussian_Pinv(p) : NAN;
}

/* ---- Student t ---------------------------------------------------------------------------------- */

double nvc_t_two_sided(double t, double dof)
{
    if (!(dof > 0) || isnan(t))
        return NAN;
    if (isinf(dof))
        return 2 * nvc_normal_sf(fabs(t));
    if (isinf(t))
        return 0;
    /* hypot-free and safe: both parts are divided by the larger before they are added */
    double r = t * t / dof;
    return isinf(r) ? 0 : nvc_beta_lower(1 / (1 + r), r / (1 + r), 0.5 * dof, 0.5);
}

double nvc_t_sf(double t, double dof)
{
    double p = 0.5 * nvc_t_two_sided(t, dof);
    return t >= 0 ? p : 1 - p;
}

double nvc_t_cdf(double t, double dof)
{
    return nvc_t_sf(-t, dof);
}

struct tail { /* the law and the probabilities below and above that a root search is after */
    double p, q, dof1, dof2;
};

/* Over ln f; the nearer tail decides, so that both ends are found to the last digits. */
static double f_excess(double log_f, const void *with)
{
    const struct tail *a = with;
    double f = exp(log_f);
    return a->p < a->q ? log(nvc_f_cdf(f, a->dof1, a->dof2) / a->p) : log(a->q / nvc_f_sf(f, a->dof1, a->dof2));
}

static double f_quantile(double p, double q, double dof1, double dof2)
{
    struct tail a = { p, q, dof1, dof2 };
    return exp(nvc_root_beyond(f_excess, &a, 0, f_excess(0, &a) < 0 ? 1 : -1));
}

double nvc_t_quantile(double p, double dof)
{
    double a = fmin(p, 1 - p);
    if (!(p >= 0 && p <= 1 && dof > 0))
        return NAN;
    if (isinf(dof) || a == 0 || a == 0.5)
        return nvc_normal_quantile(p);
    double t = sqrt(f_quantile(1 - 2 * a, 2 * a, 1, dof));
    t = t < 1e150 ? t : INFINITY; /* its square was at the end of doubles */
    return p < 0.5 ? -t : t;
}

double nvc_t_critical(double level, double dof)
{
    return -nvc_t_quantile(0.5 * (1 - level), dof);
}

static double log_sf_excess(double z, const void *with)
{
    return gsl_sf_log_erfc(z * M_SQRT1_2) - *(const double *)with;
}

double nvc_t_to_z(double t, double dof)
{
    double p = nvc_t_two_sided(t, dof);
    if (isnan(p) || isinf(t) || isinf(dof))
        return isnan(p) ? NAN : t;
    if (p > 1e-290)
        return copysign(nvc_normal_quantile(0.5 * p), t);
    double r = t * t / dof, log_p = log_beta_fraction(1 / (1 + r), r / (1 + r), 0.5 * dof, 0.5);
    return copysign(nvc_root_beyond(log_sf_excess, &log_p, 30, 60), t);
}

/* ---- F and chi-square --------------------------------------------------------------------------- */

double nvc_f_sf(double f, double dof1, double dof2)
{
    if (!(dof1 > 0 && dof2 > 0) || isnan(f) || isinf(dof1))
        return NAN;
    if (isinf(dof2))
        return nvc_chi2_sf(dof1 * f, dof1);
    double r = f <= 0 ? 0 : f / dof2 * dof1;
    return isinf(r) ? 0 : nvc_beta_lower(1 / (1 + r), r / (1 + r), 0.5 * dof2, 0.5 * dof1);
}

double nvc_f_cdf(double f, double dof1, double dof2)
{
    if (!(dof1 > 0 && dof2 > 0) || isnan(f) || isinf(dof1))
        return NAN;
    if (isinf(dof2))
        return nvc_chi2_cdf(dof1 * f, dof1);
    double r = f <= 0 ? 0 : f / dof2 * dof1;
    return isinf(r) ? 1 : nvc_beta_lower(r / (1 + r), 1 / (1 + r), 0.5 * dof1, 0.5 * dof2);
}

double nvc_chi2_cdf(double x, double dof)
{
    return !(dof > 0) || isnan(x) ? NAN : x <= 0 ? 0 : gsl_cdf_chisq_P(x, dof);
}

double nvc_chi2_sf(double x, double dof)
{
    return !(dof > 0) || isnan(x) ? NAN : x <= 0 ? 1 : gsl_cdf_chisq_Q(x, dof);
}

double nvc_f_quantile(double p, double dof1, double dof2)
{
    if (!(p >= 0 && p <= 1 && dof1 > 0 && dof2 > 0) || isinf(dof1))
        return NAN;
    return p == 0 ? 0 : p == 1 ? INFINITY : f_quantile(p, 1 - p, dof1, dof2);
}

double nvc_chi2_quantile(double p, double dof)
{
    return dof * nvc_f_quantile(p, dof, INFINITY);
}
