#include "model/perfusion/perfusion.h"

#include "math/median.h"

#include <math.h>
#include <string.h>

static const double per_minute = 6000; /* mL/g/s -> mL/100 g/min */

double nvc_asl_t1_blood(double tesla, double haematocrit)
{
    if (!isnan(haematocrit) && fabs(tesla - 3) < 0.2)
        return 1 / (0.52 * haematocrit + 0.38);
    if (fabs(tesla - 1.5) < 0.1)
        return 1.35;
    if (fabs(tesla - 3) < 0.2)
        return 1.65;
    if (fabs(tesla - 7) < 0.2)
        return 2.087;
    return (110 * tesla + 1316) / 1000;
}

double nvc_asl_t1_tissue(double tesla)
{
    return tesla < 2.25 ? 1.197 : tesla < 5 || isnan(tesla) ? 1.607 : 1.939;
}

double nvc_asl_efficiency(enum nvc_asl_kind kind, int pulses)
{
    const double bare = kind == NVC_ASL_PCASL ? 0.85 : kind == NVC_ASL_CASL ? 0.68 : 0.98;
    return bare * pow(0.95, pulses);
}

struct nvc_asl nvc_asl_defaults(enum nvc_asl_kind kind, double label_s)
{
    return (struct nvc_asl){ .kind = kind, .label_s = label_s, .alpha = nvc_asl_efficiency(kind, 0), .lambda = 0.9,
                             .t1_blood_s = nvc_asl_t1_blood(3, NAN), .t1_tissue_s = 1.607 };
}

double nvc_asl_equilibrium(const struct nvc_asl *a, double m0, double tr_s)
{
    return tr_s > 0 ? m0 / -expm1(-tr_s / a->t1_tissue_s) : NAN;
}

double nvc_cbf(const struct nvc_asl *a, double dm, double m0, double delay_s)
{
    const double bolus = a->kind == NVC_ASL_PASL ? a->label_s : a->t1_blood_s * -expm1(-a->label_s / a->t1_blood_s);
    return m0 > 0 ? per_minute * a->lambda * exp(delay_s / a->t1_blood_s) * dm / (2 * a->alpha * bolus * m0) : NAN;
}

double nvc_asl_signal(const struct nvc_asl *a, double cbf, double arrival_s, double delay_s)
{
    const double f = cbf / per_minute, rate = 1 / a->t1_tissue_s + f / a->lambda, tau = a->label_s;
    if (a->kind == NVC_ASL_PASL) { /* delay_s is TI: the bolus of TI1 has decayed in blood, then in tissue */
        const double k = 1 / a->t1_blood_s - rate, t = delay_s;
        if (t <= arrival_s)
            return 0;
        const double end = fmin(t, arrival_s + tau);
        const double q = fabs(k) < 1e-9 ? end - arrival_s : (exp(-k * arrival_s) - exp(-k * end)) / k;
        return 2 * a->alpha * f * exp(-rate * t) * q;
    }
    const double t = tau + delay_s, since = t - arrival_s, scale = 2 * f / rate * a->alpha * exp(-arrival_s / a->t1_blood_s);
    if (since <= 0)
        return 0;
    return since < tau ? scale * -expm1(-rate * since) : scale * exp(-rate * (since - tau)) * -expm1(-rate * tau);
}

/* What a fit is to explain: y[n], in units of the M0 of blood. */
struct wanted {
    const struct nvc_asl *a;
    const double *y, *delay_s, *label_s;
    size_t n;
};

static double label_of(const struct wanted *w, size_t i) { return w->label_s ? w->label_s[i] : w->a->label_s; }

static double signal_of(const struct wanted *w, double cbf, double arrival_s, size_t i)
{
    struct nvc_asl a = *w->a;
    a.label_s = label_of(w, i);
    return nvc_asl_signal(&a, cbf, arrival_s, w->delay_s[i]);
}

