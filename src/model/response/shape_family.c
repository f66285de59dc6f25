/* The family of responses. */
#include "model/response/shape_internal.h"

#include "base/memory.h"
#include "math/vector.h"

#include <gsl/gsl_sf_lambert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TTP = NVC_SHAPE_TTP, FWHM = NVC_SHAPE_FWHM, GRID = NVC_SHAPE_GRID, SUPPORT = NVC_SHAPE_SUPPORT, PER_S = NVC_SHAPE_PER_S,
       SAMPLES = NVC_SHAPE_SAMPLES, KERNELS = GRID + TTP };
static const double first_ttp_s = 2.5, ttp_step_s = 0.25, first_fwhm_s = 2, fwhm_step_s = 0.25, widest = 1.9, tent_s = 2;
static const double under_delay_s = 10, under_fwhm_s = 9.2;

double nvc_shape_ttp(size_t i) { return first_ttp_s + ttp_step_s * (double)i; }
double nvc_shape_fwhm(size_t j) { return first_fwhm_s + fwhm_step_s * (double)j; }
bool nvc_shape_member(size_t i, size_t j) { return nvc_shape_fwhm(j) <= widest * nvc_shape_ttp(i); }

bool nvc_shape_inside(const struct nvc_shape_fit *fit)
{
    const double ttp = fit->lobe_ttp_s, fwhm = fit->lobe_fwhm_s, last = fmin(nvc_shape_fwhm(FWHM - 1), widest * ttp);
    return ttp > nvc_shape_ttp(0) && ttp < nvc_shape_ttp(TTP - 1) && fwhm > nvc_shape_fwhm(0) && fwhm < last - fwhm_step_s;
}

/* A gamma lobe (t/m)^p exp(-p (t/m - 1)) is at half height where x - log x - 1 = c = log 2 / p, x = t/m: at the two
 * branches of Lambert's W of -exp(-1 - c).  Its width grows nearly in proportion to sqrt(c): Newton's steps in that. */
static double power_of(double ttp_s, double fwhm_s)
{
    double s = fwhm_s / ttp_s / sqrt(8);
    for (int i = 0; i < 20; i++) {
        const double at = -exp(-1 - s * s), low = gsl_sf_lambert_Wm1(at), high = gsl_sf_lambert_W0(at);
        const double slope = 2 * s * (low / (1 + low) - high / (1 + high)), step = (high - low - fwhm_s / ttp_s) / slope;
        s = fmax(s / 2, s - step);
        if (fabs(step) < 1e-14)
            break;
    }
    return log(2) / (s * s);
}

static double gamma_lobe(double t_s, double mode_s, double power)
{
    const double x = t_s / mode_s;
    return x > 0 ? exp(power * (log(x) - x + 1)) : 0;
}

double nvc_shape_lobe(double t_s, double ttp_s, double fwhm_s)
{
    return gamma_lobe(t_s, ttp_s, power_of(ttp_s, fwhm_s));
}

/* Running integral of a kernel, every 1 / PER_S s. */
typedef double kernel_fn(double t_s, const double *at);
static void integrate(kernel_fn *kernel, const double *at, double *integral)
{
    integral[0] = 0;
    for (int i = 0; i < SUPPORT * PER_S; i++)
        integral[i + 1] = integral[i] + kernel((i + 0.5) / PER_S, at) / PER_S;
}

static double lobe_kernel(double t_s, const double *at) { return gamma_lobe(t_s, at[0], at[1]); }
static double tent_kernel(double t_s, const double *at) { return fmax(0, 1 - fabs(t_s - at[0]) / tent_s); }

static void integrate_members(struct nvc_shape_family *f)
{
    for (size_t i = 0; i < TTP; i++) {
        const double ttp = nvc_shape_ttp(i), under = ttp + under_delay_s;
        const double below[2] = { under, power_of(under, under_fwhm_s) };
        integrate(lobe_kernel, below, f->under_integral[i]);
        for (size_t j = 0; j < FWHM; j++)
            if (nvc_shape_member(i, j)) {
                const double at[2] = { ttp, power_of(ttp, nvc_shape_fwhm(j)) };
                integrate(lobe_kernel, at, f->lobe_integral[i + TTP * j]);
            }
    }
}

