#include "base/memory.h"
#include "cli/message.h"
#include "cmd/hrf/job.h"
#include "plot/curve_plot.h"
#include "table/hrf.h"

#include <math.h>
#include <stdlib.h>

int hrf_task_prepare(struct hrf_job *j, struct nvc_error *err)
{
    static const enum nvc_task_method methods[] = { [HRF_PARAMETRIC] = NVC_TASK_PARAMETRIC, [HRF_FIR] = NVC_TASK_FIR,
                                                    [HRF_SMOOTH_FIR] = NVC_TASK_SMOOTH, [HRF_CANONICAL] = NVC_TASK_INFORMED };
    const struct hrf_options *o = j->o;
    const size_t n = j->run.series.n_volumes, n_conditions = j->run.events.n_conditions;
    if (!(j->time_s = nvc_array(n, sizeof *j->time_s, err)) || !(j->fits = nvc_array(n_conditions, sizeof *j->fits, err)) ||
        !(j->bands = nvc_array(n_conditions * j->run.series.n_regions, sizeof *j->bands, err)) ||
        !(j->seen = nvc_array(n_conditions * j->run.series.n_regions, sizeof *j->seen, err)))
        return NVC_ESYS;
    for (size_t t = 0; t < n; t++)
        j->time_s[t] = (double)t * j->run.series.tr_s + j->run.offset_s;
    const struct nvc_task_shape_spec spec = {
        .events = &j->run.events, .durations_s = j->run.durations_s, .design = &j->run.design, .time_s = j->time_s,
        .method = methods[j->method], .bin_s = isnan(o->bin_s) ? fmax(1, j->run.series.tr_s) : o->bin_s, .length_s = o->length_s,
        .bootstrap = { .replicates = o->bootstrap, .seed = (uint64_t)o->seed, .all = o->intervals } };
    return nvc_task_shape_new(&j->task, &spec, err);
}

static int slopes(struct hrf_job *j, size_t region, size_t condition, double ar, struct nvc_error *err)
{
    const struct nvc_events *e = &j->run.events;
    struct nvc_slope *found = nvc_array(e->n_modulators, sizeof *found, err);
    int status = !found ? NVC_ESYS : e->n_modulators ? nvc_task_shape_slopes(j->task, condition, j->y, ar, j->fits + condition, found, err) : 0;
    const bool seen = j->seen[region * e->n_conditions + condition];
    for (size_t m = 0; m < e->n_modulators && !status; m++)
        status = nvc_slope_index(&j->indices, &j->run.series, region, e->conditions[condition], e->modulators[m], found + m, seen, err);
    free(found);
    return status;
}

int hrf_task_region(struct hrf_job *j, size_t region, struct nvc_error *err)
{
    const struct nvc_events *e = &j->run.events;
    struct nvc_shape_band *bands = j->bands + region * e->n_conditions;
    double ar;
    int status = nvc_task_shape_fit(j->task, j->y, region, j->fits, bands, &ar, err);
    for (size_t k = 0; k < e->n_conditions && !status; k++) {
        const struct nvc_hrf_samples curve = { NVC_SHAPE_POINTS, nvc_shape_step_s, bands[k].value, bands[k].low, bands[k].high };
        j->seen[region * e->n_conditions + k] = j->fits[k].F_p < j->o->print.p;
        status = nvc_shape_indices(&j->indices, &j->run.series, region, e->conditions[k], j->fits + k, &j->o->print, err);
        if (!status)
            status = slopes(j, region, k, ar, err);
        if (!status)
            status = nvc_hrf_curve_rows(&j->curves, j->run.series.regions + region, e->conditions[k], &curve, err);
    }
    return status;
}

int hrf_task_figure(struct hrf_job *j, struct nvc_error *err)
{
    const size_t n = j->run.series.n_regions, n_conditions = j->run.events.n_conditions;
    struct nvc_curve_panel *panels = nvc_array(n, sizeof *panels, err);
    size_t shown = 0;
    if (!panels)
        return NVC_ESYS;
    for (size_t i = 0; i < n; i++)
        if (j->bands[i * n_conditions].high[1] > j->bands[i * n_conditions].low[1]) /* a region without signal has no curve */
            panels[shown++] = (struct nvc_curve_panel){ j->run.series.regions[i].column, j->bands + i * n_conditions, j->seen + i * n_conditions };
    if (shown > NVC_CURVE_PANELS)
        nvc_warn("--figure shows the first %d of %zu regions", NVC_CURVE_PANELS, shown);
    const int status = nvc_curve_plot(&j->figure, panels, shown, (const char *const *)j->run.events.conditions, n_conditions, j->picture, err);
    free(panels);
    return status;
}
