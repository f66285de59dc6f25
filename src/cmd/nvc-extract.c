#include "base/memory.h"
#include "cli/cmd.h"
#include "cli/message.h"
#include "cli/output.h"
#include "cli/provenance.h"
#include "cmd/shared/bold.h"
#include "cmd/extract/grey.h"
#include "math/lsq.h"
#include "model/region/brain.h"
#include "model/region/extract.h"
#include "table/mask.h"
#include "table/series.h"
#include "table/voxels.h"

#include <stdlib.h>
#include <string.h>

struct options {
    const char *mask, *labels, *brain_mask, *grey, *white, *csf, *tr, *bids_name, *output, *voxels;
    int summary, dummy_scans, plain, orientation, signed_data;
};
static const struct options defaults = { .output = "-" };

static const struct nvc_opt opts[] = {
    OPT_GROUP("What"),
    OPT_INPUT(struct options, mask, 'm', "mask", "MASK", "*.nii *.nii.gz",
              "regions, from nvc-mask or any label or weight image, on the grid of the run", .flags = NVC_OPT_REQUIRED),
    OPT_INPUT(struct options, labels, 'l', "labels", "TABLE", "*.tsv *.txt *.xml",
              "names of the values of a label image that carries none"),
    OPT_INPUT(struct options, brain_mask, 0, "brain-mask", "IMAGE", "*.nii *.nii.gz",
              "voxels outside are not used; also the brain that dropout is measured against"),
    OPT_INPUT(struct options, grey, 0, "grey", "IMAGE", "*.nii *.nii.gz",
              "probability of grey matter: extract its signal alone, by linear regression over 5 x 5 voxels; needs --white"),
    OPT_INPUT(struct options, white, 0, "white", "IMAGE", "*.nii *.nii.gz", "probability of white matter"),
    OPT_INPUT(struct options, csf, 0, "csf", "IMAGE", "*.nii *.nii.gz", "probability of cerebrospinal fluid"),
    OPT_GROUP("How"),
    OPT_CHOICE(struct options, summary, 's', "summary", "HOW", nvc_summary_names,
               "what becomes of the voxels of a region; auto is mean for a binary mask and weighted for weights"),
    OPT_INT(struct options, dummy_scans, 0, "dummy-scans", "N", 0, 1000,
            "first volumes that stay in the table but count neither for s0 nor tsnr nor the choice of voxels"),
    OPT_FLAG(struct options, signed_data, 0, "signed", "differences (flow series of nvc-cbf) or demeaned data: voxels with a mean of 0 or below count, too"),
    OPT_ORIENTATION(struct options, orientation),
    OPT_TEXT(struct options, tr, 0, "tr", "TR", "repetition time to believe: header, sidecar or SECONDS"),
    OPT_TEXT(struct options, bids_name, 0, "bids-name", "NAME", "file name to read subject, task, run and space from, for standard input"),
    OPT_GROUP("Output"),
    OPT_OUTPUT(struct options, output, 'o', "output", "TSV", "*.tsv", "series table"),
    OPT_OUTPUT(struct options, voxels, 0, "voxels", "TSV", "*.tsv", "with --summary all: where the voxel of each column lies"),
    OPT_FLAG(struct options, plain, 0, "plain", "no first line of facts on standard output"),
    OPT_END
};

static const struct nvc_arg args_table[] = {
    { "BOLD", "4-D image of the run; - is standard input", "*.nii *.nii.gz", 0, 1 },
    { NULL, NULL, NULL, 0, 0 }
};

