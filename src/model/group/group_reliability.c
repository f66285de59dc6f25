/* How well the values of a key repeat themselves from run to run or from half to half, beside its effect. */
#include "model/group/group_reliability.h"

#include "base/memory.h"
#include "model/group/reliability.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The rows that no rule hits, borrowed from `all`. */
static int keep_rows(struct nvc_coupling *kept, const struct nvc_coupling *all, const struct nvc_participants *who,
                     const struct nvc_rule *rules, size_t n_rules, struct nvc_error *err)
{
    *kept = (struct nvc_coupling){ .rows = nvc_array(all->n, sizeof *all->rows, err) };
    int status = kept->rows ? 0 : NVC_ESYS;
    for (size_t i = 0; i < all->n && !status; i++) {
        bool out = false;
        size_t at;
        status = nvc_participants_find(who, all->rows[i].participant_id, &at, err);
        for (size_t k = 0; k < n_rules && !status; k++)
            out |= nvc_rule_hits_row(&rules[k], &all->rows[i]) || nvc_rule_hits_participant(&rules[k], at);
        if (!out)
            kept->rows[kept->n++] = all->rows[i];
    }
    return status;
}

static void fill(struct nvc_group_row *row, const struct nvc_reliability_row *of, enum nvc_reliability_of what)
{
    row->reliability_of = what;
    row->icc = of->average, row->icc_low = of->average_low, row->icc_high = of->average_high, row->observable_g = sqrt(of->average);
    row->g_true = of->g_true, row->g_true_low = of->g_true_low, row->g_true_high = of->g_true_high;
}

int nvc_group_reliability(struct nvc_group_table *t, const struct nvc_coupling *rows, const struct nvc_participants *who,
                          const struct nvc_contrast_groups *g, const struct nvc_cohort_options *o, size_t replicates,
                          uint64_t seed, struct nvc_error *err)
{
    struct nvc_reliability r = { 0 };
    struct nvc_coupling kept;
    int status = keep_rows(&kept, rows, who, o->rules, o->n_rules, err);
    if (!status)
        status = nvc_reliability_init(&r, &kept, NVC_BY_RUN, o->min_coverage, err);
    if (status == NVC_EDATA && !r.n) /* nothing was measured twice */
        status = 0;
    else if (!status)
        status = nvc_reliability_compute(&r, who, g, replicates, seed, err);
    for (size_t k = 0; k < t->n && !status; k++) {
        struct nvc_group_row *row = &t->rows[k];
        for (size_t i = 0; i < r.n; i++)
            if (!nvc_key_compare(&r.repeats[i].key, row->key))
                fill(row, &r.rows[i], NVC_RELIABILITY_OF_RUNS);
    }
    nvc_reliability_release(&r);
    free(kept.rows);
    return status;
}

enum { ODD, EVEN };
static const char *const half_names[] = { "odd", "even", "first", "second" }; /* of a task; at rest */

static int half_of(const struct nvc_coupling_row *row, int *half, struct nvc_error *err)
{
    const char *hyphen = strrchr(row->run, '-'), *name = hyphen ? hyphen + 1 : row->run;
    for (size_t k = 0; k < sizeof half_names / sizeof *half_names; k++)
        if (!strcmp(name, half_names[k])) {
            *half = (int)k % 2;
            return 0;
        }
    return nvc_fail(err, NVC_EDATA, "halves of %s, index %s: run '%s' is none of odd, even, first and second; wanted a table of nvc-habituation "
                    "--halves or nvc-activity --halves", row->participant_id, row->index, row->run);
}

/* One half of everybody. */
static int gather_half(struct nvc_cohort *c, int wanted, const struct nvc_participants *who, const struct nvc_coupling *halves,
                       enum nvc_runs runs, struct nvc_error *err)
{
    const struct nvc_cohort_options o = { .runs = runs == NVC_RUNS_REFUSE ? runs : NVC_RUNS_MEAN };
    struct nvc_coupling rows = { .rows = nvc_array(halves->n, sizeof *rows.rows, err) };
    int status = rows.rows ? 0 : NVC_ESYS, half = ODD;
    for (size_t i = 0; i < halves->n && !status; i++) {
        status = half_of(&halves->rows[i], &half, err);
        if (!status && half == wanted)
            rows.rows[rows.n++] = halves->rows[i];
    }
    if (!status && !rows.n)
        status = nvc_fail(err, NVC_EDATA, "halves: no row is of the %s or %s half", half_names[wanted], half_names[wanted + 2]);
    status = status ? status : nvc_cohort_init(c, who, &rows, &o, err);
    free(rows.rows);
    return status;
}

