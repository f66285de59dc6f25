/* Cohorts with a known truth: people, runs of a faces/shapes block task, and images of the temporal lobes.
 *
 * A person's neural response to a block passes through the Balloon model of haemodynamics.h, scaled by the
 * person's coupling gain, and appears in the basolateral amygdala (BLA) with the weights of the built-in
 * atlas.  Gains are log-normal within a group; what is planted is the difference of the groups' mean gains.
 * Everything else is a time course times a map, plus noise of each voxel:
 *
 *     image(v, t) = S0(v) (1 + sum_k map_k(v) course_k(t) / 100) + AR(1) noise + white noise
 *
 * with courses for spontaneous fluctuations of the BLA, a fusiform region that answers the task in
 * everybody, a vein that runs above the amygdala and answers late, physiological noise, drift (linear and
 * slow cosines, which a 128-s high pass spans), and motion, whose maps are gradients of S0.  S0 falls off
 * towards the ear canals and the sphenoid sinus.
 *
 * A resting run has no answers; neural bursts of 1 s, on average one in 12 s, pass through the same model and gain, and the AR(1) noise
 * of a voxel grows with the root of its flow (model/simulate/simulate_asl.h), as fluctuations do.
 *
 * Each person has streams of random numbers of their own: results depend on the seed alone. */
#ifndef NVC_MODEL_SIMULATE_H
#define NVC_MODEL_SIMULATE_H

#include "base/grid.h"
#include "base/status.h"
#include "base/text.h"
#include "math/random.h"
#include "model/design/design.h"
#include "model/design/events.h"
#include "model/glm/glm.h"
#include "model/response/haemodynamics.h"
#include "model/region/roi.h"
#include "model/region/series.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct nvc_sim_spec {
    uint64_t seed;
    size_t n_cases, n_controls;
    double gain_case, gain_control; /* mean coupling gain of each group; a gain of 1 gives about half a percent */
    double gain_sd;                 /* sd of the logarithm of a gain within a group */
    double noise;                   /* scale of all that is not the response: 1 realistic, 0 none */
    double habituation;             /* share of the neural response lost from one block to the next */
    double tr_s;
    size_t n_volumes;
    bool rest;                      /* a resting run: no answer to a task, but spontaneous bursts of the BLA (nvc_sim_rest) */
    bool tiny;                      /* a slab around the amygdalae instead of the temporal lobes */
    struct nvc_balloon balloon;
};
/* The resting run of the same people: other random numbers. */
struct nvc_sim_spec nvc_sim_rest(const struct nvc_sim_spec *spec);
/* Seed 1, 24 cases of gain 0.6 and 24 controls of gain 1 (sd 0.25), 200 volumes of 2 s, DCM's Balloon model. */
void nvc_sim_defaults(struct nvc_sim_spec *spec);

struct nvc_sim_person {
    char participant_id[16];
    size_t index;      /* in the cohort: cases first */
    bool is_case;
    double age;        /* years */
    char sex;          /* 'F' or 'M' */
    double score;      /* clinical; in cases it rises as the gain falls */
    double gain;
    double motion;     /* scale of head motion, median 1 */
};
struct nvc_sim_person nvc_sim_person(const struct nvc_sim_spec *spec, size_t index);

/* Blocks of 18 s, `shape` and `face` in turn, every 30 s from 10 s on; 12 s of fixation follow each. */
int nvc_sim_events(struct nvc_events *events, const struct nvc_sim_spec *spec, struct nvc_error *err) NVC_CHECKED;

/* What the BLA of a person of gain 1 or another does: percent signal change at the middle of each volume,
 * where the volumes count as acquired (slice-time corrected, StartTime = TR/2). */
int nvc_sim_response(double *pct, const struct nvc_sim_spec *spec, const struct nvc_events *events, double gain,
                     struct nvc_error *err) NVC_CHECKED;

/* Courses in percent, motion in mm and radians. */
enum nvc_sim_course {
    NVC_SIM_BLA, NVC_SIM_FUSIFORM, NVC_SIM_VEIN,     /* answers to the task */
    NVC_SIM_BLA_BOTH, NVC_SIM_BLA_LEFT, NVC_SIM_BLA_RIGHT, NVC_SIM_VEIN_PULSE,
    NVC_SIM_PHYSIO,                                  /* six of these */
    NVC_SIM_DRIFT = NVC_SIM_PHYSIO + 6,              /* three */
    NVC_SIM_MOTION = NVC_SIM_DRIFT + 3,              /* trans_x .. rot_z */
    NVC_SIM_SPIKE = NVC_SIM_MOTION + 6,              /* signal lost while the head moves */
    NVC_SIM_COURSES
};

struct nvc_sim_run {
    size_t n_volumes;
    double *course;          /* column-major n_volumes x NVC_SIM_COURSES */
    double *framewise_displacement; /* mm, first NaN */
    double *compcor;         /* column-major n_volumes x 6: what aCompCor would find */
};
int nvc_sim_run_init(struct nvc_sim_run *run, const struct nvc_sim_spec *spec, const struct nvc_events *events,
                     const struct nvc_sim_person *person, struct nvc_error *err) NVC_CHECKED;
