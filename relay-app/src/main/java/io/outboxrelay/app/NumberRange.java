package io.outboxrelay.app;

import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A range of sequence numbers on the command line, such as {@code 4096-8191}. */
record NumberRange(long first, long last) {
  private static final Pattern FORM = Pattern.compile("(-?\\d{1,18})-(-?\\d{1,18})");

  /** Reads a range. */
  static final class Converter implements ITypeConverter<NumberRange> {
    @Override
    public NumberRange convert(String text) {
      var parts = FORM.matcher(text);
      if (!parts.matches()) {
        throw new TypeConversionException(
            "'" + text + "' is no range of numbers; write the first and the last, as in 4096-8191");
      }
      var range = new NumberRange(Long.parseLong(parts.group(1)), Long.parseLong(parts.group(2)));
      if (range.first > range.last) {
        throw new TypeConversionException(
            "'" + text + "' ends before it begins; write the lower number first");
      }
      return range;
    }
  }
}
