#include "model/design/hrf.h"

#include "base/memory.h"
#include "base/text.h"
#include "math/orth.h"
#include "model/design/hrf_afni.h"
#include "model/design/hrf_nilearn.h"

#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const double canonical[7] = { 6, 16, 1, 1, 6, 0, 32 };

static void unit_sum(double *h, size_t n)
{
    double sum = 0;
    for (size_t k = 0; k < n; k++)
        sum += h[k];
    for (size_t k = 0; k < n; k++)
        h[k] /= sum;
}

size_t nvc_hrf_spm_length(double dt_s, const double p[7])
{
    return (size_t)floor((p ? p : canonical)[6] / dt_s * (1 + 1e-12)) + 1;
}

void nvc_hrf_spm(double *h, double dt_s, const double p[7])
{
    if (!p)
        p = canonical;
    size_t n = nvc_hrf_spm_length(dt_s, p);
    for (size_t k = 0; k < n; k++) {
        double t = (double)k * dt_s - p[5];
        h[k] = t > 0 ? gsl_ran_gamma_pdf(t, p[0] / p[2], p[2]) - gsl_ran_gamma_pdf(t, p[1] / p[3], p[3]) / p[4] : 0;
    }
    unit_sum(h, n);
}

/* Gamma functions with peaks of 1 at 5.4 s and .35 at 10.8 s (Glover 1999, table 1, auditory). */
static void glover(double *h, size_t n, double dt, double onset, double width)
{
    const double a1 = 6, a2 = 12, b = .9 * width, d1 = a1 * .9, d2 = a2 * .9;
    for (size_t k = 0; k < n; k++) {
        double t = (double)k * dt - onset;
        h[k] = t > 0 ? pow(t / d1, a1) * exp(-(t - d1) / b) - .35 * pow(t / d2, a2) * exp(-(t - d2) / b) : 0;
    }
    unit_sum(h, n);
}

static void sample(const struct nvc_hrf *hrf, double *h, size_t n, double dt, double onset, double wider)
{
    if (hrf->kind == NVC_HRF_SPM)
        nvc_hrf_spm(h, dt, (const double[7]){ 6, 16, 1 + wider, 1, 6, onset, 32 });
    else
        glover(h, n, dt, onset, 1 + wider);
}

/* Canonical, minus its derivatives with respect to onset (step 1 s) and dispersion (.01), as SPM takes them. */
static void informed(const struct nvc_hrf *hrf, struct nvc_basis *b)
{
    static const double step[] = { 1, .01 };
    size_t n = b->n;
    sample(hrf, b->B, n, b->dt_s, 0, 0);
    for (size_t j = 1; j < b->n_functions; j++) {
        double *d = b->B + n * j;
        sample(hrf, d, n, b->dt_s, j == 1 ? step[0] : 0, j == 2 ? step[1] : 0);
        for (size_t k = 0; k < n; k++)
            d[k] = (b->B[k] - d[k]) / step[j - 1];
    }
    nvc_orth(b->B, n, b->n_functions);
}

static void gamma_set(struct nvc_basis *b)
{
    for (size_t j = 0; j < b->n_functions; j++)
        for (size_t k = 0; k < b->n; k++) {
            double mean = ldexp(1, (int)j + 2), t = (double)k * b->dt_s;
            b->B[k + b->n * j] = t > 0 ? gsl_ran_gamma_pdf(t, mean, 1) : 0;
        }
    nvc_orth(b->B, b->n, b->n_functions);
}

/* SPM's boxes of whole microbins; their edges are rounded one by one, so that they do not drift. */
static void boxes(struct nvc_basis *b, double step)
{
    for (size_t j = 0; j < b->n_functions; j++) {
        size_t from = (size_t)lround((double)j * step / b->dt_s), to = (size_t)lround((double)(j + 1) * step / b->dt_s);
        for (size_t k = from; k < to; k++)
            b->B[k + b->n * j] = 1;
    }
}

/* Linear between the samples; times dt, so that an impulse of 1/dt gives back the kernel itself. */
static void resample_kernel(struct nvc_basis *b, const struct nvc_hrf *hrf)
{
    for (size_t j = 0; j < b->n_functions; j++)
        for (size_t k = 0; k < b->n; k++) {
            const double *h = hrf->kernel + hrf->n_kernel * j;
            double at = (double)k * b->dt_s / hrf->kernel_dt_s, low = fmin(floor(at), (double)hrf->n_kernel - 2);
            b->B[k + b->n * j] = b->dt_s * (h[(size_t)low] + (at - low) * (h[(size_t)low + 1] - h[(size_t)low]));
        }
}

static void name_functions(struct nvc_basis *b, const struct nvc_hrf *hrf, double step)
{
    static const char *const informed_names[] = { "hrf", "derivative", "dispersion" };
    for (size_t j = 0; j < b->n_functions; j++) {
        char *name = b->names[j];
        if (hrf->kind == NVC_HRF_FIR || hrf->kind == NVC_HRF_TENT)
            (void)snprintf(name, sizeof *b->names, "%s_%.6g", hrf->kind == NVC_HRF_FIR ? "delay" : "tent", (double)j * step);
        else if (hrf->kind == NVC_HRF_GAMMA || (hrf->kind == NVC_HRF_KERNEL && j > 0))
            (void)snprintf(name, sizeof *b->names, "%s_%zu", hrf->kind == NVC_HRF_GAMMA ? "gamma" : "kernel", j + 1);
        else
            (void)snprintf(name, sizeof *b->names, "%s", informed_names[j < 3 ? j : 2]);
    }
}

