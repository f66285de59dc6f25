#include "base/text.h"
#include "cli/cmd.h"
#include "cli/output.h"
#include "table/coupling.h"

#include <math.h>

struct options {
    const char *confounds, *output;
};
static const struct options defaults = { .output = "-" };

static const struct nvc_opt opts[] = {
    OPT_GROUP("Input"),
    OPT_INPUT(struct options, confounds, 'c', "confounds", "TSV", "*.tsv",
              "confounds table of the run; the mean of its framewise_displacement goes into column mean_fd"),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TSV", "*.tsv", "where to write the coupling table"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "GLM", "table of nvc-glm; without it standard input", "*.tsv", 0, 1 },
    { 0 }
};

static const char *const description[] = {
    "From the estimates of a run to one row per index: percent signal change and z of every condition and t contrast in every "
    "region, and for regions with both sides the difference right minus left, the laterality index and the mean of both sides.",
    "psc_rl is the difference right minus left; its standard error includes the covariance of the two regions, which share "
    "most of their noise.  li_psc = (R-L)/(R+L) is given only where the response of both sides exceeds twice its standard "
    "error: with a response near 0 on one side the ratio is +-1 or anything.  psc of side B weights the sides by generalised "
    "least squares, so that the noisier one counts less.",
    "A value that the model left undefined is a row with n/a and a note, never a missing row.",
    NULL
};

static const struct nvc_section sections[] = {
    { "NOTES IN THE TABLE", (const char *const[]){
        "psc_undefined: percent signal change needs positive weights that sum to 1, negative ones that sum to -1, and the height "
        "of the regressor of a declared event.",
        "li_undefined: one side or both do not exceed twice their standard error.",
        "covariance_unknown: the table held no row of side RL, so the covariance of the two regions is not known.",
        "gls_of_sides: mean of both sides weighted by generalised least squares.",
        "derived: the row follows from others (z from psc, several conditions, two sides); nvc-group keeps it out of its family of tests.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "All of these indices are of class bold-response.  The BOLD signal mixes neural activity, blood flow, blood volume and "
        "oxygen consumption: a smaller response in patients may be less neural activity, stiffer vessels, another baseline flow, "
        "a drug, or a voxel that missed the nucleus.  None of these rows is by itself neurovascular coupling; rows of class "
        "coupling come from nvc-coupling with perfusion data.",
        "Percent signal change depends on the echo time, the field strength and the partial volume of the region.  Compare it "
        "within one protocol.", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "coupling", "one row per region, contrast and index", nvc_coupling_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-coupling -c sub-01/func/*_desc-confounds_timeseries.tsv glm.tsv > coupling.tsv", "all indices of a run" },
    { NULL, NULL }
};

static const char *const references[] = {
    "Logothetis NK. What we can do and what we cannot do with fMRI. Nature 2008;453:869-878. doi:10.1038/nature06976",
    "Infantolino ZP, et al. Robust is not necessarily reliable: from within-subjects fMRI contrasts to between-subjects "
    "comparisons. NeuroImage 2018;173:146-152. doi:10.1016/j.neuroimage.2018.02.024",
    NULL
};
static const char *const see_also[] = { "nvc-glm(1)", "nvc-group(1)", "nvc-tables(5)", NULL };

static int make(struct nvc_coupling *c, const struct nvc_table *in, const struct nvc_table *confounds, struct nvc_error *err)
{
    struct nvc_glm_table glm = { 0 };
    double mean_fd_mm = NAN;
    int status = nvc_glm_parse(&glm, in, err);
    if (!status && confounds->path)
        status = nvc_mean_fd(&mean_fd_mm, confounds, err);
    if (!status && (status = nvc_coupling_of_glm(c, &glm, mean_fd_mm, err)))
        status = nvc_fail_in(err, "%s", in->path);
    nvc_glm_table_release(&glm);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    const struct options *o = options;
    struct nvc_table in = { 0 }, confounds = { 0 };
    struct nvc_coupling c = { 0 };
    struct nvc_text text = { 0 };
    int status = nvc_table_read(&in, n_args ? args[0] : "-", err);
    if (!status && o->confounds)
        status = nvc_table_read(&confounds, o->confounds, err);
    if (!status)
        status = make(&c, &in, &confounds, err);
    if (!status)
        status = nvc_coupling_write(&text, &c, true, err);
    if (!status) {
        struct nvc_input_mark marks[] = { { in.path, in.crc32, in.bytes }, { o->confounds, confounds.crc32, confounds.bytes } };
        struct nvc_sidecar sidecar = { .columns = nvc_coupling_columns, .inputs = marks, .n_inputs = o->confounds ? 2 : 1 };
        status = nvc_output(o->output, &text, &sidecar, err);
    }
    nvc_text_release(&text);
    nvc_coupling_release(&c);
    nvc_table_release(&confounds);
    nvc_table_release(&in);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-coupling", .summary = "make coupling indices from the estimates of a run", .description = description,
    .args = args_table, .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references,
    .see_also = see_also, .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv)
{
    return nvc_main(&cmd, argc, argv);
}
