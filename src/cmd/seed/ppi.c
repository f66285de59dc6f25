#include "base/memory.h"
#include "cli/belongs.h"
#include "cli/message.h"
#include "cmd/seed/job.h"
#include "math/dist.h"
#include "model/design/contrast.h"
#include "model/connectivity/ppi.h"
#include "table/connectivity.h"
#include "table/events.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct model { /* of one seed */
    double *X, *C;             /* n x m; m x n_effects */
    size_t m, n_conditions, n_effects;
    const char **names;        /* conditions, then contrasts */
    struct nvc_contrast *contrasts;
    struct nvc_glm *glm;
    struct nvc_glm_fit fit;
};

static void model_release(struct model *m)
{
    for (size_t i = 0; m->contrasts && i + m->n_conditions < m->n_effects; i++)
        nvc_contrast_release(m->contrasts + i);
    nvc_glm_fit_release(&m->fit);
    nvc_glm_free(m->glm);
    free(m->contrasts);
    free(m->names);
    free(m->X);
    free(m->C);
}

static int make_columns(const struct seed_job *j, size_t k, const struct nvc_events *e, struct model *m, struct nvc_error *err)
{
    const struct run_input *r = &j->run;
    double *seed = nvc_array(r->n, sizeof *seed, err), share;
    const struct nvc_ppi_spec spec = { .kind = (enum nvc_ppi_kind)j->o->interaction, .events = e, .seed = seed, .n = r->n, .tr_s = r->series.tr_s,
                                       .offset_s = r->offset_s, .nuisance = r->X, .n_nuisance = r->m };
    m->n_conditions = e->n_conditions;
    m->m = 2 * e->n_conditions + 1 + r->m;
    int status = seed && (m->X = nvc_array(r->n * m->m, sizeof *m->X, err)) ? 0 : NVC_ESYS;
    if (!status) {
        seed_percent(j, k, seed);
        memcpy(m->X + r->n * (m->m - r->m), r->X, r->n * r->m * sizeof *m->X);
        status = nvc_ppi_columns(&spec, m->X, &share, err);
        if (!status && share < 0.5)
            nvc_warn("seed %s: a neural signal explains %.0f %% of its variance, the rest is no response of vessels: see --interaction",
                     j->o->seeds.items[k], 100 * share);
    }
    free(seed);
    return status;
}

/* Every condition, and the contrasts asked for. */
static int make_effects(const struct seed_job *j, const struct nvc_events *e, struct model *m, struct nvc_error *err)
{
    const struct nvc_list *asked = &j->o->contrasts;
    int status = 0;
    m->n_effects = m->n_conditions;
    if (!(m->C = nvc_array(m->m * (m->n_conditions + asked->n), sizeof *m->C, err)) ||
        !(m->names = nvc_array(m->n_conditions + asked->n, sizeof *m->names, err)) ||
        !(m->contrasts = nvc_array(asked->n, sizeof *m->contrasts, err)))
        return NVC_ESYS;
    for (size_t c = 0; c < m->n_conditions; c++) {
        m->C[c + m->m * c] = 1;
        m->names[c] = e->conditions[c];
    }
    for (size_t i = 0; i < asked->n && !status; i++) {
        struct nvc_contrast *contrast = m->contrasts + i;
        if ((status = nvc_contrast_parse(contrast, asked->items[i], (const char *const *)e->conditions, e->n_conditions, err)))
            break;
        m->names[m->n_effects] = contrast->name;
        memcpy(m->C + m->m * m->n_effects++, contrast->C, e->n_conditions * sizeof *m->C);
        if (contrast->is_f)
            status = nvc_fail(err, NVC_EUSAGE, "contrast '%s' is an F contrast: want one row", contrast->name);
    }
    return status;
}

static int fit(const struct seed_job *j, struct model *m, struct nvc_error *err)
{
    const struct nvc_glm_spec spec = { .X = m->X, .n = j->run.n, .m = m->m, .C = m->C, .n_effects = m->n_effects, .noise = NVC_NOISE_ARMA11,
                                       .quick_tails = true };
    const struct nvc_glm_source source = run_input_source(&j->run);
    int status = nvc_glm_new(&m->glm, &spec, err);
    if (!status && !(status = nvc_glm_fit_init(&m->fit, m->glm, j->run.n_series, err)))
        status = nvc_glm_run(m->glm, &source, &m->fit, j->o->threads, err);
    return status;
}

static int add_rows(struct seed_job *j, size_t k, const struct model *m, struct nvc_error *err)
{
    const struct nvc_series *s = &j->run.series;
    const double dof = nvc_glm_dof(m->glm), critical = nvc_t_critical(0.95, dof);
    int status = 0;
    for (size_t r = 0; r < s->n_regions && !status; r++)
        for (size_t e = 0; e < m->n_effects && !status && j->target[r] && r != j->seeds[k]; e++) {
            const double value = m->fit.effect[e * s->n_regions + r], se = sqrt(m->fit.variance[e * s->n_regions + r]);
            const struct nvc_ppi_effect effect = { m->names[e], value, se, dof, value - critical * se, value + critical * se, e >= m->n_conditions };
            status = nvc_ppi_index(&j->rows, s, j->seeds[k], r, &effect, j->run.mean_fd_mm, err);
        }
    return status;
}

static int write_maps(const struct seed_job *j, const struct model *m, struct nvc_error *err)
{
    const size_t n = j->run.n_series;
    float *value = nvc_array(n, sizeof *value, err);
    int status = value ? 0 : NVC_ESYS;
    for (size_t e = 0; e < m->n_effects && !status; e++) {
        char *prefix = nvc_sprintf(err, "%s_contrast-%s", j->o->run.maps, m->names[e]), *to = prefix;
        if (!prefix) {
            status = NVC_ESYS;
            break;
        }
        to += strlen(j->o->run.maps) + strlen("_contrast-");
        for (const char *from = to; *from; from++) /* BIDS: letters and digits */
            if (isalnum((unsigned char)*from))
                *to++ = *from;
        *to = '\0';
        for (int kind = 0; kind < 2 && !status; kind++) {
            for (size_t v = 0; v < n; v++) {
                const double effect = m->fit.effect[e * n + v], se = sqrt(m->fit.variance[e * n + v]);
                value[v] = (float)(kind ? nvc_glm_z(effect / se, nvc_glm_dof(m->glm)) : effect);
            }
            status = run_input_map(&j->run, prefix, kind ? "ppiz" : "ppi", value, kind ? "normal deviate of the interaction" : "change of slope on the seed",
                                   NULL, err);
        }
        free(prefix);
    }
    free(value);
    return status;
}

int seed_ppi(struct seed_job *j, struct nvc_error *err)
{
    struct nvc_table t = { 0 };
    struct nvc_events e = { 0 };
    const struct nvc_identity *who = &j->run.series.who;
    nvc_warn_of_other_run(j->o->events, &(struct nvc_run_of){ who->participant_id, who->session, who->task, who->run });
    int status = run_input_table(&j->run, &t, j->o->events, err);
    if (!status)
        status = nvc_events_parse(&e, &t, j->o->trial_type, NULL, err);
    for (size_t k = 0; k < j->o->seeds.n && !status; k++) {
        struct model m = { 0 };
        if (!(status = make_columns(j, k, &e, &m, err)) && !(status = make_effects(j, &e, &m, err)) && !(status = fit(j, &m, err)))
            status = j->run.image ? write_maps(j, &m, err) : add_rows(j, k, &m, err);
        model_release(&m);
    }
    nvc_events_release(&e);
    nvc_table_release(&t);
    return status;
}
