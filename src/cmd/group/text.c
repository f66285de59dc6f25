/* The page of nvc-group. */
#include "cmd/group/text.h"

const char *const nvc_group_description[] = {
    "Compares cases with controls in every index: means, difference with interval, Welch t, Hedges g with interval, the "
    "difference adjusted for covariates, ranks, permutations, and the false discovery rate over the printed family.  "
    "Every row is printed, significant or not.  Differences are case minus control.",
    "Quality is printed as outcomes beside the indices: coverage, temporal signal-to-noise ratio and mean framewise displacement and, from "
    "tables of nvc-qc (--qc), dropout (signal of the region over that of the brain), pgm (grey fraction) and volume_mm3.  A group difference in "
    "them is the first thing to look at.  They are in no family.  Rows of class negative-control (nvc-null) should show nothing; they are tested "
    "the same way, in a family of their own (role negative-control), and enter no other analysis but the means against 0.",
    "A participant without a value of an index is left out of that index and counted, with the reason in the note: "
    "no_row, undefined, low_coverage, no_se, excluded.",
    "Keys are written INDEX.CONTRAST.REGION_SIDE.TASK.SESSION without the parts that are n/a; options that take a KEY "
    "take a glob of the whole or of its beginning up to a dot: psc, psc.face, 'psc.*.BLA_L'.",
    NULL
};

