#include "cmd/cbf/job.h"

const char *const cbf_description[] = {
    "Cerebral blood flow in mL/100 g/min from a perfusion run in BIDS form: the 4-D image, the _aslcontext.tsv beside it that names every volume "
    "(control, label, m0scan, deltam, cbf), and the sidecar with the parameters.  Rows go to standard output in the form of the coupling table, so that "
    "nvc-coupling and nvc-group read them; maps go to files.",
    "Every parameter is checked before a volume is read.  Seconds that look like milliseconds, a context of another length than the image, a 2-D "
    "run without slice times, suppressed background without the number of pulses: each is refused with the option that decides.",
    "Flow of a region is estimated from the region's own differences, one for each repetition, so its standard error is that of repetition; "
    "it is not the mean of noisy voxels when several delays are fitted.",
    "Memory: the differences of the voxels looked at, as float32: at most half of the run.",
    NULL
};

const struct nvc_section cbf_sections[] = {
    { "METHODS", (const char *const[]){
        "One delay, (P)CASL: 6000 lambda exp(PLD/T1b) dM / (2 alpha T1b (1 - exp(-tau/T1b)) M0); PASL (QUIPSS II, Q2TIPS): 6000 lambda exp(TI/T1b) dM / "
        "(2 alpha TI1 M0).  lambda 0.9 mL/g; T1b 1.65 s at 3 T; alpha 0.85 (PCASL), 0.68 (CASL), 0.98 (PASL), times 0.95 for each background "
        "suppression pulse.  The PLD of a 2-D slice is that of the first slice plus its slice time.",
        "M0 whose repetition time is below 5 s is divided by 1 - exp(-TR/T1t).  Without M0 the mean control volume stands in, if the background is not "
        "suppressed.  Without --brain-mask flow is given where M0 exceeds its clip level (half the median of what exceeds it); where M0 is a number, "
        "the mean control volume decides, and of a run without control volumes or with suppressed background --maps needs --brain-mask.",
        "A LabelingDuration that varies between volumes (a list in the sidecar) is taken volume by volume: by the formula of one delay, or in the kinetic "
        "fit of several.  The weighted delay is defined for one duration only.",
        "Several delays: least squares of the general kinetic model in flow and arrival time, or the weighted delay.  The weighted delay's errors are those "
        "of the repetitions, the kinetic fit's those of its residuals.",
        "The k-th control volume of a delay goes with the k-th label volume.  --average robust is Tukey's biweight with 4.685 robust standard deviations: a "
        "repetition spoiled by motion does not count; its interval has 0.7 (n - 1) degrees of freedom and covers 93 to 96 % from 6 repetitions on.",
        "--pvc: voxels of perfusion hold grey and white matter and fluid.  Over the 5 x 5 voxels of the slice around each voxel, where tissues are taken to "
        "be alike, differences = p_grey m_grey + p_white m_white, and M0 likewise, with the fluid's share when --csf is given; flow is made from the two m_grey "
        "(Asllani 2008).  Voxels with less than 0.1 of grey matter, and those around which the tissues cannot be told apart or the estimate would be noisier "
        "than a voxel by itself, have none.  cbf_pvc of a region weights voxels by their grey matter.  It is a sensitivity analysis beside cbf, as "
        "right as the tissue maps and their registration: a difference between groups in cbf that is gone in cbf_pvc is one of tissue.",
        "cbf_qei: (1 - exp(-3.0126 rho^2.4419)) exp(-0.054 DI^0.9272 - 2.8478 p^0.5196) to the power 1/3, on flow smoothed by 5 mm: rho, correlation "
        "with 2.5 grey + white; DI, variance within tissues over mean grey flow; p, share of negative grey voxels.", NULL } },
    { "NOTES IN THE TABLE", (const char *const[]){
        "empty: no voxel of the region can be used.  few_delays: two, whose fit leaves nothing to tell its error.  "
        "many_rejected: less than three quarters of the repetitions count.  arrival_at_bound: the fit ran "
        "into the end of the range of arrival times, its flow is not to be used.",
        "derived: quality of the map, or --pvc, which nvc-group keeps out of its family of tests.  "
        "tissue_unknown: --white or --csf is wanted.  grey_flow_unusual: mean flow of grey matter outside 25-120.  "
        "grey_white_unusual: grey over white outside 1.2-4.  spatial_cov_high: over 0.8.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "With one delay, blood that has not arrived is read as flow that is not there: a true 60 reads 57.2, 57.8, 58.8 and 39.9 mL/100 g/min for arrival at "
        "0.8, 1.2, 1.8 and 2.2 s and a delay of 1.8 s.  A difference of arrival between groups is a false difference of flow: compare "
        "cbf_spatial_cov, too, or measure several delays.",
        "The amygdala is small against a perfusion voxel, and lies where susceptibility takes signal: flow there is a mixture with white matter and "
        "ventricle, and atrophy looks like low flow.  Flow depends on haematocrit, caffeine, age, carbon dioxide and drugs; M0 and the labelling efficiency "
        "scale it as a whole.  Rows are of class perfusion: flow alone is not neurovascular coupling.", NULL } },
    { NULL, NULL }
};

const char *const cbf_references[] = {
    "Alsop DC, et al. Recommended implementation of arterial spin-labeled perfusion MRI for clinical applications. Magn Reson Med 2015;73:102-116. "
    "doi:10.1002/mrm.25197",
    "Buxton RB, et al. A general kinetic model for quantitative perfusion imaging with arterial spin labeling. Magn Reson Med 1998;40:383-396. "
    "doi:10.1002/mrm.1910400308",
    "Dai W, et al. Reduced resolution transit delay prescan for quantitative continuous arterial spin labeling perfusion imaging. Magn Reson Med "
    "2012;67:1252-1265. doi:10.1002/mrm.23103",
    "Asllani I, Borogovac A, Brown TR. Regression algorithm correcting for partial volume effects in arterial spin labeling MRI. Magn Reson Med "
    "2008;60:1362-1371. doi:10.1002/mrm.21670",
    "Dolui S, et al. Automated quality evaluation index for arterial spin labeling derived cerebral blood flow maps. J Magn Reson Imaging 2024. "
    "doi:10.1002/jmri.29308",
    "Mutsaerts HJ, et al. The spatial coefficient of variation in arterial spin labeling cerebral blood flow images. J Cereb Blood Flow Metab "
    "2017;37:3184-3192. doi:10.1177/0271678X16683690",
    NULL
};
