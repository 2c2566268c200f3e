package io.outboxrelay.messageformat;

import java.util.List;
import java.util.regex.Pattern;

/** The rule of CloudEvents for the names of extension attributes. */
final class AttributeNames {
  /** The names that CloudEvents itself defines, for attributes or for the data in its JSON. */
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
