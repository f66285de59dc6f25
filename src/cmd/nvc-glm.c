#include "base/memory.h"
#include "cli/cmd.h"
#include "cmd/shared/bold.h"
#include "cmd/glm/model.h"
#include "cmd/glm/text.h"
#include "io/nifti.h"
#include "math/lsq.h"
#include "table/diagnosis.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What --noise offers; the others of nvc_noise_names come from --compat and --arma. */
static const char *const noise_choices[] = { "ols", "ar1", "ar1-reml", "arma11", NULL };
static const char *const compat_choices[] = { "none", "afni", NULL };

static const struct glm_options defaults = {
    .model = DESIGN_DEFAULTS, .noise = NVC_NOISE_ARMA11, .threads = 1, .memory_mib = 4096, .output = "-"
};

static const struct nvc_opt opts[] = {
    OPT_GROUP("Model"),
    OPT_LIST(struct glm_options, designs, 'd', "design", "TSV",
             "design matrix of nvc-design, or any table of regressors, one for each run; without it the model is made from events"),
    OPT_LIST(struct glm_options, contrasts, 'C', "contrast", "CONTRAST",
             "[NAME =] EXPRESSION of regressors, as 'face - house'; in brackets, rows parted by ;, an F test"),
    OPT_FLAG(struct glm_options, regressors, 0, "regressors", "a row for every column of the design, confounds and drift, too"),
    OPT_LIST(struct glm_options, minus, 0, "minus", "REGION",
             "rows of every other region of the same side minus this control region, with the covariance of the two"),
    OPT_LIST(struct glm_options, heights, 0, "h-ref", "NAME=HEIGHT",
             "height of a regressor for one isolated event, for percent signal change with a design that does not know it"),
    DESIGN_OPTIONS(struct glm_options, model),
    OPT_CHOICE(struct glm_options, runs, 0, "runs", "HOW", glm_runs_names,
               "several runs: fixed, their precision-weighted mean beside them; joint, one model of all; each, by itself"),
    OPT_GROUP("Noise"),
    OPT_CHOICE(struct glm_options, noise, 'n', "noise", "MODEL", noise_choices, "serial correlation of the noise"),
    OPT_CHOICE(struct glm_options, compat, 0, "compat", "PROGRAM", compat_choices,
               "afni: arma11 by 3dREMLfit's own recipe, grid, descent and banded correlation"),
    OPT_TEXT(struct glm_options, arma, 0, "arma", "A,B", "arma11 at this pair of parameters, 3dREMLfit's way, instead of estimating it"),
    OPT_GROUP("Images"),
    OPT_INPUT(struct glm_options, mask, 0, "mask", "IMAGE", "*.nii *.nii.gz", "voxels above 0 are fitted; without it all"),
    OPT_TEXT(struct glm_options, maps, 'p', "maps", "PREFIX", "how the names of the maps begin, folder included"),
    OPT_LIST(struct glm_options, map_names, 0, "map", "WHICH",
             "maps to write, parted by commas: effect, variance, t, z, p, psc, F, r2, sigma, ar, ma, whiteness, mean (all but p, psc, "
             "whiteness and mean)"),
    OPT_FLAG(struct glm_options, percent, 0, "percent", "effect, variance and sigma in percent of the mean of each voxel"),
    OPT_OUTPUT(struct glm_options, residuals, 0, "residuals", "IMAGE", "*.nii.gz", "what the model leaves, one volume for each of its rows"),
    OPT_INPUT(struct glm_options, regions, 'r', "regions", "MASK", "*.nii *.nii.gz",
              "regions, from nvc-mask or any label image, to be fitted as well, their table to --output"),
    OPT_INPUT(struct glm_options, labels, 'l', "labels", "TABLE", "*.tsv *.txt *.xml", "names of the values of a label image that carries none"),
    OPT_TEXT(struct glm_options, tr, 0, "tr", "TR", "repetition time to believe: header, sidecar or SECONDS"),
    OPT_ORIENTATION(struct glm_options, orientation),
    OPT_TEXT(struct glm_options, bids_name, 0, "bids-name", "NAME",
             "file name to read subject, task, run and space from, for standard input"),
    OPT_INT(struct glm_options, memory_mib, 0, "memory", "MIB", 16, 1 << 24,
            "memory for the voxels of the mask, 4 bytes for each and volume; a larger file is read several times, a larger pipe refused"),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct glm_options, diagnosis, 0, "diagnosis", "TSV", "*.tsv", "whiteness, leverage and influence, a row for each region"),
    OPT_OUTPUT(struct glm_options, fit, 0, "fit", "TSV", "*.tsv", "signal, fit, residual, leverage and influence, a row for each volume"),
    OPT_OUTPUT(struct glm_options, figure, 0, "figure", "PICTURE", "*.png *.svg *.pdf", "fit against data, parts of the conditions and residuals "
               "of each region"),
    OPT_OUTPUT(struct glm_options, voi, 0, "voi", "TSV", "*.tsv", "eigenvariate of each region's voxels (from nvc-extract --summary all), whitened "
               "and adjusted for the conditions, as a series"),
    OPT_INT(struct glm_options, threads, 'j', "threads", "N", 1, 1024, "threads; the result does not depend on it"),
    OPT_OUTPUT(struct glm_options, output, 'o', "output", "TSV", "*.tsv", "the glm table"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "RUN", "series table of nvc-extract, or a 4-D image, several for the runs of one person; - is standard input",
      "*.tsv *.nii *.nii.gz", 0, -1 },
    { NULL, NULL, NULL, 0, 0 }
};

