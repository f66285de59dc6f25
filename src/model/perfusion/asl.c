#include "model/perfusion/asl.h"

#include "base/memory.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

void nvc_asl_plan_release(struct nvc_asl_plan *p)
{
    free(p->type);
    free(p->pairs);
    free(p->pair_of);
    *p = (struct nvc_asl_plan){ 0 };
}

static bool carries_signal(enum nvc_asl_volume type) { return type != NVC_VOL_OTHER && type != NVC_VOL_M0; }

static const double same_s = 1e-4;

/* What the volumes were acquired with; label_s NULL: the same labelling every time. */
struct timing { const double *delay_s, *label_s; };

/* Which of the delays volume t has: the place where it would have to be put, if *found is false. */
static size_t delay_of(const struct nvc_asl_plan *p, const struct timing *at, size_t t, bool *found)
{
    const double delay = p->quantified ? 0 : at->delay_s[t], label = at->label_s && !p->quantified ? at->label_s[t] : NAN;
    size_t k = 0;
    while (k < p->n_delays && (p->delay_s[k] < delay - same_s || (p->delay_s[k] <= delay + same_s && p->label_s[k] < label - same_s)))
        k++;
    *found = k < p->n_delays && fabs(p->delay_s[k] - delay) <= same_s && (isnan(label) || fabs(p->label_s[k] - label) <= same_s);
    return k;
}

static int find_delays(struct nvc_asl_plan *p, const struct timing *at, struct nvc_error *err)
{
    for (size_t t = 0; t < p->n_volumes; t++) {
        bool found = true;
        const size_t k = carries_signal(p->type[t]) ? delay_of(p, at, t, &found) : 0;
        if (found)
            continue;
        if (p->n_delays == NVC_ASL_DELAYS)
            return nvc_fail(err, NVC_EDATA, "more than %d different delays", NVC_ASL_DELAYS);
        memmove(p->delay_s + k + 1, p->delay_s + k, (p->n_delays - k) * sizeof *p->delay_s);
        memmove(p->label_s + k + 1, p->label_s + k, (p->n_delays++ - k) * sizeof *p->label_s);
        p->delay_s[k] = p->quantified ? 0 : at->delay_s[t];
        p->label_s[k] = at->label_s && !p->quantified ? at->label_s[t] : NAN;
    }
    return 0;
}

/* The first later volume of the other kind and the same delay that is still alone. */
static size_t partner(const struct nvc_asl_plan *p, const struct timing *at, size_t t)
{
    const enum nvc_asl_volume other = p->type[t] == NVC_VOL_CONTROL ? NVC_VOL_LABEL : NVC_VOL_CONTROL;
    bool found;
    for (size_t u = t + 1; u < p->n_volumes; u++)
        if (p->type[u] == other && p->pair_of[u] == p->n_volumes && delay_of(p, at, u, &found) == delay_of(p, at, t, &found))
            return u;
    return p->n_volumes;
}

static void make_pairs(struct nvc_asl_plan *p, const struct timing *at)
{
    bool found;
    for (size_t t = 0; t < p->n_volumes; t++)
        p->pair_of[t] = p->n_volumes;
    for (size_t t = 0; t < p->n_volumes; t++) {
        if (!carries_signal(p->type[t]) || p->pair_of[t] < p->n_volumes)
            continue;
        const bool alone = p->type[t] == NVC_VOL_DELTAM || p->type[t] == NVC_VOL_CBF;
        const size_t u = alone ? t : partner(p, at, t), delay = delay_of(p, at, t, &found);
        if (u == p->n_volumes) {
            p->n_single++;
            continue;
        }
        const bool control_first = alone || p->type[t] == NVC_VOL_CONTROL;
        p->pairs[p->n_pairs] = (struct nvc_asl_pair){ control_first ? t : u, control_first ? u : t, delay, p->label_s[delay] };
        p->pair_of[t] = p->pair_of[u] = p->n_pairs++;
    }
}

/* After one delay the consensus formula knows every labelling duration, so that all repetitions are of one kind. */
static void merge_labels(struct nvc_asl_plan *p)
{
    if (p->n_delays < 2 || p->delay_s[p->n_delays - 1] > p->delay_s[0] + same_s)
        return;
    for (size_t k = 0; k < p->n_pairs; k++)
        p->pairs[k].delay = 0;
    p->n_delays = 1;
    p->label_s[0] = NAN;
}

