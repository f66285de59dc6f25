#include "model/response/habituation.h"

#include "base/memory.h"
#include "math/dist.h"
#include "math/ratio.h"
#include "model/response/habituation_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    const struct nvc_in_time *x = a, *y = b;
    return x->onset_s > y->onset_s ? 1 : x->onset_s < y->onset_s ? -1 : x->event > y->event ? 1 : -1;
}

size_t nvc_number_blocks(const struct nvc_events *e, size_t condition, double gap_s, double end_s, struct nvc_in_time *order, size_t *block)
{
    size_t n = 0, b = 0, inside = 0;
    double end = NAN;
    for (size_t i = 0; i < e->n; i++)
        if (e->condition[i] == condition)
            order[n++] = (struct nvc_in_time){ e->onset_s[i], i };
    qsort(order, n, sizeof *order, compare);
    for (size_t k = 0; k < n; k++) {
        const size_t i = order[k].event;
        b += !isnan(end) && e->onset_s[i] - end > gap_s;
        block[i] = b;
        inside = e->onset_s[i] < end_s ? b + 1 : inside;
        end = isnan(end) ? e->onset_s[i] + e->duration_s[i] : fmax(end, e->onset_s[i] + e->duration_s[i]);
    }
    return inside;
}

int nvc_events_add_part(struct nvc_events *out, const struct nvc_events *e, size_t i, double height, char *name, struct nvc_error *err)
{
    const struct nvc_event one = { e->onset_s[i], e->duration_s[i], height * e->weight[i], name, NULL };
    const int status = name ? nvc_events_add(out, &one, err) : NVC_ESYS;
    free(name);
    return status;
}

int nvc_habituation_blocks(struct nvc_events *out, size_t **n_blocks, const struct nvc_events *e, double gap_s, double end_s,
                           struct nvc_error *err)
{
    struct nvc_in_time *order = nvc_array(e->n, sizeof *order, err);
    size_t *block = nvc_array(e->n, sizeof *block, err);
    int status = order && block && (*n_blocks = nvc_array(e->n_conditions, sizeof **n_blocks, err)) ? 0 : NVC_ESYS;
    if (!status)
        status = nvc_events_init(out, NULL, err);
    for (size_t c = 0; c < e->n_conditions && !status; c++)
        (*n_blocks)[c] = nvc_number_blocks(e, c, gap_s, end_s, order, block);
    for (size_t i = 0; i < e->n && !status; i++) {
        const char *name = e->conditions[e->condition[i]];
        const bool alone = (*n_blocks)[e->condition[i]] < 2;
        status = nvc_events_add_part(out, e, i, 1, alone ? nvc_strdup(name, err) : nvc_sprintf(err, "%s@%02zu", name, block[i] + 1), err);
    }
    if (!status)
        status = nvc_events_finish(out, err);
    free(order);
    free(block);
    return status;
}

int nvc_habituation_parity(bool *even, bool *halved, const struct nvc_events *e, const double *gap_s, double end_s, struct nvc_error *err)
{
    struct nvc_in_time *order = nvc_array(e->n, sizeof *order, err);
    size_t *unit = nvc_array(e->n, sizeof *unit, err);
    const int status = order && unit ? 0 : NVC_ESYS;
    for (size_t c = 0; c < e->n_conditions && !status; c++)
        halved[c] = nvc_number_blocks(e, c, gap_s[c], end_s, order, unit) > 1;
    for (size_t i = 0; i < e->n && !status; i++)
        even[i] = unit[i] % 2;
    free(order);
    free(unit);
    return status;
}

int nvc_habituation_difference(struct nvc_events *out, const struct nvc_events *e, const bool *even, const bool *halved, struct nvc_error *err)
{
    int status = nvc_events_init(out, NULL, err);
    for (size_t i = 0; i < e->n && !status; i++) {
        const char *name = e->conditions[e->condition[i]];
        const bool has = halved[e->condition[i]];
        status = nvc_events_add_part(out, e, i, 1, nvc_sprintf(err, "%s%s", name, has ? "@both" : "@whole"), err);
        if (!status && has)
            status = nvc_events_add_part(out, e, i, even[i] ? -1 : 1, nvc_strdup(name, err), err);
    }
    return status ? status : nvc_events_finish(out, err);
}

