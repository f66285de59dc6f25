#include "table/asl.h"

#include "base/memory.h"
#include "table/asl_field.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const struct nvc_asl_choice nvc_asl_no_choice = { -1, -1, -1, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN };

void nvc_asl_protocol_release(struct nvc_asl_protocol *p)
{
    nvc_asl_plan_release(&p->plan);
    free(p->slice_s);
    *p = (struct nvc_asl_protocol){ 0 };
}

static const struct { const char *name; enum nvc_asl_volume type; } volume_types[] = {
    { "control", NVC_VOL_CONTROL }, { "label", NVC_VOL_LABEL }, { "m0scan", NVC_VOL_M0 }, { "deltam", NVC_VOL_DELTAM },
    { "cbf", NVC_VOL_CBF }, { "noRF", NVC_VOL_OTHER }, { "n/a", NVC_VOL_OTHER },
};

static int read_context(enum nvc_asl_volume *type, const struct nvc_table *t, size_t n_volumes, struct nvc_error *err)
{
    const size_t n_types = sizeof volume_types / sizeof *volume_types;
    size_t col;
    int status = nvc_table_need(t, "volume_type", &col, err);
    if (!status && t->n_rows != n_volumes)
        status = nvc_fail(err, NVC_EDATA, "%s: %zu rows, but the image has %zu volumes; every volume needs its row", t->path, t->n_rows, n_volumes);
    for (size_t i = 0; i < n_volumes && !status; i++) {
        const char *cell = nvc_table_cell(t, i, col);
        size_t k = 0;
        while (k < n_types && strcmp(cell, volume_types[k].name))
            k++;
        if (k == n_types)
            return nvc_fail(err, NVC_EDATA, "%s: line %zu: volume_type '%.40s' is none of control, label, m0scan, deltam, cbf, noRF", t->path,
                            nvc_table_line(t, i), cell);
        type[i] = volume_types[k].type;
    }
    return status;
}

static int read_kind(struct nvc_asl *a, const struct asl_fields *f, int choice, struct nvc_error *err)
{
    static const char *const names[] = { "PCASL", "CASL", "PASL" };
    const char *found = nvc_json_get_text(f->meta, "ArterialSpinLabelingType", "");
    if (choice >= 0) {
        a->kind = (enum nvc_asl_kind)choice;
        return 0;
    }
    for (int k = 0; k < 3; k++)
        if (!strcmp(found, names[k])) {
            a->kind = (enum nvc_asl_kind)k;
            return 0;
        }
    return nvc_fail(err, NVC_EDATA, "%s: ArterialSpinLabelingType is '%.40s'; PCASL, CASL or PASL is wanted (--type)", f->what, found);
}

/* tau of (P)CASL; of PASL TI1, which only a bolus that is cut off has.  Without a choice that of (P)CASL is read volume by volume. */
static int read_label(struct nvc_asl *a, const struct asl_fields *f, double choice, struct nvc_error *err)
{
    static const struct asl_range cut = { "BolusCutOffDelayTime", "--label-duration", 0.1, 3 };
    if (!isnan(choice)) {
        a->label_s = choice;
        return 0;
    }
    if (a->kind != NVC_ASL_PASL)
        return 0;
    const char *technique = nvc_json_get_text(f->meta, "BolusCutOffTechnique", "");
    if (json_is_true(json_object_get(f->meta, "BolusCutOffFlag")) && strcmp(technique, "QUIPSSII") && strcmp(technique, "Q2TIPS"))
        return nvc_fail(err, NVC_EDATA, "%s: BolusCutOffTechnique is '%.40s'; the width of the bolus is known for QUIPSSII and Q2TIPS only "
                        "(--label-duration TI1 if it is)", f->what, technique);
    int status = nvc_asl_field_first(&a->label_s, f, &cut, err);
    if (!status && isnan(a->label_s))
        return nvc_fail(err, NVC_EDATA, "%s: no BolusCutOffDelayTime, so the width of the bolus is unknown; give --label-duration TI1", f->what);
    return status;
}

