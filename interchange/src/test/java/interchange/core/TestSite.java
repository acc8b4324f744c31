package interchange.core;

import java.time.Duration;

/** A site of a test: what the test does not care for is as in {@link TestCluster#site}. */
final class TestSite {
    private int index = 1;
    private String name = "";
    private String larger = "";
    private String batchSystem = "batch";
    private int nodesPerBlock = 1;
    private int cores = TestCluster.CORES;
    private int memoryMiB = TestCluster.MEMORY_MIB;
    private Duration walltime = Duration.ZERO;
    private int minBlocks;
    private int maxBlocks = 1;
    private double parallelism = 1;

    static TestSite of(int maxBlocks) {
        TestSite site = new TestSite();
        site.maxBlocks = maxBlocks;
        return site;
    }

    TestSite index(int number) {
        index = number;
        return this;
    }

    /** A pool; {@code larger} is the next one, and empty for the last. */
    TestSite pool(String itsName, String itsLarger) {
        name = itsName;
        larger = itsLarger;
        return this;
    }

    TestSite nodesPerBlock(int nodes) {
        nodesPerBlock = nodes;
        return this;
    }

    /** 0: what the node has. */
    TestSite node(int itsCores, int itsMemoryMiB) {
        cores = itsCores;
        memoryMiB = itsMemoryMiB;
        return this;
    }

    TestSite walltime(Duration time) {
        walltime = time;
        return this;
    }

    TestSite minBlocks(int blocks) {
        minBlocks = blocks;
        return this;
    }

    TestSite parallelism(double part) {
        parallelism = part;
        return this;
    }

    Site build() {
        return new Site(
                index,
                name.isEmpty() ? "site" + index : name,
                batchSystem,
                nodesPerBlock,
                cores,
                memoryMiB,
                0,
                walltime,
                0,
                minBlocks,
                maxBlocks,
                parallelism,
                Duration.ofSeconds(120),
                Duration.ofMinutes(60),
                Duration.ofSeconds(30),
                Duration.ofSeconds(120),
                Duration.ofMinutes(10),
                5,
                Duration.ofSeconds(30),
                0,
                0,
                larger);
    }
}