static int window_functions(const struct nvc_hrf *hrf, double step, size_t *n, struct nvc_error *err)
{
    double steps = hrf->length_s / step;
    if (!(step > 0) || !(steps > 1 - 1e-6) || steps > 1000)
        return nvc_fail(err, NVC_EUSAGE, "a window of %g s in steps of %g s: want 1 to 1000 steps", hrf->length_s, step);
    if (fabs(steps - round(steps)) > 1e-6)
        return nvc_fail(err, NVC_EUSAGE, "a window of %g s is no whole number of steps of %g s; the next is %g s", hrf->length_s,
                        step, ceil(steps) * step);
    *n = (size_t)lround(steps) + (hrf->kind == NVC_HRF_TENT);
    return 0;
}

static size_t basis_length(const struct nvc_hrf *hrf, double dt, double step, size_t n_functions)
{
    switch (hrf->kind) {
    case NVC_HRF_FIR:
        return (size_t)lround((double)n_functions * step / dt);
    case NVC_HRF_KERNEL:
        return (size_t)floor((double)(hrf->n_kernel - 1) * hrf->kernel_dt_s / dt * (1 + 1e-12)) + 1;
    case NVC_HRF_NILEARN:
    case NVC_HRF_NILEARN_GLOVER:
        return (size_t)lround(32 / dt);
    default:
        return nvc_hrf_spm_length(dt, NULL);
    }
}

static void fill(struct nvc_basis *b, const struct nvc_hrf *hrf, double step)
{
    if (hrf->kind == NVC_HRF_GAMMA)
        gamma_set(b);
    else if (hrf->kind == NVC_HRF_FIR)
        boxes(b, step);
    else if (hrf->kind == NVC_HRF_KERNEL)
        resample_kernel(b, hrf);
    else if (nvc_hrf_is_nilearn(hrf))
        for (size_t j = 0; j < b->n_functions; j++)
            nvc_nilearn_kernel(hrf, b->B + b->n * j, b->n, b->dt_s, j);
    else
        informed(hrf, b);
}

int nvc_basis_init(struct nvc_basis *b, const struct nvc_hrf *hrf, double dt_s, double tr_s, struct nvc_error *err)
{
    bool window = hrf->kind == NVC_HRF_FIR || hrf->kind == NVC_HRF_TENT;
    double step = isnan(hrf->step_s) ? tr_s : hrf->step_s;
    *b = (struct nvc_basis){ .n_functions = (size_t)hrf->n_functions, .dt_s = dt_s, .step_s = step };
    int status = window ? window_functions(hrf, step, &b->n_functions, err) : 0;
    if (!status && hrf->kind == NVC_HRF_FIR && step < dt_s)
        status = nvc_fail(err, NVC_EUSAGE, "steps of %g s are finer than the microtime grid of %g s", step, dt_s);
    if (!status && !(b->names = nvc_array(b->n_functions, sizeof *b->names, err)))
        status = (int)err->status;
    if (status)
        return status;
    name_functions(b, hrf, step);
    if (nvc_hrf_is_continuous(hrf)) {
        bool lasting = (hrf->kind == NVC_HRF_GAM || hrf->kind == NVC_HRF_SPMG) && hrf->d >= 0;
        b->step_s = step;
        status = lasting ? nvc_afni_tabulate(b, hrf, err) : 0;
    } else {
        b->n = basis_length(hrf, dt_s, step, b->n_functions);
        if ((b->B = nvc_array(b->n * b->n_functions, sizeof *b->B, err)))
            fill(b, hrf, step);
        else
            status = (int)err->status;
    }
    if (status)
        nvc_basis_release(b);
    return status;
}

void nvc_basis_release(struct nvc_basis *b)
{
    free(b->B);
    free(b->names);
    *b = (struct nvc_basis){ 0 };
}

bool nvc_hrf_is_continuous(const struct nvc_hrf *hrf) { return hrf->kind >= NVC_HRF_TENT; }

double nvc_hrf_response(const struct nvc_hrf *hrf, const struct nvc_basis *b, size_t j, double t)
{
    if (t < 0)
        return 0;
    if (hrf->kind == NVC_HRF_TENT)
        return t > hrf->length_s * (1 + 1e-12) ? 0 : fmax(0, 1 - fabs(t - (double)j * b->step_s) / b->step_s);
    if (!b->B)
        return nvc_afni_response(hrf, j, t);
    double at = t / b->dt_s, low = floor(at);
    if (low + 1 >= (double)b->n)
        return 0;
    const double *h = b->B + b->n * j + (size_t)low;
    return h[0] + (at - low) * (h[1] - h[0]);
}

double nvc_hrf_length(const struct nvc_hrf *hrf, const struct nvc_basis *b)
{
    if (hrf->kind == NVC_HRF_TENT)
        return hrf->length_s;
    return b->B ? (double)b->n * b->dt_s : nvc_afni_length(hrf);
}