const struct nvc_section nvc_group_sections[] = {
    { "WHICH STUDY, WHICH OPTION", (const char *const[]){
        " two groups           --case patient -c age,sex\n"
        " three groups         --formula 'index ~ diagnosis*sex' --model m.tsv\n"
        " planned contrasts    --level-contrast 'diagnosis: mdd - control'\n"
        " before and after     --within 'session: post - pre' --one-sample o.tsv\n"
        " trend over levels    --within 'contrast: -1*low + 1*high'\n"
        " several scanners     --site site, --combat site, --sensitivity s.tsv\n"
        " dose within patients --dose dose --sensitivity s.tsv\n"
        " motion, signal       -x 'mean_fd>0.5' --flow f.md --sensitivity s.tsv\n"
        " positive control     --qc qc.tsv -x positive=flag -c pgm\n"
        " this region or all   --control-region visual --specificity s.tsv\n"
        " clinical scores      --scores madrs,bdi --correlations r.tsv\n"
        " one patient          --participant sub-01 --normative n.tsv\n"
        " several atlases      --curve psc.face --curve-table c.tsv\n"
        " no difference        --equivalence 0.4 --equivalence-bound psc=0.05\n"
        " declared beforehand  --primary psc.face.BLA_L --lock analysis.json", NULL } },
    { "METHODS", (const char *const[]){
        "Difference: means, Welch's t with the degrees of freedom of Satterthwaite.  Hedges g: pooled standard deviation, "
        "exact small-sample factor, interval by inverting the noncentral t.  Adjusted difference: ordinary least squares "
        "on the group, numeric covariates and dummies of factors, over the participants who have all of them; beside it "
        "the HC3 error, adjusted means and the test that slopes are alike.  Ranks: Mann-Whitney, exact and conditional on "
        "ties up to 200 participants, with the Hodges-Lehmann shift.  ROC: the orientation is given (--lower), never taken "
        "from the data; DeLong's variance.",
        "Permutations: Freedman and Lane, studentised (Welch's t; with covariates the HC3 t), since permuting the pooled t "
        "rejects 16 % of true null hypotheses at 12 cases against 40 controls with twice the spread.  Exact where the "
        "nuisance is constant (within --block) and there are at most 100000 arrangements.  perm_p_fwe is the p of the "
        "largest statistic of the family.",
        "q: Benjamini and Hochberg over the adjusted p where there are covariates, else over Welch's p; rows of quality "
        "and derived rows (differences of sides, contrasts of conditions that stand beside their conditions) are not in "
        "the family.  A primary index (--primary) is tested alone.",
        "Null findings: tost_p is the equivalence test, within bounds in standard deviations (noncentral t, since those are as "
        "random as the standard deviation) or in the unit of the index (--equivalence-bound, Welch), bf10 the JZS Bayes "
        "factor, detectable_g what these numbers could find with power 0.8.",
        "Sites (--site) are a factor of the adjusted model and blocks of the permutations; Cramer's V and the variance "
        "inflation of the group are printed, above 2 with a warning.  After ComBat the site stays in the model, since "
        "ComBat estimates from the same data what it takes away, and every permutation harmonises anew, those of --curve too.  Means against 0 "
        "(--one-sample) have no permutation p then: flipping the sign of a value supposes that it is symmetric about 0 in its own site, but "
        "after ComBat the mean of all sites is tested, which is estimated from the same values.  Their t takes that mean for known: it rejects "
        "7.1 to 7.5 % at 12 and 5.4 to 6.8 % at 24 or more people of three sites without a response (3600 tests each, Monte Carlo error .4).",
        "Formulas: 'index ~ TERM + TERM ...', a term a column, a:b an interaction, a*b both and their interaction; names with "
        "other characters than letters, digits, _ . - in double quotes; the constant is always there.  Tests of terms are "
        "type II, means are marginal (numbers at their mean, levels weighted alike), beside coefficients stands HC3.",
        "Specificity: D = region - rho x control region, with rho the ratio of their sums over everybody, which does not know "
        "the labels, so that a gain that is lower in the whole head leaves D alone.  The verdict rests on the interval of D: "
        "specific, or shared when D includes 0 and both regions differ with one sign, else undetermined.  spatial_rank (--null-regions) "
        "is the share of copies of the region elsewhere, itself counted, whose |g| is at least as large: a description, not a p, since "
        "neighbours are alike.",
        "Reliability: icc says which share of the spread of people within groups is no noise, and hedges_g_true, g over its square "
        "root, what g would be without it.  It is seen from several runs (icc_of: runs, ICC(3,k) of their mean) or, where there is one "
        "run, from its halves (--halves, icc_of: halves): ICC(3,1) of a half, stepped up to the whole by Spearman and "
        "Brown, 2 r/(1 + r), with its exact interval.  observable_g is what the noise leaves of a true g of 1.  Halves of a run share what differs "
        "from day to day (arousal, slice position, scanner), so that test-retest reliability is lower and g without noise larger; for that see "
        "nvc-reliability.",
        "A correlation of two maps across voxels (nvc_r, nvc_z, nvc_rpartial) falls with the noise of either map: where the groups differ in rel_cbf or "
        "rel_X of the same region (Welch p below .05), its note says map_reliability_differs, and what looks like decoupling may be noise; nvc_rdis is freed "
        "of it.  map_reliability_unknown: there are no halves of both maps.",
        "Of 2000 studies each with a true g of .8 (tests/bench/reliability_cover): mean icc, median hedges_g_true, share of their 95 % intervals that "
        "hold the truth, and of the studies that have one of g (none where a tenth of the bootstrap finds no reliability); Monte Carlo error .005:",
        "                       icc         g without noise\n"
        " people  true icc  mean  covers  median  covers  given\n"
        " 12/12     .3      .29   .948     .68     .973    .36\n"
        " 12/12     .5      .47   .950     .75     .973    .66\n"
        " 12/12     .7      .67   .947     .80     .955    .93\n"
        " 12/12     .9      .89   .947     .78     .949   1.00\n"
        " 24/24     .3      .29   .942     .80     .965    .49\n"
        " 24/24     .5      .48   .953     .82     .961    .86\n"
        " 24/24     .7      .69   .949     .80     .958   1.00\n"
        " 24/24     .9      .89   .955     .81     .956   1.00\n"
        " 40/40     .3      .29   .952     .78     .964    .63\n"
        " 40/40     .5      .48   .955     .82     .962    .96\n"
        " 40/40     .7      .69   .947     .81     .954   1.00\n"
        " 40/40     .9      .90   .947     .79     .952   1.00", NULL } },
    { "LEVEL OF THE TESTS", (const char *const[]){
        "How often p is below .05 in per cent of 20,000 cohorts without a difference; cases/controls, normal and skewed "
        "(exponential) values; ! where it is further from 4 to 6 than chance explains.  Monte Carlo error 0.3.  First with equal spread:",
        "                       12/12       12/40       40/40\n"
        "                       norm  skew  norm  skew  norm  skew\n"
        " Welch t               4.8   4.0   5.2   6.5!  5.0   4.8\n"
        " Student t             4.9   4.4   5.0   4.5   5.0   4.9\n"
        " Mann-Whitney          4.3   4.5   4.9   4.7   4.9   5.1\n"
        " Yuen, 20 % trimmed    4.8   3.8   5.5   5.5   4.9   4.8\n"
        " ANCOVA                4.9   4.6   5.2   4.5   5.0   5.0\n"
        " ANCOVA, HC3           3.6!  3.2!  5.1   5.9   4.6   4.5\n"
        " permuted Welch t      4.9   5.0   5.1   4.9   5.0   5.2\n"
        " permuted pooled t     4.9   5.0   5.1   4.8   5.0   5.2\n"
        " Freedman-Lane, HC3    4.8   5.0   5.1   5.0   5.0   5.2\n"
        " Freedman-Lane, pooled 4.9   5.0   5.2   4.8   5.0   5.2\n"
        " precision-weighted    5.1   4.8   5.2   5.8   5.0   5.1",
        "Cases with twice the spread of controls (cases/controls):",
        "                       12/12       12/40       40/12       40/40\n"
        "                       norm  skew  norm  skew  norm  skew  norm  skew\n"
        " Welch t               5.2   6.7!  4.9   8.6!  4.9   4.5   4.7   5.7\n"
        " Student t             5.7   6.9!  16.2! 17.1! 0.7!  1.5!  4.8   5.8\n"
        " Mann-Whitney          5.6   13.2! 10.2! 23.0! 1.8!  11.2! 5.6   32.0!\n"
        " Yuen, 20 % trimmed    5.5   9.9!  5.6   11.3! 5.0   9.4!  4.9   14.6!\n"
        " ANCOVA                5.5   6.8!  16.1! 16.8! 0.8!  1.6!  4.8   5.7\n"
        " ANCOVA, HC3           4.5   5.6   5.5   8.7!  4.3   3.7   4.4   5.3\n"
        " permuted Welch t      5.7   7.3!  5.5   8.2!  4.2   3.0!  4.9   5.8\n"
        " permuted pooled t     5.7   7.3!  16.3! 17.6! 0.7!  1.6!  4.9   5.8\n"
        " Freedman-Lane, HC3    5.8   7.1!  5.7   8.3!  4.3   3.0!  4.9   5.9\n"
        " Freedman-Lane, pooled 5.6   6.9!  16.1! 17.3! 0.7!  1.6!  4.9   5.8\n"
        " precision-weighted    5.2   6.0   5.1   7.3!  5.1   4.8   4.9   5.5",
        "ANCOVA and Freedman-Lane adjust for one covariate; permuted: 999 times.  Rely on Welch or a studentised permutation; where "
        "spreads differ, Student, ANCOVA without HC3, Mann-Whitney and permuting the pooled t do not test means.  Skewed values, "
        "unequal spread and unequal numbers together defeat everything here.  The precision-weighted values carry, besides, errors of "
        "0.3 to 0.9 of their spread.",
        "Also 20,000 each: correlations 4.4 to 5.3 for 12 to 40 people, normal or skewed; the largest of ten correlated indices "
        "(perm_p_fwe) 4.8 to 5.3; equivalence claimed at the bound 5.0 to 5.3; three sites of 24 with 10, 50 and 90 % cases: ANCOVA "
        "without site 26.9!, with site 5.1, ComBat and ANCOVA without site 14.1!, with site 5.3, forks (--curve) after ComBat 5.0 "
        "(1200 sets of three); means of skewed values against 0 (t and sign flips) 9.6! at 12, 7.0! at 40 people.",
        "D under a gain of 0.8 or 0.6 in the cases, everywhere: 4.9 to 5.7 (12/12, 12/40, 40/12, 30/30); the region alone 7! to 93!, "
        "region minus control region 12! to 97!, ANCOVA on the control region 5.3 to 28!.",
        "Coverage of 95 % intervals, 12/12 to 40/40: Welch with twice the spread 94.9 to 95.1, Hedges g 94.9 to 95.1, Hodges-Lehmann "
        "95.1 to 95.4, AUC of 0.85 and 0.95 logit 94.3 to 97.5, --auc-ci normal 74! to 93!; correlation of 0.5 (12 to 40 people) "
        "Pearson 94.9 to 95.0, Spearman 95.3 to 95.8, Kendall 93.7 to 94.9.",
        "The programs are tests/bench/type_one and tests/bench/type_one_more.", NULL } },
    { "DECLARING AN ANALYSIS", (const char *const[]){
        "--lock writes what decides the numbers (groups, covariates, exclusions, primary index, family, seed) to a file "
        "with its SHA-256 and time; a later run with the same --lock is refused when it does otherwise.  The digest goes "
        "into the sidecars and the methods text.  --blind shuffles the labels, so that exclusions, figures and code can "
        "be settled without seeing the result.", NULL } },
    { "WHAT THE NUMBER CANNOT TELL", (const char *const[]){
        "A group difference in a row of class bold-response is one of the BOLD response, not of neurovascular coupling; "
        "motion, medication, caffeine, atrophy and signal dropout differ between groups too.  Adjusting for motion after "
        "the fact is not balance: motion comes after the illness.  An absent difference with a wide interval is not "
        "evidence of equality.",
        "Mann-Whitney tests whether a case is as often larger as smaller than a control; it is one of medians only where "
        "both laws have the same shape.  With skewed values, unequal spread and unequal numbers together no test here "
        "keeps its level (LEVEL OF THE TESTS).  Cut-offs on the ROC curve are chosen in-sample.",
        "An index that differs between groups in every region says something about heads, vessels or motion, not about "
        "this region: read --specificity before the discussion is written.", NULL } },
    { NULL, NULL }
};

