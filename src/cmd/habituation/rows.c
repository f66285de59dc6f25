/* Rows of the slopes: of the blocks and of the trials of every condition and contrast. */
#include "cmd/habituation/job.h"
#include "math/dist.h"

#include <math.h>
#include <string.h>

/* Effects of one region and item in percent, from the blocks or from the models of the trials; NaN where there is none. */
struct effects { double value[NVC_HAB_EFFECTS], variance[NVC_HAB_EFFECTS], dof[NVC_HAB_EFFECTS]; };

static double mean_signal(const struct habituation_job *j, size_t region)
{
    const struct nvc_series *s = &j->run.series;
    double s0 = 0;
    for (size_t i = (size_t)j->o->run.dummy_scans; i < s->n_volumes; i++)
        s0 += s->Y[i + s->n_volumes * region] / (double)j->run.design.n_rows;
    return s0;
}

static void collect(const struct habituation_job *j, size_t region, size_t item, bool trials, struct effects *e)
{
    const struct nvc_series *s = &j->run.series;
    const size_t n = habituation_count(j, item, trials);
    const double s0 = mean_signal(j, region);
    for (int effect = 0; effect < NVC_HAB_EFFECTS; effect++) {
        const bool wants_more = (effect == NVC_HAB_QUADRATIC && n < 3) || (effect == NVC_HAB_DIFFERENCE && n < 4);
        int way = HAB_BLOCKS;
        for (int kind = 0; kind < NVC_TRIAL_KINDS && trials; kind++)
            if (nvc_trial_kind_has((enum nvc_trial_kind)kind, (enum nvc_habituation_effect)effect))
                way = HAB_TRIALS + kind;
        const size_t at = (item * NVC_HAB_EFFECTS + (size_t)effect) * s->n_regions + region;
        const bool fitted = j->glm[way] && !isnan(j->fit[way].variance[at]); /* a series that does not vary has no variance */
        const double unit = s0 > 0 && !wants_more && fitted ? 100 / s0 : NAN;
        e->value[effect] = e->variance[effect] = e->dof[effect] = NAN;
        if (isnan(unit))
            continue;
        e->value[effect] = unit * j->fit[way].effect[at];
        e->variance[effect] = unit * unit * j->fit[way].variance[at];
        e->dof[effect] = nvc_glm_dof(j->glm[way]);
    }
}

static int add(struct nvc_coupling *c, struct nvc_coupling_row row, const struct effects *e, int effect, struct nvc_error *err)
{
    row.value = e->value[effect], row.dof = e->dof[effect], row.se = sqrt(e->variance[effect]);
    nvc_coupling_interval(&row);
    return nvc_coupling_add(c, &row, err);
}

/* The slope of both halves, of four blocks or trials and more. */
static int add_halves(struct habituation_job *j, struct nvc_coupling_row row, size_t item, const struct effects *e, bool trials, struct nvc_error *err)
{
    int status = 0;
    row.index = trials ? "habituation_trial" : "habituation", row.unit = trials ? "%/trial" : "%/block";
    row.value = e->value[NVC_HAB_SLOPE], row.se = sqrt(e->variance[NVC_HAB_SLOPE]), row.dof = e->dof[NVC_HAB_SLOPE];
    for (int half = 0; half < 2 && habituation_count(j, item, trials) >= NVC_TRIAL_FEWEST && !status; half++)
        status = habituation_add_half(j, row, e->value[NVC_HAB_DIFFERENCE], sqrt(e->variance[NVC_HAB_DIFFERENCE]), half, err);
    return status;
}

static struct nvc_coupling_row row_of(const struct habituation_job *j, size_t region, size_t item)
{
    const struct nvc_series *s = &j->run.series;
    const struct nvc_region_facts *facts = s->regions + region;
    return (struct nvc_coupling_row){ .participant_id = s->who.participant_id, .session = s->who.session, .task = s->who.task, .run = s->who.run,
                                      .space = s->who.space, .atlas = facts->atlas, .region = facts->region, .side = facts->side,
                                      .class_name = "bold-response", .contrast = j->items[item].name,
                                      .noise = nvc_noise_names[j->o->noise], .n_vox = facts->n_vox, .coverage = facts->coverage,
                                      .tsnr = facts->tsnr, .mean_fd_mm = j->run.mean_fd_mm };
}

/* Rows of one region and item, from blocks or trials. */
static int item_rows(struct habituation_job *j, size_t region, size_t item, bool trials, struct nvc_error *err)
{
    static const char *const index[2][NVC_HAB_EFFECTS] = {
        { "habituation", "habituation_log", "habituation_quadratic", "psc_first", "psc_last", NULL, "psc_odd", "psc_even", NULL },
        { "habituation_trial", "habituation_trial_log", "habituation_trial_quadratic", "psc_first_trial", "psc_last_trial", NULL, "psc_odd_trial",
          "psc_even_trial", NULL } };
    static const char *const unit[2][NVC_HAB_EFFECTS] = { { "%/block", "%/ln(block)", "%/block2", "%", "%", NULL, "%", "%", NULL },
                                                          { "%/trial", "%/ln(trial)", "%/trial2", "%", "%", NULL, "%", "%", NULL } };
    /* The trials say the same as the blocks once more, a contrast the same as its conditions. */
    const bool second = (trials && habituation_has(j, item, false)) || item >= j->run.events.n_conditions;
    struct nvc_coupling_row row = row_of(j, region, item);
    struct effects e;
    int status = 0;
    collect(j, region, item, trials, &e);
    for (int effect = 0; effect < NVC_HAB_EFFECTS && !status; effect++) {
        row.index = index[trials][effect], row.unit = unit[trials][effect];
        row.note = effect >= NVC_HAB_LOG || second ? "derived" : "";
        if (isnan(e.dof[effect]))
            row.note = effect == NVC_HAB_QUADRATIC && habituation_count(j, item, trials) < 3 ? "few_blocks" : "not_estimable";
        if (row.index)
            status = add(&j->indices, row, &e, effect, err);
    }
    const struct nvc_decrement d = nvc_habituation_decrement(e.value[NVC_HAB_FIRST], e.variance[NVC_HAB_FIRST], e.value[NVC_HAB_LAST],
                                                             e.variance[NVC_HAB_LAST], e.variance[NVC_HAB_CHANGE], e.dof[NVC_HAB_FIRST]);
    row.note = second ? "derived" : "";
    if (!status)
        status = add_halves(j, row, item, &e, trials, err);
    row.index = trials ? "habituation_trial_decrement" : "habituation_decrement", row.unit = "%";
    row.note = isnan(e.dof[NVC_HAB_FIRST]) ? "not_estimable" : isnan(d.value) ? "weak_response" : "derived", row.dof = e.dof[NVC_HAB_FIRST];
    row.value = d.value, row.se = NAN, row.ci_low = d.ci_low, row.ci_high = d.ci_high;
    return status ? status : nvc_coupling_add(&j->indices, &row, err);
}

int habituation_rows(struct habituation_job *j, struct nvc_error *err)
{
    int status = 0;
    for (size_t region = 0; region < j->run.series.n_regions && !status; region++)
        for (size_t item = 0; item < j->n_items && !status; item++) {
            if (habituation_has(j, item, false))
                status = item_rows(j, region, item, false, err);
            if (!status && habituation_has(j, item, true))
                status = item_rows(j, region, item, true, err);
        }
    return status;
}