/* Flow that fits best at one arrival: the model is all but linear in flow, so three proportional steps suffice. */
static double best_flow(const struct wanted *w, double arrival_s, double *rss)
{
    double cbf = 60;
    for (int pass = 0; pass < 4; pass++) {
        double sy = 0, ss = 0;
        for (size_t i = 0; i < w->n; i++) {
            const double s = signal_of(w, fmax(cbf, 1), arrival_s, i) / fmax(cbf, 1);
            sy += s * w->y[i], ss += s * s;
        }
        if (!(ss > 0)) {
            *rss = INFINITY;
            return NAN;
        }
        cbf = sy / ss;
    }
    *rss = 0;
    for (size_t i = 0; i < w->n; i++) {
        const double r = w->y[i] - cbf * signal_of(w, fmax(cbf, 1), arrival_s, i) / fmax(cbf, 1);
        *rss += r * r;
    }
    return cbf;
}

/* Errors from the curvature of the fit. */
static void errors(const struct wanted *w, double rss, struct nvc_cbf_fit *fit)
{
    const double df = 1e-3 * fmax(1, fabs(fit->cbf)), dt = 1e-3;
    double ff = 0, ft = 0, tt = 0;
    for (size_t i = 0; i < w->n; i++) {
        const double f = (signal_of(w, fit->cbf + df, fit->arrival_s, i) -
                          signal_of(w, fit->cbf - df, fit->arrival_s, i)) / (2 * df);
        const double t = (signal_of(w, fit->cbf, fit->arrival_s + dt, i) -
                          signal_of(w, fit->cbf, fit->arrival_s - dt, i)) / (2 * dt);
        ff += f * f, ft += f * t, tt += t * t;
    }
    const double det = ff * tt - ft * ft;
    if (w->n > 2 && det > 0) {
        fit->cbf_se = sqrt(rss / (double)(w->n - 2) * tt / det);
        fit->arrival_se_s = sqrt(rss / (double)(w->n - 2) * ff / det);
    }
}

/* Residual sum at one arrival with the model of 60 mL/100 g/min, linear in flow: near enough to find the valley. */
static double rough_rss(const struct wanted *w, double arrival_s)
{
    double yy = 0, sy = 0, ss = 0;
    for (size_t i = 0; i < w->n; i++) {
        const double s = signal_of(w, 60, arrival_s, i);
        yy += w->y[i] * w->y[i], sy += s * w->y[i], ss += s * s;
    }
    return ss > 0 ? yy - sy * sy / ss : INFINITY;
}

/* The end of the range of arrivals: the blood of the last moment of labelling would come after the last delay. */
static double last_arrival(const struct wanted *w)
{
    double longest = 0;
    for (size_t i = 0; i < w->n; i++)
        longest = fmax(longest, w->delay_s[i] + (w->a->kind == NVC_ASL_PASL ? 0 : label_of(w, i)));
    return longest;
}

struct nvc_cbf_fit nvc_cbf_kinetic(const struct nvc_asl *a, const double *dm, const double *delay_s, const double *label_s, size_t n, double m0)
{
    enum { MOST = 64, FINE = 2 }; /* fine steps of a rough one */
    const double step = 0.02;
    struct nvc_cbf_fit fit = { NAN, NAN, NAN, NAN, false };
    double y[MOST], least = INFINITY, rss, around[2] = { NAN, NAN };
    const struct wanted wanted = { a, y, delay_s, label_s, n }, *w = &wanted;
    if (n < 2 || n > MOST || !(m0 > 0))
        return fit;
    for (size_t i = 0; i < n; i++)
        y[i] = dm[i] / (m0 / a->lambda); /* in units of the M0 of blood */
    const int steps = (int)(last_arrival(w) / step);
    int best = 0;
    for (int k = 0; k < steps; k += FINE)
        if ((rss = rough_rss(w, k * step)) < least)
            least = rss, best = k;
    fit.cbf = best_flow(w, best * step, &least);
    for (int way = -1; way <= 1; way += 2) /* downhill from there, one way or the other */
        for (int k = best + way; k >= 0 && k < steps; k += way) {
            const double cbf = best_flow(w, k * step, &rss);
            if (!(rss < least))
                break;
            least = rss, best = k, fit.cbf = cbf;
        }
    if (isnan(fit.cbf))
        return fit;
    fit.arrival_s = best * step;
    fit.at_bound = best == 0 || best == steps - 1;
    for (int side = 0; side < 2 && !fit.at_bound; side++)
        (void)best_flow(w, (best + 2 * side - 1) * step, &around[side]);
    const double bend = around[0] - 2 * least + around[1];
    if (isfinite(bend) && bend > 0) {
        fit.arrival_s += step * 0.5 * (around[0] - around[1]) / bend;
        fit.cbf = best_flow(w, fit.arrival_s, &rss);
        least = fmin(least, rss);
    }
    errors(w, least, &fit);
    return fit;
}

