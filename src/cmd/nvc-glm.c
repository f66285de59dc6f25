#include "cli/cmd.h"
#include "cmd/glm_model.h"
#include "cmd/glm_text.h"
#include "io/nifti.h"
#include "math/lsq.h"
#include "table/glm.h"
#include "table/series.h"

#include <math.h>
#include <string.h>

/* What --noise offers; the others of nvc_noise_names come from --compat and --arma. */
static const char *const noise_choices[] = { "ols", "ar1", "ar1-reml", "arma11", NULL };
static const char *const compat_choices[] = { "none", "afni", NULL };

static const struct glm_options defaults = {
    .model = DESIGN_DEFAULTS, .noise = NVC_NOISE_ARMA11, .threads = 1, .memory_mib = 4096, .output = "-"
};

static const struct nvc_opt opts[] = {
    OPT_GROUP("Model"),
    OPT_INPUT(struct glm_options, design, 'd', "design", "TSV", "*.tsv",
              "design matrix of nvc-design, or any table of regressors; without it the model is made from events", .exclusive = 101),
    OPT_LIST(struct glm_options, contrasts, 'C', "contrast", "CONTRAST",
             "[NAME =] EXPRESSION of regressors, as 'face - house'; in brackets, rows parted by ;, an F test"),
    OPT_FLAG(struct glm_options, regressors, 0, "regressors", "a row for every column of the design, confounds and drift, too"),
    OPT_LIST(struct glm_options, heights, 0, "h-ref", "NAME=HEIGHT",
             "height of a regressor for one isolated event, for percent signal change with a design that does not know it"),
    DESIGN_OPTIONS(struct glm_options, model),
    OPT_GROUP("Noise"),
    OPT_CHOICE(struct glm_options, noise, 'n', "noise", "MODEL", noise_choices, "serial correlation of the noise"),
    OPT_CHOICE(struct glm_options, compat, 0, "compat", "PROGRAM", compat_choices,
               "afni: arma11 by 3dREMLfit's own recipe, grid, descent and banded correlation"),
    OPT_TEXT(struct glm_options, arma, 0, "arma", "A,B", "arma11 at this pair of parameters, 3dREMLfit's way, instead of estimating it"),
    OPT_GROUP("Images"),
    OPT_INPUT(struct glm_options, mask, 0, "mask", "IMAGE", "*.nii *.nii.gz", "voxels above 0 are fitted; without it all"),
    OPT_TEXT(struct glm_options, maps, 'p', "maps", "PREFIX", "how the names of the maps begin, folder included"),
    OPT_LIST(struct glm_options, map_names, 0, "map", "WHICH",
             "maps to write, parted by commas: effect, variance, t, z, p, psc, F, r2, sigma, ar, ma, mean (all but p, psc and mean)"),
    OPT_FLAG(struct glm_options, percent, 0, "percent", "effect, variance and sigma in percent of the mean of each voxel"),
    OPT_OUTPUT(struct glm_options, residuals, 0, "residuals", "IMAGE", "*.nii.gz", "what the model leaves, one volume for each of its rows"),
    OPT_INPUT(struct glm_options, regions, 'r', "regions", "MASK", "*.nii *.nii.gz",
              "regions, from nvc-mask or any label image, to be fitted as well, their table to --output"),
    OPT_INPUT(struct glm_options, labels, 'l', "labels", "TABLE", "*.tsv *.txt *.xml", "names of the values of a label image that carries none"),
    OPT_TEXT(struct glm_options, tr, 0, "tr", "TR", "header, sidecar or seconds: which repetition time to believe when they differ"),
    OPT_TEXT(struct glm_options, bids_name, 0, "bids-name", "NAME",
             "file name to read subject, task, run and space from, for standard input"),
    OPT_INT(struct glm_options, memory_mib, 0, "memory", "MIB", 16, 1 << 24,
            "memory for the voxels of the mask, 4 bytes for each and volume; a larger file is read several times, a larger pipe refused"),
    OPT_GROUP("Output"),
    OPT_INT(struct glm_options, threads, 'j', "threads", "N", 1, 1024, "threads; the result does not depend on it"),
    OPT_OUTPUT(struct glm_options, output, 'o', "output", "TSV", "*.tsv", "where to write the glm table"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "RUN", "series table of nvc-extract, or a 4-D image; - is standard input", "*.tsv *.nii *.nii.gz", 0, 1 },
    { NULL, NULL, NULL, 0, 0 }
};

