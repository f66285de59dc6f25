/* The models of formula.h, key by key. */
#include "model/group/formula.h"

#include "base/memory.h"
#include "math/dist.h"
#include "model/design/contrast.h"
#include "model/stat/stat_multiple.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nvc_model_release(struct nvc_model_table *t)
{
    free(t->rows);
    nvc_pool_release(&t->text);
    *t = (struct nvc_model_table){ 0 };
}

struct fit { /* of one key */
    const struct nvc_cohort *c;
    const struct nvc_formula *f;
    const struct nvc_group_options *o;
    size_t k;
    struct nvc_variable *vars; /* one per name in the formula: n_terms x ORDER */
    bool *use;
    double *y;
    struct nvc_matrix M;
    struct nvc_lm lm;
};

static int find_variable(const struct fit *w, const char *name, struct nvc_variable *v, struct nvc_error *err)
{
    const struct nvc_variable *found = NULL;
    int status = nvc_participants_need(w->c->who, name, &found, err);
    if (!status)
        *v = *found;
    else if (status == NVC_EDATA && nvc_quality_name(name)) {
        *v = (struct nvc_variable){ .name = name, .numeric = true, .value = nvc_cohort_quality(w->c, w->k, name) };
        status = v->value ? 0 : nvc_fail(err, NVC_EDATA, "the coupling tables have no %s", name);
    }
    return status;
}

/* The terms for which keep[] holds (NULL: all). */
static int make_matrix(struct fit *w, const bool *keep, struct nvc_matrix *M, struct nvc_error *err)
{
    struct nvc_terms terms = { 0 };
    int status = 0;
    for (size_t t = 0; t < w->f->n && !status; t++) {
        const struct nvc_variable *of[NVC_TERM_ORDER];
        for (size_t j = 0; j < w->f->terms[t].order; j++)
            of[j] = &w->vars[t * NVC_TERM_ORDER + j];
        if (!keep || keep[t])
            status = nvc_terms_add(&terms, of, w->f->terms[t].order, err);
    }
    status = status ? status : nvc_matrix_init(M, &terms, w->use, w->c->n, err);
    nvc_terms_release(&terms);
    return status;
}

static bool contains(const struct nvc_formula_term *a, const struct nvc_formula_term *b)
{
    for (size_t i = 0; i < b->order; i++) {
        bool found = false;
        for (size_t j = 0; j < a->order; j++)
            found |= !strcmp(a->names[j], b->names[i]);
        if (!found)
            return false;
    }
    return true;
}

static struct nvc_model_row *add_row(struct nvc_model_table *t, const struct fit *w, const char *kind, const char *name,
                                     struct nvc_error *err)
{
    const char *own = nvc_pool_add(&t->text, name, err);
    if (!own || nvc_grow(&t->rows, &t->cap, t->n + 1, sizeof *t->rows, err))
        return NULL;
    struct nvc_model_row *r = &t->rows[t->n++];
    *r = (struct nvc_model_row){ .key = w->c->keys[w->k],
                                 .kind = kind,
                                 .name = own,
                                 .n = w->M.n,
                                 .estimate = NAN,
                                 .se = NAN,
                                 .ci_low = NAN,
                                 .ci_high = NAN,
                                 .hc3_se = NAN,
                                 .hc3_p = NAN,
                                 .stat = NAN,
                                 .dof1 = NAN,
                                 .dof2 = NAN,
                                 .p = NAN,
                                 .partial_eta2 = NAN,
                                 .q = NAN };
    return r;
}

static void fill(struct nvc_model_row *r, const struct nvc_lm *lm, const double *c, double level)
{
    struct nvc_estimate e = nvc_lm_contrast(lm, c, false, level), robust = nvc_lm_contrast(lm, c, true, level);
    r->estimate = e.estimate, r->se = e.se, r->ci_low = e.ci_low, r->ci_high = e.ci_high;
    r->stat = e.t, r->dof1 = 1, r->dof2 = e.dof, r->p = e.p;
    r->hc3_se = robust.se, r->hc3_p = robust.p;
}