static int read_efficiency(struct nvc_asl *a, const struct asl_fields *f, const struct nvc_asl_choice *choice, struct nvc_error *err)
{
    static const struct asl_range efficiency = { "LabelingEfficiency", "--efficiency", 0.2, 1 };
    const json_t *flag = json_object_get(f->meta, "BackgroundSuppression"), *times = json_object_get(f->meta, "BackgroundSuppressionPulseTime");
    double given = choice->efficiency, pulses = choice->pulses < 0 ? NAN : (double)choice->pulses;
    int status = isnan(given) ? nvc_asl_field_same(&given, f, &efficiency, false, err) : 0;
    if (!status && isnan(pulses))
        status = nvc_json_get_real(f->meta, "BackgroundSuppressionNumberPulses", &pulses, err);
    if (status)
        return status;
    if (isnan(pulses) && json_is_array(times))
        pulses = (double)json_array_size(times);
    if (isnan(pulses) && !json_is_true(flag))
        pulses = 0;
    if (isnan(given) && isnan(pulses))
        return nvc_fail(err, NVC_EDATA, "%s: the background is suppressed, but neither BackgroundSuppressionNumberPulses nor LabelingEfficiency "
                        "is there: give --pulses N or --efficiency ALPHA", f->what);
    if (isnan(given) && !(pulses >= 0 && pulses <= 20))
        return nvc_fail(err, NVC_EDATA, "%s: BackgroundSuppressionNumberPulses is %g; 0 to 20 is wanted (--pulses)", f->what, pulses);
    a->alpha = isnan(given) ? nvc_asl_efficiency(a->kind, (int)pulses) : given;
    return 0;
}

static int read_times(struct nvc_asl *a, const struct asl_fields *f, const struct nvc_asl_choice *choice, struct nvc_error *err)
{
    static const struct asl_range field = { "MagneticFieldStrength", "--field", 0.1, 20 };
    double tesla = choice->tesla;
    const bool needed = isnan(choice->t1_blood_s);
    int status = isnan(tesla) ? nvc_asl_field_same(&tesla, f, &field, needed, err) : 0;
    if (status)
        return status;
    if (!isnan(choice->haematocrit) && !(fabs(tesla - 3) < 0.2))
        return nvc_fail(err, NVC_EDATA, "%s: --haematocrit makes T1 of blood at 3 T only, the field is %g T: give --t1-blood", f->what, tesla);
    a->t1_blood_s = needed ? nvc_asl_t1_blood(tesla, choice->haematocrit) : choice->t1_blood_s;
    a->t1_tissue_s = isnan(choice->t1_tissue_s) ? nvc_asl_t1_tissue(tesla) : choice->t1_tissue_s;
    if (!isnan(choice->lambda))
        a->lambda = choice->lambda;
    return 0;
}

static int read_slices(struct nvc_asl_protocol *p, const struct asl_fields *f, size_t n_slices, double step_s, struct nvc_error *err)
{
    static const struct asl_range timing = { "SliceTiming", "--slice-step", 0, 10 };
    const json_t *slices = json_object_get(f->meta, "SliceTiming");
    const char *axis = nvc_json_get_text(f->meta, "SliceEncodingDirection", "k");
    double first = INFINITY;
    if (isnan(step_s) && strcmp(nvc_json_get_text(f->meta, "MRAcquisitionType", "3D"), "2D") != 0)
        return 0;
    if (!(p->slice_s = nvc_array(n_slices, sizeof *p->slice_s, err)))
        return NVC_ESYS;
    p->n_slices = n_slices;
    for (size_t k = 0; k < n_slices && !isnan(step_s); k++)
        p->slice_s[k] = (double)k * step_s;
    if (!isnan(step_s))
        return 0;
    if (json_array_size(slices) != n_slices || *axis != 'k')
        return nvc_fail(err, NVC_EDATA, "%s: the acquisition is 2D, so the delay grows with the slice: SliceTiming has %zu times along %s, the image %zu "
                        "slices along k; give --slice-step SECONDS (0: as if 3D)", f->what, json_array_size(slices), axis, n_slices);
    for (size_t k = 0; k < n_slices; k++) {
        const size_t from = axis[1] == '-' ? n_slices - 1 - k : k;
        int status = nvc_asl_check(&p->slice_s[k], json_array_get(slices, from), f, &timing, err);
        if (status)
            return status;
        first = fmin(first, p->slice_s[k]);
    }
    for (size_t k = 0; k < n_slices; k++)
        p->slice_s[k] -= first;
    return 0;
}

