package interchange.core;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a field of the scheduler that the journal gives back after a crash. A test wants every field on one list. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.FIELD)
@interface Durable {}
