package io.outboxrelay.admin;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.MimeMapping;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Serves the console's files, which hold no data and need no token.
 *
 * <p>The files are read from the class path and kept in memory. The static handler of Vert.x is not
 * used, because it unpacks files into a folder, and a relay may run without a folder that it can
 * write to.
 */
final class ConsoleFiles implements Handler<RoutingContext> {
  private static final String FOLDER = "/console/";

  /**
   * The names of files that are looked up. Names of hidden files or of parent folders do not match.
   */
  private static final Pattern NAME = Pattern.compile("([A-Za-z0-9_-]+/)*[A-Za-z0-9_-][\\w.-]*");

  private final Map<String, Optional<Page>> pages = new ConcurrentHashMap<>();

  private record Page(Buffer content, String type, String tag) {}

  @Override
  public void handle(RoutingContext request) {
    String path = request.normalizedPath();
    String name = path.equals("/") ? "index.html" : path.substring(1);
    var page = page(name);
    if (page == null) {
      request.next();
      return;
    }
    var response =
        request
            .response()
            .putHeader("Content-Type", page.type)
            .putHeader("Cache-Control", "no-cache")
            .putHeader("ETag", page.tag);
    if (page.tag.equals(request.request().getHeader("If-None-Match"))) {
      response.setStatusCode(304).end();
    } else {
      response.end(page.content);
    }
  }

  /**
   * Returns the file; null if there is none. Only existing files are kept in memory, so requests
   * for other names cannot fill it.
   */
  private @Nullable Page page(String name) {
    if (!NAME.matcher(name).matches()) {
      return null;
    }
    var known = pages.get(name);
    if (known != null) {
      return known.orElse(null);
    }
    var read = read(name);
    read.ifPresent(page -> pages.put(name, read));
    return read.orElse(null);
  }

  private static Optional<Page> read(String name) {
    try (InputStream in = ConsoleFiles.class.getResourceAsStream(FOLDER + name)) {
      if (in == null) {
        return Optional.empty();
      }
      byte[] bytes = in.readAllBytes();
      return Optional.of(new Page(Buffer.buffer(bytes), type(name), tag(bytes)));
    } catch (IOException e) {
      throw new IllegalStateException("The console's " + name + " cannot be read", e);
    }
  }

  private static String type(String name) {
    String type =
        Objects.requireNonNullElse(
            MimeMapping.mimeTypeForFilename(name), "application/octet-stream");
    return type.startsWith("text/") || type.endsWith("javascript")
        ? type + "; charset=utf-8"
        : type;
  }

  private static String tag(byte[] bytes) {
    var crc = new CRC32();
    crc.update(bytes);
    return "\"" + Long.toHexString(crc.getValue()) + "-" + bytes.length + "\"";
  }
}
