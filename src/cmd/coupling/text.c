#include "cmd/coupling/job.h"

const char *const coupling_description[] = {
    "From the estimates of a run to one row per index: percent signal change and z of every condition and t contrast in every "
    "region, and for regions with both sides the difference right minus left, the laterality index and the mean of both sides.",
    "psc_rl is the difference right minus left; its standard error includes the covariance of the two regions, which share "
    "most of their noise.  li_psc = (R-L)/(R+L) is given only where the response of both sides exceeds twice its standard "
    "error: with a response near 0 on one side the ratio is +-1 or anything.  psc of side B weights the sides by generalised "
    "least squares, so that the noisier one counts less.",
    "With flow, rows of class coupling: from rows of nvc-cbf and nvc-activity (--rows), from maps (--cbf, --activity, --mask), from series of flow and "
    "BOLD of one run (--flow-series, --bold-series), or calibrated by a gas (--flow-glm, --co2).  Several of these may stand together.",
    "A value that the model left undefined is a row with n/a and a note, never a missing row.",
    NULL
};

static const char *const indices[] = {
    "nvc_residual, the headline where flow was measured at rest: over at least 50 parcels of grey matter the subject's own line of ln ALFF on ln CBF is "
    "drawn, with the noise of flow taken out of its slope, and the region's departure from it is the residual (ln): 100 (exp(e) - 1) is percent more "
    "fluctuation than its flow predicts.  nvc_residual_z: in units of the parcels' scatter; nvc_flow_slope: the slope.",
    "nvc_logratio_X = ln(CBF_R/CBF_GM) - ln(X_R/X_GM), nvc_ratio_X its exponential, X alff, falff, reho, dc: as published, and secondary.  A logarithm "
    "of a ratio assumes a slope of 1: with a true slope of 0.4 patients whose flow is 20 % lower on the same line differ in half of the studies, though "
    "nothing is decoupled.",
    "nvc_r_X: correlation of flow and activity across the voxels of the region (weight 0.5 and more) that are finite and not 0 in both maps; "
    "nvc_z_X: Fisher's z; nvc_neff_X: how many independent voxels they are worth, from the smoothness of both maps in the 20 mm around "
    "(Dutilleul 1993).  The interval is a parametric bootstrap (see HOW FAR INTERVALS HOLD).  "
    "nvc_rpartial_X: given grey-matter probability and tSNR.  With halves of both "
    "maps: rel_cbf and rel_X, how well each map repeats itself in the region (Spearman-Brown; of class perfusion and bold-fluctuation, for it is no "
    "coupling), and nvc_rdis_X, freed of noise; n/a where a half repeats itself by less than 0.2.  --halves: the indices of each half, its flow with its "
    "activity, so that nvc-group --halves and nvc-reliability --by run tell how well an index repeats itself over people.",
    "imco_X, imco_r2_X: slope (standard deviations) and R2 of local coupling, in Gaussian neighbourhoods of the region's voxels; errors in both maps "
    "(Deming), the ratio of their noise from the halves; error by a jackknife over cubes.  The region's value adds the moments of all its neighbourhoods "
    "before the slope is taken; --imco-maps has the slope of every neighbourhood by itself, which is wild where flow hardly varies: look at such a map "
    "by its median and beside its R2.",
    "nvc_rt, nvc_zt: correlation of flow and BOLD through time, for what neighbouring volumes share; nvc_rt_lag: where it is strongest (positive: BOLD "
    "later), without an error.",
    "davis_m, cmro2_ratio, nvc_n = (f - 1)/(m - 1) and nvc_theta = 1/n: dS/S0 = M (1 - f^(alpha-beta) m^beta), M from the condition of --co2, in which "
    "m = 1; flow changes are percent signal change of the flow series.  Monte-Carlo intervals.  n has no mean and heavy tails: for groups use nvc_theta.",
    "psc_per_cvr, psc_per_rsfa, psc_per_bh, psc_per_cvr_relative: the response over the reactivity of the same vessels, with Fieller's interval, n/a "
    "where the denominator is not two errors above 0.  Their class stays bold-response.",
    "psc_minus: the response of a region minus that of a control region of the same run (nvc-glm --minus), region BLA-CM, with their covariance: what "
    "is specific to the region within the person, though not a gain that the two share.",
    NULL
};

