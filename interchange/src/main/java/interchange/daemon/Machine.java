package interchange.daemon;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/** This machine, as far as it tells one daemon process from another. */
interface Machine {
    String host();

    /** Another one after every start of the machine. */
    String bootId();

    long pid();

    /** When the process was started, in clock ticks since boot: tells it from a later one with its number. */
    OptionalLong startOf(long pid);

    /** Reads {@code /proc}. */
    final class Linux implements Machine {
        /** Field 22 of {@code /proc/PID/stat}, counted from the state, which is field 3. */
        private static final int START_AFTER_STATE = 19;

        @Override
        public String host() {
            try {
                return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
            } catch (IOException e) {
                return hostByName();
            }
        }

        private static String hostByName() {
            try {
                return InetAddress.getLocalHost().getHostName();
            } catch (UnknownHostException e) {
                throw new IllegalStateException("this host has no name", e);
            }
        }

        @Override
        public String bootId() {
            try {
                return Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                        .strip();
            } catch (IOException e) {
                throw new IllegalStateException("/proc is not readable", e);
            }
        }

        @Override
        public long pid() {
            return ProcessHandle.current().pid();
        }

        @Override
        public OptionalLong startOf(long pid) {
            try {
                String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
                // The name of the command stands in parentheses and may hold anything, spaces too.
                String afterName = stat.substring(stat.lastIndexOf(')') + 2);
                List<String> fields = List.of(afterName.split(" "));
                boolean gone =
                        fields.getFirst().equals("Z") || fields.getFirst().equals("X");
                return gone ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(fields.get(START_AFTER_STATE)));
            } catch (IOException e) {
                return OptionalLong.empty();
            }
        }
    }
}