static double weighted_delay(const double *signal, const double *delay_s, size_t n)
{
    double sum = 0, moment = 0;
    for (size_t i = 0; i < n; i++)
        sum += signal[i], moment += signal[i] * delay_s[i];
    return sum > 0 ? moment / sum : NAN;
}

struct nvc_cbf_fit nvc_cbf_weighted_delay(const struct nvc_asl *a, const double *dm, const double *delay_s, size_t n, double m0)
{
    enum { MOST = 64 };
    struct nvc_cbf_fit fit = { NAN, NAN, NAN, NAN, false };
    double signal[MOST], sum = 0, model = 0;
    if (n < 2 || n > MOST || !(m0 > 0) || a->kind == NVC_ASL_PASL)
        return fit;
    const double found = weighted_delay(dm, delay_s, n), longest = last_arrival(&(struct wanted){ a, dm, delay_s, NULL, n });
    double low = 0, high = longest;
    if (isnan(found))
        return fit;
    while (high - low > 1e-5) { /* it grows with arrival; at 60 mL/100 g/min, for flow hardly moves it */
        const double middle = (low + high) / 2;
        for (size_t i = 0; i < n; i++)
            signal[i] = nvc_asl_signal(a, 60, middle, delay_s[i]);
        if (weighted_delay(signal, delay_s, n) < found)
            low = middle;
        else
            high = middle;
    }
    fit.arrival_s = (low + high) / 2;
    fit.at_bound = fit.arrival_s < 1e-4 || fit.arrival_s > longest - 1e-4;
    for (size_t i = 0; i < n; i++) { /* ratio of sums: a delay before the arrival adds nothing to either */
        sum += dm[i] / (m0 / a->lambda);
        model += nvc_asl_signal(a, 60, fit.arrival_s, delay_s[i]) / 60;
    }
    fit.cbf = model > 0 ? sum / model : NAN;
    return fit;
}

double nvc_robust_mean(const double *x, size_t n, double *se, double *used, double *work)
{
    const double tuning = 4.685, to_sd = 1.4826;
    double *copy = work, *away = work + n;
    memcpy(copy, x, n * sizeof *copy);
    double centre = nvc_median(copy, n), spread = 0, weights = 0, squares = 0, slope = 0;
    for (size_t i = 0; i < n; i++)
        away[i] = fabs(x[i] - centre);
    spread = to_sd * nvc_median(away, n);
    for (int pass = 0; pass < 20 && spread > 0; pass++) {
        double sum = 0;
        weights = 0;
        for (size_t i = 0; i < n; i++) {
            const double u = (x[i] - centre) / (tuning * spread), w = fabs(u) < 1 ? (1 - u * u) * (1 - u * u) : 0;
            weights += w, sum += w * x[i];
        }
        const double moved = sum / weights - centre;
        centre += moved;
        if (fabs(moved) < 1e-10 * spread)
            break;
    }
    if (!(spread > 0))
        weights = (double)n;
    for (size_t i = 0; i < n; i++) {
        const double u = spread > 0 ? (x[i] - centre) / (tuning * spread) : 0, left = fabs(u) < 1 ? 1 - u * u : 0;
        squares += pow(left, 4) * (x[i] - centre) * (x[i] - centre), slope += left * (1 - 5 * u * u);
    }
    *se = n > 1 ? sqrt(squares / (slope * fmax(1, slope - 1))) : NAN;
    *used = weights;
    return centre;
}

double nvc_cbf_qei(double rho, double dispersion, double negative_share)
{
    if (!(rho > 0))
        return 0;
    return cbrt(-expm1(-3.0126 * pow(rho, 2.4419)) * exp(-(0.054 * pow(dispersion, 0.9272) + 2.8478 * pow(negative_share, 0.5196))));
}
