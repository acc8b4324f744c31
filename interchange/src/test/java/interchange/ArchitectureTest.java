package interchange;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The dependency rules of docs/architecture.md. That worker and submit see only proto is said by their poms, which have no
 * other dependency.
 */
class ArchitectureTest {
    private static JavaClasses ours = new ClassFileImporter().importPackages("interchange.none");

    @BeforeAll
    static void readClasses() {
        ours = new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests())
                .importPackages("interchange");
    }

    @Test
    void theSchedulerKnowsNothingButItself() {
        check(classes()
                .that()
                .resideInAPackage("interchange.core..")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "interchange.core..", "java.lang..", "java.util..", "java.time..", "org.jspecify..")));
    }

    @Test
    void theSchedulerHasNoClockThreadOrInput() {
        check(noClasses()
                .that()
                .resideInAPackage("interchange.core..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.util.concurrent..", "java.util.logging.."));
        check(noClasses()
                .that()
                .resideInAPackage("interchange.core..")
                .should()
                .callMethod(System.class, "currentTimeMillis")
                .orShould()
                .callMethod(System.class, "nanoTime")
                .orShould()
                .callMethod(java.time.Instant.class, "now")
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(Thread.class));
    }

    @Test
    void nobodyKnowsTheDaemon() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("interchange.daemon..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("interchange.daemon.."));
    }

    @Test
    void onlyBrokerAndWireKnowZeroMq() {
        check(noClasses()
                .that(resideOutsideOfPackages("interchange.broker..", "interchange.wire.."))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("org.zeromq..", "zmq.."));
    }

    @Test
    void onlyTheJournalKnowsSql() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("interchange.journal..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.sqlite.."));
    }

    @Test
    void onlyProvidersRunCommands() {
        check(noClasses()
                .that()
                .resideOutsideOfPackage("interchange.provider..")
                .should()
                .dependOnClassesThat()
                .areAssignableTo(ProcessBuilder.class)
                .orShould()
                .callMethod(Runtime.class, "exec", String[].class));
    }

    @Test
    void whatStandsSideBySideDoesNotKnowEachOther() {
        check(noClasses()
                .that(resideInAnyPackage("interchange.broker..", "interchange.provider..", "interchange.site.."))
                .should()
                .dependOnClassesThat(resideInAnyPackage("interchange.journal..", "interchange.workflow..")));
        check(noClasses()
                .that(resideInAPackage("interchange.journal.."))
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "interchange.broker..",
                        "interchange.provider..",
                        "interchange.site..",
                        "interchange.workflow..")));
        check(noClasses()
                .that(resideInAnyPackage("interchange.workflow..", "interchange.provider..", "interchange.site.."))
                .should()
                .dependOnClassesThat(resideInAPackage("interchange.broker..")));
    }

    @Test
    void packagesFormNoCircle() {
        check(slices().matching("interchange.(*)..").should().beFreeOfCycles());
    }

    @Test
    void namesSayWhatThingsAre() {
        check(noClasses().should().haveNameMatching(".*(Util|Utils|Helper|Manager|Impl|Abstract[A-Z].*)"));
    }

    private static void check(ArchRule rule) {
        rule.check(ours);
    }
}