static const char *const description[] = {
    "Regional time series of a run, in one pass over the image.  Held in memory are one volume and 8 bytes for each voxel of a "
    "region and volume.",
    "A voxel is used when it is finite in every volume, not constant, has a mean above 0, and lies inside the brain mask when one is "
    "given.  A mean of 0 or below is no signal of a scanner, but is one of a difference or of demeaned data: there, leaving out voxels by "
    "the sign of their mean would bias the region upwards.  So --signed keeps them; then dropout is n/a, and s0, the base of percent, is n/a "
    "unless it exceeds 5 of its standard errors.  Without --signed a region that loses a tenth of its voxels in this way is warned about.  "
    "coverage is the weight of the used voxels over the weight of all voxels of the region.  A region without a used voxel is "
    "a column of n/a with n_vox 0 and a warning; only when no region has one does the command fail.",
    "With --grey and --white (and --csf) the series is that of grey matter alone: over the 5 x 5 voxels of the slice around each voxel of the "
    "region y = p_grey m_grey + p_white m_white (+ p_csf m_csf) by least squares (Asllani 2008), the same weights for every volume, and the region "
    "is the mean of m_grey weighted by p_grey.  Voxels with less than 0.1 of grey matter leave the region, those where the tissues cannot be told apart are "
    "not used, and the note is grey_matter.  It is a sensitivity analysis for percent signal change: fluid and white matter dilute it, and "
    "atrophy dilutes it more.",
    "With the series travel, for each region: s0, the mean over the retained volumes; tsnr, the median over used voxels of mean over "
    "standard deviation after quadratic detrending (N - 3 degrees of freedom); and dropout, s0 over the median of the brain's mean "
    "signal.  The brain is --brain-mask or, without it, what lies above half the median of what lies above it (the clip level of AFNI "
    "3dClipLevel); its mean signal is that of at most 16 evenly spaced volumes.",
    "The repetition time comes from the header or from RepetitionTime in the JSON file beside the image; when both are there and differ "
    "by more than 1 ms, or neither is, the command asks for --tr.",
    NULL
};

static const struct nvc_section sections[] = {
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "A regional mean does not say whether it is tissue: a vein, a breath or a moving edge has a series, too.  nvc-qc looks for them.",
        "The signal of grey matter (--grey) is as right as the tissue maps and their registration, and it is smoothed by its kernel.",
        "A coverage of 1 says that voxels have signal, not that the mask lies on the structure.", NULL } },
    { NULL, NULL }
};

static const struct nvc_output outputs[] = {
    { "series", "time and one column per region; facts in the first line or the sidecar", nvc_series_columns },
    { "voxels", "with --voxels: one row per column of --summary all", nvc_voxel_columns },
    { NULL, NULL, NULL }
};

static const struct nvc_example examples[] = {
    { "nvc-mask -r BLA -g sub-01/func/*_bold.nii.gz | nvc-extract -m - sub-01/func/*_bold.nii.gz > series.tsv", "through a pipe" },
    { "nvc-mask -r BLA -g sub-01/func/*_bold.nii.gz -o bla.nii.gz && nvc-extract -m bla.nii.gz --summary eigenvariate "
      "sub-01/func/*_bold.nii.gz -o series.tsv", "first eigenvariate, facts in series.json" },
    { NULL, NULL }
};
static const char *const references[] = {
    "Friston KJ, et al. A multivariate analysis of PET activation studies. Hum Brain Mapp 1996;4:140-151 (eigenvariate, as in SPM12 "
    "spm_regions). doi:10.1002/(SICI)1097-0193(1996)4:2<140::AID-HBM5>3.0.CO;2-3",
    "Asllani I, Borogovac A, Brown TR. Regression algorithm correcting for partial volume effects in arterial spin labeling MRI. Magn Reson Med "
    "2008;60:1362-1371. doi:10.1002/mrm.21670",
    "Cox RW. AFNI: software for analysis and visualization of functional magnetic resonance neuroimages. Comput Biomed Res "
    "1996;29:162-173. doi:10.1006/cbmr.1996.0014",
    NULL
};
static const char *const see_also[] = { "nvc-mask(1)", "nvc-qc(1)", "nvc-glm(1)", "nvc-tables(5)", NULL };

/* Everything that is open while a run is read. */
struct job {
    struct bold bold;
    struct nvc_mask mask;
    bool *brain;
    struct nvc_extract *extract;
    struct nvc_mean_image mean;
    struct nvc_series series;
    struct nvc_voxel_place *places;
    struct extract_grey grey;
    struct nvc_input_mark marks[6];
    size_t n_marks;
};