int nvc_asl_plan_init(struct nvc_asl_plan *p, const enum nvc_asl_volume *type, const double *volume_delay_s, const double *volume_label_s,
                      size_t n, struct nvc_error *err)
{
    const struct timing at = { volume_delay_s, volume_label_s };
    size_t n_cbf = 0, n_signal = 0;
    *p = (struct nvc_asl_plan){ .n_volumes = n };
    int status = (p->type = nvc_array(n, sizeof *p->type, err)) && (p->pairs = nvc_array(n, sizeof *p->pairs, err)) &&
                 (p->pair_of = nvc_array(n, sizeof *p->pair_of, err)) ? 0 : NVC_ESYS;
    for (size_t t = 0; t < n && !status; t++) {
        p->type[t] = type[t];
        n_cbf += type[t] == NVC_VOL_CBF, n_signal += carries_signal(type[t]), p->n_m0 += type[t] == NVC_VOL_M0;
    }
    p->quantified = n_cbf > 0;
    if (!status && n_cbf && n_cbf < n_signal)
        status = nvc_fail(err, NVC_EDATA, "%zu of %zu volumes are cbf and the others are not: flow and differences do not mix", n_cbf, n_signal);
    if (!status && !(status = find_delays(p, &at, err))) {
        make_pairs(p, &at);
        merge_labels(p);
        if (!p->n_pairs)
            status = nvc_fail(err, NVC_EDATA, "no control volume has a label volume of the same delay beside it (%zu volumes, %zu control or label)",
                              n, n_signal);
    }
    if (status)
        nvc_asl_plan_release(p);
    return status;
}

void nvc_asl_scan_release(struct nvc_asl_scan *s)
{
    free(s->D);
    free(s->m0);
    free(s->control);
    *s = (struct nvc_asl_scan){ 0 };
}

int nvc_asl_scan_init(struct nvc_asl_scan *s, const struct nvc_asl_plan *plan, size_t n_voxels, struct nvc_error *err)
{
    *s = (struct nvc_asl_scan){ .plan = plan, .n_voxels = n_voxels };
    int status = (s->D = nvc_array(plan->n_pairs * n_voxels, sizeof *s->D, err)) ? 0 : NVC_ESYS;
    if (!status && !plan->quantified)
        status = (s->m0 = nvc_array(n_voxels, sizeof *s->m0, err)) && (s->control = nvc_array(n_voxels, sizeof *s->control, err)) ? 0 : NVC_ESYS;
    if (status)
        nvc_asl_scan_release(s);
    return status;
}

void nvc_asl_scan_add(struct nvc_asl_scan *s, size_t t, const double *values)
{
    const struct nvc_asl_plan *p = s->plan;
    const enum nvc_asl_volume type = p->type[t];
    const size_t pair = p->pair_of[t];
    const double sign = type == NVC_VOL_LABEL ? -1 : 1;
    if (pair < p->n_pairs)
        for (size_t v = 0; v < s->n_voxels; v++)
            s->D[pair + p->n_pairs * v] += (float)(sign * values[v]);
    double *sum = type == NVC_VOL_M0 ? s->m0 : type == NVC_VOL_CONTROL ? s->control : NULL;
    for (size_t v = 0; sum && v < s->n_voxels; v++)
        sum[v] += values[v];
    s->n_m0 += type == NVC_VOL_M0;
    s->n_control += type == NVC_VOL_CONTROL;
}

void nvc_asl_scan_end(struct nvc_asl_scan *s)
{
    for (size_t v = 0; v < s->n_voxels && s->m0; v++) {
        s->m0[v] = s->n_m0 ? s->m0[v] / (double)s->n_m0 : NAN;
        s->control[v] = s->n_control ? s->control[v] / (double)s->n_control : NAN;
    }
}

bool nvc_asl_usable(const struct nvc_asl_scan *s, size_t voxel)
{
    const float *d = s->D + s->plan->n_pairs * voxel;
    bool good = !s->m0 || (isfinite(s->m0[voxel]) && s->m0[voxel] > 0), any = false;
    for (size_t p = 0; p < s->plan->n_pairs && good; p++)
        good = isfinite(d[p]), any = any || d[p] != 0;
    return good && any;
}

