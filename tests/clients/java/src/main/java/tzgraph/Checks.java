package tzgraph;

import java.util.Objects;

/** Checks of one client, each told on a line of its own. */
final class Checks {
    private int failed;

    /** What may fail. */
    interface Step {
        void run() throws Exception;
    }

    /** Run a step, and say how it went. */
    void check(String name, Step step) {
        try {
            step.run();
            System.out.println("ok " + name);
        } catch (Exception | AssertionError error) {
            failed++;
            System.out.println("failed " + name + ": " + error);
        }
    }

    /** Fail unless two values are equal. */
    static void equal(Object expected, Object found) {
        if (!Objects.equals(expected, found)) {
            throw new AssertionError(found + " instead of " + expected);
        }
    }

    /** End the process: 1 if a check has failed. */
    void end() {
        System.out.flush();
        System.exit(failed == 0 ? 0 : 1);
    }
}