const struct nvc_section coupling_sections[] = {
    { "INDICES", indices },
    { "NOTES IN THE TABLE", (const char *const[]){
        "psc_undefined: percent signal change needs positive weights that sum to 1, negative ones that sum to -1, and the height "
        "of the regressor of a declared event.",
        "li_undefined: one side or both do not exceed twice their standard error.",
        "covariance_unknown: the table held no row of side RL, so the covariance of the two regions is not known.",
        "gls_of_sides: mean of both sides weighted by generalised least squares.",
        "derived: the row follows from others (z from psc, several conditions, two sides); nvc-group keeps it out of its family of tests.",
        "denominator_small: not above 0 by two errors.  denominator_error_unknown: its error is taken as 0.",
        "few_voxels: fewer than 4 (local coupling: 20) voxels have a value in both maps.  constant: a map or series does not vary.  few_support: fewer than "
        "500 voxels around tell the smoothness.  n_eff_below_3: no interval.  reliability_low: a split half below 0.2.  noise_assumed: no halves, both maps "
        "are taken as equally noisy.",
        "flow_error_unknown, activity_error_unknown: no row in --rows has it.  error_of_halves: from two halves, one degree of freedom.  grey_unknown: no row "
        "of region GM.  not_positive: no logarithm.",
        "few_parcels: fewer than 50.  flow_unreliable: flow varies little more over parcels than its noise.  flow_below_3_errors: so in the region. "
        "flow_noise_unknown: parcels without errors, the slope is drawn to 0.  error_of_region_unknown: no error of flow or ALFF of the region.",
        "m_below_signal: M is not above the signal, no CMRO2 exists.  often_undefined: so in more than 5 % of the draws.  zero_padded: see --compat.",
        NULL } },
    { "HOW FAR INTERVALS HOLD", (const char *const[]){
        "Share of 95 % intervals of the correlation across a region of 40 voxels of 3 mm that hold the truth, over true correlations of 0, .5 and .8, "
        "600 pairs of maps each; n_eff true for unrelated maps; naive: 1/sqrt(40 - 3).",
        "    FWHM mm                 n_eff  interval    naive\n"
        "    0                        40.0  .94-.96  .94-.95\n"
        "    2                        40.0  .94-.96  .94-.95\n"
        "    3                        38.0  .95-.97  .94-.95\n"
        "    4                        25.4  .94-.96  .87-.90\n"
        "    5                        15.2  .94-.96  .74-.78\n"
        "    6                        10.9  .94-.95  .63-.65\n"
        "    8                         7.5  .95-.96  .53-.56\n"
        "    3 with 8                 29.5  .96-.98  .92-.95\n"
        "    4 with 6                 18.4  .93-.96  .78-.86\n"
        "    .6 of 4 + .4 of 15       21.3  .97-.98  .87-.89\n"
        "    3, and 3 plus 8          29.5  .81-.93  .79-.89\n"
        "    4, and 4 plus 6          18.4  .89-.95  .76-.80",
        "Maps that are smoothed by 3 and 8 mm correlate less than what they were made of (.22 and .35 instead of .5 and .8): smooth both alike.  The last "
        "two rows: one map is the other plus noise that is smoother than it; no smoothness of a single map shows that, and the interval is too short.",
        "Why nvc_residual and not a log-ratio, of 6000 studies of 30 patients and 30 controls the share that differ at 5 %: flow of the region 20 % lower on "
        "the same line of slope .4: nvc_logratio_alff 57.3 %, nvc_residual 5.2 %; ALFF .1 (ln) off the line: 37.1 % and 62.7 %; flow of the whole brain "
        "20 % lower: 5.2 % and 5.2 %; no difference: 5.0 % and 4.8 %.  tests/bench/map_cover and tests/bench/flow_studies make these numbers.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "Rows of class bold-response: the BOLD signal mixes neural activity, blood flow, blood volume and "
        "oxygen consumption: a smaller response in patients may be less neural activity, stiffer vessels, another baseline flow, "
        "a drug, or a voxel that missed the nucleus.  None of these rows is by itself neurovascular coupling.",
        "Percent signal change depends on the echo time, the field strength and the partial volume of the region.  Compare it "
        "within one protocol.",
        "Rows of class coupling set flow against fluctuation, not against neurons: ALFF holds vessels, breathing and motion, too.  A late arrival of blood "
        "reads as low flow (nvc-cbf(1)).  Dropout lowers both maps and so couples them: look at nvc_rpartial.  A noisier map couples less: compare "
        "rel_cbf and rel_X of the groups before any r, or use nvc_rdis.",
        "Across the voxels of one amygdala there is little to correlate: 42 voxels of 3 mm smoothed by 6 mm are worth 11, and the error of Fisher's z is "
        "0.35.  The voxels of a zero-padded volume are worth nothing: of two maps that correlate by -0.875 inside a region, --compat mica says +0.924.",
        "Flow and BOLD series of a single echo come from the same images and correlate for that reason alone; use two echoes.  A calibration needs M above the "
        "signal; one person's amygdala seldom gives it.", NULL } },
    { NULL, NULL }
};

const char *const coupling_references[] = {
    "Logothetis NK. What we can do and what we cannot do with fMRI. Nature 2008;453:869-878. doi:10.1038/nature06976",
    "Infantolino ZP, et al. Robust is not necessarily reliable: from within-subjects fMRI contrasts to between-subjects "
    "comparisons. NeuroImage 2018;173:146-152. doi:10.1016/j.neuroimage.2018.02.024",
    "Liang X, Zou Q, He Y, Yang Y. Coupling of functional connectivity and regional cerebral blood flow reveals a physiological basis for network hubs of "
    "the human brain. PNAS 2013;110:1929-1934. doi:10.1073/pnas.1214900110",
    "Dutilleul P. Modifying the t test for assessing the correlation between two spatial processes. Biometrics 1993;49:305-314. doi:10.2307/2532625",
    "Baller EB, et al. Neurovascular coupling is associated with development and intelligence. Cell Rep 2022;38:110576. "
    "doi:10.1016/j.celrep.2022.110576",
    "Davis TL, et al. Calibrated functional MRI: mapping the dynamics of oxidative metabolism. PNAS 1998;95:1834-1839. doi:10.1073/pnas.95.4.1834",
    "Griffeth VE, Buxton RB. A theoretical framework for estimating cerebral oxygen metabolism changes using the calibrated-BOLD method. NeuroImage "
    "2011;58:198-212. doi:10.1016/j.neuroimage.2011.05.077",
    NULL
};