void nvc_sim_run_release(struct nvc_sim_run *run);

/* A confounds table in fMRIPrep's names: motion with derivatives and squares, framewise_displacement, dvars
 * and global_signal (where given; NULL leaves them out), csf, white_matter, cosineNN, a_comp_cor_NN. */
struct nvc_sim_confounds {
    size_t n_rows, n_cols;
    char **names;
    double *values;          /* column-major; NaN: n/a */
};
int nvc_sim_confounds_init(struct nvc_sim_confounds *c, const struct nvc_sim_spec *spec, const struct nvc_sim_run *run,
                           const double *dvars, const double *global_signal, struct nvc_error *err) NVC_CHECKED;
void nvc_sim_confounds_release(struct nvc_sim_confounds *c);

/* The grid of the cohort: 3-mm voxels in the space of the built-in atlas; and BLA_L and BLA_R on it. */
struct nvc_grid nvc_sim_grid(const struct nvc_sim_spec *spec);
int nvc_sim_bla(struct nvc_mask *bla, const struct nvc_sim_spec *spec, struct nvc_error *err) NVC_CHECKED;

struct nvc_sim_head {
    struct nvc_grid grid;
    size_t n;                /* voxels: of the brain, or those of the BLA among them */
    size_t *index;           /* linear, ascending */
    float *s0;               /* n */
    float *map;              /* n x NVC_SIM_COURSES, column-major: arbitrary units per unit of course */
};
/* bla: what nvc_sim_bla gave.  only_bla leaves out every other voxel: for regional series. */
int nvc_sim_head_init(struct nvc_sim_head *head, const struct nvc_sim_spec *spec, const struct nvc_sim_person *person,
                      const struct nvc_mask *bla, bool only_bla, struct nvc_error *err) NVC_CHECKED;
void nvc_sim_head_release(struct nvc_sim_head *head);

/* Noise of each voxel from volume to volume. */
struct nvc_sim_noise {
    struct nvc_rng rng;
    float *state, *sum, *scale; /* AR(1) part of each voxel of the head; room for the rest; 1, at rest by its flow */
};
int nvc_sim_noise_init(struct nvc_sim_noise *noise, const struct nvc_sim_spec *spec, const struct nvc_sim_person *person,
                       const struct nvc_sim_head *head, struct nvc_error *err) NVC_CHECKED;
void nvc_sim_noise_release(struct nvc_sim_noise *noise);
/* The next volume, t = 0, 1, ...: all voxels of the grid; those outside the head are left as they are. */
void nvc_sim_volume(float *volume, size_t t, const struct nvc_sim_spec *spec, const struct nvc_sim_head *head,
                    const struct nvc_sim_run *run, struct nvc_sim_noise *noise);

/* The series of BLA_L and BLA_R without images: the same law as extracting weighted means from them,
 * since a weighted mean of AR(1) noises is AR(1) noise.  response_only leaves out everything but the answer
 * to the task.  s is released by the caller with nvc_series_release. */
int nvc_sim_series(struct nvc_series *s, const struct nvc_sim_spec *spec, const struct nvc_sim_person *person,
                   const struct nvc_sim_head *head, const struct nvc_sim_run *run, const struct nvc_mask *bla,
                   bool response_only, struct nvc_error *err) NVC_CHECKED;

/* The truth: what the chain finds in a run from which everything but the answer to the task was taken away. */
struct nvc_sim_chain { /* how the runs will be analysed; the rest is as the commands do by themselves */
    struct nvc_list confounds; /* as nvc-design takes them */
    enum nvc_noise noise;      /* as nvc-glm takes it */
};
/* The design that nvc-design makes of a run. */
int nvc_sim_design(struct nvc_design *d, const struct nvc_sim_chain *chain, const struct nvc_sim_spec *spec,
                   const struct nvc_events *events, const struct nvc_sim_run *run, struct nvc_error *err) NVC_CHECKED;

/* Percent signal change for a block of faces in BLA_L and BLA_R. */
int nvc_sim_psc(double psc[2], const struct nvc_sim_chain *chain, const struct nvc_design *d, const struct nvc_series *s,
                struct nvc_error *err) NVC_CHECKED;
/* The same without noise. */
int nvc_sim_truth(double psc[2], const struct nvc_sim_chain *chain, const struct nvc_sim_spec *spec,
                  const struct nvc_sim_person *person, const struct nvc_events *events, const struct nvc_mask *bla,
                  const struct nvc_sim_head *head, const struct nvc_sim_run *run, struct nvc_error *err) NVC_CHECKED;

/* Means of psc (left, right, mean of both) over all people whom such a cohort might have drawn: the gain by quadrature, heads
 * and motion by a sample of eight. */
struct nvc_sim_population { double psc_case[3], psc_control[3]; };
int nvc_sim_population(struct nvc_sim_population *p, const struct nvc_sim_chain *chain, const struct nvc_sim_spec *spec,
                       const struct nvc_events *events, const struct nvc_mask *bla, struct nvc_error *err) NVC_CHECKED;

#endif
