/* From the events of a condition to stimulus functions on the microtime grid (SPM12 spm_get_ons.m). */
#include "base/memory.h"
#include "math/orth.h"
#include "model/design/design_internal.h"
#include "model/design/hrf_nilearn.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nvc_stimulus_release(struct nvc_stimulus *s)
{
    free(s->onset_s);
    free(s->duration_s);
    free(s->u);
    free(s->inputs);
    *s = (struct nvc_stimulus){ 0 };
}

static int power_of(const struct nvc_design_spec *spec, size_t m) { return spec->modulator_orders ? spec->modulator_orders[m] : 1; }

/* Indices of the events of condition c that can be seen in the run, and a remark on those that cannot. */
static int gather(size_t *kept, size_t *n, struct nvc_design_builder *b, size_t c, double memory_s, struct nvc_error *err)
{
    const struct nvc_design_spec *spec = b->spec;
    const struct nvc_events *e = spec->events;
    double shift = (double)spec->n_dummy * spec->tr_s, end = (double)b->d->n_rows * spec->tr_s;
    size_t early = 0, late = 0;
    for (size_t i = *n = 0; i < e->n; i++) {
        if (e->condition[i] != c)
            continue;
        double onset = e->onset_s[i] - shift;
        if (onset >= end)
            late++;
        else if (onset + e->duration_s[i] + memory_s <= 0)
            early++;
        else
            kept[(*n)++] = i;
    }
    int status = 0;
    if (!*n)
        return nvc_fail(err, NVC_EDATA, "condition '%s': none of its %zu events lies within the run (0 to %g s)", e->conditions[c],
                        early + late, end + shift);
    if (late)
        status = nvc_builder_remark(b, err, "condition '%s': %zu of %zu events begin at or after the end of the run (%g s) and are "
                                    "dropped", e->conditions[c], late, *n + late + early, end + shift);
    if (!status && early)
        status = nvc_builder_remark(b, err, "condition '%s': %zu of %zu events are over long before the first volume and are dropped",
                                    e->conditions[c], early, *n + late + early);
    return status;
}

/* Whether modulator m says something about the kept events: all numbers, or n/a throughout. */
static int modulates(bool *used, const struct nvc_events *e, const size_t *kept, size_t n, size_t m, struct nvc_error *err)
{
    size_t missing = 0;
    for (size_t i = 0; i < n; i++)
        missing += isnan(e->modulation[kept[i] + e->n * m]) ? 1 : 0;
    *used = !missing;
    if (!missing || missing == n)
        return 0;
    return nvc_fail(err, NVC_EDATA, "modulator '%s' is n/a for %zu of %zu events of condition '%s'; want all or none", e->modulators[m],
                    missing, n, e->conditions[e->condition[kept[0]]]);
}

static void add_input(struct nvc_stimulus *s, const struct nvc_events *e, const size_t *kept, size_t m, int power)
{
    double *u = s->u + s->n * s->n_inputs;
    for (size_t i = 0; i < s->n; i++)
        u[i] = e->weight[kept[i]] * pow(e->modulation[kept[i] + e->n * m], power);
    (void)snprintf(s->inputs[s->n_inputs], sizeof *s->inputs, power > 1 ? "%s_power%d" : "%s", e->modulators[m], power);
    s->n_inputs++;
}

static int check_inputs(const struct nvc_stimulus *s, const char *condition, struct nvc_error *err)
{
    for (size_t j = 1; j < s->n_inputs; j++) {
        const double *u = s->u + s->n * j;
        bool varies = false;
        for (size_t i = 0; i < s->n; i++)
            varies |= u[i] != 0;
        if (!varies)
            return nvc_fail(err, NVC_EDATA, "modulator '%s' says nothing beyond what comes before it in the %zu events of condition "
                            "'%s' (constant, or too few different values)", s->inputs[j], s->n, condition);
    }
    return 0;
}

/* SPM: events that all last 0 s are impulses of unit area; 0-s events among longer ones are one bin of height 1. */
static void impulses(struct nvc_stimulus *s, double dt_s)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->duration_s[i] > 0)
            return;
    for (size_t k = 0; k < s->n * s->n_inputs; k++)
        s->u[k] /= dt_s;
}

