#include "cmd/glm_text.h"

#include "cmd/design_options.h"

const char *const nvc_glm_description[] = {
    "Fit a general linear model to the series of a run and write one row per region and contrast: effect, standard error, t or F, "
    "degrees of freedom, p, z, the effect in percent of the mean signal and, where it means something, the percent signal change of "
    "one declared event.",
    "Every task condition of the design is a contrast of weight 1; --contrast adds others, --regressors the rest of the columns.  "
    "A design whose columns depend on each other, or can hardly be told apart (condition number above 1e6), is refused with the names "
    "of the columns; so are a design of another length or repetition time than the run, and a contrast that names no column.",
    "Regions that come in both sides get rows of side RL, the difference right minus left, with the covariance of the two regions in "
    "their standard error.",
    NULL
};

const struct nvc_section nvc_glm_sections[] = {
    { "CONTRASTS", (const char *const[]){
        "A contrast is an expression of regressors, linear in their names: 'face - house', 'face - 0.5*(house + scene)', "
        "'people = (face + body)/2 - scramble'.  A name of letters, digits, _ and . is written plainly, any other in double quotes.  "
        "Rows in brackets, parted by ; or a comma, are tested together by an F test: 'any = [face; house; body]'; a row that is one "
        "quoted name with * or ? stands for all columns it matches: '[\"face*\"]'.",
        "psc is given for a mean of conditions or a difference of two means: positive weights sum to 1, negative ones to -1 or are "
        "absent.  psc = (100/s0) sum w beta h, h the maximum of the regressor that the same convolution makes of one isolated event of "
        "the duration in event_duration_s.", NULL } },
    DESIGN_SECTIONS,
    { "NOISE", (const char *const[]){
        "ols: ordinary least squares.  Serial correlation makes its p too small, several times too small in block designs.",
        "ar1: AR(1) from one Yule-Walker step on the residuals of ordinary least squares, as nilearn does.  It is biased towards 0 "
        "by the design (on a run where REML finds 0.10 it finds -0.005): for parity, not for inference.",
        "ar1-reml: AR(1) by restricted maximum likelihood as SPM12 does it: one correlation for all series of the table, estimated from "
        "those that respond to the task at p < .001 (from all when none does, with a warning), Satterthwaite degrees of freedom.  The "
        "cosines of the design are a filter after whitening, not regressors; no contrast may weight them.",
        "arma11 (default): ARMA(1,1) by restricted maximum likelihood, per series, on a grid of 189 pairs (a up to .95, lag-1 "
        "correlation from -.1 up).  Estimates and p are averaged over the posterior of the grid, so that the uncertainty of the noise "
        "counts.  Columns ar, ma and sigma are those of the most likely pair.  A censored volume is a gap in time.",
        "--compat afni: 3dREMLfit's recipe: 109 pairs (a up to .8, lag-1 correlation above 0), its descent, one pair, correlations "
        "below 1e-4 dropped.  --arma A,B: the same fit at a given pair.", NULL } },
    { "IMAGES", (const char *const[]){
        "A run that is an image (told by its first bytes, a file or a pipe) gives maps, PREFIX_contrast-LABEL_stat-NAME_statmap.nii.gz and "
        "PREFIX_stat-NAME_statmap.nii.gz, 32-bit floats, NaN outside the mask and where nothing can be said; the label is the letters and "
        "digits of the name of the contrast.  effect and variance are in units of the image or, with --percent, of the voxel's mean; r2 is "
        "the share of variance, whitened, that the task columns explain beyond the others; sigma, ar and ma are those of the noise.",
        "Held in memory are 4 bytes for each voxel of the mask and volume, 4 bytes for each voxel and map, and some 20 MiB; beyond --memory a "
        "file is read in several passes.  With --regions the regional table of the same run goes to --output.", NULL } },
    { "NOTES IN THE TABLE", (const char *const[]){
        "psc_not_a_mean: the weights are neither a mean nor a difference of means.  psc_no_height: the design does not know the height of "
        "an isolated event for a weighted column (see --h-ref).  s0_of_series: the table did not hold s0, the mean of the series was "
        "taken.  s0_unknown: nor does the series have a mean to speak of, so percentages are n/a.  empty_region: no voxel.  no_residual: "
        "the model fits the series exactly, there is no noise to compare with.  Words of the extraction are kept.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "t and p say how sure the sign of an effect is in this run, not how large it is, and nothing about other runs or people.  "
        "A model with the wrong response shape, timing or confounds gives precise answers to another question.",
        "The amygdala lies beside a draining vein and at the edge of signal dropout: look at coverage, tsnr and nvc-qc before believing an "
        "effect.  Percent signal change depends on s0, and s0 on dropout.", NULL } },
    { NULL, NULL }
};

const struct nvc_example nvc_glm_examples[] = {
    { "nvc-mask -r BLA -g sub-01/func/*_bold.nii.gz | nvc-extract -m - sub-01/func/*_bold.nii.gz | "
      "nvc-glm -e sub-01/func/*_events.tsv -c sub-01/func/*_timeseries.tsv --contrast 'face - shape' > glm.tsv",
      "from the image to conditions and a contrast" },
    { "nvc-mask -r BLA -g sub-01/func/*_bold.nii.gz | nvc-extract -m - sub-01/func/*_bold.nii.gz | "
      "nvc-glm -e sub-01/func/*_events.tsv --hrf spm+derivative -n ar1-reml --contrast 'any = [face; shape]' -o glm_spm.tsv",
      "the noise model of SPM12, the time derivative, an F test" },
    { NULL, NULL }
};

const char *const nvc_glm_references[] = {
    "Friston KJ, et al. Statistical parametric maps in functional imaging: a general linear approach. Human Brain Mapping "
    "1994;2:189-210. doi:10.1002/hbm.460020402",
    "Friston KJ, et al. Classical and Bayesian inference in neuroimaging: applications. NeuroImage 2002;16:484-512. "
    "doi:10.1006/nimg.2002.1091",
    "Olszowy W, et al. Accurate autocorrelation modeling substantially improves fMRI reliability. Nature Communications 2019;10:1220. "
    "doi:10.1038/s41467-019-09230-w",
    "Harville DA. Maximum likelihood approaches to variance component estimation. J Am Stat Assoc 1977;72:320-338. "
    "doi:10.1080/01621459.1977.10480998",
    "Chen G, et al. Is the statistic value all we should care about in neuroimaging? NeuroImage 2017;147:952-959. "
    "doi:10.1016/j.neuroimage.2016.09.066",
    NULL
};
const char *const nvc_glm_see_also[] = { "nvc-extract(1)", "nvc-design(1)", "nvc-coupling(1)", "nvc-tables(5)", NULL };
