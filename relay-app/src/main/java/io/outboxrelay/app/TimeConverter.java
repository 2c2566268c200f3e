package io.outboxrelay.app;

import io.outboxrelay.replay.TimeParser;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts an option to a time, in the formats of {@link TimeParser}. */
final class TimeConverter implements ITypeConverter<OffsetDateTime> {
  @Override
  public OffsetDateTime convert(String text) {
    try {
      return TimeParser.parse(text, OffsetDateTime.now(ZoneOffset.UTC));
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(String.valueOf(e.getMessage()));
    }
  }
}