/* What is left of an integral beside the first `rank` functions, at length 1. */
static void orthonormal(const double *q, size_t rank, const double *integral, double *left)
{
    memcpy(left, integral, SAMPLES * sizeof *left);
    for (int pass = 0; pass < 2; pass++)
        for (size_t k = 0; k < rank; k++)
            nvc_subtract(left, nvc_dot(q + SAMPLES * k, left, SAMPLES), q + SAMPLES * k, SAMPLES);
    const double length = sqrt(nvc_dot(left, left, SAMPLES));
    for (size_t t = 0; t < SAMPLES; t++)
        left[t] /= length;
}

/* The member that the basis so far describes worst becomes its next function, until all are described. */
static int span_members(struct nvc_shape_family *f, struct nvc_error *err)
{
    const double enough = 1e-14; /* of the square length: the least that its downdating resolves */
    double *q = nvc_array(SAMPLES * NVC_SHAPE_RANK, sizeof *q, err), *length2 = nvc_array(2 * KERNELS, sizeof *length2, err);
    double *left2 = length2 ? length2 + KERNELS : NULL;
    int status = q && length2 ? 0 : NVC_ESYS;
    for (size_t g = 0; g < KERNELS && !status; g++) {
        const double *integral = g < GRID ? f->lobe_integral[g] : f->under_integral[g - GRID];
        length2[g] = left2[g] = nvc_dot(integral, integral, SAMPLES);
    }
    for (f->rank = 0; f->rank < NVC_SHAPE_RANK && !status; f->rank++) {
        size_t worst = 0;
        double most = 0;
        for (size_t g = 0; g < KERNELS; g++)
            if (length2[g] > 0 && left2[g] / length2[g] > most)
                most = left2[g] / length2[g], worst = g;
        if (most < enough)
            break;
        double *next = q + SAMPLES * f->rank;
        orthonormal(q, f->rank, worst < GRID ? f->lobe_integral[worst] : f->under_integral[worst - GRID], next);
        for (size_t g = 0; g < KERNELS; g++) {
            double *c = (g < GRID ? f->lobe[g] : f->under[g - GRID]) + f->rank;
            *c = nvc_dot(g < GRID ? f->lobe_integral[g] : f->under_integral[g - GRID], next, SAMPLES);
            left2[g] -= *c * *c;
        }
        for (size_t t = 0; t < SAMPLES; t++)
            f->function[t][f->rank] = next[t];
    }
    free(q);
    free(length2);
    return status;
}

int nvc_shape_family_new(struct nvc_shape_family **family, struct nvc_error *err)
{
    struct nvc_shape_family *f = *family = nvc_array(1, sizeof *f, err);
    double tent[SAMPLES];
    if (!f)
        return NVC_ESYS;
    integrate_members(f);
    const int status = span_members(f, err);
    for (size_t k = 0; k < NVC_SHAPE_TENTS; k++) {
        const double at = tent_s * (double)(k + 1);
        integrate(tent_kernel, &at, tent);
        for (size_t t = 0; t < SAMPLES; t++)
            f->function[t][f->rank + k] = tent[t];
    }
    f->n_functions = f->rank + NVC_SHAPE_TENTS;
    if (status) {
        nvc_shape_family_free(f);
        *family = NULL;
    }
    return status;
}

void nvc_shape_family_free(struct nvc_shape_family *family) { free(family); }

void nvc_shape_curve(const struct nvc_shape_fit *fit, double dt_s, size_t n, double *h)
{
    const double under = fit->lobe_ttp_s + under_delay_s;
    const double p = power_of(fit->lobe_ttp_s, fit->lobe_fwhm_s), q = power_of(under, under_fwhm_s);
    for (size_t i = 0; i < n; i++) {
        const double t = (double)i * dt_s;
        h[i] = fit->amplitude * (gamma_lobe(t, fit->lobe_ttp_s, p) - fit->undershoot_share * gamma_lobe(t, under, q));
    }
}