static const double *column(const struct nvc_cohort *c, const struct nvc_key *key)
{
    for (size_t k = 0; k < c->n_keys; k++)
        if (!c->keys[k].quality && !nvc_key_compare(&c->keys[k], key))
            return c->value + c->n * k;
    return NULL;
}

/* Of one key; room: 3 n numbers. */
static int of_halves(struct nvc_group_row *row, const struct nvc_cohort *c, const double *value, const double *const half[2],
                     const struct nvc_contrast_groups *g, double *room, const char **ids, size_t replicates, uint64_t seed,
                     struct nvc_error *err)
{
    struct nvc_repeats t = { .key = *row->key, .k = 2, .x = room, .whole = room + 2 * c->n, .ids = ids };
    struct nvc_reliability_row of = { .g = NAN, .average = NAN, .average_low = NAN, .average_high = NAN };
    for (size_t i = 0; i < c->n; i++)
        if (!isnan(value[i]) && !isnan(half[ODD][i]) && !isnan(half[EVEN][i]) && !isnan(g->group.value[i]))
            room[t.n] = half[ODD][i], room[c->n + t.n] = half[EVEN][i], room[2 * c->n + t.n] = value[i], ids[t.n++] = c->who->ids.items[i];
    memmove(room + t.n, room + c->n, t.n * sizeof *room);
    int status = nvc_reliability_disattenuate(&t, &of, c->who, g, replicates, seed, err);
    if (!status)
        fill(row, &of, NVC_RELIABILITY_OF_HALVES);
    return status;
}

int nvc_group_reliability_halves(struct nvc_group_table *t, const struct nvc_cohort *c, const double *value,
                                 const struct nvc_coupling *halves, const struct nvc_contrast_groups *g, enum nvc_runs runs,
                                 size_t replicates, uint64_t seed, struct nvc_error *err)
{
    struct nvc_cohort part[2] = { { 0 }, { 0 } };
    double *room = nvc_array(3 * c->n, sizeof *room, err);
    const char **ids = nvc_array(c->n, sizeof *ids, err);
    int status = room && ids ? 0 : NVC_ESYS;
    for (int half = ODD; half <= EVEN && !status; half++)
        status = gather_half(&part[half], half, c->who, halves, runs, err);
    for (size_t k = 0; k < t->n && !status; k++) {
        struct nvc_group_row *row = &t->rows[k];
        const double *const half[2] = { column(&part[ODD], row->key), column(&part[EVEN], row->key) };
        if (!row->reliability_of && !row->key->quality && half[ODD] && half[EVEN])
            status = of_halves(row, c, value + c->n * (size_t)(row->key - c->keys), half, g, room, ids, replicates, seed, err);
    }
    nvc_cohort_release(&part[ODD]);
    nvc_cohort_release(&part[EVEN]);
    free(ids);
    free(room);
    return status;
}

/* X of nvc_r_X, nvc_z_X and nvc_rpartial_X, or NULL. */
static const char *map_of(const char *index)
{
    static const char *const prefixes[] = { "nvc_rpartial_", "nvc_r_", "nvc_z_" };
    for (size_t k = 0; k < sizeof prefixes / sizeof *prefixes; k++)
        if (nvc_has_prefix(index, prefixes[k]))
            return index + strlen(prefixes[k]);
    return NULL;
}

static const struct nvc_group_row *reliability_row(const struct nvc_group_table *t, const struct nvc_key *of, const char *map)
{
    for (size_t i = 0; i < t->n; i++) {
        const struct nvc_key *k = t->rows[i].key;
        if (nvc_has_prefix(k->index, "rel_") && !strcmp(k->index + strlen("rel_"), map) && !strcmp(k->contrast, of->contrast) &&
            !strcmp(k->atlas, of->atlas) && !strcmp(k->region, of->region) && !strcmp(k->side, of->side) && !strcmp(k->task, of->task) &&
            !strcmp(k->session, of->session))
            return &t->rows[i];
    }
    return NULL;
}

size_t nvc_group_map_reliability(struct nvc_group_table *t)
{
    size_t differ = 0;
    for (size_t i = 0; i < t->n; i++) {
        struct nvc_group_row *row = &t->rows[i];
        const char *map = map_of(row->key->index);
        if (!map || !strcmp(row->key->class_name, "connectivity"))
            continue;
        const struct nvc_group_row *flow = reliability_row(t, row->key, "cbf"), *activity = reliability_row(t, row->key, map);
        row->maps = !flow || !activity || isnan(flow->welch.p) || isnan(activity->welch.p) ? NVC_MAPS_UNKNOWN : NVC_MAPS_ALIKE;
        if ((flow && flow->welch.p < 0.05) || (activity && activity->welch.p < 0.05))
            row->maps = NVC_MAPS_DIFFER;
        differ += row->maps == NVC_MAPS_DIFFER;
    }
    return differ;
}