static const struct nvc_output outputs[] = {
    { "glm", "one row per region and contrast", nvc_glm_columns },
    { "diagnosis", "one row per region: does the model fit, and what does it hang on (--diagnosis)", nvc_diagnosis_columns },
    { "fit", "one row per region and volume (--fit)", nvc_fit_columns },
    { NULL, NULL, NULL }
};

static int check_kind(const struct glm_options *o, const char *path, bool image, size_t n, struct nvc_error *err)
{
    const char *only = o->mask ? "--mask" : o->maps ? "--maps" : o->map_names.n ? "--map" : o->percent ? "--percent"
                       : o->residuals ? "--residuals" : o->regions ? "--regions" : o->tr ? "--tr" : NULL;
    if (!image && only)
        return nvc_fail(err, NVC_EUSAGE, "%s is for an image, the run is a table", only);
    if (image && !o->maps && !o->regions)
        return nvc_fail(err, NVC_EUSAGE, "%s is an image: say what its maps are called (--maps PREFIX), or which regions are wanted "
                        "(--regions)", path);
    if (o->voi && (image || (n > 1 && o->runs != GLM_RUNS_JOINT)))
        return nvc_fail(err, NVC_EUSAGE, "--voi takes the voxels of one model: the table of nvc-extract --summary all, several runs "
                        "with --runs joint");
    if (image && !o->regions && glm_wants_diagnoses(o))
        return nvc_fail(err, NVC_EUSAGE, "%s is about regions, the run is an image: say which with --regions",
                        o->diagnosis ? "--diagnosis" : o->fit ? "--fit" : "--figure");
    if (image && n > 1 && (o->regions || o->runs == GLM_RUNS_EACH))
        return nvc_fail(err, NVC_EUSAGE, "%s: give one image at a time%s", o->regions ? "--regions" : "--runs each",
                        o->regions ? ", or the tables of nvc-extract" : "");
    if (image && n > 1 && o->residuals && o->runs == GLM_RUNS_FIXED)
        return nvc_fail(err, NVC_EUSAGE, "--residuals of several runs go with --runs joint");
    return 0;
}

static int fit(struct glm_model *models, struct nvc_stream **streams, size_t n, struct nvc_error *err)
{
    bool image = false, first = false;
    int status = 0;
    for (size_t r = 0; r < n && !status; r++) {
        status = bold_tell_kind(&streams[r], &image, models[r].path, err);
        first = r == 0 ? image : first;
        if (!status && image != first)
            status = nvc_fail(err, NVC_EDATA, "%s is %s, %s %s: runs are of one kind", models[0].path, first ? "an image" : "a table",
                              models[r].path, image ? "an image" : "a table");
    }
    if (!status)
        status = check_kind(models->o, models->path, image, n, err);
    if (!status)
        status = image ? glm_images(models, streams, n, err) : glm_tables(models, streams, n, err);
    for (size_t r = 0; r < n; r++)
        nvc_stream_close(streams[r]);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    const struct glm_options *o = options;
    size_t n = n_args ? (size_t)n_args : 1;
    struct glm_inputs inputs = { .marks = nvc_array(n * GLM_MARKS, sizeof *inputs.marks, err) };
    struct glm_model *models = nvc_array(n, sizeof *models, err);
    struct nvc_stream **streams = nvc_array(n, sizeof *streams, err);
    int status = inputs.marks && models && streams ? 0 : NVC_ESYS;
    nvc_blas_single_thread();
    if (!status && o->designs.n != n && (o->designs.n || n > 1))
        status = nvc_fail(err, NVC_EUSAGE, "%zu runs and %zu designs: give --design (-d) once for each run; events go with -e, confounds with -c", n, o->designs.n);
    for (size_t r = 0; r < n && !status; r++) {
        models[r] = (struct glm_model){ .o = o, .inputs = &inputs, .path = n_args ? args[r] : "-",
                                        .design_path = o->designs.n ? o->designs.items[r] : NULL };
        status = glm_model_check(&models[r], err);
    }
    if (!status)
        status = fit(models, streams, n, err);
    for (size_t r = 0; r < n && models; r++)
        glm_model_release(&models[r]);
    free(inputs.marks);
    free(models);
    free(streams);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-glm", .summary = "fit a general linear model to a run", .description = nvc_glm_description, .args = args_table,
    .opts = opts, .outputs = outputs, .sections = nvc_glm_sections, .examples = nvc_glm_examples,
    .references = nvc_glm_references, .see_also = nvc_glm_see_also, .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv) { return nvc_main(&cmd, argc, argv); }