/* Differences of the region over M0, one per pair: flow where it is known or one delay makes it so.  Returns the weight used. */
static double series_of(const struct nvc_asl_scan *s, const struct nvc_cbf_how *how, const size_t *voxels, const double *weights,
                        const double *slice_s, size_t n, double *series, double *mean_slice_s)
{
    const struct nvc_asl_plan *p = s->plan;
    double used = 0;
    memset(series, 0, p->n_pairs * sizeof *series);
    *mean_slice_s = 0;
    for (size_t i = 0; i < n; i++) {
        const size_t v = voxels[i];
        const double w = weights ? weights[i] : 1, later = slice_s ? slice_s[i] : 0;
        if (!nvc_asl_usable(s, v))
            continue;
        double scale = p->quantified ? 1 : p->n_delays == 1 ? nvc_cbf(&how->asl, 1, s->m0[v], p->delay_s[0] + later) : 1 / s->m0[v];
        for (size_t k = 0; k < p->n_pairs; k++) {
            if (p->n_delays == 1 && !isnan(p->pairs[k].label_s)) {
                struct nvc_asl a = how->asl;
                a.label_s = p->pairs[k].label_s;
                scale = nvc_cbf(&a, 1, s->m0[v], p->delay_s[0] + later);
            }
            series[k] += w * scale * (double)s->D[k + p->n_pairs * v];
        }
        used += w;
        *mean_slice_s += w * later;
    }
    for (size_t k = 0; k < p->n_pairs && used > 0; k++)
        series[k] /= used;
    *mean_slice_s /= used;
    return used;
}

static double mean_of(const double *x, size_t n, bool robust, double *se, double *used, double *work)
{
    if (robust && n > 3)
        return nvc_robust_mean(x, n, se, used, work);
    double mean = 0, ss = 0;
    for (size_t i = 0; i < n; i++)
        mean += x[i] / (double)n;
    for (size_t i = 0; i < n; i++)
        ss += (x[i] - mean) * (x[i] - mean);
    *se = n > 1 ? sqrt(ss / (double)(n - 1) / (double)n) : NAN;
    *used = (double)n;
    return n ? mean : NAN;
}

/* label_s[n]: NaN in the first place when labelling does not vary. */
static struct nvc_cbf_fit fit_delays(const struct nvc_cbf_how *how, const double *dm, const double *delay_s, const double *label_s, size_t n)
{
    return how->method == NVC_CBF_WEIGHTED ? nvc_cbf_weighted_delay(&how->asl, dm, delay_s, n, 1)
                                           : nvc_cbf_kinetic(&how->asl, dm, delay_s, n && isnan(label_s[0]) ? NULL : label_s, n, 1);
}

/* The weighted delay has no residuals: the errors of the means are carried through it, one by one. */
static void propagate(const struct nvc_cbf_how *how, double *dm, const double *se, const double *delay_s, size_t n, struct nvc_cbf_fit *fit)
{
    double flow = 0, arrival = 0;
    for (size_t d = 0; d < n; d++) {
        dm[d] += se[d];
        const struct nvc_cbf_fit moved = nvc_cbf_weighted_delay(&how->asl, dm, delay_s, n, 1);
        dm[d] -= se[d];
        flow += (moved.cbf - fit->cbf) * (moved.cbf - fit->cbf);
        arrival += (moved.arrival_s - fit->arrival_s) * (moved.arrival_s - fit->arrival_s);
    }
    fit->cbf_se = sqrt(flow), fit->arrival_se_s = sqrt(arrival);
}

/* The repetitions of one delay that belong to a part; returns how many. */
static size_t repetitions(const struct nvc_asl_plan *p, size_t delay, enum nvc_asl_part part, const double *series, double *some)
{
    size_t count = 0, m = 0;
    for (size_t k = 0; k < p->n_pairs; k++)
        if (p->pairs[k].delay == delay) {
            if (part == NVC_ASL_ALL || (count % 2 == 0) == (part == NVC_ASL_ODD))
                some[m++] = series[k];
            count++;
        }
    return m;
}

