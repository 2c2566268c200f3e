package io.outboxrelay.app;

import io.outboxrelay.settings.Environment;
import io.outboxrelay.settings.Settings;
import io.vertx.config.ConfigRetriever;
import io.vertx.config.ConfigRetrieverOptions;
import io.vertx.config.ConfigStoreOptions;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Collectors;

/** Reads the configuration: the file, and the environment, which supplements and overrides it. */
final class ConfigFile {
  private ConfigFile() {}

  /**
   * Reads the file and the environment; fails as {@link ConfigFileException} if the file cannot be
   * read.
   */
  static Future<Settings> read(Vertx vertx, Path file) {
    return Future.all(file(vertx, file), environment(vertx))
        .map(read -> Settings.of(file.toString(), read.resultAt(0), read.resultAt(1)));
  }

  /** Reads the configuration from the environment, without a file. */
  static Future<Settings> readEnvironment(Vertx vertx) {
    return environment(vertx).map(Settings::of);
  }

  private static Future<Map<String, Object>> file(Vertx vertx, Path file) {
    if (!Files.isReadable(file) || Files.isDirectory(file)) {
      return Future.failedFuture(
          new ConfigFileException(
              file
                  + (Files.exists(file) ? " is not a file that can be read" : " is not there")
                  + "; name the configuration with -conf"));
    }
    return store(
            vertx,
            new ConfigStoreOptions()
                .setType("file")
                .setFormat(YamlProcessor.FORMAT)
                .setConfig(new JsonObject().put("path", file.toAbsolutePath().toString())))
        .map(JsonObject::getMap)
        .recover(
            failure ->
                Future.failedFuture(new ConfigFileException(file + " " + failure.getMessage())));
  }

  private static Future<Environment> environment(Vertx vertx) {
    var raw = new JsonObject().put("raw-data", true);
    return Future.all(
            store(vertx, new ConfigStoreOptions().setType("env").setConfig(raw)),
            store(vertx, new ConfigStoreOptions().setType("sys").setConfig(raw)))
        .map(read -> new Environment(texts(read.resultAt(0)), texts(read.resultAt(1))));
  }

  private static Map<String, String> texts(JsonObject values) {
    return values.stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().toString()));
  }

  /**
   * Reads the file or the environment. The two are read separately, because vertx-config would
   * otherwise merge the names of the environment with the keys of the file.
   */
  private static Future<JsonObject> store(Vertx vertx, ConfigStoreOptions store) {
    var retriever = ConfigRetriever.create(vertx, new ConfigRetrieverOptions().addStore(store));
    return retriever.getConfig().eventually(retriever::close);
  }
}
