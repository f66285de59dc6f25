/* Does a file belong to the run it is given with?  Its BIDS name may say otherwise. */
#ifndef NVC_CLI_BELONGS_H
#define NVC_CLI_BELONGS_H

/* The entities of a run, as struct nvc_series has them; "", "n/a" and NULL: not known. */
struct nvc_run_of {
    const char *participant_id, *session, *task, *run;
};

/* Warn when the name of the file ("sub-02_task-faces_events.tsv") says another participant, session, task or run.  Entities that
 * either does not have are no contradiction: events are often shared. */
void nvc_warn_of_other_run(const char *path, const struct nvc_run_of *run);

#endif