/* Sum of squares of term t over all terms that do not contain it, against the error of the whole model. */
static int test_term(struct fit *w, size_t t, struct nvc_model_row *r, struct nvc_error *err)
{
    bool *keep = nvc_array(w->f->n, sizeof *keep, err);
    struct nvc_matrix M = { 0 };
    struct nvc_lm lm = { 0 };
    size_t at = 0, *cols = NULL;
    struct nvc_lm_f f = { NAN, NAN, NAN, NAN, NAN };
    int status = keep ? 0 : NVC_ESYS;
    for (size_t j = 0; j < w->f->n && !status; j++) {
        keep[j] = j == t || !contains(&w->f->terms[j], &w->f->terms[t]);
        at += j < t && keep[j];
    }
    status = status ? status : make_matrix(w, keep, &M, err);
    status = status ? status : nvc_lm_fit(&lm, M.X, w->y, M.n, M.m, (const char *const *)M.names, err);
    size_t first = status ? 0 : M.first[at], k = status ? 0 : M.first[at + 1] - first;
    if (!status && !(cols = nvc_array(k, sizeof *cols, err)))
        status = NVC_ESYS;
    for (size_t j = 0; j < k && !status; j++)
        cols[j] = first + j;
    status = status ? status : nvc_lm_drop(&lm, cols, k, &f, err);
    if (!status && w->lm.rss > 0) {
        double ss = f.f * f.dof1 * lm.rss / lm.dof;
        r->dof1 = f.dof1, r->dof2 = w->lm.dof;
        r->stat = ss / f.dof1 / (w->lm.rss / w->lm.dof);
        r->p = nvc_f_sf(r->stat, r->dof1, r->dof2);
        r->partial_eta2 = ss / (ss + w->lm.rss);
    }
    free(cols);
    free(keep);
    nvc_lm_release(&lm);
    nvc_matrix_release(&M);
    return status;
}

static int term_name(char out[static 400], const struct nvc_formula_term *t)
{
    *out = '\0';
    for (size_t i = 0; i < t->order; i++) {
        strcat(out, i ? ":" : "");
        strcat(out, t->names[i]);
    }
    return 0;
}

/* Columns of a factor at one level, everything else at its mean: only main terms and what contains them. */
static void at_level(const struct fit *w, size_t t, size_t level, double *c)
{
    size_t first = w->M.first[t], levels = w->M.first[t + 1] - first + 1;
    memcpy(c, w->M.marginal, w->M.m * sizeof *c);
    for (size_t j = first; j < w->M.first[t + 1]; j++)
        c[j] = level && j == first + level - 1;
    for (size_t u = 0; u < w->f->n; u++) {
        if (u == t || !contains(&w->f->terms[u], &w->f->terms[t]))
            continue;
        /* a product's marginal carries 1 / levels for this factor: put 1 or 0 in its place */
        for (size_t j = w->M.first[u]; j < w->M.first[u + 1]; j++) {
            const char *label = level ? w->M.names[first + level - 1] : "";
            bool here = false;
            for (const char *part = w->M.names[j]; part && level;
                 part = strchr(part, ':') ? strchr(part, ':') + 1 : NULL) {
                size_t n = strcspn(part, ":");
                here |= n == strlen(label) && !strncmp(part, label, n);
            }
            c[j] = here ? w->M.marginal[j] * (double)levels : 0;
        }
    }
}

/* Marginal means of every factor that is a term of its own. */
static int add_means(struct nvc_model_table *t, struct fit *w, size_t term, double *c, struct nvc_error *err)
{
    const struct nvc_variable *v = &w->vars[term * NVC_TERM_ORDER];
    size_t n = 0;
    for (size_t l = 0; l < v->n_levels; l++) {
        bool present = false;
        char name[256];
        for (size_t i = 0; i < w->M.n && !present; i++)
            present = v->value[w->M.row[i]] == (double)l;
        if (!present)
            continue;
        (void)!snprintf(name, sizeof name, "%s=%s", v->name, v->levels[l]);
        struct nvc_model_row *r = add_row(t, w, "mean", name, err);
        if (!r)
            return NVC_ESYS;
        at_level(w, term, n++, c);
        fill(r, &w->lm, c, w->o->level);
        r->stat = r->dof1 = r->p = r->hc3_p = NAN; /* that a mean is 0 is nobody's question */
    }
    return 0;
}

/* "diagnosis: mdd - control" over the marginal means of the levels. */
static int add_contrast(struct nvc_model_table *t, struct fit *w, const char *text, double *c, struct nvc_error *err)
{
    const char *colon = strchr(text, ':');
    for (size_t term = 0; colon && term < w->f->n; term++) {
        const struct nvc_variable *v = &w->vars[term * NVC_TERM_ORDER];
        struct nvc_contrast k = { 0 };
        char name[512];
        if (w->f->terms[term].order != 1 || strlen(v->name) != (size_t)(colon - text) ||
            strncmp(v->name, text, strlen(v->name)))
            continue;
        if (v->numeric)
            return nvc_fail(err, NVC_EDATA, "--level-contrast '%s': '%s' holds numbers", text, v->name);
        int status = nvc_contrast_parse(&k, colon + 1, v->levels, v->n_levels, err);
        double *sum = nvc_array(w->M.m, sizeof *sum, err);
        status = status ? nvc_fail_in(err, "--level-contrast '%s'", text) : sum ? 0 : NVC_ESYS;
        bool defined = true;
        for (size_t l = 0, n = 0; l < v->n_levels && !status; l++) {
            bool present = false;
            for (size_t i = 0; i < w->M.n && !present; i++)
                present = v->value[w->M.row[i]] == (double)l;
            defined &= present || k.C[l] == 0;
            if (present)
                at_level(w, term, n++, c);
            for (size_t j = 0; j < w->M.m && present; j++)
                sum[j] += k.C[l] * c[j];
        }
        if (!status)
            (void)!snprintf(name, sizeof name, "%s: %s", v->name, k.name);
        struct nvc_model_row *r = status ? NULL : add_row(t, w, "contrast", name, err);
        if (r && defined)
            fill(r, &w->lm, sum, w->o->level);
        free(sum);
        nvc_contrast_release(&k);
        return status ? status : r ? 0 : NVC_ESYS;
    }
    return nvc_fail(err, NVC_EUSAGE, "--level-contrast '%s': wanted FACTOR: EXPRESSION with a factor of the formula",
                    text);
}