const struct nvc_example nvc_group_examples[] = {
    { "nvc-group -p participants.tsv --case patient -c age,sex coupling/*.tsv > table.tsv", "a cohort" },
    { "nvc-group -p participants.tsv --case patient --runs ivw -o table.tsv --also table.tex coupling/*.tsv",
      "several runs; a table for the paper" },
    { "nvc-group -p participants.tsv --case patient -x 'mean_fd>0.5' --flow flow.tsv --figure points.pdf coupling/*.tsv > table.tsv",
      "leave out who moved, tell who that was, draw every point" },
    { "nvc-group -p participants.tsv --case patient -c age,sex --sensitivity checks.tsv --scores score --correlations r.tsv "
      "--methods methods.txt --lock analysis.json coupling/*.tsv > table.tsv",
      "what a referee asks next" },
    { "nvc-group -p participants.tsv --case patient --formula 'index ~ group + age + sex' --model model.tsv "
      "--normative single.tsv --participant sub-01 coupling/*.tsv > table.tsv", "a model of one's own, and one patient" },
    { "nvc-group -p participants.tsv --case patient --within 'session: post - pre' --one-sample change.tsv pre/*.tsv post/*.tsv "
      "> table.tsv", "change over time: in each group, and between the groups" },
    { NULL, NULL }
};

