#include "model/group/combat_permute.h"

#include "base/memory.h"
#include "math/lsq.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void nvc_combat_permute_release(struct nvc_combat_permute *p)
{
    for (int i = 0; p->room && i < p->threads; i++)
        free(p->room[i]);
    free(p->room);
    free(p->fitted);
    free(p->residual);
    free(p->place);
    free(p->feature);
    nvc_combat_sample_release(&p->s);
    *p = (struct nvc_combat_permute){ 0 };
}

/* Fitted values and residuals of one key, as measured, on the columns that are not tested. */
static int leave_residuals(struct nvc_combat_permute *p, const double *raw, size_t k, struct nvc_error *err)
{
    const struct nvc_permute_outcome *u = &p->outcomes[k];
    size_t n = u->n, m = u->m;
    struct nvc_lsq f = { 0 };
    double *Z = nvc_array(n * m + 2 * n, sizeof *Z, err), *y = Z + n * (m - 1), *e = y + n, *beta = e + n;
    if (!Z)
        return NVC_ESYS;
    for (size_t j = 0, at = 0; j < m; j++)
        if (j != u->column)
            memcpy(Z + n * at++, u->X + n * j, n * sizeof *Z);
    for (size_t i = 0; i < n; i++)
        y[i] = raw[u->row[i]];
    int status = nvc_lsq_init(&f, Z, n, m - 1, err);
    if (!status)
        (void)nvc_lsq_solve(&f, y, beta, e);
    for (size_t i = 0; i < n && !status; i++) {
        p->residual[u->row[i] + p->n * k] = e[i];
        p->fitted[u->row[i] + p->n * k] = y[i] - e[i];
    }
    nvc_lsq_release(&f);
    free(Z);
    return status;
}

static int allocate(struct nvc_combat_permute *p, struct nvc_error *err)
{
    p->fitted = nvc_array(p->n * p->n_keys, sizeof *p->fitted, err);
    p->residual = nvc_array(p->n * p->n_keys, sizeof *p->residual, err);
    p->place = nvc_array(p->n, sizeof *p->place, err);
    p->feature = nvc_array(p->n_keys, sizeof *p->feature, err);
    p->room = nvc_array((size_t)p->threads, sizeof *p->room, err);
    if (!p->fitted || !p->residual || !p->place || !p->feature || !p->room)
        return NVC_ESYS;
    for (int i = 0; i < p->threads; i++)
        if (!(p->room[i] = nvc_array(p->s.M.n * p->s.J + p->n, sizeof **p->room, err)))
            return NVC_ESYS;
    for (size_t i = 0; i < p->n * p->n_keys; i++)
        p->residual[i] = NAN;
    for (size_t i = 0; i < p->n; i++)
        p->place[i] = SIZE_MAX;
    for (size_t k = 0; k < p->n_keys; k++)
        p->feature[k] = SIZE_MAX;
    return 0;
}

int nvc_combat_permute_init(struct nvc_combat_permute *p, const struct nvc_cohort *c, const struct nvc_contrast_groups *g,
                            const struct nvc_group_options *o, const struct nvc_permute_outcome *outcomes,
                            struct nvc_error *err)
{
    struct nvc_cohort before = *c;
    *p = (struct nvc_combat_permute){ .options = o->combat->options,
                                      .outcomes = outcomes,
                                      .n_keys = c->n_keys,
                                      .n = c->n,
                                      .threads = o->threads > 0 ? o->threads : 1 };
    before.value = o->combat->raw;
    int status = nvc_combat_sample_init(&p->s, &before, g, o->combat->site, o->covariates, o->n_covariates,
                                        p->options, err);
    status = status ? status : allocate(p, err);
    for (size_t i = 0; i < p->s.M.n && !status; i++)
        p->place[p->s.M.row[i]] = i;
    for (size_t j = 0; j < p->s.J && !status; j++)
        p->feature[p->s.key[j]] = j;
    for (size_t k = 0; k < c->n_keys && !status; k++)
        status = outcomes[k].n ? leave_residuals(p, before.value + c->n * k, k, err) : 0;
    return status;
}

/* Values of key k under the permutation, where its participants have their place (NULL: by number). */
static void move(const struct nvc_combat_permute *p, size_t k, const size_t *from, const size_t *to, size_t participants,
                 double *into, const size_t *place)
{
    const double *e = p->residual + p->n * k, *fit = p->fitted + p->n * k;
    for (size_t i = 0, j = 0; i < participants; i++) {
        if (isnan(e[to[i]]))
            continue;
        while (isnan(e[from[j]]))
            j++;
        into[place ? place[to[i]] : to[i]] = fit[to[i]] + e[from[j++]];
    }
}

bool nvc_combat_permute_make(void *with, int thread, const size_t *from, const size_t *to, size_t participants,
                             double *const *y)
{
    const struct nvc_combat_permute *p = with;
    const size_t n = p->s.M.n;
    double *Y = p->room[thread], *moved = Y + n * p->s.J;
    struct nvc_error err;
    memcpy(Y, p->s.y, n * p->s.J * sizeof *Y);
    for (size_t j = 0; j < p->s.J; j++)
        move(p, p->s.key[j], from, to, participants, Y + n * j, p->place);
    if (nvc_combat_sample_adjust(&p->s, Y, p->options, &err))
        return false;
    for (size_t k = 0; k < p->n_keys; k++) {
        const struct nvc_permute_outcome *u = &p->outcomes[k];
        const bool harmonised = p->feature[k] != SIZE_MAX; /* measures of quality are not */
        if (!harmonised)
            move(p, k, from, to, participants, moved, NULL);
        for (size_t i = 0; i < u->n; i++)
            y[k][i] = harmonised ? Y[p->place[u->row[i]] + n * p->feature[k]] : moved[u->row[i]];
    }
    return true;
}
