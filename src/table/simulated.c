#include "table/simulated.h"

#include "io/tsv.h"

const struct nvc_column nvc_sim_participants_columns[] = {
    { "participant_id", NULL, "participant" },
    { "group", NULL, "patient or control" },
    { "age", "years", "age at the scan" },
    { "sex", NULL, "F or M" },
    { "score", NULL, "clinical score; in patients it rises as the coupling gain falls" },
    { 0 },
};

const struct nvc_column nvc_sim_events_columns[] = {
    { "onset", "s", "start of the block after the start of the first stored volume" },
    { "duration", "s", "length of the block" },
    { "trial_type", NULL, "face or shape" },
    { 0 },
};

const struct nvc_column nvc_sim_truth_columns[] = {
    { "participant_id", NULL, "participant" },
    { "group", NULL, "patient or control" },
    { "gain", NULL, "coupling gain: how strongly the vessels answer the same neural response" },
    { "psc_noisefree", "%", "percent signal change to a block of faces that the chain finds in the BLA without noise: mean of both sides" },
    { "psc_noisefree_L", "%", "the same in BLA_L" },
    { "psc_noisefree_R", "%", "the same in BLA_R" },
    { 0 },
};

static const char *group_of(const struct nvc_sim_person *p)
{
    return p->is_case ? "patient" : "control";
}

int nvc_sim_participants_write(struct nvc_text *out, const struct nvc_sim_spec *spec, struct nvc_error *err)
{
    int status = nvc_tsv_header(out, nvc_sim_participants_columns, err);
    for (size_t i = 0; !status && i < spec->n_cases + spec->n_controls; i++) {
        struct nvc_sim_person p = nvc_sim_person(spec, i);
        status = nvc_text_printf(out, err, "%s\t%s\t%.0f\t%c\t%.0f\n", p.participant_id, group_of(&p), p.age, p.sex, p.score);
    }
    return status;
}

int nvc_sim_events_write(struct nvc_text *out, const struct nvc_events *events, struct nvc_error *err)
{
    int status = nvc_tsv_header(out, nvc_sim_events_columns, err);
    for (size_t i = 0; !status && i < events->n; i++)
        if (!(status = nvc_tsv_real(out, events->onset_s[i], false, err)) &&
            !(status = nvc_tsv_real(out, events->duration_s[i], false, err)))
            status = nvc_tsv_cell(out, events->conditions[events->condition[i]], true, err);
    return status;
}

int nvc_sim_confounds_write(struct nvc_text *out, const struct nvc_sim_confounds *c, struct nvc_error *err)
{
    int status = 0;
    for (size_t k = 0; !status && k < c->n_cols; k++)
        status = nvc_tsv_cell(out, c->names[k], k + 1 == c->n_cols, err);
    for (size_t t = 0; !status && t < c->n_rows; t++)
        for (size_t k = 0; !status && k < c->n_cols; k++)
            status = nvc_tsv_real(out, c->values[t + c->n_rows * k], k + 1 == c->n_cols, err);
    return status;
}

int nvc_sim_truth_write(struct nvc_text *out, const struct nvc_sim_spec *spec, const double (*truth)[2],
                        struct nvc_error *err)
{
    int status = nvc_tsv_header(out, nvc_sim_truth_columns, err);
    for (size_t i = 0; !status && i < spec->n_cases + spec->n_controls; i++) {
        struct nvc_sim_person p = nvc_sim_person(spec, i);
        status = nvc_text_printf(out, err, "%s\t%s\t", p.participant_id, group_of(&p));
        if (!status)
            status = nvc_tsv_real(out, p.gain, false, err);
        const double *psc = truth[i], shown[3] = { (psc[0] + psc[1]) / 2, psc[0], psc[1] };
        for (int k = 0; !status && k < 3; k++)
            status = nvc_tsv_real(out, shown[k], k == 2, err);
    }
    return status;
}
