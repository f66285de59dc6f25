#include "model/simulate/simulate_internal.h"

#include "base/memory.h"
#include "model/design/confounds.h"
#include "model/glm/glm.h"

#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The confounds that the chain asks for, from the table that comes with the run. */
static int choose_confounds(struct nvc_confounds *c, const struct nvc_sim_chain *chain, const struct nvc_sim_spec *spec,
                            const struct nvc_sim_run *run, struct nvc_error *err)
{
    struct nvc_sim_confounds table;
    struct nvc_selection chosen = { 0 };
    double *values = NULL;
    int status = nvc_sim_confounds_init(&table, spec, run, NULL, NULL, err);
    const char *const *names = (const char *const *)table.names;
    size_t n = table.n_rows;
    if (!status)
        status = nvc_selection_init(&chosen, names, table.n_cols, &chain->confounds, err);
    if (!status && !(values = nvc_array(n * chosen.n, sizeof *values, err)))
        status = (int)err->status;
    for (size_t k = 0; !status && k < chosen.n; k++)
        memcpy(values + n * k, table.values + n * chosen.column[k], n * sizeof *values);
    if (!status)
        status = nvc_confounds_init(c, &chosen, names, values, isnan(chosen.scrub_mm) ? NULL : run->framewise_displacement, n, 0,
                                    err);
    free(values);
    nvc_selection_release(&chosen);
    nvc_sim_confounds_release(&table);
    return status;
}

int nvc_sim_design(struct nvc_design *d, const struct nvc_sim_chain *chain, const struct nvc_sim_spec *spec,
                   const struct nvc_events *events, const struct nvc_sim_run *run, struct nvc_error *err)
{
    struct nvc_confounds confounds = { 0 };
    struct nvc_design_spec what;
    int status = chain->confounds.n ? choose_confounds(&confounds, chain, spec, run, err) : 0;
    if (!status) {
        nvc_design_defaults(&what);
        what.n_volumes = spec->n_volumes;
        what.tr_s = spec->tr_s;
        what.slice_time_corrected = 1;
        what.start_time_s = spec->tr_s / 2;
        what.events = events;
        what.confounds = chain->confounds.n ? &confounds : NULL;
        status = nvc_design_build(d, &what, err);
    }
    nvc_confounds_release(&confounds);
    return status;
}

/* Percent signal change of `face` in each of n_series series of one design, whose means are s0. */
static int fit(double *psc, const struct nvc_sim_chain *chain, const struct nvc_design *d, const double *Y, const double *s0,
               size_t n_series, struct nvc_error *err)
{
    struct nvc_glm *g = NULL;
    struct nvc_glm_fit found = { 0 };
    double *C = nvc_array(d->n_cols, sizeof *C, err);
    long face = nvc_design_column(d, "face");
    if (!C || face < 0) {
        free(C);
        return C ? nvc_fail(err, NVC_EBUG, "the simulated design has no column 'face'") : (int)err->status;
    }
    C[face] = 1;
    struct nvc_glm_spec spec = { .X = d->X, .n = d->n_rows, .m = d->n_cols, .C = C, .n_effects = 1, .noise = chain->noise };
    struct nvc_glm_columns columns = { Y, d->n_rows, d->n_rows };
    int status = nvc_glm_new(&g, &spec, err);
    if (!status)
        status = nvc_glm_fit_init(&found, g, n_series, err);
    if (!status)
        status = nvc_glm_run(g, &(struct nvc_glm_source) { nvc_glm_load_columns, &columns }, &found, 1, err);
    for (size_t v = 0; !status && v < n_series; v++)
        psc[v] = 100 * found.effect[v] * d->columns[face].h_ref / s0[v];
    nvc_glm_fit_release(&found);
    nvc_glm_free(g);
    free(C);
    return status;
}

int nvc_sim_psc(double psc[2], const struct nvc_sim_chain *chain, const struct nvc_design *d, const struct nvc_series *s,
                struct nvc_error *err)
{
    const double s0[2] = { s->regions[0].s0, s->regions[1].s0 };
    return fit(psc, chain, d, s->Y, s0, 2, err);
}

int nvc_sim_truth(double psc[2], const struct nvc_sim_chain *chain, const struct nvc_sim_spec *spec,
                  const struct nvc_sim_person *person, const struct nvc_events *events, const struct nvc_mask *bla,
                  const struct nvc_sim_head *head, const struct nvc_sim_run *run, struct nvc_error *err)
{
    struct nvc_design design = { 0 };
    struct nvc_series series = { 0 };
    int status = nvc_sim_design(&design, chain, spec, events, run, err);
    if (!status)
        status = nvc_sim_series(&series, spec, person, head, run, bla, true, err);
    if (!status)
        status = nvc_sim_psc(psc, chain, &design, &series, err);
    nvc_series_release(&series);
    nvc_design_release(&design);
    return status;
}

