package interchange.provider;

import interchange.core.BlockReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The listings of {@code bjobs}: chosen fields, or the one for people. */
final class LsfListing {
    /** What is free text comes last, where a delimiter in it does no harm. */
    static final String FIELDS =
            "jobid stat exit_code time_left exec_host job_name exit_reason pend_reason delimiter='|'";

    private static final int FIELD_COUNT = 8;
    private static final int NAME = 5;

    private static final Pattern ID = Pattern.compile("[0-9]+");

    /** Hours and minutes, and a letter for what is counted. */
    private static final Pattern TIME_LEFT = Pattern.compile("([0-9]{1,9}):([0-9]{2})\\b.*");

    /** {@code JOBID USER STAT QUEUE FROM_HOST EXEC_HOST JOB_NAME SUBMIT_TIME}, the last of three words. */
    private static final int COLUMNS_MIN = 10;

    private static final int COLUMN_STATE = 2;
    private static final int COLUMN_HOSTS = 5;
    private static final int COLUMN_NAME = 6;

    private LsfListing() {}

    /** By job id; what the plain listing calls EXIT is left out, since it calls everything so, a cancelled job too. */
    static Map<String, BlockReport> reports(LsfDialect dialect, String text) {
        Map<String, BlockReport> reports = new LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            switch (dialect) {
                case FORMATTED -> {
                    String[] fields = fields(line);
                    if (fields.length == FIELD_COUNT) {
                        reports.put(fields[0], formatted(fields).report());
                    }
                }
                case PLAIN -> {
                    String[] columns = columns(line);
                    if (columns.length >= COLUMNS_MIN && !columns[COLUMN_STATE].equals("EXIT")) {
                        reports.put(columns[0], plain(columns).report());
                    }
                }
            }
        }
        return reports;
    }

    /** Job ids by name. */
    static Map<String, String> names(LsfDialect dialect, String text) {
        Map<String, String> found = new LinkedHashMap<>();
        for (String line : text.split("\n", -1)) {
            String[] cells = dialect == LsfDialect.FORMATTED ? fields(line) : columns(line);
            int name = dialect == LsfDialect.FORMATTED ? NAME : COLUMN_NAME;
            if (cells.length > name) {
                found.put(cells[name], cells[0]);
            }
        }
        return found;
    }

    private static String[] fields(String line) {
        String[] fields = line.split("\\|", FIELD_COUNT);
        for (int i = 0; i < fields.length; i++) {
            fields[i] = fields[i].strip().equals("-") ? "" : fields[i].strip();
        }
        return ID.matcher(fields[0]).matches() ? fields : new String[0];
    }

    private static String[] columns(String line) {
        String[] columns = line.strip().split("\\s+", -1);
        return ID.matcher(columns[0]).matches() ? columns : new String[0];
    }

    private static LsfJob formatted(String[] fields) {
        OptionalInt exit =
                fields[2].matches("[0-9]{1,9}") ? OptionalInt.of(Integer.parseInt(fields[2])) : OptionalInt.empty();
        String reason = fields[6].isEmpty() ? fields[7] : fields[6];
        return new LsfJob(fields[1], exit, reason, LsfJob.nodes(fields[4]), seconds(fields[3]));
    }

    private static LsfJob plain(String[] columns) {
        List<String> nodes = LsfJob.nodes(columns[COLUMN_HOSTS]);
        return new LsfJob(columns[COLUMN_STATE], OptionalInt.empty(), "", nodes, -1);
    }

    private static long seconds(String timeLeft) {
        Matcher matcher = TIME_LEFT.matcher(timeLeft);
        return matcher.matches() ? Long.parseLong(matcher.group(1)) * 3600 + Long.parseLong(matcher.group(2)) * 60 : -1;
    }
}