static int fill_inputs(struct nvc_stimulus *s, const struct nvc_design_spec *spec, const size_t *kept, struct nvc_error *err)
{
    const struct nvc_events *e = spec->events;
    int status = 0;
    s->n_inputs = 1;
    for (size_t i = 0; i < s->n; i++) {
        s->onset_s[i] = e->onset_s[kept[i]] - (double)spec->n_dummy * spec->tr_s;
        s->duration_s[i] = e->duration_s[kept[i]];
        s->u[i] = e->weight[kept[i]];
    }
    for (size_t m = 0; !status && m < e->n_modulators; m++) {
        bool used = false;
        status = modulates(&used, e, kept, s->n, m, err);
        for (int power = 1; !status && used && power <= power_of(spec, m); power++)
            add_input(s, e, kept, m, power);
    }
    if (status || spec->orthogonal == NVC_ORTH_NONE)
        return status;
    nvc_orth(s->u, s->n, s->n_inputs);
    return check_inputs(s, e->conditions[e->condition[kept[0]]], err);
}

int nvc_stimulus_init(struct nvc_stimulus *s, struct nvc_design_builder *b, size_t c, double memory_s, struct nvc_error *err)
{
    const struct nvc_events *e = b->spec->events;
    size_t most = 1, *kept = nvc_array(e->n, sizeof *kept, err);
    *s = (struct nvc_stimulus){ 0 };
    int status = kept ? gather(kept, &s->n, b, c, memory_s, err) : (int)err->status;
    for (size_t m = 0; m < e->n_modulators; m++)
        most += (size_t)power_of(b->spec, m);
    if (!status && (!(s->onset_s = nvc_array(s->n, sizeof *s->onset_s, err)) || !(s->duration_s = nvc_array(s->n, sizeof *s->duration_s, err)) ||
                    !(s->u = nvc_array(s->n * most, sizeof *s->u, err)) || !(s->inputs = nvc_array(most, sizeof *s->inputs, err))))
        status = (int)err->status;
    if (!status)
        status = fill_inputs(s, b->spec, kept, err);
    if (!status && !nvc_hrf_is_continuous(b->spec->hrf) && !nvc_hrf_is_nilearn(b->spec->hrf))
        impulses(s, b->spec->tr_s / b->spec->microtime);
    free(kept);
    if (status)
        nvc_stimulus_release(s);
    return status;
}

/* The stimulus function from bin `first` (<= 0; bin 0 begins with the first volume) on: a box of `duration` fills
 * round(duration/dt) + 1 bins, as in SPM. */
static void stack_boxes(double *bins, long first, size_t n_bins, const struct nvc_stimulus *s, const double *u, double dt)
{
    for (size_t i = 0; i < s->n; i++) {
        double on = round(s->onset_s[i] / dt) - (double)first, off = on + round(s->duration_s[i] / dt) + 1;
        on = fmax(on, 0);
        if (on < (double)n_bins)
            bins[(size_t)on] += u[i];
        if (off > 0 && off < (double)n_bins)
            bins[(size_t)off] -= u[i];
    }
    for (size_t k = 1; k < n_bins; k++)
        bins[k] += bins[k - 1];
}

int nvc_convolve_events(double *x, const struct nvc_sampling_grid *g, const struct nvc_stimulus *s, const double *u,
                        const double *B, size_t n_B, struct nvc_error *err)
{
    size_t past = n_B, n_bins = past + g->n_rows * (size_t)g->microtime;
    double *bins = nvc_array(n_bins, sizeof *bins, err);
    if (!bins)
        return (int)err->status;
    stack_boxes(bins, -(long)past, n_bins, s, u, g->dt_s);
    for (size_t n = 0; n < g->n_rows; n++) {
        const double *now = bins + past + n * (size_t)g->microtime + (size_t)g->bin - 1;
        double sum = 0;
        for (size_t k = 0; k < n_B; k++)
            sum += B[k] * now[-(long)k];
        x[n] += sum;
    }
    free(bins);
    return 0;
}