/* Add share times the least-squares slope over every second of B blocks, per block. */
static void half_slope(size_t B, size_t first, double share, double *w)
{
    double mean = 0, ss = 0, n = 0;
    for (size_t k = first; k < B; k += 2)
        mean += (double)k, n++;
    for (size_t k = first; k < B; k += 2)
        ss += pow((double)k - mean / n, 2);
    for (size_t k = first; k < B && ss > 0; k += 2)
        w[k] += share * ((double)k - mean / n) / ss;
}

/* Weights over blocks 1 .. B of one effect. */
static void weights_of(enum nvc_habituation_effect effect, size_t B, double *w)
{
    const double n = (double)B;
    double mean = 0, power = 0, ss = 0, slope = 0, spread = 0;
    for (size_t k = 0; k < B; k++) {
        const double x = (double)k + 1;
        mean += (effect == NVC_HAB_LOG ? log(x) : x) / n;
        power += x * x / n;
        w[k] = 0;
    }
    switch (effect) {
    case NVC_HAB_SLOPE:
    case NVC_HAB_LOG:
        for (size_t k = 0; k < B; k++) {
            w[k] = (effect == NVC_HAB_LOG ? log((double)k + 1) : (double)k + 1) - mean;
            ss += w[k] * w[k];
        }
        break;
    case NVC_HAB_QUADRATIC:
        for (size_t k = 0; k < B; k++) {
            const double x = (double)k + 1 - mean;
            slope += x * (((double)k + 1) * ((double)k + 1) - power);
            spread += x * x;
        }
        for (size_t k = 0; k < B; k++) {
            w[k] = ((double)k + 1) * ((double)k + 1) - power - slope / spread * ((double)k + 1 - mean);
            ss += w[k] * w[k];
        }
        ss = B < 3 ? INFINITY : ss;
        break;
    case NVC_HAB_FIRST: w[0] = ss = 1; break;
    case NVC_HAB_LAST: w[B - 1] = ss = 1; break;
    case NVC_HAB_CHANGE: w[0] = ss = 1, w[B - 1] = -1; break;
    case NVC_HAB_DIFFERENCE:
        half_slope(B, 0, 0.5, w);
        half_slope(B, 1, -0.5, w);
        ss = 1;
        break;
    default:
        for (size_t k = effect == NVC_HAB_EVEN; k < B; k += 2)
            w[k] = 1, ss++;
        break;
    }
    for (size_t k = 0; k < B; k++)
        w[k] /= ss;
}

int nvc_habituation_weights(const struct nvc_design *d, const char *condition, size_t n_blocks, double *C, struct nvc_error *err)
{
    double *w = nvc_array(n_blocks, sizeof *w, err);
    int status = w ? 0 : NVC_ESYS;
    memset(C, 0, d->n_cols * NVC_HAB_EFFECTS * sizeof *C);
    for (int effect = 0; effect < NVC_HAB_EFFECTS && !status; effect++) {
        weights_of((enum nvc_habituation_effect)effect, n_blocks, w);
        for (size_t k = 0; k < n_blocks && !status; k++) {
            char *name = nvc_sprintf(err, "%s@%02zu", condition, k + 1);
            const long at = name ? nvc_design_column(d, name) : -1;
            if (!name)
                status = NVC_ESYS;
            else if (at < 0)
                status = nvc_fail(err, NVC_EDATA, "block %zu of condition '%s' lies outside the run", k + 1, condition);
            else
                C[(size_t)at + d->n_cols * (size_t)effect] = w[k] * d->columns[at].h_ref;
            free(name);
        }
    }
    free(w);
    return status;
}

struct nvc_decrement nvc_habituation_decrement(double first, double var_first, double last, double var_last, double var_change, double dof)
{
    const double cov = (var_first + var_last - var_change) / 2;
    if (!(first > 2 * sqrt(var_first)))
        return (struct nvc_decrement){ NAN, NAN, NAN };
    const struct nvc_ratio left = nvc_fieller(last, var_last, first, var_first, cov, nvc_t_critical(0.95, dof));
    return (struct nvc_decrement){ 100 * (1 - left.value), 100 * (1 - left.ci_high), 100 * (1 - left.ci_low) };
}
