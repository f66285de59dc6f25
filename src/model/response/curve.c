#include "model/response/curve.h"

#include <math.h>

/* Where the line from sample a to a + 1 meets the level. */
static double crossing(const double *h, size_t a, double level, double dt_s)
{
    return ((double)a + (level - h[a]) / (h[a + 1] - h[a])) * dt_s;
}

/* Last sample before the peak at which h / height < share: its crossing, or NaN. */
static double rise(const double *h, size_t peak, double share, double dt_s)
{
    for (size_t i = peak; i-- > 0;)
        if (h[i] / h[peak] < share)
            return crossing(h, i, share * h[peak], dt_s);
    return NAN;
}

static double fall(const double *h, size_t n, size_t peak, double share, double dt_s)
{
    for (size_t i = peak; i + 1 < n; i++)
        if (h[i + 1] / h[peak] < share)
            return crossing(h, i, share * h[peak], dt_s);
    return NAN;
}

/* Vertex of the parabola through three samples, in samples from the middle one. */
static double vertex(const double *h, size_t i, size_t n)
{
    if (i == 0 || i + 1 >= n)
        return 0;
    const double bend = h[i - 1] - 2 * h[i] + h[i + 1];
    return bend != 0 ? fmax(-0.5, fmin(0.5, 0.5 * (h[i - 1] - h[i + 1]) / bend)) : 0; /* more: at an edge of the window */
}

static void areas(const double *h, size_t n, double dt_s, struct nvc_curve_shape *s)
{
    for (size_t i = 0; i + 1 < n; i++) {
        const double a = h[i], b = h[i + 1];
        if (a * b >= 0) {
            *(a + b > 0 ? &s->auc_positive : &s->auc_negative) += (a + b) / 2 * dt_s;
            continue;
        }
        const double zero = a / (a - b);
        *(a > 0 ? &s->auc_positive : &s->auc_negative) += a / 2 * zero * dt_s;
        *(b > 0 ? &s->auc_positive : &s->auc_negative) += b / 2 * (1 - zero) * dt_s;
    }
}

static void undershoot(const double *h, size_t n, size_t peak, double dt_s, struct nvc_curve_shape *s)
{
    size_t i = peak, least;
    while (i < n && h[i] / h[peak] >= 0)
        i++;
    if (i == n)
        return;
    for (least = i; i < n; i++)
        if (h[i] / h[peak] < h[least] / h[peak])
            least = i;
    s->undershoot = h[least] / h[peak];
    s->undershoot_s = ((double)least + vertex(h, least, n)) * dt_s;
}

struct nvc_curve_shape nvc_curve_measure(const double *h, size_t n, double dt_s, double window_s)
{
    struct nvc_curve_shape s = { .height = NAN, .ttp_s = NAN, .fwhm_s = NAN, .onset_s = NAN, .half_rise_s = NAN,
                                 .undershoot = NAN, .undershoot_s = NAN, .dip = NAN };
    size_t peak = 0;
    const double end_s = isnan(window_s) ? fmin(0.8 * (double)n * dt_s, 12) : window_s;
    areas(h, n, dt_s, &s);
    for (size_t i = 1; i < n && (double)i * dt_s <= end_s + 1e-9; i++)
        if (fabs(h[i]) > fabs(h[peak]))
            peak = i;
    if (n == 0 || !(fabs(h[peak]) > 0))
        return s;
    const double shift = vertex(h, peak, n);
    s.ttp_s = ((double)peak + shift) * dt_s;
    s.height = h[peak] - (peak && peak + 1 < n ? 0.25 * (h[peak - 1] - h[peak + 1]) * shift : 0);
    const double before = rise(h, peak, 0.5, dt_s), after = fall(h, n, peak, 0.5, dt_s);
    s.fwhm_s = after - before;
    s.fwhm_censored = isnan(s.fwhm_s);
    s.half_rise_s = before;
    s.onset_s = rise(h, peak, 0.1, dt_s);
    undershoot(h, n, peak, dt_s, &s);
    s.dip = 0;
    for (size_t i = 0; i < peak && !isnan(s.onset_s) && (double)i * dt_s < s.onset_s; i++)
        s.dip = fmin(s.dip, h[i] / h[peak]);
    return s;
}
