package interchange.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BoundedAllocatorTest {
    private final BoundedAllocator allocator = new BoundedAllocator(100_000);

    @Test
    void whatWasAgreedIsGranted() {
        assertThat(allocator.allocate(0).size()).isZero();
        assertThat(allocator.allocate(100_000).size()).isEqualTo(100_000);
        assertThat(allocator.refused()).isZero();
    }

    @Test
    void tooLongAndNegativeOnesAreEmptyAndCounted() {
        assertThat(allocator.allocate(100_001).size()).isZero();
        assertThat(allocator.allocate(-1).size()).isZero();
        assertThat(allocator.allocate(Integer.MAX_VALUE).size()).isZero();
        assertThat(allocator.allocate(Integer.MIN_VALUE).size()).isZero();
        assertThat(allocator.refused()).isEqualTo(4);
    }

    @Test
    void whatTheHeapCannotBearIsNotGrantedEither() {
        BoundedAllocator generous = new BoundedAllocator(Integer.MAX_VALUE);
        assertThat(generous.allocate(Integer.MAX_VALUE - 16).size()).isZero();
    }
}
