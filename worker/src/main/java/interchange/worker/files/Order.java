package interchange.worker.files;

import interchange.proto.worker.AttemptName;
import interchange.proto.worker.StagedFile;
import java.util.List;

/**
 * An attempt whose files travel.
 *
 * @param oneLog whether it prints everything into one file
 */
public record Order(AttemptName attempt, List<StagedFile> files, boolean oneLog) {
    public Order {
        files = List.copyOf(files);
    }

    List<StagedFile> outputs() {
        return files.stream()
                .filter(file -> file.getKind() == StagedFile.Kind.OUTPUT)
                .toList();
    }
}