static void job_release(struct job *j)
{
    nvc_extract_free(j->extract);
    extract_grey_release(&j->grey);
    nvc_mean_image_release(&j->mean);
    nvc_series_release(&j->series);
    nvc_mask_release(&j->mask);
    bold_release(&j->bold);
    free(j->brain);
    free(j->places);
}

static int open_mask(struct job *j, const struct options *o, struct nvc_error *err)
{
    struct nvc_mask_source source;
    struct nvc_labels labels = { 0 };
    int status = o->labels ? nvc_labels_read(&labels, o->labels, err) : 0;
    if (!status)
        status = nvc_mask_read_as(&j->mask, o->mask, (enum nvc_orientation)o->orientation, o->labels ? &labels : NULL, &source, err);
    nvc_labels_release(&labels);
    for (size_t i = 0; !status && i < j->mask.n_regions; i++)
        if (!strcmp(j->mask.regions[i].side_check, "mismatch"))
            nvc_warn("%s: region %s lies at x = %.2f mm, on the other side than its name says", o->mask, j->mask.regions[i].column,
                     j->mask.regions[i].centre_mm[0]);
    if (!status)
        j->marks[j->n_marks++] = (struct nvc_input_mark){ o->mask, source.crc32, source.bytes };
    return status;
}

static int open_run(struct job *j, const struct options *o, const char *path, struct nvc_error *err)
{
    struct nvc_mask_source source;
    j->bold.orientation = (enum nvc_orientation)o->orientation;
    int status = bold_open(&j->bold, path, NULL, o->tr, err);
    if (!status)
        status = bold_check_grid(&j->bold, &j->mask.grid, o->mask, err);
    if (!status && o->brain_mask) {
        status = nvc_brain_read_as(&j->brain, o->brain_mask, j->bold.orientation, &nvc_nifti_header(j->bold.image)->grid, &source, err);
        j->marks[j->n_marks++] = (struct nvc_input_mark){ o->brain_mask, source.crc32, source.bytes };
    }
    if (!status && o->grey)
        status = extract_grey_open(&j->grey, (const char *const[]){ o->grey, o->white, o->csf }, j->bold.orientation, &j->mask, j->marks, &j->n_marks, err);
    return status;
}

/* One volume into the mean image, a piece at a time so that it stays in the cache. */
static void add_to_mean(struct job *j, const void *bytes)
{
    enum { PIECE = 4096 };
    float piece[PIECE];
    for (size_t first = 0; first < j->mean.n_voxels; first += PIECE) {
        size_t n = j->mean.n_voxels - first < PIECE ? j->mean.n_voxels - first : PIECE;
        nvc_nifti_decode_float(j->bold.image, bytes, first, n, piece);
        nvc_mean_image_add(&j->mean, first, n, piece);
    }
    j->mean.n_volumes++;
}

static int read_volumes(struct job *j, struct nvc_error *err)
{
    struct nvc_progress progress;
    size_t n_voxels, n_volumes = nvc_nifti_header(j->bold.image)->n_volumes;
    const size_t *index = nvc_extract_index(j->extract, &n_voxels);
    double *values = nvc_array(n_voxels, sizeof *values, err);
    int status = values ? 0 : (int)err->status;
    if (!status && j->grey.maps[0])
        status = extract_grey_plan(&j->grey, &j->mask.grid, index, n_voxels, err);
    nvc_progress_start(&progress, "volumes", n_volumes);
    for (size_t t = 0; !status && t < n_volumes; t++) {
        const void *bytes;
        if ((status = nvc_nifti_next_raw(j->bold.image, &bytes, err)))
            break;
        if (j->grey.of)
            extract_grey_values(&j->grey, j->bold.image, bytes, n_voxels, values);
        else
            nvc_nifti_decode(j->bold.image, bytes, index, n_voxels, values);
        if (nvc_mean_image_wants(t, n_volumes))
            add_to_mean(j, bytes);
        status = nvc_extract_add(j->extract, values, err);
        nvc_progress_step(&progress, t + 1);
    }
    nvc_progress_end(&progress);
    free(values);
    return status ? status : bold_finish(&j->bold, err);
}

