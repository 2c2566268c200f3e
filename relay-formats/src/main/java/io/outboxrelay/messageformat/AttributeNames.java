package io.outboxrelay.messageformat;

import java.util.List;
import java.util.regex.Pattern;

/** CloudEvents' rule for the names of attributes. */
final class AttributeNames {
  /** Names with a meaning of their own in a CloudEvent, also in its JSON. */
  static final List<String> RESERVED =
      List.of(
          "id",
          "source",
          "specversion",
          "type",
          "datacontenttype",
          "dataschema",
          "subject",
          "time",
          "data");

  private static final Pattern NAME = Pattern.compile("[a-z0-9]+");

  private AttributeNames() {}

  static boolean isExtension(String name) {
    return NAME.matcher(name).matches() && !RESERVED.contains(name);
  }
}
