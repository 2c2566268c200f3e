package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileFailureTest {
  @Test
  void saysWhyAFileCannotBeUsed(@TempDir Path folder) throws IOException {
    var file = Files.createFile(folder.resolve("file"));
    assertThat(reasonToCreate(folder.resolve("missing").resolve("file")))
        .isEqualTo("no such file or folder");
    assertThat(reasonToCreate(file)).isEqualTo("it exists already");
    assertThat(reasonToCreate(file.resolve("below"))).isEqualTo("Not a directory");
    assertThat(FileFailure.reason(new AccessDeniedException("file")))
        .isEqualTo("permission was denied");
  }

  @Test
  void namesAFailureThatSaysNothing() {
    assertThat(FileFailure.reason(new IOException())).isEqualTo("IOException");
    assertThat(FileFailure.reason(new IOException("no space left"))).isEqualTo("no space left");
  }

  private static String reasonToCreate(Path file) {
    return FileFailure.reason(
        catchThrowableOfType(IOException.class, () -> Files.createFile(file)));
  }
}
