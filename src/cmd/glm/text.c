#include "cmd/glm/text.h"

#include "cmd/shared/design_options.h"

const char *const nvc_glm_description[] = {
    "Fit a general linear model to the series of a run and write one row per region and contrast: effect, standard error, t or F, "
    "degrees of freedom, p, z, the effect in percent of the mean signal and, where it means something, the percent signal change of "
    "one declared event.",
    "Every task condition of the design is a contrast of weight 1; --contrast adds others, --regressors the rest of the columns.  "
    "A design whose columns depend on each other, or can hardly be told apart (condition number above 1e6), is refused with the names "
    "of the columns; so are a design of another length or repetition time than the run, and a contrast that names no column.",
    "Regions that come in both sides get rows of side RL, the difference right minus left, with the covariance of the two regions in "
    "their standard error.  --minus REGION makes such rows for every other region of the same side against a control region: region "
    "BLA-CM, the BLA minus CM.  Whatever the run does to both, a global gain not included, falls out of the difference; without the "
    "covariance its standard error would be far too wide.",
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
        "arma11 (default): ARMA(1,1) by restricted maximum likelihood, per series, on a grid of 231 pairs (a up to .985, lag-1 "
        "correlation from -.1 up).  Estimates and p are averaged over the posterior of the grid, so that the uncertainty of the noise "
        "counts.  Columns ar, ma and sigma are those of the most likely pair.  A censored volume is a gap in time.",
        "--compat afni: 3dREMLfit's recipe: 109 pairs (a up to .8, lag-1 correlation above 0), its descent, one pair, correlations "
        "below 1e-4 dropped.  --arma A,B: the same fit at a given pair.", NULL } },
    { "NULL CALIBRATION", (const char *const[]){
        "How often p is below .05 where there is nothing to find, in per cent of 10,000 simulated series, the least and the most over 200 and "
        "400 volumes, block and event designs and the contrasts A and A - B; first at a repetition time of 2 s, then of .8 s.",
        "The default stays between 3.6 and 6.6 in all 112 cells (4.5 to 6.3 in event designs but for white noise).  Outside 3 to 7 are, "
        "all of them above, 17 cells of --compat afni (up to 14.0, all in block designs and most at .8 s), 58 of ar1 (up to 30.8), 62 of "
        "ar1-reml (up to 42.7) and 95 of ols (up to 58.0).  The program is tests/bench/null_calibration.",
        "White noise: arma11 4.4-5.0 and 3.9-4.9; --compat afni 4.3-4.8 and 4.3-4.9; ar1-reml 4.4-6.4 and 5.3-6.7; ar1 "
        "5.4-6.4 and 5.4-5.9; ols 4.8-5.2 and 4.9-5.3.",
        "AR(1) .3: arma11 4.3-5.6 and 3.6-5.2; --compat afni 4.8-5.8 and 4.8-5.5; ar1-reml 5.0-5.9 and 5.4-5.9; ar1 "
        "5.5-7.6 and 5.9-6.4; ols 8.3-15.3 and 13.8-15.6.",
        "AR(1) .6: arma11 4.8-5.5 and 4.7-5.2; --compat afni 4.9-5.9 and 5.3-6.2; ar1-reml 4.3-12.7 and 9.3-14.6; ar1 "
        "5.6-9.4 and 6.2-8.3; ols 11.5-31.6 and 24.7-33.9.",
        "AR(1) .85: arma11 5.0-5.4 and 4.2-5.3; --compat afni 4.7-7.9 and 5.6-11.1; ar1-reml 3.4-28.9 and 19.1-42.7; ar1 "
        "5.0-12.7 and 6.7-13.6; ols 11.8-46.9 and 34.6-58.0.",
        "ARMA(.8, -.5): arma11 4.8-6.0 and 4.4-6.3; --compat afni 4.6-6.9 and 5.5-8.2; ar1-reml 4.0-15.2 and 9.4-22.6; "
        "ar1 4.3-15.9 and 8.4-21.2; ols 7.9-27.9 and 20.7-37.1.",
        "AR(1) .9 + white: arma11 4.5-6.3 and 5.1-6.6; --compat afni 4.6-7.4 and 4.8-14.0; ar1-reml 4.0-15.9 and "
        "10.3-32.6; ar1 4.2-17.4 and 8.9-30.8; ols 7.5-27.3 and 22.5-46.7.",
        "1/f + white: arma11 4.8-5.4 and 5.3-6.5; --compat afni 4.5-6.3 and 5.1-11.3; ar1-reml 4.3-10.2 and 7.9-23.0; ar1 "
        "4.8-12.2 and 8.7-23.5; ols 6.7-18.6 and 16.1-34.0.",
        "ar1-reml pools 10,000 series of one kind here, which flatters it, and still cannot follow slow noise.  The grid of 3dREMLfit ends at "
        "a = .8, too low for slow noise and fast volumes.  Designs: 18 s blocks of A and B in turn every 30 s, or events 4 to 12 s apart; "
        "drift of half the noise with periods of 180 to 400 s; high pass 128 s.", NULL } },
    { "DIAGNOSIS", (const char *const[]){
        "--diagnosis has a row for each region, --fit one for each of its volumes, --figure draws both: the series without drift and confounds "
        "with the fit, the part of each condition, the whitened residuals.  With arma11 all of it is at the most likely pair.",
        "whiteness_p asks whether the noise model fits.  Residuals of a regression are correlated even where the noise is white, which "
        "Ljung and Box's Q does not know (with 17 columns and 156 volumes it calls a sixth of white noise not white at 5 %); whiteness "
        "takes the first 10 autocorrelations from their exact mean and covariance under white noise and calls 5 to 6 %.  ljung_box is Q as "
        "3dREMLfit prints it.",
        "Leverage and Cook's distance say what leaving a volume out, as a gap in time, would do: leverage near 1 is a volume that the fit "
        "follows whatever it holds; a Cook's distance above 4/n is worth a look, one near 1 moves the estimates by about their error.  A "
        "volume that is censored already has a leverage of 1 and no distance.", NULL } },
    { "VOLUMES OF INTEREST", (const char *const[]){
        "--voi takes the voxels of each region (nvc-extract --summary all) as the model sees them, whitened and with ar1-reml filtered, "
        "takes out what the columns of no interest explain, and writes the first eigenvariate as a series table: with ar1-reml SPM12's "
        "volume of interest, adjusted for the effects of interest.  It has no mean, so no percent signal change follows from it.", NULL } },
    { "COST", (const char *const[]){
        "Per voxel and thread arma11 takes 1.3 + 0.0063 volumes + 0.0012 volumes x columns + 0.015 columns^2 + 0.7 contrasts microseconds, "
        "within 7 %: 7 us for 300 volumes, 7 columns and one contrast, of which the forms take the products of volumes and columns, "
        "the 231 pairs the square of the columns, and the tails of p the contrasts.  Censored volumes are columns.  For the same, ols takes "
        "1 us, ar1 3 us, --compat afni 10 us; --residuals adds 50 us, --map whiteness 120 us.  Voxels share threads evenly; reading and "
        "inflating the image is done by two threads at most.",
        "The whole command, maps written, takes 3.8 times as long as igzip -dc of the same file (81,224 voxels, 300 volumes, 7 columns; two "
        "threads on two idle cores, 5.8 times on one), and 2.1 times with -n ols; 3dREMLfit takes 107 times, 3dDeconvolve 10 times.  "
        "A second thread shortens the fit 1.7 to 1.9 times.  (AMD EPYC, AVX-512; tests/bench/glm_cost, tests/bench/glm.)", NULL } },
    { "SEVERAL RUNS", (const char *const[]){
        "Several runs of one person are given one after the other, with one design each.  --runs fixed (default) fits each by itself and adds "
        "for every effect the mean of the runs weighted by precision, with what they share as identity (run n/a, note runs:N) and "
        "Satterthwaite degrees of freedom; --runs each leaves that out.  --runs joint fits one model: task columns of one name are one column, "
        "all others stand for their own run, noise is independent between runs, and each region or voxel is scaled to the mean of its runs.",
        "Images give the maps of the mean or of the joint model; the mean has effect, variance, t, z and p of t contrasts.  Before "
        "nvc-group take either the rows of runs or those of the mean, not both.", NULL } },
    { "IMAGES", (const char *const[]){
        "A run that is an image (told by its first bytes, a file or a pipe) gives maps, PREFIX_contrast-LABEL_stat-NAME_statmap.nii.gz and "
        "PREFIX_stat-NAME_statmap.nii.gz, 32-bit floats, NaN outside the mask and where nothing can be said; the label is the letters and "
        "digits of the name of the contrast.  effect and variance are in units of the image or, with --percent, of the voxel's mean; r2 is "
        "the share of variance, whitened, that the task columns explain beyond the others; sigma, ar and ma are those of the noise; whiteness is "
        "whiteness_p (see DIAGNOSIS).  Sidecars hold degrees of freedom, volumes, volumes censored and the condition number of the design.",
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
    { "nvc-glm -d design.tsv --diagnosis diagnosis.tsv --figure fit.png series.tsv -o glm.tsv",
      "does the model fit, which volumes does it hang on, and what does it look like" },
    { "nvc-extract -m bla.nii.gz --summary all sub-01/func/*_bold.nii.gz | nvc-glm -e sub-01/func/*_events.tsv -n ar1-reml "
      "--voi voi.tsv -o voxels.tsv", "SPM's volume of interest" },
    { "nvc-glm -d design.tsv --maps maps_ -j 2 sub-01/func/*_bold.nii.gz", "maps of every voxel, on two threads" },
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
    "Ljung GM, Box GEP. On a measure of lack of fit in time series models. Biometrika 1978;65:297-303. doi:10.1093/biomet/65.2.297",
    "Cook RD. Detection of influential observation in linear regression. Technometrics 1977;19:15-18. doi:10.2307/1268249",
    "Chen G, et al. Is the statistic value all we should care about in neuroimaging? NeuroImage 2017;147:952-959. "
    "doi:10.1016/j.neuroimage.2016.09.066",
    NULL
};
const char *const nvc_glm_see_also[] = { "nvc-extract(1)", "nvc-design(1)", "nvc-coupling(1)", "nvc-tables(5)", NULL };