static const struct nvc_output outputs[] = {
    { "glm", "one row per region and contrast", nvc_glm_columns },
    { NULL, NULL, NULL }
};

static int check_image_options(const struct glm_options *o, bool image, struct nvc_error *err)
{
    const char *only = o->mask ? "--mask" : o->maps ? "--maps" : o->map_names.n ? "--map" : o->percent ? "--percent"
                       : o->residuals ? "--residuals" : o->regions ? "--regions" : o->tr ? "--tr" : NULL;
    if (!image && only)
        return nvc_fail(err, NVC_EUSAGE, "%s is for an image, the run is a table", only);
    if (image && !o->maps && !o->regions)
        return nvc_fail(err, NVC_EUSAGE, "the run is an image: say what its maps are called (--maps PREFIX), or which regions are wanted "
                        "(--regions)");
    return 0;
}

static int fit_table(struct glm_model *m, const struct glm_options *o, struct nvc_stream *stream, struct nvc_error *err)
{
    struct nvc_table t;
    struct nvc_series series = { 0 };
    int status = stream ? nvc_table_read_stream(&t, stream, false, err) : nvc_table_read(&t, m->path, err);
    if (status)
        return status;
    m->marks[m->n_marks++] = (struct nvc_input_mark){ m->path, t.crc32, t.bytes };
    status = nvc_series_parse(&series, &t, err);
    nvc_table_release(&t);
    struct design_run run = design_run_of(&series);
    if (!status)
        status = glm_model_read(m, o, &run, false, err);
    if (!status)
        status = glm_series(m, o, &series, err);
    nvc_series_release(&series);
    return status;
}

/* An image or a table, told by its first bytes.  A regular file is opened anew by its reader; what can be read only
 * once is read on. */
static int fit(struct glm_model *m, const struct glm_options *o, struct nvc_error *err)
{
    struct nvc_stream *stream;
    unsigned char head[8];
    size_t n;
    int status = nvc_stream_open(&stream, m->path, NVC_INFLATE_BEST, err);
    if (status)
        return status;
    status = nvc_stream_peek(stream, head, sizeof head, &n, err);
    bool image = !status && ((n >= 4 && nvc_nifti_sniff(head, n)) || nvc_has_suffix(m->path, ".hdr") || nvc_has_suffix(m->path, ".img"));
    if (nvc_stream_is_regular(stream) && strcmp(m->path, "-") != 0) {
        nvc_stream_close(stream);
        stream = NULL;
    }
    if (!status)
        status = check_image_options(o, image, err);
    if (status) {
        nvc_stream_close(stream);
        return status;
    }
    if (image)
        return glm_image(m, o, stream, err); /* which owns the stream */
    status = fit_table(m, o, stream, err);
    nvc_stream_close(stream);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    struct glm_model m = { .path = n_args ? args[0] : "-" };
    nvc_blas_single_thread();
    int status = glm_model_check(&m, options, err);
    if (!status)
        status = fit(&m, options, err);
    glm_model_release(&m);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-glm", .summary = "fit a general linear model to a run", .description = nvc_glm_description, .args = args_table,
    .opts = opts, .outputs = outputs, .sections = nvc_glm_sections, .examples = nvc_glm_examples,
    .references = nvc_glm_references, .see_also = nvc_glm_see_also, .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv) { return nvc_main(&cmd, argc, argv); }
