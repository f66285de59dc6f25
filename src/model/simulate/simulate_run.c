#include "model/simulate/simulate_internal.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double pi = 3.14159265358979323846;

/* AR(1) of unit variance. */
static void fill_ar1(double *x, size_t n, double phi, struct nvc_rng *rng)
{
    for (size_t t = 0; t < n; t++)
        x[t] = t ? phi * x[t - 1] + sqrt(1 - phi * phi) * nvc_rng_normal(rng) : nvc_rng_normal(rng);
}

static void scale(double *x, size_t n, double by)
{
    for (size_t t = 0; t < n; t++)
        x[t] *= by;
}

/* A linear trend and cosines of periods a 128-s high pass removes, of unit variance or less. */
static void fill_drift(double *x, size_t n, double tr_s, struct nvc_rng *rng)
{
    int slow = (int)(2 * (double)n * tr_s / 128);
    double trend = nvc_rng_normal(rng);
    for (size_t t = 0; t < n; t++)
        x[t] = trend * sqrt(3) * (2 * ((double)t + 0.5) / (double)n - 1) * 0.7;
    for (int k = 1; k <= slow; k++) {
        double a = nvc_rng_normal(rng) / k;
        for (size_t t = 0; t < n; t++)
            x[t] += a * cos(pi * (2 * (double)t + 1) * k / (2 * (double)n));
    }
}

/* Six parameters: a slow wander, and now and then a jerk, part of which stays.  Millimetres; radians on a
 * sphere of 50 mm. */
static void fill_motion(double *m, double *spike, size_t n, double much, struct nvc_rng *rng)
{
    double at[6] = { 0 }, transient[6] = { 0 };
    for (size_t t = 0; t < n; t++) {
        bool jerk = nvc_rng_uniform(rng) < 0.008 * much;
        double size = jerk ? 0.15 + 0.15 * nvc_rng_exponential(rng) : 0;
        spike[t] = -0.6 * size / 0.3;
        for (int k = 0; k < 6; k++) {
            double kick = size * nvc_rng_normal(rng);
            at[k] += 0.012 * much * nvc_rng_normal(rng) + 0.5 * kick;
            transient[k] = kick;
            double mm = at[k] + transient[k] + 0.008 * much * nvc_rng_normal(rng);
            m[t + n * (size_t)k] = k < 3 ? mm : mm / 50;
        }
    }
}

/* Power et al. 2012, doi 10.1016/j.neuroimage.2011.10.018. */
static void framewise_displacement(double *fd, const double *m, size_t n)
{
    fd[0] = NAN;
    for (size_t t = 1; t < n; t++) {
        fd[t] = 0;
        for (size_t k = 0; k < 6; k++)
            fd[t] += (k < 3 ? 1 : 50) * fabs(m[t + n * k] - m[t - 1 + n * k]);
    }
}

/* Noisy sight of the physiological courses, centred and of unit length as fMRIPrep's are. */
static void fill_compcor(double *c, const double *physio, size_t n, struct nvc_rng *rng)
{
    for (size_t k = 0; k < 6; k++) {
        double *x = c + n * k, mean = 0, ss = 0;
        for (size_t t = 0; t < n; t++)
            mean += (x[t] = physio[t + n * k] + 0.4 * nvc_rng_normal(rng)) / (double)n;
        for (size_t t = 0; t < n; t++)
            ss += (x[t] - mean) * (x[t] - mean);
        for (size_t t = 0; t < n; t++)
            x[t] = (x[t] - mean) / sqrt(ss);
    }
}

static int fill_responses(struct nvc_sim_run *run, const struct nvc_sim_spec *spec, const struct nvc_events *events,
                          const struct nvc_sim_person *person, struct nvc_error *err)
{
    size_t n = run->n_volumes;
    if (spec->rest)
        return 0;
    double *vein = run->course + n * NVC_SIM_VEIN, *fusiform = run->course + n * NVC_SIM_FUSIFORM;
    int status = nvc_sim_response(run->course + n * NVC_SIM_BLA, spec, events, person->gain, err);
    if (!status)
        status = nvc_sim_response(fusiform, spec, events, 1, err);
    if (status)
        return status;
    /* The vein drains what the neighbourhood does, late: one volume after the tissue. */
    for (size_t t = n; t-- > 0;)
        vein[t] = t ? 3 * fusiform[t - 1] : 0;
    scale(fusiform, n, 2.5);
    return 0;
}

int nvc_sim_run_init(struct nvc_sim_run *run, const struct nvc_sim_spec *spec, const struct nvc_events *events,
                     const struct nvc_sim_person *person, struct nvc_error *err)
{
    size_t n = spec->n_volumes;
    *run = (struct nvc_sim_run) { .n_volumes = n };
    struct nvc_rng rng = nvc_sim_stream(spec, person, NVC_SIM_RUN);
    run->course = nvc_array(n * NVC_SIM_COURSES, sizeof *run->course, err);
    run->framewise_displacement = run->course ? nvc_array(n, sizeof(double), err) : NULL;
    run->compcor = run->framewise_displacement ? nvc_array(n * 6, sizeof(double), err) : NULL;
    if (!run->compcor || fill_responses(run, spec, events, person, err))
        return (int)err->status;
    double *c = run->course;
    if (spec->rest && nvc_sim_bursts(c + n * NVC_SIM_BLA, spec, person->gain, &rng, err))
        return (int)err->status;
    static const struct { enum nvc_sim_course course; double phi, sd; } fluctuations[] = {
        { NVC_SIM_BLA_BOTH, 0.5, 0.32 }, { NVC_SIM_BLA_LEFT, 0.5, 0.22 }, { NVC_SIM_BLA_RIGHT, 0.5, 0.22 },
        { NVC_SIM_VEIN_PULSE, 0.2, 2.5 }
    };
    for (size_t k = 0; k < sizeof fluctuations / sizeof *fluctuations; k++) {
        fill_ar1(c + n * fluctuations[k].course, n, fluctuations[k].phi, &rng);
        scale(c + n * fluctuations[k].course, n, fluctuations[k].sd);
    }
    for (size_t k = 0; k < 6; k++)
        fill_ar1(c + n * (NVC_SIM_PHYSIO + k), n, 0.7, &rng);
    for (size_t k = 0; k < 3; k++)
        fill_drift(c + n * (NVC_SIM_DRIFT + k), n, spec->tr_s, &rng);
    fill_motion(c + n * NVC_SIM_MOTION, c + n * NVC_SIM_SPIKE, n, person->motion, &rng);
    framewise_displacement(run->framewise_displacement, c + n * NVC_SIM_MOTION, n);
    fill_compcor(run->compcor, c + n * NVC_SIM_PHYSIO, n, &rng);
    return 0;
}

void nvc_sim_run_release(struct nvc_sim_run *run)
{
    free(run->course);
    free(run->framewise_displacement);
    free(run->compcor);
    *run = (struct nvc_sim_run) { 0 };
}
