package io.outboxrelay.app;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** A number of things that there must be at least one of. */
final class PositiveIntConverter implements ITypeConverter<Integer> {
  @Override
  public Integer convert(String text) {
    try {
      int some = Integer.parseInt(text);
      if (some >= 1) {
        return some;
      }
    } catch (NumberFormatException e) {
      // As wrong as none.
    }
    throw new TypeConversionException("'" + text + "' is not a whole number from 1 on");
  }
}
