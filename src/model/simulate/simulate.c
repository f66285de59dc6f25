#include "model/simulate/simulate.h"

#include "base/memory.h"
#include "model/simulate/simulate_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 16 }; /* of a volume */
/* Blocks: HCP-like, with fixation between, so that each condition has a baseline. */
static const double first_block_s = 10, block_s = 18, cycle_s = 30;
static const double shape_share = 0.35; /* neural response to shapes over that to faces */
static const double efficacy = 0.03;    /* faces at gain 1: half a percent with DCM's haemodynamics */
static const double burst_gap_s = 12, burst_s = 1, burst_height = 20; /* at rest, in faces */

void nvc_sim_defaults(struct nvc_sim_spec *spec)
{
    *spec = (struct nvc_sim_spec) { .seed = 1, .n_cases = 24, .n_controls = 24, .gain_case = 0.6, .gain_control = 1,
                                    .gain_sd = 0.25, .noise = 1, .habituation = 0.05, .tr_s = 2, .n_volumes = 200,
                                    .balloon = nvc_balloon_dcm };
}

struct nvc_sim_spec nvc_sim_rest(const struct nvc_sim_spec *spec)
{
    struct nvc_sim_spec rest = *spec;
    rest.seed ^= 0xd1b54a32d192ed03U;
    rest.rest = true;
    return rest;
}

struct nvc_rng nvc_sim_stream(const struct nvc_sim_spec *spec, const struct nvc_sim_person *person, enum nvc_sim_use use)
{
    struct nvc_rng rng;
    nvc_rng_init(&rng, spec->seed, (uint64_t)person->index * NVC_SIM_USES + use);
    return rng;
}

static double clamp(double x, double low, double high)
{
    return fmin(fmax(x, low), high);
}

struct nvc_sim_person nvc_sim_person(const struct nvc_sim_spec *spec, size_t index)
{
    struct nvc_sim_person p = { .index = index, .is_case = index < spec->n_cases };
    struct nvc_rng rng = nvc_sim_stream(spec, &p, NVC_SIM_PERSON);
    size_t n = spec->n_cases + spec->n_controls;
    snprintf(p.participant_id, sizeof p.participant_id, "sub-%0*zu", n < 100 ? 2 : n < 1000 ? 3 : 6, (index + 1) % 1000000);
    double z = nvc_rng_normal(&rng), sd = spec->gain_sd;
    p.gain = (p.is_case ? spec->gain_case : spec->gain_control) * exp(sd * z - sd * sd / 2);
    p.age = floor(clamp(35 + 9 * nvc_rng_normal(&rng), 18, 65));
    p.sex = nvc_rng_uniform(&rng) < 0.5 ? 'F' : 'M';
    double severity = -0.5 * z + sqrt(0.75) * nvc_rng_normal(&rng);
    p.score = floor(p.is_case ? clamp(22 + 6 * severity, 8, 52) : clamp(3 + 2 * severity, 0, 7));
    p.motion = exp(0.4 * nvc_rng_normal(&rng));
    return p;
}

int nvc_sim_events(struct nvc_events *events, const struct nvc_sim_spec *spec, struct nvc_error *err)
{
    double run_s = (double)spec->n_volumes * spec->tr_s;
    if (first_block_s + cycle_s + block_s > run_s)
        return nvc_fail(err, NVC_EDATA, "a run of %g s is too short for one block of each condition; at least %g s are needed",
                        run_s, first_block_s + cycle_s + block_s);
    int status = nvc_events_init(events, NULL, err);
    for (int k = 0; !status && first_block_s + k * cycle_s + block_s <= run_s; k++)
        status = nvc_events_add(events, &(struct nvc_event) { .onset_s = first_block_s + k * cycle_s, .duration_s = block_s,
                                                              .weight = 1, .condition = k % 2 ? "face" : "shape" }, err);
    return status ? status : nvc_events_finish(events, err);
}

static void drive_of(double *drive, size_t n, double dt_s, const struct nvc_sim_spec *spec, const struct nvc_events *events,
                     double gain)
{
    int seen[2] = { 0, 0 };
    for (size_t e = 0; e < events->n; e++) {
        bool face = !strcmp(events->conditions[events->condition[e]], "face");
        double height = efficacy * gain * (face ? 1 : shape_share) * pow(1 - spec->habituation, seen[face]++);
        size_t from = (size_t)lround(events->onset_s[e] / dt_s);
        size_t to = from + (size_t)lround(events->duration_s[e] / dt_s);
        for (size_t i = from; i < to && i < n; i++)
            drive[i] += height;
    }
}

/* The percent signal of a drive, which is held in the first half of `drive`. */
static int respond(double *pct, double *drive, const struct nvc_sim_spec *spec, struct nvc_error *err)
{
    const size_t n = spec->n_volumes * BINS;
    int status = nvc_balloon_integrate(&spec->balloon, drive, n, spec->tr_s / BINS, drive + n, err);
    for (size_t t = 0; !status && t < spec->n_volumes; t++)
        pct[t] = drive[n + t * BINS + BINS / 2];
    return status;
}

int nvc_sim_bursts(double *pct, const struct nvc_sim_spec *spec, double gain, struct nvc_rng *rng, struct nvc_error *err)
{
    const size_t n = spec->n_volumes * BINS;
    const double dt_s = spec->tr_s / BINS;
    double *drive = nvc_array(2 * n, sizeof *drive, err);
    int status = drive ? 0 : NVC_ESYS;
    for (double at_s = burst_gap_s * nvc_rng_exponential(rng); !status && at_s < (double)n * dt_s; at_s += burst_gap_s * nvc_rng_exponential(rng))
        for (size_t i = (size_t)(at_s / dt_s); i < n && (double)i * dt_s < at_s + burst_s; i++)
            drive[i] += burst_height * efficacy * gain;
    if (!status)
        status = respond(pct, drive, spec, err);
    free(drive);
    return status;
}

int nvc_sim_response(double *pct, const struct nvc_sim_spec *spec, const struct nvc_events *events, double gain,
                     struct nvc_error *err)
{
    size_t n = spec->n_volumes * BINS;
    double dt_s = spec->tr_s / BINS;
    double *drive = nvc_array(2 * n, sizeof *drive, err);
    if (!drive)
        return (int)err->status;
    drive_of(drive, n, dt_s, spec, events, gain);
    int status = respond(pct, drive, spec, err);
    free(drive);
    return status;
}
