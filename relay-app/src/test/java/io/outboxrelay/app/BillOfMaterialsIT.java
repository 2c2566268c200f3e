package io.outboxrelay.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.jar.JarFile;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The two lists of the fat jar's libraries agree, and each library has a licence that may be used.
 */
class BillOfMaterialsIT {
  private static final Path BILL = Path.of("target", "outbox-relay-sbom.json");
  private static final Pattern LIBRARY =
      Pattern.compile("\\(([\\w.-]+):([\\w.-]+):([\\w.-]+) - [^()]*\\)$", Pattern.MULTILINE);

  /**
   * A library with several licences may be used under any of them. Most names are those of the SPDX
   * list; the last one is how RabbitMQ's client writes Apache-2.0.
   */
  private static final Set<String> ALLOWED =
      Set.of(
          "Apache-2.0",
          "MIT",
          "BSD-2-Clause",
          "BSD-3-Clause",
          "CC0-1.0",
          "EPL-1.0",
          "EPL-2.0",
          "AL 2.0");

  @Test
  void eachLibraryHasALicenceOfTheList() throws IOException {
    assertThat(libraries())
        .hasSizeGreaterThan(50)
        .allSatisfy(
            library ->
                assertThat(licences(library)).as(name(library)).containsAnyElementsOf(ALLOWED));
  }

  @Test
  void eachLibraryHasAHash() throws IOException {
    assertThat(libraries())
        .allSatisfy(
            library -> assertThat(library.getJsonArray("hashes")).as(name(library)).isNotEmpty());
  }

  @Test
  void theReportInsideTheJarListsTheSameLibraries() throws IOException {
    try (var jar = new JarFile(FatJar.JAR.toFile());
        var entry =
            jar.getInputStream(Objects.requireNonNull(jar.getEntry("META-INF/THIRD-PARTY.txt")))) {
      var report = new String(entry.readAllBytes(), StandardCharsets.UTF_8);
      var listed =
          LIBRARY
              .matcher(report)
              .results()
              .map(found -> found.group(1) + ":" + found.group(2) + ":" + found.group(3));

      assertThat(listed.collect(Collectors.toSet()))
          .isEqualTo(libraries().stream().map(BillOfMaterialsIT::name).collect(Collectors.toSet()));
    }
  }

  private static List<JsonObject> libraries() throws IOException {
    return objects(new JsonObject(Files.readString(BILL)), "components")
        .filter(component -> !component.getString("group").equals("io.outboxrelay"))
        .toList();
  }

  private static List<String> licences(JsonObject library) {
    return objects(library, "licenses")
        .map(choice -> choice.getJsonObject("license", new JsonObject()))
        .map(licence -> licence.getString("id", licence.getString("name", "")))
        .toList();
  }

  private static String name(JsonObject library) {
    return Stream.of("group", "name", "version")
        .map(library::getString)
        .collect(Collectors.joining(":"));
  }

  private static Stream<JsonObject> objects(JsonObject in, String name) {
    var list = in.getJsonArray(name);
    return list == null ? Stream.of() : list.stream().map(JsonObject.class::cast);
  }
}
