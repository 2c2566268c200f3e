package io.outboxrelay.app;

import io.vertx.config.spi.ConfigProcessor;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Map;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Reads YAML for vertx-config, more strictly than the processor of vertx-config: a duplicate key is
 * a mistake, and every value is kept as the text that was written ({@code 1.10} does not become
 * 1.1, and {@code no} does not become false).
 */
public final class YamlProcessor implements ConfigProcessor {
  static final String FORMAT = "relay-yaml";

  @Override
  public String name() {
    return FORMAT;
  }

  @Override
  public Future<JsonObject> process(Vertx vertx, JsonObject configuration, Buffer input) {
    try {
      return Future.succeededFuture(parse(input.toString()));
    } catch (ConfigFileException e) {
      return Future.failedFuture(e);
    }
  }

  @SuppressWarnings("unchecked")
  private static JsonObject parse(String text) {
    try {
      Object parsed = yaml().load(text);
      if (parsed == null) {
        return new JsonObject();
      }
      if (parsed instanceof Map<?, ?> settings) {
        return new JsonObject((Map<String, Object>) settings);
      }
    } catch (MarkedYAMLException e) {
      throw new ConfigFileException(sentence(e, text));
    } catch (YAMLException e) {
      throw new ConfigFileException("is not YAML: " + e.getMessage());
    }
    throw new ConfigFileException("holds no settings; write lines such as broker: kafka");
  }

  private static Yaml yaml() {
    var loading = new LoaderOptions();
    loading.setAllowDuplicateKeys(false);
    var dumping = new DumperOptions();
    return new Yaml(
        new SafeConstructor(loading), new Representer(dumping), dumping, loading, new AsWritten());
  }

  /**
   * Returns a description of the mistake. It does not contain the wrong line, because the line may
   * contain a password.
   */
  private static String sentence(MarkedYAMLException e, String text) {
    var mark = e.getProblemMark();
    String line = text.lines().skip(mark.getLine()).findFirst().orElse("");
    return "is not YAML in line %d, column %d: %s%s"
        .formatted(
            mark.getLine() + 1,
            mark.getColumn() + 1,
            e.getProblem(),
            line.contains("${") ? "; put values with ${...} into quotes" : "");
  }

  /**
   * Reads every value as a text. The exceptions are null, an empty value and the merge key of YAML.
   */
  private static final class AsWritten extends Resolver {
    @Override
    protected void addImplicitResolvers() {
      addImplicitResolver(Tag.NULL, NULL, "~nN\0");
      addImplicitResolver(Tag.NULL, EMPTY, null);
      addImplicitResolver(Tag.MERGE, MERGE, "<");
    }
  }
}