const char *const nvc_group_references[] = {
    "Welch BL. The generalization of Student's problem when several different population variances are involved. Biometrika "
    "1947;34:28-35. doi:10.1093/biomet/34.1-2.28",
    "Hedges LV. Distribution theory for Glass's estimator of effect size and related estimators. J Educ Stat 1981;6:107-128. "
    "doi:10.3102/10769986006002107",
    "Benjamini Y, Hochberg Y. Controlling the false discovery rate. J R Stat Soc B 1995;57:289-300. "
    "doi:10.1111/j.2517-6161.1995.tb02031.x",
    "Freedman D, Lane D. A nonstochastic interpretation of reported significance levels. J Bus Econ Stat 1983;1:292-298. "
    "doi:10.2307/1391660",
    "Winkler AM, et al. Permutation inference for the general linear model. NeuroImage 2014;92:381-397. "
    "doi:10.1016/j.neuroimage.2014.01.060",
    "DeLong ER, DeLong DM, Clarke-Pearson DL. Comparing the areas under two or more correlated receiver operating "
    "characteristic curves. Biometrics 1988;44:837-845. doi:10.2307/2531595",
    "Johnson WE, Li C, Rabinovic A. Adjusting batch effects in microarray expression data using empirical Bayes methods. "
    "Biostatistics 2007;8:118-127. doi:10.1093/biostatistics/kxj037",
    "Crawford JR, Howell DC. Comparing an individual's test score against norms derived from small samples. Clin "
    "Neuropsychol 1998;12:482-486. doi:10.1076/clin.12.4.482.7241",
    NULL
};
