package interchange.core;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a field of the scheduler that a crash may cost: connections, heartbeats, timers, queue order, what is derived. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface Fleeting {}
