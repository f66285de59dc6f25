#include "model/simulate_internal.h"

#include "base/memory.h"
#include "math/lsq.h"
#include "model/confounds.h"
#include "model/design.h"

#include <gsl/gsl_integration.h>
#include <math.h>
#include <stdlib.h>

/* The design that nvc-design makes of the run. */
static int build_design(struct nvc_design *d, const struct nvc_sim_chain *chain, const struct nvc_sim_spec *spec,
                        const struct nvc_events *events, const struct nvc_sim_run *run, struct nvc_error *err)
{
    struct nvc_sim_confounds table;
    struct nvc_selection chosen = { 0 };
    struct nvc_confounds confounds = { 0 };
    struct nvc_design_spec what;
    int status = nvc_sim_confounds_init(&table, spec, run, NULL, NULL, err);
    if (!status)
        status = nvc_selection_init(&chosen, (const char *const *)table.names, table.n_cols, &chain->confounds, err);
    if (!status)
        status = nvc_confounds_init(&confounds, &chosen, (const char *const *)table.names, table.values,
                                    run->framewise_displacement, table.n_rows, 0, err);
    if (!status) {
        nvc_design_defaults(&what);
        what.n_volumes = spec->n_volumes;
        what.tr_s = spec->tr_s;
        what.slice_time_corrected = 1;
        what.start_time_s = spec->tr_s / 2;
        what.events = events;
        what.confounds = confounds.n_cols ? &confounds : NULL;
        status = nvc_design_build(d, &what, err);
    }
    nvc_confounds_release(&confounds);
    nvc_selection_release(&chosen);
    nvc_sim_confounds_release(&table);
    return status;
}

/* Percent signal change of `face` by least squares: what is left of the series beside the response is the
 * misfit of the canonical response, no noise. */
static int fit(struct nvc_sim_truth *truth, const struct nvc_design *d, const struct nvc_series *s, struct nvc_error *err)
{
    struct nvc_lsq f;
    long face = nvc_design_column(d, "face");
    if (face < 0)
        return nvc_fail(err, NVC_EBUG, "the simulated design has no column 'face'");
    int status = nvc_lsq_init(&f, d->X, d->n_rows, d->n_cols, err);
    if (status)
        return status;
    double *room = nvc_array(d->n_cols + d->n_rows, sizeof *room, err);
    for (size_t r = 0; room && r < 2; r++) {
        (void)nvc_lsq_solve(&f, s->Y + s->n_volumes * r, room, room + d->n_cols);
        truth->psc[r] = 100 * room[face] * d->columns[face].h_ref / s->regions[r].s0;
    }
    free(room);
    nvc_lsq_release(&f);
    return room ? 0 : (int)err->status;
}

int nvc_sim_truth(struct nvc_sim_truth *truth, const struct nvc_sim_chain *chain, const struct nvc_sim_spec *spec,
                  const struct nvc_sim_person *person, const struct nvc_events *events, const struct nvc_mask *bla,
                  const struct nvc_sim_head *head, const struct nvc_sim_run *run, struct nvc_error *err)
{
    struct nvc_design design = { 0 };
    struct nvc_series series = { 0 };
    int status = build_design(&design, chain, spec, events, run, err);
    if (!status)
        status = nvc_sim_series(&series, spec, person, head, run, bla, true, err);
    if (!status)
        status = fit(truth, &design, &series, err);
    nvc_series_release(&series);
    nvc_design_release(&design);
    return status;
}

/* Mean over the law of gains of one group, for the head and the motion of one person. */
static int average_gains(double *mean, struct nvc_sim_person person, const struct nvc_sim_chain *chain,
                         const struct nvc_sim_spec *spec, const struct nvc_events *events, const struct nvc_mask *bla,
                         const struct nvc_sim_head *head, struct nvc_sim_run *run, struct nvc_error *err)
{
    enum { NODES = 9 };
    double centre = person.is_case ? spec->gain_case : spec->gain_control, sd = spec->gain_sd;
    gsl_integration_fixed_workspace *w = gsl_integration_fixed_alloc(gsl_integration_fixed_hermite, NODES, 0, 1, 0, 0);
    int status = w ? 0 : nvc_fail(err, NVC_ESYS, "out of memory");
    *mean = 0;
    for (size_t k = 0; !status && k < NODES; k++) {
        struct nvc_sim_truth truth;
        double gain = centre * exp(sd * sqrt(2) * gsl_integration_fixed_nodes(w)[k] - sd * sd / 2);
        status = nvc_sim_response(run->course + run->n_volumes * NVC_SIM_BLA, spec, events, gain, err);
        if (!status)
            status = nvc_sim_truth(&truth, chain, spec, &person, events, bla, head, run, err);
        if (!status)
            *mean += gsl_integration_fixed_weights(w)[k] / sqrt(3.14159265358979323846) * (truth.psc[0] + truth.psc[1]) / 2;
    }
    gsl_integration_fixed_free(w);
    return status;
}

int nvc_sim_population(struct nvc_sim_population *p, const struct nvc_sim_chain *chain, const struct nvc_sim_spec *spec,
                       const struct nvc_events *events, const struct nvc_mask *bla, struct nvc_error *err)
{
    enum { HEADS = 8 };
    int status = 0;
    *p = (struct nvc_sim_population) { 0 };
    for (size_t k = 0; !status && k < HEADS; k++) {
        struct nvc_sim_person person = nvc_sim_person(spec, spec->n_cases + spec->n_controls + k);
        struct nvc_sim_head head = { 0 };
        struct nvc_sim_run run = { 0 };
        double mean[2];
        status = nvc_sim_head_init(&head, spec, &person, bla, true, err);
        if (!status)
            status = nvc_sim_run_init(&run, spec, events, &person, err);
        for (int group = 0; !status && group < 2; group++) {
            person.is_case = group == 1;
            status = average_gains(&mean[group], person, chain, spec, events, bla, &head, &run, err);
        }
        if (!status) {
            p->psc_control += mean[0] / HEADS;
            p->psc_case += mean[1] / HEADS;
        }
        nvc_sim_run_release(&run);
        nvc_sim_head_release(&head);
    }
    return status;
}