struct nvc_cbf_value nvc_asl_flow(const struct nvc_asl_scan *s, const struct nvc_cbf_how *how, const size_t *voxels, const double *weights,
                                  const double *slice_s, size_t n, enum nvc_asl_part part, double *work)
{
    const struct nvc_asl_plan *p = s->plan;
    struct nvc_cbf_value out = { NAN, NAN, NAN, NAN, NAN, NAN, false };
    double *series = work, *some = work + p->n_pairs, *spare = some + p->n_pairs, later, kept = 0, total = 0;
    double dm[NVC_ASL_DELAYS], se[NVC_ASL_DELAYS], delay_s[NVC_ASL_DELAYS], label_s[NVC_ASL_DELAYS];
    size_t n_delays = 0;
    if (!(series_of(s, how, voxels, weights, slice_s, n, series, &later) > 0))
        return out;
    for (size_t d = 0; d < p->n_delays; d++) {
        const size_t m = repetitions(p, d, part, series, some);
        double used = 0;
        if (!m)
            continue;
        dm[n_delays] = mean_of(some, m, how->robust, &se[n_delays], &used, spare);
        label_s[n_delays] = p->label_s[d];
        delay_s[n_delays++] = p->delay_s[d] + later;
        kept += used, total += (double)m;
    }
    const double freedom = how->robust && total > 3 * (double)n_delays ? 0.7 : 1; /* see nvc_robust_mean */
    out.used = kept / total;
    if (p->n_delays == 1) {
        if (n_delays)
            out.cbf = dm[0], out.cbf_se = se[0], out.dof = total > 1 ? freedom * (total - 1) : NAN;
        return out;
    }
    struct nvc_cbf_fit fit = fit_delays(how, dm, delay_s, label_s, n_delays);
    const bool kinetic = how->method == NVC_CBF_KINETIC;
    if (!kinetic && part == NVC_ASL_ALL)
        propagate(how, dm, se, delay_s, n_delays, &fit);
    out.cbf = fit.cbf, out.cbf_se = fit.cbf_se, out.arrival_s = fit.arrival_s, out.arrival_se_s = fit.arrival_se_s, out.at_bound = fit.at_bound;
    out.dof = !kinetic ? freedom * (total - (double)n_delays) : n_delays > 2 ? (double)n_delays - 2 : NAN;
    return out;
}

static void map_voxel(const struct nvc_asl_scan *s, const struct nvc_cbf_how *how, const double *slice_s, size_t v, const struct nvc_cbf_maps *maps,
                      double *work)
{
    const double *later = slice_s ? slice_s + v : NULL;
    if (maps->cbf || maps->se || maps->arrival) {
        const struct nvc_cbf_value all = nvc_asl_flow(s, how, &v, NULL, later, 1, NVC_ASL_ALL, work);
        if (maps->cbf)
            maps->cbf[v] = (float)all.cbf;
        if (maps->se)
            maps->se[v] = (float)all.cbf_se;
        if (maps->arrival)
            maps->arrival[v] = (float)all.arrival_s;
    }
    if (maps->odd)
        maps->odd[v] = (float)nvc_asl_flow(s, how, &v, NULL, later, 1, NVC_ASL_ODD, work).cbf;
    if (maps->even)
        maps->even[v] = (float)nvc_asl_flow(s, how, &v, NULL, later, 1, NVC_ASL_EVEN, work).cbf;
}

int nvc_asl_map(const struct nvc_asl_scan *s, const struct nvc_cbf_how *how, const double *slice_s, const struct nvc_cbf_maps *maps,
                struct nvc_error *err)
{
    bool failed = false;
    #pragma omp parallel
    {
        struct nvc_error mine = { 0 };
        double *work = nvc_array(4 * s->plan->n_pairs, sizeof *work, &mine);
        #pragma omp for schedule(dynamic, 256)
        for (size_t v = 0; v < s->n_voxels; v++)
            if (work)
                map_voxel(s, how, slice_s, v, maps, work);
        #pragma omp critical
        if (!work)
            failed = true, *err = mine;
        free(work);
    }
    return failed ? NVC_ESYS : 0;
}
