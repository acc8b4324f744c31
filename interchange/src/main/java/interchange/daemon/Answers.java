package interchange.daemon;

import interchange.proto.control.Error;
import interchange.proto.control.Request;
import interchange.proto.control.Response;

/** Makes the answer to each kind of request. Query thread; submissions and what else is long, loader thread. */
final class Answers {
    private final Pinging pinging;
    private final RunQueries runs;
    private final UsageQueries usage;
    private final JobQueries jobs;
    private final ClusterQueries cluster;
    private final Commands commands;
    private final Submissions submissions;
    private final Restarts restarts;
    private final Exports exports;

    Answers(
            Pinging pinging,
            RunQueries runs,
            UsageQueries usage,
            JobQueries jobs,
            ClusterQueries cluster,
            Commands commands,
            Submissions submissions,
            Restarts restarts,
            Exports exports) {
        this.pinging = pinging;
        this.runs = runs;
        this.usage = usage;
        this.jobs = jobs;
        this.cluster = cluster;
        this.commands = commands;
        this.submissions = submissions;
        this.restarts = restarts;
        this.exports = exports;
    }

    Response answer(Request request, Reply reply) throws RequestException {
        Response.Builder response = Response.newBuilder();
        switch (request.getBodyCase()) {
            case PING -> response.setPing(pinging.ping());
            case SUBMIT -> response.setSubmit(submissions.submit(request.getSubmit(), reply));
            case CHECK -> response.setCheck(submissions.check(request.getCheck()));
            case LIST -> response.setList(runs.list(request.getList()));
            case REPORT -> response.setReport(runs.report(request.getReport().getRun()));
            case USAGE -> response.setUsage(usage.usage(request.getUsage().getRun()));
            case JOBS -> response.setJobs(jobs.jobs(request.getJobs()));
            case JOB ->
                response.setJob(
                        jobs.job(request.getJob().getRun(), request.getJob().getJob()));
            case EXPLAIN ->
                response.setExplain(jobs.explain(
                        request.getExplain().getRun(), request.getExplain().getJob()));
            case CANCEL -> response.setDone(commands.cancel(request.getId(), request.getCancel()));
            case RESTART -> response.setRestart(restarts.restart(request.getId(), request.getRestart()));
            case WORKERS -> response.setWorkers(cluster.workers());
            case BLOCKS -> response.setBlocks(cluster.blocks());
            case SITES -> response.setSites(cluster.sites(request.getSites()));
            case STOP -> response.setDone(commands.stop(request.getStop()));
            case EXPORT -> response.setDone(exports.export(request.getExport().getFile()));
            case PURGE -> response.setDone(commands.purge(request.getPurge()));
            case BODY_NOT_SET ->
                throw new RequestException(
                        Error.Kind.VERSION, "this request is not known here; the client may be newer than the daemon");
        }
        return response.build();
    }

    /** What can only be done when the answer is on its way. */
    void afterwards(Request request) {
        if (request.hasStop()) {
            commands.stopNow(request.getStop());
        }
    }
}