/* Where M0 comes from: as the option says, the sidecar, or as the volumes suggest. */
static int choose_m0(struct nvc_asl_protocol *p, const struct asl_fields *f, int choice, struct nvc_error *err)
{
    static const char *const names[] = { "Included", "Separate", "Estimate", "Absent" };
    const char *found = nvc_json_get_text(f->meta, "M0Type", p->plan.n_m0 ? "Included" : "Absent");
    int k = choice;
    for (int i = 0; i < 4 && k < 0; i++)
        k = !strcmp(found, names[i]) ? i : -1;
    if (k < 0)
        return nvc_fail(err, NVC_EDATA, "%s: M0Type is '%.40s'; Included, Separate, Estimate or Absent is wanted (--m0)", f->what, found);
    p->m0 = (enum nvc_m0_source)k;
    if (p->m0 == NVC_M0_INCLUDED && !p->plan.n_m0)
        return nvc_fail(err, NVC_EDATA, "%s: M0Type is Included, but no row of the context is m0scan; give --m0", f->what);
    if (p->m0 == NVC_M0_CONTROL && choice < 0 && json_is_true(json_object_get(f->meta, "BackgroundSuppression")))
        return nvc_fail(err, NVC_EDATA, "%s: there is no M0, and the control volumes cannot stand in, for their background is suppressed; give --m0 FILE "
                        "or a number", f->what);
    for (size_t t = 0; t < p->plan.n_volumes && p->m0 == NVC_M0_CONTROL; t++)
        if (p->plan.type[t] == NVC_VOL_CONTROL)
            return 0;
    return p->m0 == NVC_M0_CONTROL ? nvc_fail(err, NVC_EDATA, "%s: there is neither an M0 nor a control volume; give --m0 FILE or a number", f->what) : 0;
}

static bool shows_brain(const struct nvc_asl_protocol *p, const struct asl_fields *f)
{
    for (size_t t = 0; t < p->plan.n_volumes; t++)
        if (p->plan.type[t] == NVC_VOL_CONTROL)
            return !json_is_true(json_object_get(f->meta, "BackgroundSuppression"));
    return false;
}

/* Repetition time of the first volume of a kind. */
static int repetition_of(double *tr_s, const struct nvc_asl_protocol *p, const struct asl_fields *f, enum nvc_asl_volume type, struct nvc_error *err)
{
    static const struct asl_range preparation = { "RepetitionTimePreparation", "--m0-tr", 0.2, 100 };
    size_t t = 0;
    while (t < p->plan.n_volumes && p->plan.type[t] != type)
        t++;
    *tr_s = NAN;
    return t < p->plan.n_volumes ? nvc_asl_field_at(tr_s, f, &preparation, t, false, err) : 0;
}

static int read_m0(struct nvc_asl_protocol *p, const struct asl_fields *f, const struct nvc_asl_choice *choice, struct nvc_error *err)
{
    static const struct asl_range estimate = { "M0Estimate", "--m0", 1e-6, 1e12 };
    int status = choose_m0(p, f, choice->m0, err);
    p->m0_estimate = choice->m0_estimate;
    if (!status && p->m0 == NVC_M0_ESTIMATE && isnan(p->m0_estimate))
        status = nvc_asl_field_same(&p->m0_estimate, f, &estimate, true, err);
    p->shows_brain = shows_brain(p, f);
    if (!status)
        status = repetition_of(&p->m0_tr_s, p, f, p->m0 == NVC_M0_CONTROL ? NVC_VOL_CONTROL : NVC_VOL_M0, err);
    if (!isnan(choice->m0_tr_s))
        p->m0_tr_s = choice->m0_tr_s;
    return status;
}

static bool carries_signal(enum nvc_asl_volume type) { return type != NVC_VOL_OTHER && type != NVC_VOL_M0; }

/* One number for each volume that control, label or a difference is. */
static int read_each(double *seconds, const struct asl_fields *f, const struct asl_range *field, const enum nvc_asl_volume *type, double choice,
                     struct nvc_error *err)
{
    int status = 0;
    for (size_t t = 0; t < f->n_volumes && !status; t++) {
        seconds[t] = choice;
        if (isnan(choice) && carries_signal(type[t]))
            status = nvc_asl_field_at(&seconds[t], f, field, t, true, err);
    }
    return status;
}