/* The law of gains of each group by quadrature. */
enum { NODES = 9, GROUPS = 2, SIDES = 2, SERIES = NODES * GROUPS * SIDES };
struct gains { double gain[GROUPS][NODES], weight[NODES]; };

static int lay_gains(struct gains *g, const struct nvc_sim_spec *spec, struct nvc_error *err)
{
    gsl_integration_fixed_workspace *w = gsl_integration_fixed_alloc(gsl_integration_fixed_hermite, NODES, 0, 1, 0, 0);
    if (!w)
        return nvc_fail(err, NVC_ESYS, "out of memory");
    for (size_t k = 0; k < NODES; k++) {
        double factor = exp(spec->gain_sd * sqrt(2) * gsl_integration_fixed_nodes(w)[k] - spec->gain_sd * spec->gain_sd / 2);
        g->weight[k] = gsl_integration_fixed_weights(w)[k] / sqrt(3.14159265358979323846);
        g->gain[0][k] = spec->gain_control * factor;
        g->gain[1][k] = spec->gain_case * factor;
    }
    gsl_integration_fixed_free(w);
    return 0;
}

/* The series of one head for every gain, side by side. */
static int lay_series(double *Y, double s0[SERIES], const struct gains *g, const struct nvc_sim_spec *spec,
                      const struct nvc_sim_person *person, const struct nvc_events *events, const struct nvc_mask *bla,
                      const struct nvc_sim_head *head, struct nvc_sim_run *run, struct nvc_error *err)
{
    int status = 0;
    for (size_t k = 0; !status && k < NODES * GROUPS; k++) {
        struct nvc_series series = { 0 };
        status = nvc_sim_response(run->course + run->n_volumes * NVC_SIM_BLA, spec, events, g->gain[k / NODES][k % NODES], err);
        if (!status)
            status = nvc_sim_series(&series, spec, person, head, run, bla, true, err);
        if (!status)
            memcpy(Y + SIDES * k * run->n_volumes, series.Y, SIDES * run->n_volumes * sizeof *Y);
        for (size_t side = 0; !status && side < SIDES; side++)
            s0[SIDES * k + side] = series.regions[side].s0;
        nvc_series_release(&series);
    }
    return status;
}

/* Add the share of one head and its motion to the means. */
static int add_head(struct nvc_sim_population *p, double share, size_t index, const struct gains *g,
                    const struct nvc_sim_chain *chain, const struct nvc_sim_spec *spec, const struct nvc_events *events,
                    const struct nvc_mask *bla, struct nvc_error *err)
{
    struct nvc_sim_person person = nvc_sim_person(spec, index);
    struct nvc_sim_head head = { 0 };
    struct nvc_sim_run run = { 0 };
    struct nvc_design design = { 0 };
    double s0[SERIES], psc[SERIES], *Y = nvc_array(spec->n_volumes * SERIES, sizeof *Y, err);
    int status = Y ? nvc_sim_head_init(&head, spec, &person, bla, true, err) : (int)err->status;
    if (!status)
        status = nvc_sim_run_init(&run, spec, events, &person, err);
    if (!status)
        status = lay_series(Y, s0, g, spec, &person, events, bla, &head, &run, err);
    if (!status)
        status = nvc_sim_design(&design, chain, spec, events, &run, err);
    if (!status)
        status = fit(psc, chain, &design, Y, s0, SERIES, err);
    for (size_t k = 0; !status && k < SERIES; k++) {
        size_t node = k / SIDES % NODES;
        double *mean = k / SIDES < NODES ? p->psc_control : p->psc_case, part = share * g->weight[node] * psc[k];
        mean[k % SIDES] += part;
        mean[SIDES] += part / SIDES;
    }
    free(Y);
    nvc_design_release(&design);
    nvc_sim_run_release(&run);
    nvc_sim_head_release(&head);
    return status;
}

int nvc_sim_population(struct nvc_sim_population *p, const struct nvc_sim_chain *chain, const struct nvc_sim_spec *spec,
                       const struct nvc_events *events, const struct nvc_mask *bla, struct nvc_error *err)
{
    enum { HEADS = 8 };
    struct gains gains;
    *p = (struct nvc_sim_population) { 0 };
    int status = lay_gains(&gains, spec, err);
    for (size_t k = 0; !status && k < HEADS; k++)
        status = add_head(p, 1.0 / HEADS, spec->n_cases + spec->n_controls + k, &gains, chain, spec, events, bla, err);
    return status;
}