static int fit_key(struct nvc_model_table *t, struct fit *w, const struct nvc_list *contrasts, struct nvc_error *err)
{
    char name[400];
    int status = make_matrix(w, NULL, &w->M, err);
    for (size_t i = 0; i < w->M.n && !status; i++)
        w->y[i] = w->c->value[w->M.row[i] + w->c->n * w->k];
    status = status ? status : nvc_lm_fit(&w->lm, w->M.X, w->y, w->M.n, w->M.m, (const char *const *)w->M.names, err);
    double *c = status ? NULL : nvc_array(w->M.m, sizeof *c, err);
    if (!status && !c)
        status = NVC_ESYS;
    for (size_t i = 0; i < w->f->n && !status; i++) {
        struct nvc_model_row *r = term_name(name, &w->f->terms[i]) ? NULL : add_row(t, w, "term", name, err);
        status = r ? test_term(w, i, r, err) : NVC_ESYS;
    }
    for (size_t j = 0; j < w->M.m && !status; j++) {
        struct nvc_model_row *r = add_row(t, w, "coefficient", w->M.names[j], err);
        if (!r) {
            status = NVC_ESYS;
            break;
        }
        memset(c, 0, w->M.m * sizeof *c);
        c[j] = 1;
        fill(r, &w->lm, c, w->o->level);
    }
    for (size_t i = 0; i < w->f->n && !status; i++)
        if (w->f->terms[i].order == 1 && !w->vars[i * NVC_TERM_ORDER].numeric)
            status = add_means(t, w, i, c, err);
    for (size_t i = 0; i < contrasts->n && !status; i++)
        status = add_contrast(t, w, contrasts->items[i], c, err);
    free(c);
    nvc_lm_release(&w->lm);
    nvc_matrix_release(&w->M);
    return status;
}

static int adjust_names(struct nvc_model_table *t, struct nvc_error *err)
{
    double *p = nvc_array(2 * t->n, sizeof *p, err), *q = p + t->n;
    int status = p ? 0 : NVC_ESYS;
    for (size_t i = 0; i < t->n && !status; i++) {
        const struct nvc_model_row *a = &t->rows[i];
        if ((strcmp(a->kind, "term") && strcmp(a->kind, "contrast")) || !isnan(a->q) || isnan(a->p) || a->key.derived)
            continue;
        for (size_t j = 0; j < t->n; j++) {
            const struct nvc_model_row *b = &t->rows[j];
            p[j] = a->kind == b->kind && a->name == b->name && !b->key.derived ? b->p : NAN;
        }
        status = nvc_adjust(NVC_ADJUST_BH, p, t->n, q, NULL, err);
        for (size_t j = 0; j < t->n && !status; j++)
            if (!isnan(q[j]))
                t->rows[j].q = q[j];
    }
    free(p);
    return status;
}

int nvc_model_compute(struct nvc_model_table *t, const struct nvc_cohort *c, const struct nvc_formula *f,
                      const struct nvc_list *contrasts, const struct nvc_group_options *o, struct nvc_error *err)
{
    struct fit w = { .c = c, .f = f, .o = o };
    w.vars = nvc_array(f->n * NVC_TERM_ORDER, sizeof *w.vars, err);
    w.use = nvc_array(c->n, sizeof *w.use, err);
    w.y = nvc_array(c->n, sizeof *w.y, err);
    int status = w.vars && w.use && w.y ? 0 : NVC_ESYS, failed = 0;
    for (w.k = 0; w.k < c->n_keys && !status; w.k++) {
        size_t had = t->n;
        if (!nvc_key_is_index(&c->keys[w.k]))
            continue;
        for (size_t i = 0; i < f->n && !status; i++)
            for (size_t j = 0; j < f->terms[i].order && !status; j++)
                status = find_variable(&w, f->terms[i].names[j], &w.vars[i * NVC_TERM_ORDER + j], err);
        if (status)
            break;
        for (size_t i = 0; i < c->n; i++)
            w.use[i] = !isnan(c->value[i + c->n * w.k]);
        failed = fit_key(t, &w, contrasts, err);
        if (failed == NVC_EDATA) /* this key alone cannot be fitted */
            t->n = had;
        else
            status = failed;
    }
    if (!status && !t->n)
        status = failed ? failed : nvc_fail(err, NVC_EDATA, "no index to fit");
    status = status ? status : adjust_names(t, err);
    free(w.vars);
    free(w.use);
    free(w.y);
    return status;
}