/* Delay and labelling duration of every volume; a->label_s becomes NaN when it varies. */
static int read_timing(double *delay_s, double *label_s, struct nvc_asl *a, const struct asl_fields *f, const enum nvc_asl_volume *type,
                       const struct nvc_asl_choice *choice, struct nvc_error *err)
{
    static const struct asl_range delay = { "PostLabelingDelay", "--delay", 0, 6 }, label = { "LabelingDuration", "--label-duration", 0.1, 6 };
    int status = read_each(delay_s, f, &delay, type, choice->delay_s, err);
    if (!status)
        status = read_each(label_s, f, &label, type, a->label_s, err);
    double first = NAN;
    bool varies = false;
    for (size_t t = 0; t < f->n_volumes && !status; t++)
        if (carries_signal(type[t])) {
            first = isnan(first) ? label_s[t] : first;
            varies = varies || fabs(label_s[t] - first) > 1e-4;
        }
    a->label_s = varies ? NAN : first;
    return status;
}

int nvc_asl_protocol_read(struct nvc_asl_protocol *p, const struct nvc_table *context, const json_t *meta, const char *what,
                          size_t n_volumes, size_t n_slices, const struct nvc_asl_choice *choice, struct nvc_error *err)
{
    const struct asl_fields f = { meta, what, n_volumes };
    struct nvc_asl a = { .kind = NVC_ASL_PCASL };
    enum nvc_asl_volume *type = nvc_array(n_volumes, sizeof *type, err);
    double *delay_s = nvc_array(n_volumes, sizeof *delay_s, err), *label_s = nvc_array(n_volumes, sizeof *label_s, err);
    int status = type && delay_s && label_s ? read_context(type, context, n_volumes, err) : NVC_ESYS;
    bool flow = false;
    *p = (struct nvc_asl_protocol){ .m0_estimate = NAN, .m0_tr_s = NAN, .pair_s = NAN };
    for (size_t t = 0; t < n_volumes && !status; t++)
        flow = flow || type[t] == NVC_VOL_CBF;
    if (!status && !flow)
        status = read_kind(&a, &f, choice->kind, err);
    p->asl = nvc_asl_defaults(a.kind, NAN);
    if (!status && !flow && !(status = read_label(&p->asl, &f, choice->label_s, err)) && !(status = read_efficiency(&p->asl, &f, choice, err)) &&
        !(status = read_times(&p->asl, &f, choice, err)))
        status = read_timing(delay_s, label_s, &p->asl, &f, type, choice, err);
    if (!status && (status = nvc_asl_plan_init(&p->plan, type, delay_s, flow || !isnan(p->asl.label_s) ? NULL : label_s, n_volumes, err)))
        (void)nvc_fail_in(err, "%s", context->path);
    if (!status && !flow && !(status = read_slices(p, &f, n_slices, choice->slice_step_s, err)))
        status = read_m0(p, &f, choice, err);
    if (!status)
        status = repetition_of(&p->pair_s, p, &f, NVC_VOL_CONTROL, err);
    free(type);
    free(delay_s);
    free(label_s);
    if (status)
        nvc_asl_protocol_release(p);
    return status;
}

int nvc_asl_protocol_of_cbf(struct nvc_asl_protocol *p, size_t n_volumes, struct nvc_error *err)
{
    enum nvc_asl_volume *type = nvc_array(n_volumes, sizeof *type, err);
    double *no_delay_s = nvc_array(n_volumes, sizeof *no_delay_s, err);
    *p = (struct nvc_asl_protocol){ .m0_estimate = NAN, .m0_tr_s = NAN, .pair_s = NAN };
    for (size_t t = 0; type && t < n_volumes; t++)
        type[t] = NVC_VOL_CBF;
    int status = type && no_delay_s ? nvc_asl_plan_init(&p->plan, type, no_delay_s, NULL, n_volumes, err) : NVC_ESYS;
    free(type);
    free(no_delay_s);
    return status;
}

int nvc_asl_m0_repetition(double *tr_s, const json_t *meta, const char *what, struct nvc_error *err)
{
    static const struct asl_range preparation = { "RepetitionTimePreparation", "--m0-tr", 0.2, 100 }, plain = { "RepetitionTime", "--m0-tr", 0.2, 100 };
    const struct asl_fields f = { meta, what, 1 };
    int status = nvc_asl_field_first(tr_s, &f, &preparation, err);
    return !status && isnan(*tr_s) ? nvc_asl_field_first(tr_s, &f, &plain, err) : status;
}