static int write_all(struct job *j, const struct options *o, struct nvc_error *err)
{
    struct nvc_text text = { 0 };
    bool stream = !strcmp(o->output, "-");
    json_t *facts = stream ? NULL : nvc_series_facts(&j->series, err);
    struct nvc_sidecar sidecar = { .columns = nvc_series_columns, .inputs = j->marks, .n_inputs = j->n_marks, .facts = facts };
    int status = stream || facts ? nvc_series_write(&text, &j->series, stream && !o->plain, err) : (int)err->status;
    if (!status)
        status = nvc_output(o->output, &text, &sidecar, err);
    json_decref(facts);
    nvc_text_release(&text);
    if (status || !o->voxels)
        return status;
    sidecar = (struct nvc_sidecar){ .columns = nvc_voxel_columns, .inputs = j->marks, .n_inputs = j->n_marks };
    status = nvc_voxels_write(&text, &j->series, j->places, &j->mask.grid, err);
    if (!status)
        status = nvc_output(o->voxels, &text, &sidecar, err);
    nvc_text_release(&text);
    return status;
}

static void remark(const struct nvc_region_facts *f)
{
    if (!(f->n_vox > 0))
        nvc_warn("region %s has no usable voxel: its column is n/a", f->column);
    if (f->n_negative > 0 && f->n_negative >= 0.1 * f->n_vox_mask)
        nvc_warn("region %s: %g of %g voxels are left out because their mean is 0 or below; if these are differences or demeaned data, give --signed",
                 f->column, f->n_negative, f->n_vox_mask);
}

static int extract(struct job *j, const struct options *o, const char *path, struct nvc_error *err)
{
    double level;
    struct nvc_extract_opts how = { .summary = (enum nvc_summary)o->summary, .n_dummy = (size_t)o->dummy_scans, .signed_data = o->signed_data };
    int status = open_mask(j, o, err);
    if (!status)
        status = open_run(j, o, path, err);
    how.brain = j->brain;
    if (!status)
        status = nvc_extract_new(&j->extract, &j->mask, &how, err);
    if (!status)
        status = nvc_mean_image_init(&j->mean, nvc_grid_voxels(&j->mask.grid), err);
    if (!status)
        status = read_volumes(j, err);
    if (!status)
        status = nvc_brain_level(&j->mean, j->brain, &level, err);
    if (!status && (status = nvc_extract_finish(j->extract, j->bold.tr_s, level, &j->series, &j->places, err)))
        return nvc_fail_in(err, "%s", nvc_nifti_name(j->bold.image));
    if (!status)
        status = bold_identify(&j->bold, o->bids_name, &j->series, err);
    if (!status)
        j->marks[j->n_marks++] = bold_mark(&j->bold);
    for (size_t i = 0; !status && i < j->series.n_regions; i++)
        remark(&j->series.regions[i]);
    return status;
}

static int run(const void *options, char **args, int n_args, struct nvc_error *err)
{
    const struct options *o = options;
    const char *path = n_args ? args[0] : "-";
    struct job j = { 0 };
    if (o->voxels && o->summary != NVC_SUMMARY_ALL)
        return nvc_fail(err, NVC_EUSAGE, "--voxels goes with --summary all");
    if (!o->grey != !o->white || (o->csf && !o->grey))
        return nvc_fail(err, NVC_EUSAGE, "--grey and --white go together, --csf with them");
    nvc_blas_single_thread();
    int status = extract(&j, o, path, err);
    if (!status)
        status = write_all(&j, o, err);
    job_release(&j);
    return status;
}

static const struct nvc_cmd cmd = {
    .name = "nvc-extract", .summary = "extract regional time series from a run", .description = description, .args = args_table,
    .opts = opts, .outputs = outputs, .sections = sections, .examples = examples, .references = references, .see_also = see_also,
    .defaults = &defaults, .size = sizeof defaults, .run = run,
};

int main(int argc, char **argv) { return nvc_main(&cmd, argc, argv); }
